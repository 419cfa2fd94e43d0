"""When an office opens next, for what is not to wake anybody. Pure."""

from __future__ import annotations

from datetime import datetime

from core.law.calendar import WorkingCalendar

_MOST_DAYS = 30
"""The longest holidays are a third of that."""


def opens_at(now: datetime, calendar: WorkingCalendar) -> datetime | None:
    """When the office opens next; ``None`` where it is open, or the tenant has set no office hours."""
    if calendar.office_time is None:
        return None
    today = calendar.position(now.astimezone(calendar.zone).date())
    for day in range(today, min(today + _MOST_DAYS, len(calendar.table.rank))):
        for begins, ends in calendar.office_time.spans(day):
            if calendar.instant_at(day, begins) > now:
                return calendar.instant_at(day, begins)
            if now < calendar.instant_at(day, ends):
                return None
    return None
