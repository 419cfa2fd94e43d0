"""The working-day calendar (rules R2, R4, R10): an immutable value, one look-up for any number of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property, lru_cache

from msgspec import Struct

from core.errors import Refused
from core.law.calendar_source import FIRST, LAST, DayTable, day_table, source_name
from core.law.calendar_version import FIRST_YEAR, LAST_YEAR, NATIONAL, CalendarVersion, Period, check_version, seconds_of
from core.law.office_hours import OfficeTime
from core.law.zone import SHANGHAI, find_zone

__all__ = ["NATIONAL", "Day", "DayKind", "WorkingCalendar", "national_calendar", "working_calendar"]


class DayKind(StrEnum):
    """What a day is; working days and make-up days are worked, the others are rest days."""

    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make-up"
    CLOSURE = "closure"

    @property
    def is_working(self) -> bool:
        """Whether the day is a working day (R2)."""
        return self in {DayKind.WORKING, DayKind.MAKE_UP}


KINDS = tuple(DayKind)
"""The kinds in the order of their codes in the tables (:class:`core.law.calendar_source.Code`)."""


class Day(Struct, frozen=True, omit_defaults=True):
    """One day: its kind, the Chinese name of its holiday or closure, and whether its year is yet to be announced."""

    date: date
    kind: DayKind
    name: str | None = None
    provisional: bool = False


class WorkingCalendar:
    """The days, office hours, closing hour and zone of one calendar version. Immutable; get it by :func:`working_calendar`.

    Days before 2004 or after 2099 are refused (:class:`core.errors.Refused`). *Positions* are days counted from 1 January
    2004; they are for callers that compute many dates.
    """

    def __init__(self, version: CalendarVersion) -> None:
        check_version(version)
        self.version = version
        self.zone: tzinfo = find_zone(version.zone)
        self.closing_seconds = seconds_of(version.closing_hour) if version.closing_hour else 86_400
        self.fixed_offset = 8 * 3600 if version.zone == SHANGHAI else None
        """Seconds east of UTC where the zone never changes them, else ``None``."""
        fixed = self.fixed_offset is not None
        self._first_midnight = datetime(FIRST_YEAR, 1, 1, tzinfo=self.zone).astimezone(UTC) if fixed else None

    @cached_property
    def table(self) -> DayTable:
        """The days, shared between calendars that have the same ones."""
        return day_table(self.version.years, self.version.closures)

    @cached_property
    def office_time(self) -> OfficeTime | None:
        """The office hours; ``None`` where the tenant has set none."""
        periods = (self.version.office_hours, *(hours.periods for hours in self.version.weekday_hours))
        if not any(periods):
            return None
        return OfficeTime(self.version, date.fromordinal(FIRST).weekday(), self.table.working)

    @property
    def source(self) -> str:
        """Where the announced years come from."""
        return source_name()

    @property
    def announced_years(self) -> tuple[int, ...]:
        """The years whose arrangement is known; any other is provisional."""
        return tuple(sorted(self.table.announced))

    def add_working_days(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, which is itself not counted (R3); ``day`` for a count of 0."""
        if count < 0:
            raise ValueError("a count of working days is not negative")
        position = self.position(day)
        if count == 0:
            return day
        try:
            return self.date_at(self.table.working[self.table.rank[position] + count - 1])
        except IndexError:
            raise out_of_reach() from None

    def next_working_day(self, day: date) -> date:
        """The day itself where it is worked, else the next working day (R4)."""
        return self.date_at(self.roll(self.position(day)))

    def working_days_between(self, after: date, until: date) -> int:
        """Working days strictly after ``after`` up to and including ``until`` (R10); negative where it lies before."""
        rank = self.table.rank
        return rank[self.position(until)] - rank[self.position(after)]

    def day(self, day: date) -> Day:
        """What kind of day it is."""
        return self._day_at(self.position(day))

    def days(self, start: date, end: date) -> Iterator[Day]:
        """Every day from ``start`` to ``end``, both included."""
        return map(self._day_at, range(self.position(start), self.position(end) + 1))

    def office_hours(self, day: date) -> tuple[Period, ...]:
        """The office hours of that day; none on a rest day, or where the tenant has set none."""
        if not self.day(day).kind.is_working:
            return ()
        weekday = day.isoweekday()
        own = (hours.periods for hours in self.version.weekday_hours if hours.weekday == weekday)
        return next(own, self.version.office_hours)

    def roll(self, position: int) -> int:
        """The position of the first working day from this one on."""
        table = self.table
        if not 0 <= position < len(table.kinds):
            raise out_of_reach()
        if table.kinds[position] in _WORKING_CODES:
            return position
        try:
            return table.working[table.rank[position]]
        except IndexError:
            raise out_of_reach() from None

    def position(self, day: date) -> int:
        """Days from 1 January 2004 to ``day``; raises :class:`core.errors.Refused` out of the calendar's reach."""
        ordinal = day.toordinal()
        if not FIRST <= ordinal <= LAST:
            raise out_of_reach(day)
        return ordinal - FIRST

    def date_at(self, position: int) -> date:
        """The day at a position."""
        return date.fromordinal(FIRST + position)

    def instant_at(self, position: int, time: int) -> datetime:
        """The UTC instant at a position and a local time of that day in microseconds, which may be its whole length."""
        if self._first_midnight is not None:
            return self._first_midnight + timedelta(position, 0, time)
        midnight = datetime.fromordinal(FIRST + position).replace(tzinfo=self.zone)
        return (midnight + timedelta(microseconds=time)).astimezone(UTC)

    def _day_at(self, position: int) -> Day:
        table = self.table
        provisional = table.provisional(position, position)
        return Day(self.date_at(position), KINDS[table.kinds[position]], table.names.get(position), provisional)


_WORKING_CODES = frozenset(code for code, kind in enumerate(KINDS) if kind.is_working)


@lru_cache(maxsize=256)
def working_calendar(version: CalendarVersion) -> WorkingCalendar:
    """The calendar of that version; raises :class:`core.errors.Refused` for one that contradicts itself."""
    return WorkingCalendar(version)


def national_calendar() -> WorkingCalendar:
    """The State Council's calendar: no closures, no office hours, terms end at 24:00 in Asia/Shanghai."""
    return working_calendar(NATIONAL)


def out_of_reach(day: date | None = None) -> Refused:
    """The refusal of a day that the calendar does not have."""
    if day is None:
        return Refused("calendar.term-out-of-reach", first=FIRST_YEAR, last=LAST_YEAR)
    return Refused("calendar.day-out-of-reach", day=day.isoformat(), first=FIRST_YEAR, last=LAST_YEAR)
