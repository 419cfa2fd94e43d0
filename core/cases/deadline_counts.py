"""How many deadlines run, fall due and are late, for each unit and each office: one statement over what the reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, or_, select

from core.cases.deadline_listing import (
    OPEN,
    TERM_UNIT,
    UNJUSTIFIED,
    DeadlineFilter,
    deadline_conditions,
    midnight,
    narrow_deadlines,
)
from core.cases.filters import Shape
from core.cases.service import Desk
from core.deadlines.compute import WORKING_UNITS
from core.law.calendar import WorkingCalendar
from core.law.instrument import Unit
from core.store.tables import deadline

OFFICE = "office:"
"""How the holder of a deadline begins that is no unit's part but an office of the tenant."""
_BY_CALENDAR_DAYS = sorted(unit.value for unit in Unit if unit not in WORKING_UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineCount:
    """What one holder has to do. ``due_soon`` and ``overdue_by`` are ``None`` where they were not asked for."""

    unit_id: UUID | None
    office: str | None
    """The office that holds them; ``None`` for a unit's part in cases."""
    open: int
    due_today: int
    due_soon: int | None
    overdue: int
    unjustified: int
    """Of these the ones whose lateness was not found justified."""
    overdue_by: int | None


async def count_deadlines(desk: Desk, soon: int | None = None, late: int | None = None) -> tuple[DeadlineCount, ...]:
    """The counts of each holder, most overdue first: due within ``soon`` working days, and overdue by ``late`` days or more
    in their own unit (R10)."""
    narrowing = narrow_deadlines(desk, DeadlineFilter())
    if narrowing is None:
        return ()
    snapshot, today = desk.snapshot, desk.snapshot.local_day(desk.now)
    narrowing.values |= {"open": OPEN, "day_end": midnight(snapshot, today + timedelta(days=1))}
    if soon is not None:
        last = snapshot.calendar.add_working_days(today, soon)
        narrowing.values["soon_end"] = midnight(snapshot, last + timedelta(days=1))
    if late is not None:
        narrowing.values |= {
            "by_working": last_due(snapshot.calendar, today, late),
            "by_calendar": today - timedelta(days=late),
        }
    rows = await desk.session.all(_statement(narrowing.shape, soon is not None, late is not None), narrowing.values)
    return tuple(_count(row) for row in rows)


def last_due(calendar: WorkingCalendar, today: date, days: int) -> date:
    """The last due date by which a term in working days is overdue so many of them today (R10)."""
    table = calendar.table
    index = table.rank[calendar.position(today)] - days
    # The day before the working day that is the first of them.
    return calendar.date_at(table.working[index] if index >= 0 else 0) - timedelta(days=1)


def _count(row: dict[str, Any]) -> DeadlineCount:
    office = row.pop("office")
    return DeadlineCount(
        **{"due_soon": None, "overdue_by": None} | row, office=office.removeprefix(OFFICE) if office else None
    )


@lru_cache(maxsize=64)
def _statement(shape: Shape, soon: bool, late: bool) -> Select[Any]:
    is_late, is_held = _due_at("now", until=True), deadline.c.holder.startswith(OFFICE)
    told: dict[str, ColumnElement[bool]] = {"due_today": _due_at("now") & _due_at("day_end", until=True), "overdue": is_late}
    told["unjustified"] = is_late & UNJUSTIFIED
    if soon:
        told["due_soon"] = _due_at("now") & _due_at("soon_end", until=True)
    if late:
        told["overdue_by"] = is_late & _overdue_by()
    holders = select(
        deadline.c.holder_unit_id.label("unit_id"),
        case((is_held, deadline.c.holder)).label("office"),
        *(case((condition, 1), else_=0).label(name) for name, condition in told.items()),
    )
    found = holders.where(*deadline_conditions(shape, opened=True), deadline.c.state == bindparam("open")).subquery("found")
    sums = {name: func.sum(found.c[name]).label(name) for name in told}
    number = func.count().label("open")
    counted = select(found.c.unit_id, found.c.office, number, *sums.values()).group_by(found.c.unit_id, found.c.office)
    return counted.order_by(sums["overdue"].desc(), number.desc(), found.c.unit_id, found.c.office)


def _due_at(name: str, *, until: bool = False) -> ColumnElement[bool]:
    due_at: Any = deadline.c.due_at
    instant = bindparam(name, type_=due_at.type)
    found: ColumnElement[bool] = due_at <= instant if until else due_at > instant
    return found


def _overdue_by() -> ColumnElement[bool]:
    """What is late by as many working days is late by as many days of any kind, so that the unit is looked at for few."""
    due_on: Any = deadline.c.due_on
    counted = TERM_UNIT.as_string().in_([literal(unit) for unit in _BY_CALENDAR_DAYS])
    return or_(
        due_on <= bindparam("by_working", type_=due_on.type),
        and_(due_on <= bindparam("by_calendar", type_=due_on.type), counted),
    )
