"""When a term ends, counted day by day on the fingers, from the calendar package itself and not from our tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import chinese_calendar

from core.law.instrument import Term, Unit

SHANGHAI = timezone(timedelta(hours=8))
DAY = timedelta(days=1)
CLOCK = {Unit.HOUR: timedelta(hours=1), Unit.MINUTE: timedelta(minutes=1)}


def is_worked(day: date) -> bool:
    """Whether it is a working day, make-up days included; for years that have been announced alone."""
    return bool(chinese_calendar.is_workday(day))


def naive_due(term: Term, start: datetime) -> tuple[date, datetime]:
    """The due date and the first instant that is too late. No office hours: they are counted in their own tests."""
    if term.unit in CLOCK:
        due_at = start.astimezone(UTC) + CLOCK[term.unit] * term.length
        return (due_at - timedelta(microseconds=1)).astimezone(SHANGHAI).date(), due_at
    day = last_day(term, start.astimezone(SHANGHAI).date())
    day = day if term.unit is Unit.SAME_DAY else next_worked(day)
    return day, datetime.combine(day + DAY, time(0), SHANGHAI).astimezone(UTC)


def last_day(term: Term, day: date) -> date:
    """The last day of a term of days that begins on a day, not rolled."""
    if term.unit is Unit.SAME_DAY:
        return day
    if term.unit is Unit.WORKING_DAY:
        for _ in range(term.length):
            day = next_worked(day + DAY)
        return day
    if term.unit is Unit.CALENDAR_DAY:
        for _ in range(term.length):
            day += DAY
        return day
    if term.unit is Unit.MONTH:
        return _months_on(day, term.length)
    raise NotImplementedError(term.unit)


def next_worked(day: date) -> date:
    """The day, or the first after it that is worked."""
    while not is_worked(day):
        day += DAY
    return day


def _months_on(day: date, months: int) -> date:
    first = day.replace(day=1)
    for _ in range(months):
        first = (first + 31 * DAY).replace(day=1)
    wanted = first
    while wanted.day < day.day and (wanted + DAY).month == first.month:
        wanted += DAY
    return wanted


def naive_moved_due(term: Term, start: datetime, pauses: list[tuple[datetime, datetime]], more: int = 0) -> date:
    """The due date of a term of days that was paused and lengthened by ``more`` of its own unit, day by day."""
    day, left = start.astimezone(SHANGHAI).date(), term.length + more
    windows = [(since.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()) for since, until in pauses]
    while left:
        day += DAY
        paused = any(since < day <= until for since, until in windows)
        runs = term.unit is Unit.CALENDAR_DAY or is_worked(day)
        left -= runs and not paused
    # A pause makes nothing late: what ran to its last day ends on that of the resume, if not later.
    day = max([day, *(until for _, until in windows)])
    return next_worked(day)
