"""A tenant's calendar as stored values: published years, local closures, office hours and the closing hour, all dated.

A past year can still change (29 December 2018 became a working day through the notice on 2019), so a calendar is never
edited: a new version says from when it was known, and every outcome names the version that it was computed with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from core.errors import Refused
from core.law.zone import SHANGHAI, find_zone

FIRST_YEAR, LAST_YEAR = 2004, 2099
"""The years that the calendar reaches: from the first that its source knows to the end of the century."""

ClockTime = Annotated[str, Meta(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)|^24:00$(?!\n)", max_length=5)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Year = Annotated[int, Meta(ge=FIRST_YEAR, le=LAST_YEAR)]


class Published(StrEnum):
    """What a notice makes of a day: a holiday, or a day that is worked (a make-up day where it falls on a weekend)."""

    HOLIDAY = "holiday"
    WORKING = "working"


class PublishedDay(Struct, frozen=True, forbid_unknown_fields=True):
    """One day of a holiday notice, with the name of its holiday."""

    date: date
    kind: Published
    name: Name


class PublishedYear(Struct, frozen=True, forbid_unknown_fields=True):
    """A year as a notice arranges it.

    ``complete``: the whole year's arrangement; its days are weekends and the days listed, and the year is no longer
    provisional. Otherwise the listed days change what was known of the year, and nothing else.
    """

    year: Year
    days: tuple[PublishedDay, ...]
    complete: bool = False


class Closure(Struct, frozen=True, forbid_unknown_fields=True):
    """A day on which the tenant's offices are closed, with the decision that it rests on."""

    date: date
    name: Name
    basis: Name


class Period(Struct, frozen=True, forbid_unknown_fields=True):
    """Office hours from one time to another of the same day, local time."""

    start: ClockTime
    end: ClockTime


class WeekdayHours(Struct, frozen=True, forbid_unknown_fields=True):
    """Office hours that one day of the week (1 is Monday, 7 is Sunday) has in place of the usual ones; may be none."""

    weekday: Annotated[int, Meta(ge=1, le=7)]
    periods: tuple[Period, ...]


class CalendarVersion(Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant's calendar as it was known from an instant on. Stored as JSON.

    ``office_hours`` hold on every working day, make-up days included, for which ``weekday_hours`` says nothing else.
    ``closing_hour`` is the hour at which the last day of a term ends (R5); without one it ends at 24:00.
    """

    number: Annotated[int, Meta(ge=0)]
    known_from: Annotated[datetime, Meta(tz=True)]
    basis: Annotated[str, Meta(min_length=1)]
    """As long as whoever publishes it may say; what is stored must never be refused on reading."""
    years: tuple[PublishedYear, ...] = ()
    closures: tuple[Closure, ...] = ()
    office_hours: tuple[Period, ...] = ()
    weekday_hours: tuple[WeekdayHours, ...] = ()
    closing_hour: ClockTime | None = None
    zone: Name = SHANGHAI


NATIONAL = CalendarVersion(
    number=0, known_from=datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), basis="国务院办公厅历年节假日安排通知"
)
"""The State Council's calendar as it stands, for a tenant that has stored none of its own."""


def version_known_at(versions: Sequence[CalendarVersion], instant: datetime) -> CalendarVersion:
    """The version that was known at ``instant``, the latest where several were; before the first, :data:`NATIONAL`."""
    known = (version for version in versions if version.known_from <= instant)
    return max(known, key=lambda version: (version.known_from, version.number), default=NATIONAL)


def check_version(version: CalendarVersion) -> None:
    """Checks what the types cannot say; raises :class:`core.errors.Refused` with the field at fault.

    The form is right and its parts do not fit each other: no :class:`core.errors.Invalid`, which is about the form alone.
    """
    find_zone(version.zone)
    _check_once((year.year for year in version.years), "/years", "calendar.year-twice")
    for index, year in enumerate(version.years):
        _check_year(year, f"/years/{index}")
    _check_once((closure.date for closure in version.closures), "/closures", "calendar.day-twice")
    _check_reach(version.closures)
    _check_hours(version)


def seconds_of(time: str) -> int:
    """Seconds from midnight of a clock time such as ``17:30``; ``24:00`` is the end of the day."""
    hours, minutes = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _check_year(year: PublishedYear, field: str) -> None:
    _check_once((day.date for day in year.days), f"{field}/days", "calendar.day-twice")
    for index, day in enumerate(year.days):
        if day.date.year != year.year:
            place = f"{field}/days/{index}/date"
            raise Refused("calendar.day-of-other-year", field=place, day=day.date.isoformat(), year=year.year)


def _check_reach(closures: Sequence[Closure]) -> None:
    for index, closure in enumerate(closures):
        if not FIRST_YEAR <= closure.date.year <= LAST_YEAR:
            day = closure.date.isoformat()
            raise Refused(
                "calendar.day-out-of-reach", field=f"/closures/{index}/date", day=day, first=FIRST_YEAR, last=LAST_YEAR
            )


def _check_hours(version: CalendarVersion) -> None:
    _check_once((hours.weekday for hours in version.weekday_hours), "/weekday_hours", "calendar.weekday-twice")
    _check_periods(version.office_hours, "/office_hours")
    for index, hours in enumerate(version.weekday_hours):
        _check_periods(hours.periods, f"/weekday_hours/{index}/periods")
    if version.closing_hour == "00:00":
        raise Refused("calendar.closing-at-midnight", field="/closing_hour")


def _check_periods(periods: Sequence[Period], field: str) -> None:
    free_from = "00:00"
    for index, period in enumerate(periods):
        if period.start < free_from or period.end <= period.start:
            place = f"{field}/{index}"
            raise Refused("calendar.periods-out-of-order", field=place, start=period.start, end=period.end)
        free_from = period.end


def _check_once(items: Iterable[date | int], field: str, code: str) -> None:
    twice = [item for item, count in Counter(items).items() if count > 1]
    if twice:
        raise Refused(code, field=field, item=str(twice[0]))
