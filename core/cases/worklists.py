"""Work lists: what a person has to do, earliest due first; one statement each, and one for the counts of all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, union

from core.cases.filters import CaseFilter, Narrowing, Shape, conditions, held_by, narrow, one_of
from core.cases.listing import LINE, Line, Page, Position
from core.cases.reach import reach_of
from core.cases.service import Desk
from core.procedure import Role
from core.store.tables import TENANT, case_unit, cases

OVERSEERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.INSPECTION_OFFICE})
"""Whose work is every case that they see; of others it is what they registered or signed for, and what their units have."""


class WorkList(StrEnum):
    """The lists that there are."""

    MINE = "mine"
    """Open cases that the person registered, or signed for at a unit that has them."""
    UNIT = "unit"
    """Open cases that a unit of the person's has."""
    DUE_TODAY = "due-today"
    """What the person works on and falls due by the end of the local day."""
    OVERDUE = "overdue"
    """What the person works on and is late."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What the text of a work list's statement depends on."""

    list: WorkList
    shape: Shape
    units: int
    """How many parameters hold the units; 0 for a person of no unit."""
    oversees: bool
    after: str = ""
    """``due`` behind a case that has a deadline, ``none`` behind one that has none."""


async def list_work(desk: Desk, wanted: WorkList, limit: int, after: Position | None = None) -> Page:
    """At most ``limit`` cases of a work list, after a position; those without an open deadline come last."""
    asked = _asked(desk)
    if asked is None:
        return Page()
    narrowing, work = asked
    values = narrowing.values | {"page": limit + 1}
    work = replace(work, list=wanted)
    if after is not None:
        values |= {"after": after.id, "after_due": after.due_at}
        work = replace(work, after="none" if after.due_at is None else "due")
    found = await desk.session.all(_lines(work), values)
    return Page(tuple(found[:limit]), _position(found[limit - 1]) if len(found) > limit else None)


async def count_work(desk: Desk) -> dict[WorkList, int]:
    """How many cases each work list has."""
    asked = _asked(desk)
    if asked is None:
        return dict.fromkeys(WorkList, 0)
    narrowing, work = asked
    row = await desk.session.one(_counts(work), narrowing.values)
    return {wanted: (row or {}).get(wanted.name.lower(), 0) for wanted in WorkList}


def _asked(desk: Desk) -> tuple[Narrowing, _Work] | None:
    """What all work lists of a person have in common; ``None`` for who sees no case."""
    principal = desk.principal
    reach = reach_of(principal, desk.snapshot.jurisdiction)
    narrowing = narrow(CaseFilter(closed=False), reach, desk.now, ())
    if narrowing is None:
        return None
    units: set[UUID] = {*principal.units, *(grant.unit_id for grant in principal.grants if grant.unit_id)}
    if units:
        narrowing.add_several("own_units", units)
    narrowing.values |= {"me": principal.person_id, "day_end": day_end(desk)}
    size = narrowing.several.pop("own_units", 0)
    return narrowing, _Work(WorkList.MINE, narrowing.shape, size, not principal.roles.isdisjoint(OVERSEERS))


def day_end(desk: Desk) -> datetime:
    """The instant at which the local day ends."""
    zone = desk.snapshot.zone
    return datetime.combine(desk.snapshot.local_day(desk.now) + timedelta(days=1), time.min, zone)


def _position(line: Line) -> Position:
    return Position(line["id"], line["due_at"])


@lru_cache(maxsize=512)
def _lines(work: _Work) -> Select[Any]:
    statement = select(*LINE).where(*_of(work))
    due_at: Any = cases.c.due_at
    last, last_due = bindparam("after", type_=cases.c.id.type), bindparam("after_due", type_=due_at.type)
    if work.after == "due":
        statement = statement.where(or_(due_at.is_(None), due_at > last_due, and_(due_at == last_due, cases.c.id > last)))
    if work.after == "none":
        statement = statement.where(due_at.is_(None), cases.c.id > last)
    return statement.order_by(due_at.asc().nulls_last(), cases.c.id).limit(bindparam("page"))


@lru_cache(maxsize=512)
def _counts(work: _Work) -> Select[Any]:
    lists = ((wanted, replace(work, list=wanted)) for wanted in WorkList)
    counts = ((wanted, select(func.count()).select_from(cases).where(*_of(one))) for wanted, one in lists)
    return select(*(count.scalar_subquery().label(wanted.name.lower()) for wanted, count in counts))


def _of(work: _Work) -> list[ColumnElement[bool]]:
    """The conditions of a work list: open, seen by the person, and the person's work."""
    found = conditions(work.shape)
    match work.list:
        case WorkList.MINE:
            found.append(cases.c.id.in_(union(*_mine())))
        case WorkList.UNIT:
            found.append(_of_units(work.units))
        case WorkList.DUE_TODAY:
            found += [cases.c.due_at > bindparam("now"), cases.c.due_at <= bindparam("day_end"), *_worked_on(work)]
        case WorkList.OVERDUE:
            found += [cases.c.due_at <= bindparam("now"), *_worked_on(work)]
    return found


def _worked_on(work: _Work) -> list[ColumnElement[bool]]:
    if work.oversees:
        return []
    signed, registered = _signed(), cases.c.clerk_id == bindparam("me")
    return [or_(registered, signed, _of_units(work.units))] if work.units else [or_(registered, signed)]


_REGISTERED = cases.alias("registered")


def _mine() -> tuple[Select[Any], Select[Any]]:
    """Two ways to one's own cases, each by its index."""
    registered = select(_REGISTERED.c.id).where(
        _REGISTERED.c.tenant == TENANT, _REGISTERED.c.clerk_id == bindparam("me"), _REGISTERED.c.closed_at.is_(None)
    )
    signed = select(case_unit.c.case_id).where(
        case_unit.c.tenant == TENANT, case_unit.c.officer_id == bindparam("me"), case_unit.c.until.is_(None)
    )
    return registered, signed


def _signed() -> ColumnElement[bool]:
    return held_by(case_unit.c.officer_id == bindparam("me"))


def _of_units(size: int) -> ColumnElement[bool]:
    return held_by(one_of(case_unit.c.unit_id, "own_units", size)) if size else cases.c.id.is_(None)
