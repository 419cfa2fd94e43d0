"""When a deadline warns: the instants at which its rungs are reached. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.law.calendar import WorkingCalendar
from core.law.instrument import TermFigure, Unit
from core.rungs import BREACH, LawfulRung, Level, Rung

_STEPS = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class TimedRung:
    """A rung of one deadline: when it is reached, and on what it rests (``None``: the term itself has run out)."""

    rung: str
    level: Level
    reached_at: datetime
    clause: str | None = None
    distance: TermFigure | None = None


def time_rungs(
    key: str, due_on: date, due_at: datetime, rungs: Iterable[Rung], calendar: WorkingCalendar
) -> tuple[TimedRung, ...]:
    """Every rung of a deadline that ends so, the breach among them, in the order in which they are reached.

    A rung that lies outside the calendar's reach is left out.
    """
    found = [TimedRung(BREACH, Level.OVERDUE, due_at)]
    for rung in rungs:
        if not rung.deadlines or key in rung.deadlines:
            clause = rung.clause if isinstance(rung, LawfulRung) else None
            found += (
                TimedRung(rung.key, rung.level, at, clause, rung.distance) for at in _reached(rung, due_on, due_at, calendar)
            )
    return tuple(sorted(found, key=lambda item: (item.reached_at, item.rung)))


def _reached(rung: Rung, due_on: date, due_at: datetime, calendar: WorkingCalendar) -> tuple[datetime, ...]:
    """The instant of a rung; nothing where the calendar does not reach so far."""
    unit, before = rung.distance.unit, rung.level is Level.DUE_SOON
    length = -rung.distance.length if before else rung.distance.length
    step = _STEPS.get(unit)
    if step is not None:
        return (due_at + step * length,)
    day = _away(calendar.position(due_on), length, unit, calendar)
    if day is None:
        return ()
    return (calendar.instant_at(day, _opening(day, calendar) if before else 0),)


def _away(position: int, length: int, unit: Unit, calendar: WorkingCalendar) -> int | None:
    """The day so many days after a position, or before it where ``length`` is negative."""
    rank, working = calendar.table.rank, calendar.table.working
    if unit is Unit.CALENDAR_DAY:
        found = position + length
        return found if 0 <= found < len(rank) else None
    # The n-th working day after it (R10), or the day after which so many working days are left up to it.
    index = rank[position] - 1 + length
    return working[index] if 0 <= index < len(working) else None


def _opening(day: int, calendar: WorkingCalendar) -> int:
    """When the office opens on a day, in microseconds after midnight; midnight where it does not."""
    spans = calendar.office_time.spans(day) if calendar.office_time else ()
    return spans[0][0] if spans else 0
