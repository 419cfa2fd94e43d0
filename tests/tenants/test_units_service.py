"""Units in the store: versions, mergers, imports, and changes that race."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from core.errors import Conflict, NotFound, Refused, Stale
from core.store.tables import TENANT, audit, outbox, unit, unit_version
from core.tenants.commands import NewUnit, UnitChange
from core.tenants.service.units import change_unit, import_units, register_unit
from core.tenants.unit_file import read_units
from core.tenants.unit_import import Outcome
from core.tenants.units import Unit

START, CHANGE = date(2026, 1, 1), date(2026, 7, 1)
BASIS = "市编办发〔2026〕12号"
HEADER = "code,name,parent,superior,ranking_group,member,offices,valid_from\n"


def new(code: str, parent: UUID | None = None, **more: object) -> NewUnit:
    return NewUnit(code=code, name=f"单位{code}", valid_from=START, basis=BASIS, parent_id=parent, **more)  # type: ignore[arg-type]


def change(name: str, day: date = CHANGE, **more: object) -> UnitChange:
    return UnitChange(name=name, valid_from=day, basis=BASIS, **more)  # type: ignore[arg-type]


async def registered(administration, code: str, parent: UUID | None = None, **more: object) -> Unit:
    async with administration() as admin:
        return await register_unit(admin, new(code, parent, **more))


async def test_a_unit_is_found_again_as_it_was_said(administration, snapshot) -> None:
    root = await registered(administration, "root")
    said = {"superior_id": root.id, "ranking_group": "部门", "offices": ("supervision-office",), "member": False}
    hall = await registered(administration, "hall", root.id, **said)
    found = (await snapshot()).organisation
    assert found.unit(hall.id) == hall
    assert found.by_code["hall"].on(START).offices == ("supervision-office",)
    assert [item.id for item in found.offices("supervision-office", START)] == [hall.id]


async def test_every_change_counts_the_revision_and_is_on_record(administration, snapshot, database, city) -> None:
    before = (await snapshot()).tenant.revision
    root = await registered(administration, "root")
    async with administration() as admin:
        await change_unit(admin, root.id, change("新名"), 1)
    assert (await snapshot()).tenant.revision == before + 2
    about = f"unit:{root.id}"
    async with database.reading(city.id) as session:
        trail = select(audit).where(audit.c.tenant == TENANT, audit.c.subject == about).order_by(audit.c.seq)
        rows = await session.all(trail)
        events = await session.all(select(outbox).where(outbox.c.tenant == TENANT, outbox.c.subject == about))
    assert [(row["stream"], row["action"]) for row in rows] == [("tenant", "unit.registered"), ("tenant", "unit.changed")]
    assert all(set(event["refs"]) == {"unit_id", "version_id", "valid_from"} for event in events)


async def test_a_change_keeps_what_was_before(administration, snapshot) -> None:
    root = await registered(administration, "root")
    async with administration() as admin:
        after = await change_unit(admin, root.id, change("新名"), 1)
    assert [after.on(CHANGE + timedelta(days=offset)).name for offset in (-1, 0, 1)] == ["单位root", "新名", "新名"]
    async with administration() as admin:
        await change_unit(admin, root.id, change("再新名"), 2)
    found = (await snapshot()).organisation.unit(root.id)
    assert [version.name for version in found.versions] == ["单位root", "新名", "再新名"]
    assert found.on(CHANGE).name == "再新名"


async def test_a_code_is_given_once(administration) -> None:
    await registered(administration, "root")
    with pytest.raises(Conflict) as caught:
        await registered(administration, "root")
    assert (caught.value.code, caught.value.field) == ("tenants.unit-code-taken", "/code")


async def test_a_change_on_an_older_state_is_stale(administration) -> None:
    root = await registered(administration, "root")
    for expected in (0, 2, -1):
        with pytest.raises(Stale):
            async with administration() as admin:
                await change_unit(admin, root.id, change("新名"), expected)


async def test_units_of_nobody_are_refused_by_field(administration) -> None:
    with pytest.raises(Refused) as caught:
        await registered(administration, "root", uuid4())
    assert (caught.value.code, caught.value.field) == ("tenants.unit-unknown", "/parent_id")
    with pytest.raises(NotFound):
        async with administration() as admin:
            await change_unit(admin, uuid4(), change("新名"), 1)


async def test_a_refused_change_writes_nothing(administration, snapshot, database, city) -> None:
    root = await registered(administration, "root")
    before = await snapshot()
    with pytest.raises(Refused, match=r"tenants\.unit-circle"):
        async with administration() as admin:
            await change_unit(admin, root.id, change("新名", parent_id=root.id), 1)
    assert (await snapshot()) is before
    async with database.reading(city.id) as session:
        count = await session.scalar(select(func.count()).select_from(unit_version).where(unit_version.c.tenant == TENANT))
    assert count == 1


async def test_two_changes_that_make_a_circle_together_do_not_both_pass(administration) -> None:
    first, second = await registered(administration, "a"), await registered(administration, "b")

    async def put_below(lower: Unit, upper: Unit) -> None:
        async with administration() as admin:
            await change_unit(admin, lower.id, change("新名", parent_id=upper.id), 1)

    outcomes = await asyncio.gather(put_below(first, second), put_below(second, first), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]


async def test_a_file_is_imported_whole(administration, snapshot) -> None:
    root = await registered(administration, "root")
    data = HEADER + "hall,大厅,office,root,,是,supervision-office,2026-01-01\noffice,办公室,root,,,是,,2026-01-01\n"
    async with administration() as admin:
        plan = await import_units(admin, read_units(data.encode("gb18030")))
    assert [(row.line, row.code, row.outcome) for row in plan.rows] == [(2, "hall", "created"), (3, "office", "created")]
    found = (await snapshot()).organisation
    hall, office = found.by_code["hall"], found.by_code["office"]
    assert hall.latest.parent_id == office.id
    assert hall.latest.superior_id == office.latest.parent_id == root.id


async def test_importing_twice_changes_nothing(administration, snapshot) -> None:
    rows = read_units((HEADER + "hall,大厅,,,,,,2026-01-01\nhall,新大厅,,,,,,2026-07-01\n").encode())
    outcomes = []
    for _ in range(2):
        async with administration() as admin:
            outcomes.append([row.outcome for row in (await import_units(admin, rows)).rows])
    assert outcomes == [[Outcome.CREATED, Outcome.CHANGED], [Outcome.UNCHANGED, Outcome.UNCHANGED]]
    assert len((await snapshot()).organisation.by_code["hall"].versions) == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("b,乙,nobody,,,,,2026-01-01", "tenants.unit-code-unknown"),
        ("b,乙,b,,,,,2026-01-01", "tenants.unit-circle"),
        ("b,乙,a,,,,,2025-12-31", "tenants.unit-above-gone"),
        ("b,乙,,,,,,2026-02-30", None),
    ],
)
async def test_one_faulty_row_keeps_all_out(administration, database, city, line: str, code: str | None) -> None:
    rows = read_units(f"{HEADER}a,甲,,,,,,2026-01-01\n{line}\n".encode())
    async with administration() as admin:
        plan = await import_units(admin, rows)
    assert not plan.sound
    faulty = plan.rows[1]
    assert (faulty.line, faulty.outcome, faulty.error.code if faulty.error else None) == (3, Outcome.FAULT, code)
    assert await _count_units(database, city.id) == 0


async def test_a_dry_run_reports_and_writes_nothing(administration, database, city) -> None:
    async with administration() as admin:
        plan = await import_units(admin, read_units(f"{HEADER}a,甲,,,,,,2026-01-01\n".encode()), dry_run=True)
    assert [row.outcome for row in plan.rows] == [Outcome.CREATED]
    assert await _count_units(database, city.id) == 0


async def test_many_units_are_imported_in_one_go(administration, snapshot) -> None:
    above = ["", *(f"u{number // 8}" for number in range(1, 600))]
    lines = "".join(f"u{number},单位{number},{code},,,,,2026-01-01\n" for number, code in enumerate(above))
    async with administration() as admin:
        plan = await import_units(admin, read_units((HEADER + lines).encode()))
    assert plan.sound
    assert len((await snapshot()).organisation.units) == 600


async def _count_units(database, tenant: int) -> int:
    async with database.reading(tenant) as session:
        count: int = await session.scalar(select(func.count()).select_from(unit).where(unit.c.tenant == TENANT))
    return count
