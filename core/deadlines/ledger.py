"""When a term ends that was paused and extended (promise 3): always derived from the original term and the entries in order.

What was paused is added to the term itself, counted in the term's own unit: working days after the day of the pause up to
and including that of the resume (R3, R10); calendar days for days and months; time on the clock; time, or halves of days,
inside the office hours. 'The same day' is that of the resume. Then each extension counts by its own length, in its own
unit, from the end so far, which is not rolled before; the whole is rolled once (R4). So pauses and extensions can come in
any order, and one that is taken back leaves what it would have been without it. A pause makes nothing late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from core.deadlines.compute import (
    CLOCK_UNITS,
    HOUR,
    OFFICE_UNITS,
    Due,
    check_length,
    compute_due,
    local_time,
    month_end,
    office_end,
    require_office_time,
    same_day_closing,
    time_of_day,
)
from core.errors import Refused
from core.law.calendar import WorkingCalendar, out_of_reach
from core.law.calendar_source import FIRST
from core.law.instrument import Term, Unit

EXTENSION = "wenze:house#extension"
End = int | datetime
"""The end so far: the position of a whole day, not rolled, or the instant at which the time is over."""
_CLOCK = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1)}
_MICROSECOND = timedelta(microseconds=1)
_IN_TIME = CLOCK_UNITS | OFFICE_UNITS | {Unit.SAME_DAY}


class EntryKind(StrEnum):
    """What an entry of a ledger does to a term."""

    PAUSE = "pause"
    RESUME = "resume"
    EXTENSION = "extension"


class Entry(Struct, frozen=True, omit_defaults=True):
    """A pause (中止), the end of one, or an extension (延期), which has the length by which it extends."""

    kind: EntryKind
    at: Annotated[datetime, Meta(tz=True)]
    term: Term | None = None


class Pause(NamedTuple):
    """A pause that is over: from the instant at which the term stopped to that at which it went on."""

    start: datetime
    end: datetime


def is_paused(entries: tuple[Entry, ...]) -> bool:
    """Whether the last pause goes on."""
    stops = [entry.kind for entry in entries if entry.kind is not EntryKind.EXTENSION]
    return stops[-1:] == [EntryKind.PAUSE]


def find_pauses(entries: Iterable[Entry], starts_at: datetime) -> Iterator[Pause]:
    """The pauses that are over. Before its start there is nothing of a term to pause."""
    begun: datetime | None = None
    for entry in entries:
        if entry.kind is EntryKind.PAUSE:
            begun = max(entry.at, starts_at)
        elif entry.kind is EntryKind.RESUME and begun is not None:
            yield Pause(begun, max(entry.at, begun))


def find_extensions(entries: Iterable[Entry]) -> tuple[Term, ...]:
    """The lengths by which a term was extended, in order."""
    return tuple(entry.term for entry in entries if entry.term is not None)


def derive_due(term: Term, starts_at: datetime, entries: tuple[Entry, ...], calendar: WorkingCalendar) -> Due:
    """When a term ends that these entries moved; a pause that goes on has not moved it yet.

    Raises what :func:`core.deadlines.compute.compute_due` raises, also of the extensions.
    """
    if not entries:
        return compute_due(term, starts_at, calendar)
    local = local_time(starts_at, calendar)
    end = derive_ends(term, starts_at, entries, calendar)[-1]
    end = _not_before_resumed(end, term, starts_at, entries, calendar)
    day = end if isinstance(end, int) else last_day(end, calendar)
    due = calendar.roll(day) if isinstance(end, int) else day
    return Due(
        starts_at.astimezone(UTC),
        local.date(),
        calendar.date_at(day),
        calendar.date_at(due),
        _closing(due, calendar) if isinstance(end, int) else end,
        _is_provisional(units_of(term, entries), calendar.position(local.date()), due, calendar),
    )


def _not_before_resumed(
    end: End, term: Term, starts_at: datetime, entries: tuple[Entry, ...], calendar: WorkingCalendar
) -> End:
    """What had not run out when it was paused has not when it goes on: it ends with the day of the resume, if not later.

    Where the last day was paused over a rest day, or after its closing, no day was paused, though time went by; what counts
    in time alone needs no such rule.
    """
    if units_of(term, entries) <= _IN_TIME:
        return end
    resumed = max((pause.end for pause in find_pauses(entries, starts_at)), default=None)
    if resumed is None or _instant(end, calendar) > resumed:
        return end
    day = calendar.position(resumed.astimezone(calendar.zone).date())
    return day if _closing(day, calendar) > resumed else _reach(day + 1, calendar)


def units_of(term: Term, entries: Iterable[Entry]) -> frozenset[Unit]:
    """The units in which a term and its extensions count."""
    return frozenset({term.unit, *(item.unit for item in find_extensions(entries))})


def derive_ends(term: Term, starts_at: datetime, entries: tuple[Entry, ...], calendar: WorkingCalendar) -> list[End]:
    """The end of the term with what was paused, and then that of each extension."""
    compute_due(term, starts_at, calendar)
    local, pauses = local_time(starts_at, calendar), tuple(find_pauses(entries, starts_at))
    try:
        ends = [_BASES[term.unit](term.length, local, pauses, calendar)]
        for extension in find_extensions(entries):
            ends.append(extend(ends[-1], extension, calendar))
    except IndexError:
        raise out_of_reach() from None
    return ends


def extend(end: End, extension: Term, calendar: WorkingCalendar) -> End:
    """The end so far, later by the length of an extension; raises :class:`Refused` for 'the same day', no length."""
    check_length(extension)
    if extension.unit is Unit.SAME_DAY:
        raise Refused("deadlines.extension-no-length", field="/length", clause=EXTENSION)
    if extension.unit in CLOCK_UNITS:
        return _instant(end, calendar) + _CLOCK[extension.unit] * extension.length
    if extension.unit in OFFICE_UNITS:
        local = _instant(end, calendar).astimezone(calendar.zone)
        moment = calendar.position(local.date()), time_of_day(local)
        return calendar.instant_at(*office_end(extension.unit, extension.length, moment, calendar))
    day = end if isinstance(end, int) else last_day(end, calendar)
    return _reach(_later(day, extension, calendar), calendar)


def last_day(end: datetime, calendar: WorkingCalendar) -> int:
    """The position of the local day of the last moment before an instant."""
    return calendar.position((end - _MICROSECOND).astimezone(calendar.zone).date())


def paused_days(pauses: Iterable[Pause], calendar: WorkingCalendar) -> Iterator[tuple[date, date]]:
    """The local days of each pause: that of its start, and that of its end."""
    for pause in pauses:
        yield pause.start.astimezone(calendar.zone).date(), pause.end.astimezone(calendar.zone).date()


def _later(day: int, extension: Term, calendar: WorkingCalendar) -> int:
    if extension.unit is Unit.WORKING_DAY:
        return calendar.table.working[calendar.table.rank[day] + extension.length - 1]
    if extension.unit is Unit.MONTH:
        return month_end(calendar.date_at(day), extension.length).toordinal() - FIRST
    return day + extension.length


def _instant(end: End, calendar: WorkingCalendar) -> datetime:
    """The instant at which the time is over: of a whole day its closing, on the working day that it is rolled to."""
    return _closing(calendar.roll(end), calendar) if isinstance(end, int) else end


def _closing(day: int, calendar: WorkingCalendar) -> datetime:
    return calendar.instant_at(day, calendar.closing_seconds * 1_000_000)


def _reach(day: int, calendar: WorkingCalendar) -> int:
    if not 0 <= day < len(calendar.table.kinds):
        raise out_of_reach()
    return day


def _is_provisional(units: frozenset[Unit], start: int, due: int, calendar: WorkingCalendar) -> bool:
    if units <= CLOCK_UNITS | {Unit.SAME_DAY}:
        return False
    return calendar.table.provisional(start if units & OFFICE_UNITS else min(start + 1, due), due)


def _working_base(length: int, local: datetime, pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> End:
    paused = sum(calendar.working_days_between(*days) for days in paused_days(pauses, calendar))
    return calendar.table.working[calendar.table.rank[calendar.position(local.date())] + length + paused - 1]


def _count_days(pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> int:
    return sum((last - first).days for first, last in paused_days(pauses, calendar))


def _calendar_base(length: int, local: datetime, pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> End:
    return _reach(calendar.position(local.date()) + length + _count_days(pauses, calendar), calendar)


def _month_base(length: int, local: datetime, pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> End:
    end = month_end(local.date(), length).toordinal() - FIRST
    return _reach(end + _count_days(pauses, calendar), calendar)


def _clock_base(step: timedelta) -> Callable[[int, datetime, tuple[Pause, ...], WorkingCalendar], End]:
    def base(length: int, local: datetime, pauses: tuple[Pause, ...], _calendar: WorkingCalendar) -> End:
        return local.astimezone(UTC) + step * length + sum((pause.end - pause.start for pause in pauses), timedelta())

    return base


def _moment(instant: datetime, calendar: WorkingCalendar) -> tuple[int, int]:
    local = instant.astimezone(calendar.zone)
    return calendar.position(local.date()), time_of_day(local)


def _office_base(length: int, local: datetime, pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> End:
    office = require_office_time(calendar)
    paused = sum(office.time_between(_moment(item.start, calendar), _moment(item.end, calendar)) for item in pauses)
    return calendar.instant_at(*office.add_time(_moment(local, calendar), length * HOUR + paused))


def _half_day_base(length: int, local: datetime, pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> End:
    office = require_office_time(calendar)
    halves = (office.halves_between(_moment(item.start, calendar), _moment(item.end, calendar)) for item in pauses)
    return calendar.instant_at(*office.add_halves(_moment(local, calendar), length + sum(halves, Fraction())))


def _same_day_base(_length: int, local: datetime, pauses: tuple[Pause, ...], calendar: WorkingCalendar) -> End:
    last = pauses[-1].end.astimezone(calendar.zone) if pauses else local
    # A resume on the day of the start leaves the day as it was, also where the office has closed meanwhile.
    last = local if last.date() == local.date() else last
    return calendar.instant_at(calendar.position(last.date()), same_day_closing(time_of_day(last), calendar))


_BASES: dict[Unit, Callable[[int, datetime, tuple[Pause, ...], WorkingCalendar], End]] = {
    Unit.MINUTE: _clock_base(_CLOCK[Unit.MINUTE]),
    Unit.HOUR: _clock_base(_CLOCK[Unit.HOUR]),
    Unit.OFFICE_HOUR: _office_base,
    Unit.HALF_WORKING_DAY: _half_day_base,
    Unit.WORKING_DAY: _working_base,
    Unit.CALENDAR_DAY: _calendar_base,
    Unit.MONTH: _month_base,
    Unit.SAME_DAY: _same_day_base,
}
