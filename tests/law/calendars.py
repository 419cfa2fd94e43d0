"""Calendars that the tests of the law and of deadlines share."""

from datetime import UTC, date, datetime

import msgspec

from core.law.calendar import NATIONAL, WorkingCalendar, working_calendar
from core.law.calendar_version import CalendarVersion, Closure, Period, Published, PublishedDay, PublishedYear

KNOWN = datetime(2026, 11, 20, tzinfo=UTC)
HOURS = (Period("09:00", "12:00"), Period("13:30", "17:30"))
"""Seven hours: half a working day is three and a half."""


def calendar_with(**fields: object) -> WorkingCalendar:
    """The national calendar with these fields of the version set."""
    return working_calendar(version_with(**fields))


def version_with(**fields: object) -> CalendarVersion:
    return msgspec.structs.replace(NATIONAL, number=1, known_from=KNOWN, basis="Test", **fields)


def closed_on(*days: str) -> tuple[Closure, ...]:
    return tuple(Closure(date.fromisoformat(day), "市庆", "市政府通知") for day in days)


def published(
    year: int, *, complete: bool = False, holidays: tuple[str, ...] = (), worked: tuple[str, ...] = ()
) -> PublishedYear:
    days = [PublishedDay(date.fromisoformat(day), Published.HOLIDAY, "节日") for day in holidays]
    days += [PublishedDay(date.fromisoformat(day), Published.WORKING, "调休") for day in worked]
    return PublishedYear(year, tuple(days), complete)
