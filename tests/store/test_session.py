"""The session: what it writes it reads back alike on both engines, it commits as a whole, and it counts without gaps."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import bindparam, func, insert, select, update

from core.errors import NotFound
from core.ids import new_id
from core.store.database import Database
from core.store.guard import NotBoundToTenant
from core.store.session import Actor, ReadOnly, Reconfigured
from core.store.tables import TENANT, audit, case_number, cases, deadline, outbox, person, tenant_clock, unit
from core.store.tables import tenant as directory
from core.store.violations import Taken
from tests.conftest import TenantMaker
from tests.store.rows import THEN, add_case, case_row, every_table, read

FIND = select(cases).where(cases.c.tenant == TENANT, cases.c.id == bindparam("case_id"))
COUNT = select(func.count()).select_from(cases).where(cases.c.tenant == TENANT)
CHANGE = (
    update(cases)
    .where(cases.c.tenant == TENANT, cases.c.id == bindparam("case_id"), cases.c.version == bindparam("expected"))
    .values(version=bindparam("version"), facts=bindparam("facts"))
)


async def test_every_table_answers_what_was_written(database: Database, tenant: int) -> None:
    rows = every_table()
    async with database.tenant(tenant) as session:
        for table, row in rows:
            session.add(table, row)
    for attempt in range(3):  # through SQLAlchemy first, then prepared
        async with database.reading(tenant) as session:
            for table, row in rows:
                (found,) = await session.all(select(table).where(table.c.tenant == TENANT))
                assert found == {**row, "tenant": tenant}, (table.name, attempt)


async def test_types_are_the_same_prepared_or_not(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        case_id = await add_case(session, "1")
    for _ in range(3):
        async with database.reading(tenant) as session:
            row = await session.one(FIND, {"case_id": case_id})
        assert row is not None
        assert isinstance(row["id"], UUID)
        assert isinstance(row["received_at"], datetime)
        assert row["received_at"].utcoffset().total_seconds() == 0  # type: ignore[union-attr]
        assert (row["received_at"], row["facts"], row["anonymous"]) == (THEN, {"items": [1, "二"]}, True)


async def test_nothing_is_kept_of_a_block_that_fails(database: Database, tenant: int) -> None:
    with pytest.raises(RuntimeError, match="after all"):
        async with database.tenant(tenant) as session:
            case_id = await add_case(session, "1")
            await session.flush()
            assert await session.one(FIND, {"case_id": case_id}) is not None
            raise RuntimeError("after all not")
    async with database.reading(tenant) as session:
        assert await session.scalar(COUNT) == 0
        for table in (deadline, audit, outbox):
            assert await session.all(select(table).where(table.c.tenant == TENANT)) == []


async def test_a_change_says_how_many_rows_it_reached(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        case_id = await add_case(session, "1")
    for version in (1, 2, 3):
        async with database.tenant(tenant) as session:
            values = {"case_id": case_id, "expected": version, "version": version + 1, "facts": {"v": version}}
            assert await session.execute(CHANGE, values) == 1
            assert await session.execute(CHANGE, values) == 0
    async with database.reading(tenant) as session:
        row = await session.one(FIND, {"case_id": case_id})
    assert row is not None
    assert (row["version"], row["facts"]) == (4, {"v": 3})


async def test_many_rows_and_few_are_written_alike(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        parent = await add_case(session, "0")
        for number in range(1, 150):
            await add_case(session, str(number), parent_id=parent)
    async with database.reading(tenant) as session:
        assert await session.scalar(COUNT) == 150


@pytest.mark.parametrize("bad", [None, 0, -1, True, "1"])
async def test_without_a_tenant_there_is_no_session(database: Database, bad: object) -> None:
    with pytest.raises(NotBoundToTenant):
        database.tenant(bad)  # type: ignore[arg-type]
    with pytest.raises(NotBoundToTenant):
        database.reading(bad)  # type: ignore[arg-type]


async def test_an_unknown_tenant_is_not_found(database: Database) -> None:
    for opened in (database.tenant(9_999), database.reading(9_999)):
        with pytest.raises(NotFound):
            async with opened:
                pass
    for _ in range(3):
        with pytest.raises(NotFound):
            await read(database, 9_999, COUNT)


async def test_a_row_of_another_tenant_cannot_be_added(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        with pytest.raises(NotBoundToTenant):
            session.add(cases, {**case_row("1"), "tenant": tenant + 1})
        with pytest.raises(NotBoundToTenant):
            session.add(directory, {"id": 5})
        with pytest.raises(NotBoundToTenant):
            await session.execute(insert(unit).values(tenant=tenant + 1, id=new_id(), code="x"))
        # What is given as the tenant is replaced by the session's own.
        await session.execute(insert(unit), {"tenant": tenant + 1, "id": new_id(), "code": "x"})
        assert await session.scalar(select(unit.c.tenant).where(unit.c.tenant == TENANT)) == tenant


async def test_a_reading_session_writes_nothing(database: Database, tenant: int) -> None:
    async with database.reading(tenant) as session:
        for attempt in (
            session.execute(CHANGE, {}),
            session.next_number("complaint", 2026),
            session.bump_revision(),
            session.all(CHANGE.returning(cases.c.id), {}),
        ):
            with pytest.raises(ReadOnly):
                await attempt
        with pytest.raises(ReadOnly):
            session.add(unit, {"id": new_id(), "code": "x"})


async def test_a_session_is_used_inside_its_block_only(database: Database, tenant: int) -> None:
    session = database.tenant(tenant)
    with pytest.raises(RuntimeError, match="not open"):
        await session.all(COUNT)
    async with session:
        pass
    with pytest.raises(RuntimeError, match="not open"):
        await session.all(COUNT)


async def test_fifty_at_once_are_numbered_without_gap(database: Database, make_tenant: TenantMaker) -> None:
    tenant, other = await make_tenant(), await make_tenant()

    async def register(of: int, number: int) -> int:
        async with database.tenant(of) as session:
            given = await session.next_number("complaint", 2026)
            if number % 5 == 0:
                raise ZeroDivisionError
            await add_case(session, f"TS2026-{given:06d}")
            return given

    tasks = [register(of, number) for number in range(50) for of in (tenant, other)]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    for start in (0, 1):
        given = [answer for answer in answers[start::2] if not isinstance(answer, ZeroDivisionError)]
        assert sorted(given) == list(range(1, 41))
    async with database.tenant(tenant) as session:
        assert await session.next_number("complaint", 2026) == 41
        assert await session.next_number("complaint", 2027) == 1
        assert await session.next_number("tip-off", 2026) == 1
        rows = await session.all(select(case_number.c.kind).where(case_number.c.tenant == TENANT))
        assert len(rows) == 3


async def test_the_revision_counts_changes_and_only_the_committed_ones(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        before = session.revision
        assert await session.bump_revision() == before + 1 == session.revision
    with pytest.raises(RuntimeError):
        async with database.tenant(tenant) as session:
            await session.bump_revision()
            raise RuntimeError
    async with database.reading(tenant) as session:
        assert session.revision == before + 1


async def test_another_revision_than_expected_is_told_by_the_first_statement_and_undoes_what_was_done(
    database: Database, tenant: int
) -> None:
    for _ in range(3):
        async with database.reading(tenant, expecting=1) as session:
            assert await session.all(FIND, {"case_id": new_id()}) == []
        async with database.tenant(tenant, expecting=1) as session:
            assert await session.all(FIND, {"case_id": new_id()}) == []
        with pytest.raises(Reconfigured):
            async with database.reading(tenant, expecting=2) as session:
                await session.all(FIND, {"case_id": new_id()})
        with pytest.raises(Reconfigured):
            async with database.tenant(tenant, expecting=2) as session:
                await session.all(FIND, {"case_id": new_id()})
    with pytest.raises(Reconfigured):
        async with database.reading(tenant, expecting=2):
            pass
    case_id = new_id()
    with pytest.raises(Reconfigured):
        async with database.tenant(tenant, expecting=2) as session:
            await add_case(session, "never", id=case_id)
    async with database.reading(tenant) as session:
        assert await session.all(FIND, {"case_id": case_id}) == []
    with pytest.raises(NotFound):
        async with database.reading(9_999, expecting=1) as session:
            await session.all(FIND, {"case_id": case_id})


async def test_one_read_tells_revision_and_rows(database: Database, make_tenant: TenantMaker) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    async with database.tenant(tenant) as session:
        await session.bump_revision()
        ids = [await add_case(session, str(number)) for number in range(5)]
    page = select(cases.c.id).where(cases.c.tenant == TENANT).order_by(cases.c.id.desc()).limit(bindparam("page"))
    for _ in range(3):
        revision, rows = await read(database, tenant, page, {"page": 3})
        assert (revision, [row["id"] for row in rows]) == (2, ids[:1:-1])
        assert await read(database, tenant, FIND, {"case_id": new_id()}) == (2, [])
        assert await read(database, other, FIND, {"case_id": ids[0]}) == (1, [])


async def test_unique_values_are_named(database: Database, tenant: int) -> None:
    for add in (True, False):
        with pytest.raises(Taken) as caught:
            async with database.tenant(tenant) as session:
                for _ in range(2):
                    if add:
                        session.add(unit, {"id": new_id(), "code": "same"})
                    else:
                        await session.execute(insert(unit), {"id": new_id(), "code": "same"})
        assert caught.value.constraint == "uq_unit_tenant_code"


async def test_the_slug_of_a_tenant_is_its_own(make_tenant: TenantMaker, database: Database) -> None:
    number = await make_tenant("ankang", "ankang-once")
    with pytest.raises(Taken) as caught:
        await make_tenant("ankang", "ankang-once")
    assert caught.value.constraint == "uq_tenant_slug"
    row = await database.find_tenant("ankang-once")
    assert row is not None
    assert (row["id"], row["revision"], row["sandbox"]) == (number, 1, False)
    assert await database.find_tenant("ankang-twice") is None


async def test_the_platform_sees_the_directory_alone(database: Database, tenant: int) -> None:
    assert tenant in [row["id"] for row in await database.look_up(select(directory.c.id))]
    for table in (cases, person, tenant_clock):
        with pytest.raises(NotBoundToTenant):
            await database.look_up(select(func.count()).select_from(table))


async def test_the_actor_stands_in_the_trail(database: Database, tenant: int) -> None:
    client, who, where = new_id(), new_id(), new_id()
    async with database.tenant(tenant, actor=Actor(client, who, where, "dispatcher")) as session:
        await add_case(session, "1")
    async with database.reading(tenant) as session:
        (row,) = await session.all(select(audit).where(audit.c.tenant == TENANT))
    assert (row["client_id"], row["person_id"], row["unit_id"], row["role"]) == (client, who, where, "dispatcher")


async def test_an_instant_without_a_zone_is_refused(database: Database, tenant: int) -> None:
    for add in (True, False):
        with pytest.raises(Exception, match="has no zone"):
            async with database.tenant(tenant) as session:
                row = {"id": new_id(), "kind": "human", "name": "n", "created_at": datetime(2026, 1, 1)}  # noqa: DTZ001
                if add:
                    session.add(person, row)
                else:
                    await session.execute(insert(person), row)
