"""The working-day calendar: kinds of day, counting, rolling, provisional years, what a tenant's version changes."""

from datetime import date, timedelta

import pytest

from core.errors import Refused
from core.law.calendar import Day, DayKind, national_calendar
from tests.law.calendars import calendar_with, closed_on, published

NATIONAL = national_calendar()


def on(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2004-01-01", "holiday", "元旦"),
        ("2005-12-31", "make-up", "元旦"),  # by the notice on 2006, which the package lacks
        ("2006-01-02", "holiday", "元旦"),
        ("2018-12-28", "working", None),
        ("2018-12-29", "make-up", "元旦"),  # by the notice on 2019
        ("2018-12-30", "holiday", "元旦"),
        ("2019-01-02", "working", None),
        ("2020-01-31", "holiday", "春节"),  # by the extension of 27 January 2020
        ("2020-02-01", "holiday", "春节"),  # first announced as a make-up day
        ("2020-02-02", "holiday", "春节"),
        ("2020-02-03", "working", None),
        ("2015-09-03", "holiday", "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
        ("2025-01-26", "make-up", "春节"),
        ("2025-10-08", "holiday", "国庆节"),
        ("2025-10-09", "working", None),
        ("2026-11-21", "weekend", None),
        ("2026-12-31", "working", None),
    ],
)
def test_kind_of_an_announced_day(day, kind, name):
    assert NATIONAL.day(on(day)) == Day(on(day), DayKind(kind), name, provisional=False)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2027-01-01", "holiday"),
        ("2027-01-04", "working"),
        ("2027-02-05", "working"),  # Spring Festival of 2027 is not announced
        ("2027-05-01", "holiday"),
        ("2027-05-02", "holiday"),
        ("2027-05-03", "working"),
        ("2027-10-01", "holiday"),
        ("2027-10-03", "holiday"),
        ("2027-10-04", "working"),
        ("2027-10-09", "weekend"),
        ("2099-12-31", "working"),
    ],
)
def test_kind_of_a_day_of_a_year_not_announced(day, kind):
    found = NATIONAL.day(on(day))
    assert (found.kind, found.provisional) == (DayKind(kind), True)


def test_days_lists_both_ends():
    days = list(NATIONAL.days(on("2026-09-30"), on("2026-10-11")))
    assert [day.kind.is_working for day in days] == [True] + [False] * 7 + [True, True, True, False]
    assert [day.date for day in days] == [on("2026-09-30") + timedelta(offset) for offset in range(12)]


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2025-04-29", 0, "2025-04-29"),
        ("2025-04-29", 1, "2025-04-30"),
        ("2025-04-29", 2, "2025-05-06"),
        ("2025-04-26", 1, "2025-04-27"),  # Saturday, then a make-up Sunday
        ("2025-05-01", 1, "2025-05-06"),  # a start on a holiday
        ("2025-05-05", 1, "2025-05-06"),
        ("2025-01-27", 1, "2025-02-05"),
        ("2025-01-27", 4, "2025-02-08"),  # the make-up Saturday
        ("2025-01-27", 5, "2025-02-10"),
        ("2004-01-01", 1, "2004-01-02"),
    ],
)
def test_add_working_days(start, count, expected):
    assert NATIONAL.add_working_days(on(start), count) == on(expected)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-09-30", "2025-09-30"),
        ("2025-10-01", "2025-10-09"),
        ("2025-10-08", "2025-10-09"),
        ("2025-10-11", "2025-10-11"),
        ("2025-10-12", "2025-10-13"),
        ("2004-01-01", "2004-01-02"),
    ],
)
def test_next_working_day_is_the_day_itself_where_it_is_worked(day, expected):
    assert NATIONAL.next_working_day(on(day)) == on(expected)


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        ("2025-04-30", "2025-04-30", 0),
        ("2025-04-30", "2025-05-05", 0),
        ("2025-04-30", "2025-05-06", 1),
        ("2025-04-26", "2025-04-27", 1),
        ("2025-05-06", "2025-04-30", -1),
        ("2024-12-31", "2025-12-31", 248),
    ],
)
def test_working_days_between_leaves_out_the_first_day_and_counts_the_last(after, until, expected):
    assert NATIONAL.working_days_between(on(after), on(until)) == expected


