"""Why a term ends when it does (promise 1): stored with the deadline, enough to recompute the date from it alone.

The contract: a program that has only the JSON of an :class:`Explanation` counts from the start, the length, the unit and the
days listed, and arrives at the same date and instant. ``tests/deadlines/recompute.py`` is that program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, repeat
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from core.deadlines.compute import OFFICE_UNITS, Due, compute_due
from core.law.calendar import KINDS, DayKind, WorkingCalendar
from core.law.calendar_source import FIRST, LAST, DayTable
from core.law.calendar_version import Period
from core.law.instrument import Term, Unit
from core.law.rulebook import Passage


class TermSource(Struct, frozen=True):
    """Where a term stands: the citation of its clause, the version in force and the revision of our encoding.

    ``figure_from`` says who gave the figure: the ``clause`` itself, the tenant's ``setting:<key>`` or ``category:<code>``,
    or the ``step``; ``basis`` is what a figure that is not the clause's own rests on (R11). ``category`` is the case's own
    category where the figure is a category's: another one than in ``figure_from`` has it from there.
    """

    clause: str
    instrument_version: str
    encoding_revision: int = 1
    figure_from: str = "clause"
    basis: str = ""
    category: str = ""

    @classmethod
    def of(cls, passage: Passage) -> TermSource:
        """The source of the term that a clause gives."""
        return cls(str(passage.citation), passage.version.id, passage.version.revision)


class CountedDay(Struct, frozen=True, omit_defaults=True, gc=False):
    """One day of the count: its kind, whether it counts, and its running number where it does.

    ``name`` is the Chinese name of its holiday or closure; ``provisional`` says that its year is yet to be announced;
    ``hours`` are the office hours that ran, or could have run, on it.
    """

    date: date
    kind: DayKind
    counts: bool
    number: int | None = None
    name: str | None = None
    provisional: bool = False
    hours: tuple[Period, ...] = ()


Instant = Annotated[datetime, Meta(tz=True)]


class Explanation(Struct, frozen=True, gc=False):
    """Everything that the due date of one term follows from.

    ``days`` run from the day after the start to the due date; from the day of the start for office hours and half working
    days, which run on it; there are none for units that look at no calendar. ``roll_reason`` is what the unrolled date is
    where R4 moved it. ``rules`` are the reading rules that were used.
    """

    clause: str
    instrument_version: str
    encoding_revision: int
    term: Term
    start_event: str
    starts_at: Instant
    zone: str
    local_start_date: date
    calendar_version: int
    calendar_basis: str
    calendar_source: str
    rules: tuple[str, ...]
    days: tuple[CountedDay, ...]
    unrolled: date
    roll_reason: DayKind | None
    closing_hour: str | None
    due_on: date
    due_at: Instant
    provisional: bool
    figure_from: str = "clause"
    basis: str = ""
    category: str = ""


def explain(term: Term, starts_at: datetime, calendar: WorkingCalendar, source: TermSource) -> Explanation:
    """Computes a due date together with its explanation; raises what :func:`core.deadlines.compute.compute_due` raises."""
    return explain_due(compute_due(term, starts_at, calendar), term, calendar, source)


def explain_due(due: Due, term: Term, calendar: WorkingCalendar, source: TermSource) -> Explanation:
    """The explanation of a due date that :func:`core.deadlines.compute.compute_due` gave for that term and calendar."""
    rolled = due.unrolled != due.due_on
    return Explanation(
        source.clause,
        source.instrument_version,
        source.encoding_revision,
        term,
        term.start,
        due.starts_at,
        calendar.version.zone,
        due.local_start_date,
        calendar.version.number,
        calendar.version.basis,
        calendar.source,
        _RULES[term.unit, rolled],
        _count_days(due, term.unit, calendar),
        due.unrolled,
        calendar.day(due.unrolled).kind if rolled else None,
        calendar.version.closing_hour,
        due.due_on,
        due.due_at,
        due.provisional,
        source.figure_from,
        source.basis,
        source.category,
    )


def _count_days(due: Due, unit: Unit, calendar: WorkingCalendar) -> tuple[CountedDay, ...]:
    count = _COUNTS.get(unit)
    if count is None:
        return ()
    first = due.local_start_date.toordinal() - FIRST + (unit not in OFFICE_UNITS)
    unrolled, last = due.unrolled.toordinal() - FIRST, due.due_on.toordinal() - FIRST
    days = count(first, unrolled, last, calendar)
    return tuple(_mark_provisional(day, calendar) for day in days) if due.provisional else tuple(days)


def _mark_provisional(day: CountedDay, calendar: WorkingCalendar) -> CountedDay:
    provisional = calendar.day(day.date).provisional
    return CountedDay(day.date, day.kind, day.counts, day.number, day.name, provisional, day.hours)


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

_RULES: dict[tuple[Unit, bool], tuple[str, ...]] = {
    (Unit.MINUTE, False): ("R6",),
    (Unit.HOUR, False): ("R6",),
    (Unit.OFFICE_HOUR, False): ("R2", "R6"),
    (Unit.HALF_WORKING_DAY, False): ("R2", "R6"),
    (Unit.WORKING_DAY, False): ("R1", "R2", "R3", "R5"),
    (Unit.CALENDAR_DAY, False): ("R1", "R2", "R3", "R5"),
    (Unit.CALENDAR_DAY, True): ("R1", "R2", "R3", "R4", "R5"),
    (Unit.MONTH, False): ("R1", "R3", "R5", "R6"),
    (Unit.MONTH, True): ("R1", "R3", "R4", "R5", "R6"),
    (Unit.SAME_DAY, False): ("R5", "R6"),
}
