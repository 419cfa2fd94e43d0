"""Terms, starts and calendars of every kind, drawn for properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from core.law.calendar import national_calendar
from core.law.calendar_version import WeekdayHours
from core.law.instrument import Term, Unit
from tests.law.calendars import HOURS, calendar_with, closed_on, published

CALENDARS = (
    calendar_with(office_hours=HOURS),
    calendar_with(office_hours=HOURS[:1], closing_hour="17:30", closures=closed_on("2026-11-23", "2025-10-09")),
    calendar_with(
        office_hours=HOURS,
        weekday_hours=(WeekdayHours(3, ()), WeekdayHours(5, HOURS[:1])),
        years=(published(2027, complete=True, holidays=("2027-02-05", "2027-02-08"), worked=("2027-02-14",)),),
    ),
)
_LONGEST = {Unit.MONTH: 24, Unit.SAME_DAY: 0, Unit.MINUTE: 5_000, Unit.HOUR: 200}

terms = st.sampled_from(Unit).flatmap(
    lambda unit: st.builds(Term, st.just(unit), st.integers(unit is not Unit.SAME_DAY, _LONGEST.get(unit, 90)))
)
calendars = st.sampled_from(CALENDARS)
FIRST, LAST = datetime(2004, 1, 2, tzinfo=UTC), datetime(2029, 12, 31, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), LAST - FIRST).map(FIRST.__add__)
whole_seconds = st.integers(int(FIRST.timestamp()), int(LAST.timestamp()))
NATIONAL = national_calendar()
