"""The days of a term, one by one: which of them count, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from itertools import chain, repeat
from typing import NamedTuple

from msgspec import Struct

from core.deadlines.compute import OFFICE_UNITS, Due
from core.law.calendar import KINDS, DayKind, WorkingCalendar
from core.law.calendar_source import FIRST, LAST, DayTable
from core.law.calendar_version import Period
from core.law.instrument import Unit


class CountedDay(Struct, frozen=True, omit_defaults=True, gc=False):
    """One day of the count: its kind, whether it counts, and its running number where it does.

    ``name`` is the Chinese name of its holiday or closure; ``provisional`` says that its year is yet to be announced;
    ``hours`` are the office hours that ran, or could have run, on it; ``paused`` says that the term did not run on it, or
    for a part of it only where it counts in office time.
    """

    date: date
    kind: DayKind
    counts: bool
    number: int | None = None
    name: str | None = None
    provisional: bool = False
    hours: tuple[Period, ...] = ()
    paused: bool = False


def count_days(due: Due, unit: Unit, calendar: WorkingCalendar) -> tuple[CountedDay, ...]:
    """The days of a term that nothing moved: from the day after its start to its due date."""
    count = _COUNTS.get(unit)
    if count is None:
        return ()
    first = due.local_start_date.toordinal() - FIRST + (unit not in OFFICE_UNITS)
    unrolled, last = due.unrolled.toordinal() - FIRST, due.due_on.toordinal() - FIRST
    days = count(first, unrolled, last, calendar)
    return tuple(_mark_provisional(day, calendar) for day in days) if due.provisional else tuple(days)


def _mark_provisional(day: CountedDay, calendar: WorkingCalendar) -> CountedDay:
    provisional = calendar.day(day.date).provisional
    return CountedDay(day.date, day.kind, day.counts, day.number, day.name, provisional, day.hours, day.paused)


def _count_working_days(first: int, _unrolled: int, last: int, calendar: WorkingCalendar) -> Iterable[CountedDay]:
    table, listed = calendar.table, _list_days(calendar.table)
    counts, before, end = listed.worked[first : last + 1], table.rank[first - 1], last + 1
    numbers = [rank - before if worked else None for rank, worked in zip(table.rank[first:end], counts, strict=True)]
    return map(CountedDay, listed.dates[first:end], listed.kinds[first:end], counts, numbers, listed.names[first:end])


def _count_calendar_days(first: int, unrolled: int, last: int, calendar: WorkingCalendar) -> Iterable[CountedDay]:
    listed, counted, end = _list_days(calendar.table), unrolled - first + 1, last + 1
    counts = chain(repeat(True, counted), repeat(False))
    numbers = chain(range(1, counted + 1), repeat(None))
    return map(CountedDay, listed.dates[first:end], listed.kinds[first:end], counts, numbers, listed.names[first:end])


class _ListedDays(NamedTuple):
    """What explanations say of each day of a table, by position: made once, since they list millions of days a second."""

    dates: list[date]
    kinds: list[DayKind]
    worked: list[bool]
    names: list[str | None]


@lru_cache(maxsize=32)
def _list_days(table: DayTable) -> _ListedDays:
    kinds = [KINDS[code] for code in table.kinds]
    worked, names = [kind.is_working for kind in kinds], [table.names.get(position) for position in range(len(kinds))]
    return _ListedDays(_dates(), kinds, worked, names)


@lru_cache(maxsize=1)
def _dates() -> list[date]:
    return [date.fromordinal(ordinal) for ordinal in range(FIRST, LAST + 1)]


def _count_office_days(first: int, _unrolled: int, last: int, calendar: WorkingCalendar) -> list[CountedDay]:
    days: list[CountedDay] = []
    number = 0
    for day in calendar.days(calendar.date_at(first), calendar.date_at(last)):
        hours = calendar.office_hours(day.date)
        number += bool(hours)
        days.append(CountedDay(day.date, day.kind, bool(hours), number if hours else None, day.name, hours=hours))
    return days


_COUNTS: dict[Unit, Callable[[int, int, int, WorkingCalendar], Iterable[CountedDay]]] = {
    Unit.WORKING_DAY: _count_working_days,
    Unit.CALENDAR_DAY: _count_calendar_days,
    Unit.MONTH: _count_calendar_days,
    Unit.OFFICE_HOUR: _count_office_days,
    Unit.HALF_WORKING_DAY: _count_office_days,
}
