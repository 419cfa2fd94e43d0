"""When a term ends (rules R2 to R6, R10). Pure: a term, an instant and a calendar in, a date out; no clock, no I/O."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from core.errors import Invalid, Refused
from core.law.calendar import WorkingCalendar, out_of_reach
from core.law.calendar_source import FIRST, LAST
from core.law.calendar_version import LAST_YEAR
from core.law.instrument import Term, Unit
from core.law.office_hours import OfficeTime

CLOCK_UNITS = frozenset({Unit.MINUTE, Unit.HOUR})
OFFICE_UNITS = frozenset({Unit.OFFICE_HOUR, Unit.HALF_WORKING_DAY})
WORKING_UNITS = frozenset({Unit.WORKING_DAY, *OFFICE_UNITS})
HOUR = 3_600_000_000
DAY = 24 * HOUR
"""Microseconds."""

_MICROSECOND = timedelta(microseconds=1)


class Due(Struct, frozen=True):
    """When a term ends.

    ``due_on`` is the local date of its last moment and ``unrolled`` that date before R4; ``due_at`` is the first instant
    that is too late (R5), in UTC. ``provisional``: a year that the count touches is yet to be announced.
    """

    starts_at: datetime
    local_start_date: date
    unrolled: date
    due_on: date
    due_at: datetime
    provisional: bool


def compute_due(term: Term, starts_at: datetime, calendar: WorkingCalendar) -> Due:
    """When a term that starts at an aware instant ends.

    Raises :class:`core.errors.Invalid` for an instant without a zone or a length that the unit cannot have, and
    :class:`core.errors.Refused` out of the calendar's reach or where office hours are needed and the tenant has none.
    """
    check_length(term)
    local = local_time(starts_at, calendar)
    start = local.toordinal() - FIRST
    if not 0 <= start <= LAST - FIRST:
        raise out_of_reach(local.date())
    return _BY_UNIT[term.unit](term.length, local, start, calendar)


def local_time(starts_at: datetime, calendar: WorkingCalendar) -> datetime:
    """The instant in the calendar's zone; raises :class:`core.errors.Invalid` where it has no zone of its own."""
    if starts_at.tzinfo is None:
        raise Invalid("deadlines.instant-without-zone", instant=starts_at.isoformat())
    try:
        return starts_at.astimezone(calendar.zone)
    except OverflowError:
        raise out_of_reach(starts_at.date()) from None


def check_length(term: Term) -> None:
    """Raises :class:`core.errors.Invalid` for a length of 0, which only 'the same day' has, and has always."""
    if (term.length == 0) != (term.unit is Unit.SAME_DAY):
        raise Invalid("deadlines.length-impossible", unit=term.unit.value, length=term.length)


def overdue_by(due_on: date, on: date, unit: Unit, calendar: WorkingCalendar) -> int:
    """Days overdue on a local date, in the term's own unit (R10); 0 up to and including the due date.

    Terms in working days, office hours and half working days are overdue by working days, all others by calendar days.
    """
    if on <= due_on:
        return 0
    return calendar.working_days_between(due_on, on) if unit in WORKING_UNITS else (on - due_on).days


def month_end(start: date, months: int) -> date:
    """The same day number ``months`` later, or the last day of a month that is too short (R6, Civil Code art. 202)."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if year > LAST_YEAR:
        raise out_of_reach()
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def require_office_time(calendar: WorkingCalendar) -> OfficeTime:
    """The tenant's office hours; raises :class:`core.errors.Refused` where there are none."""
    if calendar.office_time is None:
        raise Refused("deadlines.office-hours-missing")
    return calendar.office_time


def time_of_day(local: datetime) -> int:
    """Microseconds since midnight on the wall clock."""
    return ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000 + local.microsecond


def office_end(unit: Unit, length: int, moment: tuple[int, int], calendar: WorkingCalendar) -> tuple[int, int]:
    """The moment at which so many office hours or half working days have run (R6)."""
    office = require_office_time(calendar)
    try:
        if unit is Unit.OFFICE_HOUR:
            return office.add_time(moment, length * HOUR)
        return office.add_halves(moment, length)
    except IndexError:
        raise out_of_reach() from None


def same_day_closing(time: int, calendar: WorkingCalendar) -> int:
    """When 'the same day' ends (R6), in microseconds: at closing, or at 24:00 for what comes in after closing."""
    closing = calendar.closing_seconds * 1_000_000
    return closing if time < closing else DAY


def _end_of_working_days(length: int, local: datetime, start: int, calendar: WorkingCalendar) -> Due:
    table = calendar.table
    try:
        due = table.working[table.rank[start] + length - 1]
    except IndexError:
        raise out_of_reach() from None
    return _day_due(local, start, due, due, calendar)


def _end_of_calendar_days(length: int, local: datetime, start: int, calendar: WorkingCalendar) -> Due:
    return _day_due(local, start, start + length, calendar.roll(start + length), calendar)


def _end_of_months(length: int, local: datetime, start: int, calendar: WorkingCalendar) -> Due:
    unrolled = month_end(local.date(), length).toordinal() - FIRST
    return _day_due(local, start, unrolled, calendar.roll(unrolled), calendar)


def _day_due(local: datetime, start: int, unrolled: int, due: int, calendar: WorkingCalendar) -> Due:
    due_on = date.fromordinal(FIRST + due)
    return Due(
        local.astimezone(UTC),
        local.date(),
        due_on if due == unrolled else date.fromordinal(FIRST + unrolled),
        due_on,
        calendar.instant_at(due, calendar.closing_seconds * 1_000_000),
        calendar.table.provisional(start + 1, due),
    )


def _end_on_clock(step: timedelta) -> Callable[[int, datetime, int, WorkingCalendar], Due]:
    def end(length: int, local: datetime, _start: int, calendar: WorkingCalendar) -> Due:
        starts_at = local.astimezone(UTC)
        due_at = starts_at + step * length
        due_on = (due_at - _MICROSECOND).astimezone(calendar.zone).date()
        calendar.position(due_on)
        return Due(starts_at, local.date(), due_on, due_on, due_at, provisional=False)

    return end


def _end_in_office(unit: Unit) -> Callable[[int, datetime, int, WorkingCalendar], Due]:
    def end(length: int, local: datetime, start: int, calendar: WorkingCalendar) -> Due:
        due, time = office_end(unit, length, (start, time_of_day(local)), calendar)
        due_on = date.fromordinal(FIRST + due)
        due_at = calendar.instant_at(due, time)
        return Due(local.astimezone(UTC), local.date(), due_on, due_on, due_at, calendar.table.provisional(start, due))

    return end


def _end_of_same_day(_length: int, local: datetime, start: int, calendar: WorkingCalendar) -> Due:
    today = local.date()
    due_at = calendar.instant_at(start, same_day_closing(time_of_day(local), calendar))
    return Due(local.astimezone(UTC), today, today, today, due_at, provisional=False)


_BY_UNIT: dict[Unit, Callable[[int, datetime, int, WorkingCalendar], Due]] = {
    Unit.MINUTE: _end_on_clock(timedelta(minutes=1)),
    Unit.HOUR: _end_on_clock(timedelta(hours=1)),
    Unit.OFFICE_HOUR: _end_in_office(Unit.OFFICE_HOUR),
    Unit.HALF_WORKING_DAY: _end_in_office(Unit.HALF_WORKING_DAY),
    Unit.WORKING_DAY: _end_of_working_days,
    Unit.CALENDAR_DAY: _end_of_calendar_days,
    Unit.MONTH: _end_of_months,
    Unit.SAME_DAY: _end_of_same_day,
}
