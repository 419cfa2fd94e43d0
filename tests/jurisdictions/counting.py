"""Counts terms day by day on the published calendar, as somebody with a wall calendar would; no code of ours."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar

ONE_DAY = timedelta(days=1)


def working_days_after(start: date, count: int) -> date:
    """The ``count``-th working day after ``start``, which is not counted itself."""
    day = start
    while count:
        day += ONE_DAY
        count -= chinese_calendar.is_workday(day)
    return day


def calendar_days_after(start: date, count: int) -> date:
    """The ``count``-th day after ``start``; on a rest day, the next working day (R4)."""
    return next_working_day(start + count * ONE_DAY)


def next_working_day(day: date) -> date:
    """The day itself where it is a working day, else the first one after it."""
    while not chinese_calendar.is_workday(day):
        day += ONE_DAY
    return day