@pytest.mark.parametrize("day", ["2003-12-31", "0001-01-01", "2100-01-01", "9999-12-31"])
def test_days_out_of_reach_are_refused(day):
    for ask in (NATIONAL.day, NATIONAL.next_working_day, lambda it: NATIONAL.add_working_days(it, 1)):
        with pytest.raises(Refused) as refusal:
            ask(on(day))
        assert refusal.value.code == "calendar.day-out-of-reach"
        assert refusal.value.params == {"day": day, "first": 2004, "last": 2099}


def test_a_count_that_leaves_the_calendar_is_refused():
    left = NATIONAL.working_days_between(on("2099-12-01"), on("2099-12-31"))
    assert NATIONAL.add_working_days(on("2099-12-01"), left) == on("2099-12-31")
    with pytest.raises(Refused, match=r"calendar\.term-out-of-reach"):
        NATIONAL.add_working_days(on("2099-12-01"), left + 1)
    with pytest.raises(Refused, match=r"calendar\.term-out-of-reach"):
        NATIONAL.add_working_days(on("2026-01-01"), 100_000)


def test_a_negative_count_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="not negative"):
        NATIONAL.add_working_days(on("2026-01-05"), -1)


def test_closures_of_a_tenant_are_rest_days_and_touch_no_one_else():
    closed = calendar_with(closures=closed_on("2026-11-23", "2026-09-20"))
    assert closed.day(on("2026-11-23")) == Day(on("2026-11-23"), DayKind.CLOSURE, "市庆")
    assert closed.day(on("2026-09-20")).kind is DayKind.CLOSURE  # a make-up Sunday on which the offices stay closed
    assert closed.add_working_days(on("2026-11-20"), 1) == on("2026-11-24")
    assert NATIONAL.add_working_days(on("2026-11-20"), 1) == on("2026-11-23")


def test_a_complete_year_is_announced():
    known = calendar_with(years=(published(2027, complete=True, holidays=("2027-02-05",), worked=("2027-02-14",)),))
    assert known.day(on("2027-02-05")) == Day(on("2027-02-05"), DayKind.HOLIDAY, "节日")
    assert known.day(on("2027-02-14")) == Day(on("2027-02-14"), DayKind.MAKE_UP, "调休")
    assert known.day(on("2027-01-01")) == Day(on("2027-01-01"), DayKind.WORKING)  # the notice lists all its holidays
    assert known.announced_years[-1] == 2027
    assert known.day(on("2028-01-03")).provisional


def test_a_change_of_a_year_leaves_the_rest_of_it_as_it_was():
    changed = calendar_with(years=(published(2026, holidays=("2026-11-23",), worked=("2026-11-28", "2026-10-07")),))
    assert changed.day(on("2026-11-23")).kind is DayKind.HOLIDAY
    assert changed.day(on("2026-11-28")).kind is DayKind.MAKE_UP
    assert changed.day(on("2026-10-07")) == Day(on("2026-10-07"), DayKind.WORKING, "调休")
    assert changed.day(on("2026-10-06")).kind is DayKind.HOLIDAY


def test_a_change_of_a_year_not_announced_leaves_it_provisional():
    changed = calendar_with(years=(published(2027, holidays=("2027-02-05",)),))
    assert changed.day(on("2027-02-05")) == Day(on("2027-02-05"), DayKind.HOLIDAY, "节日", provisional=True)


def test_a_year_announced_past_a_gap_does_not_settle_the_gap():
    known = calendar_with(years=(published(2028, complete=True),))
    assert not known.day(on("2028-06-01")).provisional
    assert known.day(on("2027-06-01")).provisional


def test_calendars_with_the_same_days_share_them():
    office = calendar_with(closing_hour="17:30")
    assert office.table is NATIONAL.table
    assert calendar_with(closures=closed_on("2026-11-23")).table is not NATIONAL.table
