"""The days of a term that was paused or extended, one by one: on which it ran, on which it was paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from core.deadlines.compute import CLOCK_UNITS, OFFICE_UNITS, Due
from core.deadlines.counting import CountedDay
from core.deadlines.ledger import End, Entry, derive_ends, find_extensions, find_pauses, last_day, paused_days, units_of
from core.law.calendar import Day, WorkingCalendar
from core.law.instrument import Term, Unit

_NO_CALENDAR = CLOCK_UNITS | {Unit.SAME_DAY}


def count_ledger_days(due: Due, term: Term, entries: tuple[Entry, ...], calendar: WorkingCalendar) -> tuple[CountedDay, ...]:
    """The days from the start to the due date; none where neither the term nor an extension looks at the calendar.

    A day counts by the unit of what runs on it, the term or an extension; a day on which a term of days was paused does not.
    """
    units = units_of(term, entries)
    if units <= _NO_CALENDAR:
        return ()
    in_office = bool(units & OFFICE_UNITS)
    first = calendar.position(due.local_start_date) + (not in_office)
    days = calendar.days(calendar.date_at(min(first, calendar.position(due.due_on))), due.due_on)
    pauses = tuple(paused_days(find_pauses(entries, due.starts_at), calendar))
    return tuple(_number(days, _segments(due, term, entries, calendar), term.unit, pauses, calendar, in_office))


def _segments(due: Due, term: Term, entries: tuple[Entry, ...], calendar: WorkingCalendar) -> list[tuple[date, Unit]]:
    """The last day of the term and of each extension, with the unit in which it counts."""
    ends = derive_ends(term, due.starts_at, entries, calendar)
    units = [term.unit, *(item.unit for item in find_extensions(entries))]
    return [(_day_of(end, calendar), unit) for end, unit in zip(ends, units, strict=True)]


def _day_of(end: End, calendar: WorkingCalendar) -> date:
    return calendar.date_at(end if isinstance(end, int) else last_day(end, calendar))


def _number(
    days: Iterator[Day], segments: list[tuple[date, Unit]], term_unit: Unit, pauses: tuple[tuple[date, date], ...],
    calendar: WorkingCalendar, in_office: bool,
) -> Iterator[CountedDay]:  # fmt: skip
    number = 0
    for day in days:
        unit = next((unit for last, unit in segments if day.date <= last), None)
        hours = calendar.office_hours(day.date) if in_office else ()
        paused = _is_paused(day, term_unit, bool(hours), pauses)
        counts = _counts(day, unit, bool(hours)) and not (paused and term_unit not in OFFICE_UNITS)
        number += counts
        yield CountedDay(day.date, day.kind, counts, number if counts else None, day.name, day.provisional, hours, paused)


def _counts(day: Day, unit: Unit | None, is_open: bool) -> bool:
    """Whether a day of that unit's counts; beyond the last, to which the end is rolled, none does."""
    if unit is None or unit in _NO_CALENDAR:
        return False
    if unit in OFFICE_UNITS:
        return is_open
    return day.kind.is_working if unit is Unit.WORKING_DAY else True


def _is_paused(day: Day, unit: Unit, is_open: bool, pauses: tuple[tuple[date, date], ...]) -> bool:
    """Whether the term, counting in that unit, was paused on a day; of office time, whether it may have been for a while."""
    if unit in _NO_CALENDAR:
        return False
    if unit in OFFICE_UNITS:
        return is_open and any(first <= day.date <= last for first, last in pauses)
    within = any(first < day.date <= last for first, last in pauses)
    return within and (unit is not Unit.WORKING_DAY or day.kind.is_working)
