"""Petitioners in the store (promise 7): sealed apart, read for a purpose by whom the city names, erased by their key."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from msgspec import structs
from sqlalchemy import select, update

from core.cases.case import Standing
from core.cases.identity import Identity
from core.cases.petitioners import list_readings, read_identities
from core.cases.reading_rules import PRIVACY, Purpose, check_reader
from core.cases.sealing import erase_petitioner, find_petitioners, seal_petitioner
from core.errors import Forbidden, NotFound, Refused
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.law.citation import Citation
from core.procedure import Role
from core.store.database import Database
from core.store.envelope import CannotOpen
from core.store.tables import TENANT, audit, audit_content, case_unit, cases, outbox, petitioner, unit
from core.tenants.principal import Grant, Principal
from core.tenants.scopes import Scope
from core.tenants.snapshot import Snapshot, Snapshots
from tests.conftest import TenantMaker
from tests.store.rows import THEN, case_row
from tests.support.telling import without_chance

WHO = Identity(name="王秀英", phone="138 0013 8000", id_number="11010519491231002X", address="解放路1号")
PETITIONERS = select(petitioner).where(petitioner.c.tenant == TENANT)


@pytest.fixture(scope="session")
def jurisdictions() -> Jurisdictions:
    return Jurisdictions.discover()


@pytest.fixture
async def snapshot(database: Database, make_tenant: TenantMaker, jurisdictions: Jurisdictions) -> Snapshot:
    """A tenant of Baoding, whose tip-offs name the unit that is reported."""
    async with database.reading(await make_tenant(jurisdiction="baoding")) as session:
        return await Snapshots(jurisdictions).of(session)


def somebody(*grants: Grant, units: frozenset[UUID] = frozenset()) -> Principal:
    return Principal(new_id(), "client", new_id(), grants, units, frozenset(Scope))


CLERK = somebody(Grant(Role.INTAKE_CLERK))


async def tip_off(database: Database, snapshot: Snapshot, who: Identity | None = WHO, **changes: object) -> UUID:
    async with database.tenant(snapshot.tenant.id) as session:
        sealed = await seal_petitioner(session, who) if who else None
        standing = Standing(starts_at=THEN, last_occurred_at=THEN)
        row = case_row(
            str(uuid4()), kind="tip-off", petitioner_id=sealed, anonymous=who is None, standing=standing, **changes
        )
        session.add(cases, row)
    return row["id"]


async def read(database: Database, snapshot: Snapshot, case: UUID, who: Principal = CLERK) -> Identity:
    async with database.tenant(snapshot.tenant.id) as session:
        (found,) = await read_identities(session, snapshot, who, case, Purpose.CONTACT, "核实情况")
    assert found.identity is not None
    return found.identity


async def test_an_identity_is_read_as_it_was_sealed(database: Database, snapshot: Snapshot) -> None:
    assert await read(database, snapshot, await tip_off(database, snapshot)) == WHO


async def test_nothing_of_it_stands_in_the_clear(database: Database, snapshot: Snapshot) -> None:
    await read(database, snapshot, await tip_off(database, snapshot))
    async with database.reading(snapshot.tenant.id) as session:
        for table in (petitioner, cases, audit, audit_content, outbox):
            stored = without_chance(repr(await session.all(select(table).where(table.c.tenant == TENANT))))
            for secret in ("王秀英", "8000", "1949", "解放路"):
                assert secret not in stored
                assert repr(secret.encode())[2:-1] not in stored


async def test_each_reading_is_on_record(database: Database, snapshot: Snapshot) -> None:
    case = await tip_off(database, snapshot)
    for _ in range(2):
        await read(database, snapshot, case)
    async with database.reading(snapshot.tenant.id) as session:
        readings = await list_readings(session, case)
        trail = await session.all(select(audit).where(audit.c.tenant == TENANT, audit.c.action == "petitioner.read"))
        events = await session.all(select(outbox).where(outbox.c.tenant == TENANT, outbox.c.type == "petitioner.read"))
    assert [(item.purpose, item.note, item.person_id) for item in readings] == [
        (Purpose.CONTACT, "核实情况", CLERK.person_id)
    ] * 2
    assert [(row["seq"], row["role"]) for row in sorted(trail, key=lambda row: row["seq"])] == [
        (1, "intake-clerk"),
        (2, "intake-clerk"),
    ]
    assert [set(event["refs"]) for event in events] == [{"case_id", "reading_id", "purpose"}] * 2


async def test_readings_at_once_are_all_on_record(database: Database, snapshot: Snapshot) -> None:
    case = await tip_off(database, snapshot)
    await asyncio.gather(*(read(database, snapshot, case) for _ in range(4)))
    async with database.reading(snapshot.tenant.id) as session:
        assert len(await list_readings(session, case)) == 4


async def test_a_reading_that_fails_later_shows_nothing_and_records_nothing(database: Database, snapshot: Snapshot) -> None:
    case = await tip_off(database, snapshot)
    with pytest.raises(RuntimeError):
        async with database.tenant(snapshot.tenant.id) as session:
            await read_identities(session, snapshot, CLERK, case, Purpose.CONTACT, "核实")
            raise RuntimeError
    async with database.reading(snapshot.tenant.id) as session:
        assert await list_readings(session, case) == ()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.INTAKE_CLERK}))
async def test_other_roles_are_refused(database: Database, snapshot: Snapshot, role: Role) -> None:
    case = await tip_off(database, snapshot)
    with pytest.raises(Forbidden) as caught:
        await read(database, snapshot, case, somebody(Grant(role)))
    assert (caught.value.code, caught.value.clause) == ("petitioners.role-missing", PRIVACY)


async def test_staff_of_the_unit_that_is_reported_never_see_who(database: Database, snapshot: Snapshot) -> None:
    reported = new_id()
    case = await tip_off(database, snapshot, facts={"subject_unit": str(reported)})
    of_it = somebody(Grant(Role.INTAKE_CLERK), units=frozenset({reported}))
    by_role = somebody(Grant(Role.INTAKE_CLERK), Grant(Role.SUPERVISOR, reported))
    for who in (of_it, by_role):
        with pytest.raises(Forbidden, match=r"petitioners\.own-unit"):
            await read(database, snapshot, case, who)
    assert await read(database, snapshot, case, somebody(Grant(Role.INTAKE_CLERK), units=frozenset({new_id()}))) == WHO


async def test_an_officer_of_a_unit_that_had_the_case_is_refused(database: Database, snapshot: Snapshot) -> None:
    case, handling = await tip_off(database, snapshot), new_id()
    async with database.tenant(snapshot.tenant.id) as session:
        session.add(unit, {"id": handling, "code": "u"})
        part = {"id": new_id(), "case_id": case, "unit_id": handling, "part": "lead", "since": THEN, "until": THEN}
        session.add(case_unit, part)
    officer = somebody(Grant(Role.INTAKE_CLERK), Grant(Role.UNIT_OFFICER, handling))
    with pytest.raises(Forbidden, match=r"petitioners\.own-unit"):
        await read(database, snapshot, case, officer)


async def test_a_unit_officer_does_not_count_even_where_a_city_names_the_role(snapshot: Snapshot) -> None:

    kind = structs.replace(snapshot.jurisdiction.kind("tip-off"), identity_roles=(Role.UNIT_OFFICER,))
    with pytest.raises(Forbidden):
        check_reader(kind, {}, (), somebody(Grant(Role.UNIT_OFFICER, new_id())))


async def test_an_anonymous_case_has_nobody(database: Database, snapshot: Snapshot) -> None:
    case = await tip_off(database, snapshot, None)
    with pytest.raises(Refused, match=r"petitioners\.anonymous"):
        await read(database, snapshot, case)
    async with database.reading(snapshot.tenant.id) as session:
        assert await list_readings(session, case) == ()


async def test_another_tenants_case_is_not_there(database: Database, snapshot: Snapshot, make_tenant: TenantMaker) -> None:
    case = await tip_off(database, snapshot)
    other = replace(snapshot, tenant=replace(snapshot.tenant, id=await make_tenant(jurisdiction="baoding")))
    for asked, id_ in ((other, case), (snapshot, new_id())):
        with pytest.raises(NotFound, match=r"cases\.unknown"):
            await read(database, asked, id_)


async def test_a_person_is_found_by_phone_or_number_however_written(database: Database, snapshot: Snapshot) -> None:
    await tip_off(database, snapshot)
    await tip_off(database, snapshot, Identity(phone="+8613800138000"))
    async with database.reading(snapshot.tenant.id) as session:
        assert len(await find_petitioners(session, phone="13800138000")) == 2
        assert len(await find_petitioners(session, id_number="11010519491231002x")) == 1
        assert await find_petitioners(session, phone="13800138001") == frozenset()
        hashes = {bytes(row["phone_hash"]) for row in await session.all(PETITIONERS)}
    assert len(hashes) == 1


async def test_hashes_differ_between_tenants(database: Database, snapshot: Snapshot, make_tenant: TenantMaker) -> None:
    await tip_off(database, snapshot)
    other = await make_tenant()
    async with database.tenant(other) as session:
        await seal_petitioner(session, WHO)
    found = []
    for tenant in (snapshot.tenant.id, other):
        async with database.reading(tenant) as session:
            found += [bytes(row["phone_hash"]) for row in await session.all(PETITIONERS)]
    assert len(set(found)) == 2


async def test_erasing_destroys_the_key_and_keeps_the_readings(database: Database, snapshot: Snapshot) -> None:
    case = await tip_off(database, snapshot)
    await read(database, snapshot, case)
    async with database.reading(snapshot.tenant.id) as session:
        (row,) = await session.all(PETITIONERS)
    async with database.tenant(snapshot.tenant.id) as session:
        await erase_petitioner(session, row["id"])
    with pytest.raises(Refused, match=r"petitioners\.erased"):
        await read(database, snapshot, case)
    async with database.reading(snapshot.tenant.id) as session:
        (after,) = await session.all(PETITIONERS)
        assert len(await list_readings(session, case)) == 1
        assert await find_petitioners(session, phone=WHO.phone) == frozenset()
    kept = {name for name, value in after.items() if value is not None}
    assert kept == {"tenant", "id", "alg", "kid", "created_at", "erased_at"}
    with pytest.raises(NotFound):
        async with database.tenant(snapshot.tenant.id) as session:
            await erase_petitioner(session, row["id"])


async def test_a_sealed_identity_does_not_open_in_another_place(database: Database, snapshot: Snapshot) -> None:
    first, second = await tip_off(database, snapshot), await tip_off(database, snapshot, Identity(name="李四"))
    async with database.reading(snapshot.tenant.id) as session:
        rows = {row["id"]: row for row in await session.all(PETITIONERS)}
        find = select(cases.c.id, cases.c.petitioner_id).where(cases.c.tenant == TENANT)
        owner = {row["id"]: row["petitioner_id"] for row in await session.all(find)}

    stolen = rows[owner[second]]
    swap = (
        update(petitioner)
        .where(petitioner.c.tenant == TENANT, petitioner.c.id == owner[first])
        .values(wrapped_key=stolen["wrapped_key"], identity=stolen["identity"])
    )
    async with database.tenant(snapshot.tenant.id) as session:
        await session.execute(swap)
    with pytest.raises(CannotOpen):
        await read(database, snapshot, first)


async def test_who_names_nobody_is_refused_before_anything_is_written(database: Database, snapshot: Snapshot) -> None:
    with pytest.raises(Refused):
        await tip_off(database, snapshot, Identity(address="某处"))
    async with database.reading(snapshot.tenant.id) as session:
        assert await session.all(PETITIONERS) == []


def test_the_day_of_the_house_rule() -> None:
    city = Jurisdictions.discover().get("baoding")

    assert city.rulebook.passage(Citation.parse(PRIVACY), date(2026, 1, 1)).label.en
