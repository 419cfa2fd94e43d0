"""The two packages that know China's calendar as data, held against each other: a slip in either shows as one day."""

from datetime import date, timedelta

import pytest
from holidays.countries.china import China

from core.law.calendar import national_calendar
from core.law.calendar_source import MISSED_MAKE_UP_DAYS

CALENDAR = national_calendar()
YEARS = tuple(range(2004, 2027))


def every_day(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(offset) for offset in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def test_the_years_announced():
    assert CALENDAR.announced_years == YEARS


@pytest.mark.parametrize("year", YEARS)
def test_both_packages_agree_on_every_day(year):
    other = China(years=year)
    ours = {day: CALENDAR.day(day).kind.is_working for day in every_day(year)}
    assert ours == {day: other.is_working_day(day) for day in every_day(year)}
    assert sum(ours.values()) >= 245


def test_a_correction_is_still_needed():
    """Fails once the package has the day itself, so that the correction goes."""
    from chinese_calendar.constants import workdays

    assert not set(MISSED_MAKE_UP_DAYS) & set(workdays)
