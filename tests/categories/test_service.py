"""Categories in the store: versions, mergers, imports, and changes that race."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.law.instrument import Term, TermFigure, Unit
from core.procedure import CategoryLimit
from core.store.tables import TENANT, audit, category, category_version, outbox
from core.tenants.category_commands import CategoryChange, LimitFigure, NewCategory
from core.tenants.category_file import read_categories
from core.tenants.commands import NewUnit
from core.tenants.service.categories import change_category, import_categories, register_category
from core.tenants.service.units import register_unit
from core.tenants.unit_import import Outcome

START, CHANGE = date(2026, 1, 1), date(2026, 7, 1)
BASIS = "市办〔2026〕12号"
HEADER = "code,title_zh,valid_from,basis,parent,default_unit,handling_limit,handling_basis,closed,merged_into\n"
FIVE = LimitFigure(term=TermFigure(Unit.WORKING_DAY, 5), basis=BASIS)
HALF_HOUR = LimitFigure(term=TermFigure(Unit.MINUTE, 30), basis=BASIS)


async def registered(administration, code: str, parent: str | None = None, **more: object) -> None:
    new = NewCategory(code=code, title_zh=f"分类{code}", valid_from=START, basis=BASIS, parent=parent, **more)  # type: ignore[arg-type]
    async with administration() as admin:
        await register_category(admin, new)


async def changed(administration, code: str, expected: int, day: date = CHANGE, **more: object) -> None:
    change = CategoryChange(title_zh="新名", valid_from=day, basis=BASIS, **more)  # type: ignore[arg-type]
    async with administration() as admin:
        await change_category(admin, code, change, expected)


async def versions_stored(database, city) -> int:
    statement = select(func.count()).select_from(category_version).where(category_version.c.tenant == TENANT)
    async with database.reading(city.id) as session:
        return int(await session.scalar(statement))


async def test_a_category_is_found_again_as_it_was_said(administration, snapshot) -> None:
    async with administration() as admin:
        unit = await register_unit(admin, NewUnit(code="hall", name="大厅", valid_from=START, basis=BASIS))
    await registered(administration, "municipal", handling_limit=FIVE, default_unit_id=unit.id, kinds=("complaint",))
    await registered(administration, "roads", "municipal", urgent_response_limit=HALF_HOUR, title_en="Roads", urgent=True)
    view = (await snapshot()).categories.on(START)
    assert view.limit("roads", CategoryLimit.HANDLING)[1].term == Term(Unit.WORKING_DAY, 5)
    assert view.limit("roads", CategoryLimit.URGENT_RESPONSE)[1].basis == BASIS
    assert (view.default_unit("roads"), view.kinds("roads")) == (("municipal", unit.id), ("complaint",))
    found = view.versions["roads"]
    assert (found.title_en, found.urgent, found.parent) == ("Roads", True, "municipal")


async def test_every_change_counts_the_revision_and_is_on_record(administration, snapshot, database, city) -> None:
    before = (await snapshot()).tenant.revision
    await registered(administration, "roads", handling_limit=FIVE)
    await changed(administration, "roads", 1)
    assert (await snapshot()).tenant.revision == before + 2
    async with database.reading(city.id) as session:
        trail = select(audit).where(audit.c.tenant == TENANT, audit.c.subject == "category:roads").order_by(audit.c.seq)
        rows = await session.all(trail)
        events = await session.all(select(outbox).where(outbox.c.tenant == TENANT, outbox.c.subject == "category:roads"))
    told = [(row["stream"], row["action"]) for row in rows]
    assert told == [("tenant", "category.registered"), ("tenant", "category.changed")]
    assert [set(event["refs"]) for event in events] == [{"category", "version_id", "valid_from"}] * 2


async def test_a_change_keeps_what_was_before(administration, snapshot) -> None:
    await registered(administration, "roads", handling_limit=FIVE)
    await changed(administration, "roads", 1)
    found = (await snapshot()).categories
    near = [found.on(CHANGE + timedelta(days=offset)) for offset in (-1, 0, 1)]
    assert [view.versions["roads"].title_zh for view in near] == ["分类roads", "新名", "新名"]
    assert [view.limit("roads", CategoryLimit.HANDLING) is not None for view in near] == [True, False, False]


async def test_a_code_is_given_once(administration) -> None:
    await registered(administration, "roads")
    with pytest.raises(Conflict, match=r"categories\.code-taken"):
        await registered(administration, "roads")


async def test_a_change_on_an_older_state_is_stale(administration) -> None:
    await registered(administration, "roads")
    for expected in (0, 2, -1):
        with pytest.raises(Stale):
            await changed(administration, "roads", expected)
    with pytest.raises(NotFound):
        await changed(administration, "parks", 1)


REFUSED = [
    ({"parent": "nowhere"}, "categories.named-unknown", "/parent"),
    ({"kinds": ("complaint", "no-such-kind")}, "categories.kind-unknown", "/kinds/1"),
    ({"default_unit_id": uuid4()}, "tenants.unit-unknown", "/default_unit_id"),
    ({"parent": "x"}, "categories.circle", "/parent"),
]


@pytest.mark.parametrize(("more", "code", "field"), REFUSED, ids=[row[1] for row in REFUSED])
async def test_a_refused_category_is_not_written(administration, snapshot, database, city, more, code, field) -> None:
    before = await snapshot()
    with pytest.raises(Refused) as caught:
        await registered(administration, "x", **more)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert (await snapshot()) is before
    assert await versions_stored(database, city) == 0


async def test_a_length_that_cannot_be_is_no_limit(administration) -> None:
    for unit, length in ((Unit.WORKING_DAY, 0), (Unit.SAME_DAY, 1)):
        with pytest.raises(Invalid) as caught:
            await registered(administration, "x", handling_limit=LimitFigure(term=TermFigure(unit, length), basis=BASIS))
        assert caught.value.field == "/handling_limit/term/length"


async def test_a_merger_needs_a_closure_and_a_successor_that_is_open(administration) -> None:
    for code in ("a", "b", "c"):
        await registered(administration, code)
    with pytest.raises(Refused, match=r"categories\.successor-of-open"):
        await changed(administration, "a", 1, merged_into="b")
    await changed(administration, "b", 1, closed=True)
    with pytest.raises(Refused, match=r"categories\.successor-closed"):
        await changed(administration, "a", 1, closed=True, merged_into="b")
    await changed(administration, "a", 1, closed=True, merged_into="c")


async def test_two_changes_that_make_a_circle_together_do_not_both_pass(administration) -> None:
    for code in ("a", "b"):
        await registered(administration, code)
    moves = (changed(administration, "a", 1, parent="b"), changed(administration, "b", 1, parent="a"))
    outcomes = await asyncio.gather(*moves, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]


async def imported(administration, lines: str, **more: bool):
    async with administration() as admin:
        return await import_categories(admin, read_categories((HEADER + lines).encode()), **more)


TABLE = "roads,道路,2026-01-01,b,municipal,,,,,\nmunicipal,市政,2026-01-01,b,,,5 working_day,纪要,,\n"


async def test_a_file_is_imported_whole_and_twice_changes_nothing(administration, snapshot, database, city) -> None:
    outcomes = [[row.outcome for row in (await imported(administration, TABLE)).rows] for _ in range(2)]
    assert outcomes == [[Outcome.CREATED] * 2, [Outcome.UNCHANGED] * 2]
    found = (await snapshot()).categories.on(START).limit("roads", CategoryLimit.HANDLING)
    assert (found[0], found[1].term.length, found[1].basis) == ("municipal", 5, "纪要")
    assert await versions_stored(database, city) == 2


async def test_several_rows_of_a_code_are_its_versions(administration, snapshot) -> None:
    lines = TABLE + "roads,道路桥梁,2026-07-01,b,municipal,,,,,\n"
    plan = await imported(administration, lines)
    assert [row.outcome for row in plan.rows] == [Outcome.CREATED, Outcome.CREATED, Outcome.CHANGED]
    categories = (await snapshot()).categories
    assert [categories.on(day).versions["roads"].title_zh for day in (START, CHANGE)] == ["道路", "道路桥梁"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x,甲,2026-01-01,b,nowhere,,,,,", "categories.named-unknown"),
        ("x,甲,2026-01-01,b,x,,,,,", "categories.circle"),
        ("x,甲,2025-12-31,b,municipal,,,,,", "categories.above-closed"),
        ("x,甲,2026-01-01,b,,no-unit,,,,", "tenants.unit-code-unknown"),
        ("x,甲,2026-01-01,b,,,5 working_day,,,", "categories.limit-without-basis"),
        ("x,甲,2026-01-01,b,,,0 working_day,纪要,,", "deadlines.length-impossible"),
        ("x,甲,2026-01-01,b,,,,,,municipal", "categories.successor-of-open"),
        ("x,甲,2026-02-30,b,,,,,,", None),
    ],
)
async def test_one_faulty_row_keeps_all_out(administration, database, city, line: str, code: str | None) -> None:
    plan = await imported(administration, f"{TABLE}{line}\n")
    faulty = plan.rows[2]
    assert (faulty.line, faulty.outcome, faulty.error.code if faulty.error else None) == (4, Outcome.FAULT, code)
    assert await versions_stored(database, city) == 0


async def test_a_dry_run_reports_and_writes_nothing(administration, database, city) -> None:
    plan = await imported(administration, TABLE, dry_run=True)
    assert [row.outcome for row in plan.rows] == [Outcome.CREATED] * 2
    async with database.reading(city.id) as session:
        count = select(func.count()).select_from(category).where(category.c.tenant == TENANT)
        assert await session.scalar(count) == 0


async def test_many_categories_are_imported_in_one_go(administration, snapshot) -> None:
    above = ["", *(f"c{number // 8}" for number in range(1, 600))]
    lines = "".join(f"c{number},分类{number},2026-01-01,b,{code},,,,,\n" for number, code in enumerate(above))
    assert (await imported(administration, lines)).sound
    assert len((await snapshot()).categories.by_code) == 600
