"""Many due dates at once: the rules of :mod:`core.deadlines.compute` as plain integer arithmetic over the tables of days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from core.deadlines.compute import check_length, compute_due, month_end
from core.law.calendar import WorkingCalendar, out_of_reach
from core.law.calendar_source import FIRST, LAST
from core.law.instrument import Term, Unit

_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK_SECONDS = {Unit.MINUTE: 60, Unit.HOUR: 3600}


def due_dates(term: Term, starts: Sequence[int], calendar: WorkingCalendar) -> list[int]:
    """The ordinals (:meth:`datetime.date.fromordinal`) of the due dates of terms that start at these Unix seconds.

    Raises what :func:`core.deadlines.compute.compute_due` raises, for the batch as a whole.
    """
    check_length(term)
    arithmetic = _ARITHMETIC.get(term.unit)
    if not starts:
        return []
    if arithmetic is None or calendar.fixed_offset is None:
        return [_one_by_one(term, start, calendar) for start in starts]
    shift = calendar.fixed_offset + (_EPOCH - FIRST) * 86_400
    _check_reach(min(starts), max(starts), shift)
    try:
        return arithmetic(term, starts, shift, calendar)
    except IndexError:
        raise out_of_reach() from None


def _check_reach(first: int, last: int, shift: int) -> None:
    """Refuses a start outside the calendar: a negative position would be read from the table's far end."""
    for second in (first, last):
        position = (second + shift) // 86_400
        if not 0 <= position <= LAST - FIRST:
            ordinal = FIRST + position
            raise out_of_reach(date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None)


def _working_days(term: Term, starts: Sequence[int], shift: int, calendar: WorkingCalendar) -> list[int]:
    rank, working, more = calendar.table.rank, calendar.table.working, term.length - 1
    return [working[rank[(start + shift) // 86_400] + more] + FIRST for start in starts]


def _calendar_days(term: Term, starts: Sequence[int], shift: int, calendar: WorkingCalendar) -> list[int]:
    # The first working day from day d on is the one after as many as there are up to the day before d.
    rank, working, more = calendar.table.rank, calendar.table.working, term.length - 1
    return [working[rank[(start + shift) // 86_400 + more]] + FIRST for start in starts]


def _months(term: Term, starts: Sequence[int], shift: int, calendar: WorkingCalendar) -> list[int]:
    positions = [(start + shift) // 86_400 for start in starts]
    ends = {position: month_end(calendar.date_at(position), term.length).toordinal() for position in set(positions)}
    due = {position: calendar.roll(end - FIRST) + FIRST for position, end in ends.items()}
    return [due[position] for position in positions]


def _clock(term: Term, starts: Sequence[int], shift: int, _calendar: WorkingCalendar) -> list[int]:
    # The last moment of the term, not the first after it, says on which day it ends.
    run = shift + term.length * _CLOCK_SECONDS[term.unit] - 1
    _check_reach(min(starts), max(starts), run)
    return [(start + run) // 86_400 + FIRST for start in starts]


def _same_day(_term: Term, starts: Sequence[int], shift: int, _calendar: WorkingCalendar) -> list[int]:
    return [(start + shift) // 86_400 + FIRST for start in starts]


def _one_by_one(term: Term, start: int, calendar: WorkingCalendar) -> int:
    try:
        instant = datetime.fromtimestamp(start, UTC)
    except (ValueError, OverflowError, OSError):
        raise out_of_reach() from None
    return compute_due(term, instant, calendar).due_on.toordinal()


_ARITHMETIC: dict[Unit, Callable[[Term, Sequence[int], int, WorkingCalendar], list[int]]] = {
    Unit.WORKING_DAY: _working_days,
    Unit.CALENDAR_DAY: _calendar_days,
    Unit.MONTH: _months,
    Unit.MINUTE: _clock,
    Unit.HOUR: _clock,
    Unit.SAME_DAY: _same_day,
}
