"""What holds of any calendar, whatever its days: checked against a day-by-day loop that knows no tables."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.law.calendar import WorkingCalendar, national_calendar
from tests.law.calendars import calendar_with, closed_on, published

CALENDARS = (
    national_calendar(),
    calendar_with(closures=closed_on("2026-11-23", "2026-11-24", "2027-06-01")),
    calendar_with(years=(published(2027, complete=True, holidays=("2027-02-05", "2027-02-08"), worked=("2027-02-14",)),)),
)
calendars = st.sampled_from(CALENDARS)
days = st.dates(date(2004, 1, 1), date(2090, 12, 31))
counts = st.integers(1, 400)


def add_by_hand(calendar: WorkingCalendar, day: date, count: int) -> date:
    while count:
        day += timedelta(1)
        count -= calendar.day(day).kind.is_working
    return day


@given(calendars, days, counts)
def test_one_look_up_equals_the_loop(calendar, day, count):
    assert calendar.add_working_days(day, count) == add_by_hand(calendar, day, count)


@given(calendars, days, counts)
def test_as_many_days_lie_between_as_were_added(calendar, day, count):
    assert calendar.working_days_between(day, calendar.add_working_days(day, count)) == count


@given(calendars, days, counts)
def test_a_due_day_is_worked(calendar, day, count):
    assert calendar.day(calendar.add_working_days(day, count)).kind.is_working


@given(calendars, days, st.integers(0, 30), counts)
def test_a_later_start_is_never_due_earlier(calendar, day, later, count):
    assert calendar.add_working_days(day, count) <= calendar.add_working_days(day + timedelta(later), count)


@given(calendars, days, counts, counts)
def test_counts_add_up(calendar, day, first, second):
    both = calendar.add_working_days(calendar.add_working_days(day, first), second)
    assert both == calendar.add_working_days(day, first + second)


@given(calendars, days)
def test_rolling_ends_on_the_first_working_day_and_stays(calendar, day):
    rolled = calendar.next_working_day(day)
    assert calendar.next_working_day(rolled) == rolled
    assert calendar.day(rolled).kind.is_working
    assert not any(calendar.day(day + timedelta(n)).kind.is_working for n in range((rolled - day).days))


@given(calendars, days, days)
def test_days_between_mirror(calendar, one, other):
    assert calendar.working_days_between(one, other) == -calendar.working_days_between(other, one)
