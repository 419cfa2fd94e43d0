"""What waits to be supervised, the oldest first, of cases that the person sees and works for none of the units of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_

from core.cases.case import Case, Justified
from core.cases.disclosure import works_for_unit_of
from core.cases.filters import CaseFilter, Narrowing, Shape, conditions, held_by, narrow, one_of
from core.cases.listing import LINE, Line, Position
from core.cases.reach import reach_of
from core.cases.recusal_rows import find_recused
from core.cases.service import Desk
from core.procedure import CaseKind, Role
from core.store.tables import TENANT, case_unit, cases, deadline, supervision_item
from core.supervision.item import Item, State
from core.supervision.outsiders import Untold, load_untold
from core.supervision.reminding import Reminded, load_reminders
from core.supervision.rows import COLUMNS, IS_OPEN, items_of
from core.tenants.principal import Principal

OVERSEEING = (Role.DISPATCHER, Role.SUPERVISOR, Role.INSPECTION_OFFICE, Role.AUDITOR)
"""Who is told what must be supervised, before it is."""
_ITEM = [column.label(f"item_{column.name}") for column in COLUMNS]
_WHY = [
    select(column)
    .where(deadline.c.tenant == TENANT, deadline.c.id == supervision_item.c.deadline_id)
    .correlate(supervision_item)
    .scalar_subquery()
    .label(f"why_{column.name}")
    for column in (deadline.c.justified_at, deadline.c.justified_step)
]
_ORDER = tuple_(supervision_item.c.found_at, supervision_item.c.id)
_AFTER = tuple_(
    bindparam("last_found", type_=supervision_item.c.found_at.type), bindparam("last", type_=supervision_item.c.id.type)
)


@dataclass(frozen=True, slots=True)
class Noted:
    """Of items that wait, by their ids: how their unit was reminded, and whose superior is to be told first; of deadlines,
    by theirs: that the lateness was found justified."""

    reminded: Mapping[UUID, Reminded]
    untold: Mapping[UUID, Untold]
    justified: Mapping[UUID | None, Justified] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """An item and the line of its case."""

    item: Item
    line: Line


NOTHING = Noted({}, {})
"""Of items that wait for nothing."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of items with what is noted of them, and after which the next one begins; ``None`` behind the last."""

    items: tuple[Found, ...] = ()
    noted: Noted = NOTHING
    following: Position | None = None


async def list_supervision(desk: Desk, limit: int, after: Position | None = None) -> FoundPage:
    """At most ``limit`` open items, after a position: of an item, by when it was found."""
    asked = await _asked(desk)
    if asked is None:
        return FoundPage()
    values = asked.values | {"page": limit + 1}
    if after is not None:
        values |= {"last": after.id, "last_found": after.due_at}
    rows = await desk.session.all(_lines(asked.shape, frozenset(asked.several.items()), after is not None), values)
    items = tuple(Found(*_read(row)) for row in rows[:limit])
    noted = await _note(desk, [(found.item, desk.snapshot.jurisdiction.kind(found.line["kind"])) for found in items])
    noted = replace(noted, justified=_read_justified(rows))
    last = items[-1].item if len(rows) > limit else None
    return FoundPage(items, noted, Position(last.id, last.found_at) if last else None)


async def count_supervision(desk: Desk) -> int:
    """How many items wait; none for who is not told of them."""
    asked = await _asked(desk)
    if asked is None:
        return 0
    return int(await desk.session.scalar(_count(asked.shape, frozenset(asked.several.items())), asked.values))


async def list_of_case(desk: Desk, case: Case) -> tuple[tuple[Item, ...], Noted]:
    """The items of a case that the person is told of, and what is noted of those that are open.

    An officer of one of its units is told of what was supervised, of the own units alone.
    """
    items = await items_of(desk.session, case.id)
    if works_for_unit_of(case, desk.principal):
        own = officer_units(desk.principal)
        told = tuple(item for item in items if item.unit_id in own and item.state == State.SUPERVISED)
        return told, note_justified(case)
    if desk.principal.roles.isdisjoint(OVERSEEING):
        return (), NOTHING
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    noted = await _note(desk, [(item, kind) for item in items if item.is_open])
    return items, replace(noted, justified=note_justified(case).justified)


def note_justified(case: Case) -> Noted:
    """Of the deadlines of a case that their lateness was found justified."""
    return replace(NOTHING, justified={note.id: note.justified for note in case.standing.deadlines if note.justified})


def officer_units(principal: Principal) -> frozenset[UUID]:
    """The units that the person is an officer of, under this name or another."""
    return principal.officer_of


async def _asked(desk: Desk) -> Narrowing | None:
    principal, jurisdiction = desk.principal, desk.snapshot.jurisdiction
    found = any(kind.supervisions for kind in jurisdiction.kinds.values())
    if not found or principal.roles.isdisjoint(OVERSEEING):
        return None
    narrowing = narrow(CaseFilter(), reach_of(principal, jurisdiction), desk.now, ())
    if narrowing is None:
        return None
    own, recused = officer_units(principal), await find_recused(desk.session, desk.me)
    for name, values in (("own", own), ("recused", recused)):
        if values:
            narrowing.add_several(name, values)
    return narrowing


async def _note(desk: Desk, waiting: Sequence[tuple[Item, CaseKind]]) -> Noted:
    reminded = await load_reminders(desk.session, desk.snapshot, desk.now, waiting)
    return Noted(reminded, await load_untold(desk, waiting))


def _read(row: Mapping[str, Any]) -> tuple[Item, Line]:
    told = {name.removeprefix("item_"): value for name, value in row.items() if name.startswith("item_")}
    return Item(**told), {name: value for name, value in row.items() if not name.startswith(("item_", "why_"))}


def _read_justified(rows: Sequence[Mapping[str, Any]]) -> dict[UUID | None, Justified]:
    """That lateness was found justified, without the words."""
    found = ((row["item_deadline_id"], row["why_justified_step"], row["why_justified_at"]) for row in rows)
    return {id_: Justified(step_id, at, None, None) for id_, step_id, at in found if step_id}


@lru_cache(maxsize=256)
def _lines(shape: Shape, several: frozenset[tuple[str, int]], behind: bool) -> Select[Any]:
    statement = select(*_ITEM, *_WHY, *LINE).where(*_waiting(shape, dict(several)))
    if behind:
        statement = statement.where(_AFTER < _ORDER)
    return statement.order_by(supervision_item.c.found_at, supervision_item.c.id).limit(bindparam("page"))


@lru_cache(maxsize=256)
def _count(shape: Shape, several: frozenset[tuple[str, int]]) -> Select[Any]:
    return select(func.count().label("count")).select_from(cases).where(*_waiting(shape, dict(several)))


def _waiting(shape: Shape, several: dict[str, int]) -> list[ColumnElement[bool]]:
    held: list[ColumnElement[bool]] = [
        supervision_item.c.tenant == TENANT, supervision_item.c.case_id == cases.c.id, IS_OPEN,
    ]  # fmt: skip
    if "own" in several:
        held.append(~held_by(one_of(case_unit.c.unit_id, "own", several["own"])))
    if "recused" in several:
        held.append(~one_of(cases.c.id, "recused", several["recused"]))
    return [*conditions(shape), *held]
