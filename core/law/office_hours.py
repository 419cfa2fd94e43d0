"""Time inside the office hours: office hours and half working days (R6), any number of them in O(log n).

Times are microseconds. A moment is a position in the table of days and a time of that day; office time is the sum of all
office hours before it. A half working day is half of the office time of the day it runs in, so that two are one day also
where Friday is shorter. Time ends as early as it can: at 12:00 and not when the office opens again.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, chain

from core.law.calendar_version import CalendarVersion, Period, seconds_of

Span = tuple[int, int]
Moment = tuple[int, int]
_SECOND = 1_000_000


class OfficeTime:
    """The office hours of one calendar, laid end to end."""

    def __init__(self, version: CalendarVersion, first_weekday: int, working: Sequence[int]) -> None:
        self._first_weekday = first_weekday
        own = {hours.weekday - 1: _spans(hours.periods) for hours in version.weekday_hours}
        self._week = [own.get(weekday, _spans(version.office_hours)) for weekday in range(7)]
        self._length = [sum(end - start for start, end in spans) for spans in self._week]
        self._days = array("i", (day for day in working if self._length[self._weekday(day)]))
        lengths = (self._length[self._weekday(day)] for day in self._days)
        self._before = array("q", chain((0,), accumulate(lengths)))

    def spans(self, day: int) -> tuple[Span, ...]:
        """The office hours of the day at that position; none where the office is closed."""
        index = bisect_left(self._days, day)
        is_open = index < len(self._days) and self._days[index] == day
        return self._week[self._weekday(day)] if is_open else ()

    def add_time(self, moment: Moment, time: int) -> Moment:
        """The moment at which ``time`` more has run; raises :class:`IndexError` past the calendar's end."""
        index, elapsed = self._enter(moment)
        total = self._before[index] + elapsed + time
        index = bisect_left(self._before, total) - 1
        return self._leave(index, total - self._before[index])

    def add_halves(self, moment: Moment, count: int | Fraction) -> Moment:
        """The moment at which ``count`` more half working days, or parts of one, have run, rounded up to a microsecond.

        Raises :class:`IndexError` past the calendar's end.
        """
        index, elapsed = self._enter(moment)
        day_length = self._length_of(index)
        # In units of 1 / (2 × length of the first day) of a day, so that nothing is rounded before the end.
        total = 2 * elapsed + count * day_length
        days = -(-total // (2 * day_length)) - 1
        rest = total - days * 2 * day_length
        return self._leave(index + days, -(-rest * self._length_of(index + days) // (2 * day_length)))

    def time_between(self, start: Moment, end: Moment) -> int:
        """How much office time runs from one moment to a later one."""
        (first, before), (last, after) = self._enter(start), self._enter(end)
        return self._before[last] + after - self._before[first] - before

    def halves_between(self, start: Moment, end: Moment) -> Fraction:
        """How many half working days run from one moment to a later one, exactly."""
        return self._halves(end) - self._halves(start)

    def _halves(self, moment: Moment) -> Fraction:
        index, elapsed = self._enter(moment)
        return 2 * index + (Fraction(2 * elapsed, self._length_of(index)) if elapsed else Fraction())

    def _enter(self, moment: Moment) -> tuple[int, int]:
        """The office day that a moment falls in, or the next one, and how much of it has run."""
        day, time = moment
        index = bisect_left(self._days, day)
        if index < len(self._days) and self._days[index] == day:
            return index, sum(min(max(time - start, 0), end - start) for start, end in self.spans(day))
        return index, 0

    def _leave(self, index: int, elapsed: int) -> Moment:
        day = self._days[index]
        for start, end in self._week[self._weekday(day)]:
            if elapsed <= end - start:
                return day, start + elapsed
            elapsed -= end - start
        raise AssertionError("more time than the day has")

    def _length_of(self, index: int) -> int:
        return self._length[self._weekday(self._days[index])]

    def _weekday(self, day: int) -> int:
        return (day + self._first_weekday) % 7


def _spans(periods: tuple[Period, ...]) -> tuple[Span, ...]:
    return tuple((seconds_of(period.start) * _SECOND, seconds_of(period.end) * _SECOND) for period in periods)
