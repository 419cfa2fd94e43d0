"""When terms end: each unit, with the day before, the day and the day after of what could move it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from core.deadlines.compute import compute_due, overdue_by
from core.errors import Invalid, Refused
from core.law.calendar import national_calendar
from core.law.calendar_version import WeekdayHours
from core.law.instrument import Term, Unit
from core.law.zone import SHANGHAI, find_zone
from tests.law.calendars import HOURS, calendar_with, closed_on, published

NATIONAL = national_calendar()
OFFICE = calendar_with(office_hours=HOURS)
SHORT_FRIDAY = calendar_with(office_hours=HOURS, weekday_hours=(WeekdayHours(5, HOURS[:1]),))


def local(text: str) -> datetime:
    """A local time of Shanghai, such as ``2026-11-20 16:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=find_zone(SHANGHAI))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("length", "starts", "due_on"),
    [
        (1, "2026-11-19 09:00", "2026-11-20"),
        (1, "2026-11-20 09:00", "2026-11-23"),
        (1, "2026-11-21 09:00", "2026-11-23"),
        (1, "2026-11-22 23:59:59", "2026-11-23"),
        (1, "2026-11-23 00:00", "2026-11-24"),
        (5, "2026-09-24 10:00", "2026-10-09"),  # 28, 29, 30 September, 8 and 9 October
        (5, "2026-09-17 10:00", "2026-09-23"),  # 18, 20 (make-up Sunday), 21, 22, 23
        (2, "2026-10-08 10:00", "2026-10-10"),  # 9 and the make-up Saturday
        (5, "2026-02-12 10:00", "2026-02-26"),  # 13, 14 (make-up), then 24, 25, 26
        (20, "2020-01-17 10:00", "2020-02-21"),  # 19 to 23 January are five, 3 to 7, 10 to 14, 17 to 21 February fifteen
    ],
)
def test_working_days(length, starts, due_on):
    due = compute_due(Term(Unit.WORKING_DAY, length), local(starts), NATIONAL)
    assert (due.due_on, due.unrolled, due.provisional) == (day(due_on), day(due_on), False)
    assert due.due_at == local(due_on) + timedelta(days=1)


@pytest.mark.parametrize(
    ("length", "starts", "unrolled", "due_on"),
    [
        (5, "2026-09-18 09:00", "2026-09-23", "2026-09-23"),
        (5, "2026-09-19 09:00", "2026-09-24", "2026-09-24"),
        (5, "2026-09-20 09:00", "2026-09-25", "2026-09-28"),  # Mid-autumn, a Friday
        (5, "2026-09-22 09:00", "2026-09-27", "2026-09-28"),
        (5, "2026-09-23 09:00", "2026-09-28", "2026-09-28"),
        (7, "2026-02-13 23:59:59.999999", "2026-02-20", "2026-02-24"),
        (7, "2026-02-14 00:00", "2026-02-21", "2026-02-24"),
        (7, "2026-02-21 00:00", "2026-02-28", "2026-02-28"),  # a make-up Saturday
        (60, "2024-01-01 08:00", "2024-03-01", "2024-03-01"),
        (60, "2023-01-01 08:00", "2023-03-02", "2023-03-02"),
        (30, "2021-09-01 08:00", "2021-10-01", "2021-10-08"),
    ],
)
def test_calendar_days_are_rolled_and_keep_the_unrolled_date(length, starts, unrolled, due_on):
    due = compute_due(Term(Unit.CALENDAR_DAY, length), local(starts), NATIONAL)
    assert (due.unrolled, due.due_on) == (day(unrolled), day(due_on))
    assert due.due_at == local(due_on) + timedelta(days=1)


@pytest.mark.parametrize(
    ("length", "starts", "unrolled", "due_on"),
    [
        (1, "2025-01-30 09:00", "2025-02-28", "2025-02-28"),
        (1, "2025-01-31 09:00", "2025-02-28", "2025-02-28"),
        (1, "2025-02-28 09:00", "2025-03-28", "2025-03-28"),
        (1, "2024-01-29 09:00", "2024-02-29", "2024-02-29"),
        (1, "2024-01-31 09:00", "2024-02-29", "2024-02-29"),
        (12, "2024-02-29 09:00", "2025-02-28", "2025-02-28"),
        (48, "2020-02-29 09:00", "2024-02-29", "2024-02-29"),
        (1, "2025-12-31 09:00", "2026-01-31", "2026-02-02"),  # a Saturday
        (1, "2025-09-01 09:00", "2025-10-01", "2025-10-09"),
        (3, "2025-11-30 09:00", "2026-02-28", "2026-02-28"),  # a make-up Saturday
    ],
)
def test_months_end_on_the_same_day_number_or_the_last_of_the_month(length, starts, unrolled, due_on):
    due = compute_due(Term(Unit.MONTH, length), local(starts), NATIONAL)
    assert (due.unrolled, due.due_on) == (day(unrolled), day(due_on))


@pytest.mark.parametrize(
    ("unit", "length", "starts", "due_at", "due_on"),
    [
        (Unit.MINUTE, 30, "2026-11-21 09:00", "2026-11-21 09:30", "2026-11-21"),
        (Unit.MINUTE, 1, "2026-11-21 23:59", "2026-11-22 00:00", "2026-11-21"),
        (Unit.MINUTE, 1, "2026-11-21 23:59:01", "2026-11-22 00:00:01", "2026-11-22"),
        (Unit.HOUR, 2, "2026-11-21 22:00", "2026-11-22 00:00", "2026-11-21"),
        (Unit.HOUR, 24, "2026-09-30 09:30:00.25", "2026-10-01 09:30:00.25", "2026-10-01"),
        (Unit.HOUR, 72, "2026-12-30 09:00", "2027-01-02 09:00", "2027-01-02"),
    ],
)
def test_hours_and_minutes_run_on_the_clock_through_rest_days(unit, length, starts, due_at, due_on):
    due = compute_due(Term(unit, length), local(starts), NATIONAL)
    assert (due.due_at, due.due_on, due.unrolled, due.provisional) == (local(due_at), day(due_on), day(due_on), False)


@pytest.mark.parametrize(
    ("length", "starts", "due_at"),
    [
        (1, "2026-11-19 08:00", "2026-11-19 10:00"),  # before the office opens
        (1, "2026-11-19 09:00", "2026-11-19 10:00"),
        (1, "2026-11-19 11:00", "2026-11-19 12:00"),  # ends as the lunch break begins, not after it
        (1, "2026-11-19 11:30", "2026-11-19 14:00"),
        (1, "2026-11-19 12:45", "2026-11-19 14:30"),
        (7, "2026-11-19 09:00", "2026-11-19 17:30"),
        (7, "2026-11-19 09:00:00.000001", "2026-11-20 09:00:00.000001"),
        (2, "2026-11-20 16:30", "2026-11-23 10:00"),  # over a weekend
        (2, "2026-11-21 12:00", "2026-11-23 11:00"),
        (2, "2026-09-30 17:30", "2026-10-08 11:00"),  # over National Day
        (8, "2026-10-09 16:30", "2026-10-10 17:30"),  # into a make-up Saturday
        (8, "2026-10-09 16:31", "2026-10-12 09:01"),
        (70, "2026-11-02 09:00", "2026-11-13 17:30"),
    ],
)
def test_office_hours_run_inside_the_office_hours(length, starts, due_at):
    due = compute_due(Term(Unit.OFFICE_HOUR, length), local(starts), OFFICE)
    assert (due.due_at, due.due_on) == (local(due_at), local(due_at).date())


@pytest.mark.parametrize(
    ("length", "starts", "due_at"),
    [
        (1, "2026-11-19 08:00", "2026-11-19 14:00"),  # half of seven hours
        (1, "2026-11-19 10:00", "2026-11-19 15:00"),
        (1, "2026-11-19 14:00", "2026-11-19 17:30"),
        (2, "2026-11-19 09:00", "2026-11-19 17:30"),
        (1, "2026-11-20 15:30", "2026-11-23 10:30"),
        (3, "2026-11-20 09:00", "2026-11-23 14:00"),
        (1, "2026-11-21 10:00", "2026-11-23 14:00"),
        (20, "2026-11-02 09:00", "2026-11-13 17:30"),
    ],
)
def test_half_working_days_run_inside_the_office_hours(length, starts, due_at):
    due = compute_due(Term(Unit.HALF_WORKING_DAY, length), local(starts), OFFICE)
    assert (due.due_at, due.due_on) == (local(due_at), local(due_at).date())


@pytest.mark.parametrize(
    ("unit", "length", "starts", "due_at"),
    [
        (Unit.OFFICE_HOUR, 4, "2026-11-19 16:30", "2026-11-20 12:00"),  # an hour on Thursday, three on the short Friday
        (Unit.OFFICE_HOUR, 5, "2026-11-19 16:30", "2026-11-23 10:00"),
        (Unit.HALF_WORKING_DAY, 1, "2026-11-20 09:00", "2026-11-20 10:30"),  # half of three hours
        (Unit.HALF_WORKING_DAY, 2, "2026-11-20 09:00", "2026-11-20 12:00"),
        (Unit.HALF_WORKING_DAY, 2, "2026-11-19 14:00", "2026-11-20 10:30"),  # half a Thursday, half a Friday
        (Unit.HALF_WORKING_DAY, 1, "2026-11-19 15:00", "2026-11-20 09:25:42.857143"),  # a seventh of a Friday, rounded up
    ],
)
def test_a_weekday_with_hours_of_its_own(unit, length, starts, due_at):
    assert compute_due(Term(unit, length), local(starts), SHORT_FRIDAY).due_at == local(due_at)


def test_a_weekday_without_hours_does_not_run():
    closed = calendar_with(office_hours=HOURS, weekday_hours=(WeekdayHours(5, ()),))
    assert compute_due(Term(Unit.OFFICE_HOUR, 1), local("2026-11-20 09:00"), closed).due_at == local("2026-11-23 10:00")
    assert compute_due(Term(Unit.WORKING_DAY, 1), local("2026-11-19 09:00"), closed).due_on == day("2026-11-20")


@pytest.mark.parametrize("unit", [Unit.OFFICE_HOUR, Unit.HALF_WORKING_DAY])
def test_office_units_are_refused_where_the_tenant_has_no_office_hours(unit):
    for calendar in (NATIONAL, calendar_with(weekday_hours=(WeekdayHours(5, ()),))):
        with pytest.raises(Refused, match=r"deadlines\.office-hours-missing"):
            compute_due(Term(unit, 1), local("2026-11-20 09:00"), calendar)


@pytest.mark.parametrize(
    ("closing", "starts", "due_at"),
    [
        (None, "2026-11-20 00:00", "2026-11-21 00:00"),
        (None, "2026-11-20 23:59:59", "2026-11-21 00:00"),
        (None, "2026-11-21 10:00", "2026-11-22 00:00"),  # a Saturday: 'the same day' does not roll
        ("17:30", "2026-11-20 17:29:59.999999", "2026-11-20 17:30"),
        ("17:30", "2026-11-20 17:30", "2026-11-21 00:00"),  # after closing it runs to the end of the day
        ("24:00", "2026-11-20 09:00", "2026-11-21 00:00"),
    ],
)
def test_the_same_day_ends_at_closing_or_at_midnight(closing, starts, due_at):
    due = compute_due(Term(Unit.SAME_DAY, 0), local(starts), calendar_with(closing_hour=closing))
    assert (due.due_at, due.due_on, due.provisional) == (local(due_at), local(starts).date(), False)


@pytest.mark.parametrize("unit", [Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.MONTH])
def test_terms_in_days_end_at_the_closing_hour(unit):
    term, closing = Term(unit, 1), calendar_with(closing_hour="17:30")
    starts = local("2026-11-19 18:00")
    plain, closed = compute_due(term, starts, NATIONAL), compute_due(term, starts, closing)
    assert closed.due_on == plain.due_on
    assert plain.due_at - closed.due_at == timedelta(hours=6, minutes=30)


def test_the_local_date_decides_on_which_day_a_term_starts():
    term = Term(Unit.CALENDAR_DAY, 1)
    before = compute_due(term, datetime(2026, 11, 18, 15, 59, 59, tzinfo=UTC), NATIONAL)
    after = compute_due(term, datetime(2026, 11, 18, 16, 0, tzinfo=UTC), NATIONAL)
    assert (before.local_start_date, before.due_on) == (day("2026-11-18"), day("2026-11-19"))
    assert (after.local_start_date, after.due_on) == (day("2026-11-19"), day("2026-11-20"))


def test_the_zone_in_which_an_instant_is_written_changes_nothing():
    instant = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
    elsewhere = instant.astimezone(timezone(timedelta(hours=-5)))
    assert compute_due(Term(Unit.MONTH, 1), elsewhere, NATIONAL) == compute_due(Term(Unit.MONTH, 1), instant, NATIONAL)


@pytest.mark.parametrize(
    ("unit", "length", "starts", "provisional"),
    [
        (Unit.WORKING_DAY, 1, "2026-12-30 09:00", False),
        (Unit.WORKING_DAY, 1, "2026-12-31 09:00", True),
        (Unit.CALENDAR_DAY, 7, "2026-12-24 09:00", False),
        (Unit.CALENDAR_DAY, 7, "2026-12-25 09:00", True),
        (Unit.MONTH, 1, "2026-11-30 09:00", False),
        (Unit.MONTH, 1, "2026-12-01 09:00", True),
        (Unit.OFFICE_HOUR, 1, "2026-12-31 16:30", False),
        (Unit.OFFICE_HOUR, 1, "2026-12-31 16:31", True),
        (Unit.HOUR, 48, "2026-12-31 09:00", False),  # the clock does not ask which days are worked
    ],
)
def test_a_deadline_that_touches_a_year_not_announced_is_provisional(unit, length, starts, provisional):
    assert compute_due(Term(unit, length), local(starts), OFFICE).provisional is provisional


def test_the_day_of_the_start_does_not_count_and_makes_nothing_provisional():
    known = calendar_with(years=(published(2028, complete=True, holidays=("2028-01-03",)),))
    assert compute_due(Term(Unit.WORKING_DAY, 1), local("2027-12-30 09:00"), known).provisional
    due = compute_due(Term(Unit.WORKING_DAY, 1), local("2027-12-31 09:00"), known)
    assert (due.due_on, due.provisional) == (day("2028-01-04"), False)


def test_a_closure_moves_the_due_date():
    closed = calendar_with(closures=closed_on("2026-11-23"))
    for unit in (Unit.WORKING_DAY, Unit.CALENDAR_DAY):
        due = compute_due(Term(unit, 1), local("2026-11-22 09:00"), closed)
        assert due.due_on == day("2026-11-24")


@pytest.mark.parametrize(
    ("unit", "length"), [(unit, 0) for unit in Unit if unit is not Unit.SAME_DAY] + [(Unit.SAME_DAY, 1)]
)
def test_lengths_that_a_unit_cannot_have_are_refused(unit, length):
    with pytest.raises(Invalid, match=r"deadlines\.length-impossible"):
        compute_due(Term(unit, length), local("2026-11-20 09:00"), OFFICE)


def test_an_instant_without_a_zone_is_refused():
    naive = local("2026-11-20 09:00").replace(tzinfo=None)
    with pytest.raises(Invalid, match=r"deadlines\.instant-without-zone"):
        compute_due(Term(Unit.WORKING_DAY, 1), naive, NATIONAL)


@pytest.mark.parametrize("unit", list(Unit))
def test_starts_and_ends_out_of_the_calendars_reach_are_refused(unit):
    length = 0 if unit is Unit.SAME_DAY else 1
    for year in (1, 2003, 2100, 9999):
        with pytest.raises(Refused, match=r"calendar\.day-out-of-reach"):
            compute_due(Term(unit, length), datetime(year, 12, 31, 12, tzinfo=UTC), OFFICE)
    for extreme in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(Refused, match=r"calendar\.day-out-of-reach"):
            compute_due(Term(unit, length), extreme, OFFICE)
    if length:
        with pytest.raises(Refused, match=r"out-of-reach"):
            compute_due(Term(unit, 100_000), local("2099-12-31 23:30"), OFFICE)


@pytest.mark.parametrize(
    ("unit", "on", "expected"),
    [
        (Unit.WORKING_DAY, "2026-09-29", 0),
        (Unit.WORKING_DAY, "2026-09-30", 0),
        (Unit.WORKING_DAY, "2026-10-07", 0),
        (Unit.WORKING_DAY, "2026-10-08", 1),
        (Unit.WORKING_DAY, "2026-10-10", 3),  # the make-up Saturday counts
        (Unit.WORKING_DAY, "2026-10-11", 3),
        (Unit.OFFICE_HOUR, "2026-10-08", 1),
        (Unit.HALF_WORKING_DAY, "2026-10-08", 1),
        (Unit.CALENDAR_DAY, "2026-09-30", 0),
        (Unit.CALENDAR_DAY, "2026-10-01", 1),
        (Unit.CALENDAR_DAY, "2026-10-02", 2),
        (Unit.CALENDAR_DAY, "2026-10-08", 8),
        (Unit.MONTH, "2026-10-08", 8),
        (Unit.HOUR, "2026-10-01", 1),
        (Unit.SAME_DAY, "2026-10-01", 1),
    ],
)
def test_overdue_days_are_counted_in_the_terms_own_unit(unit, on, expected):
    assert overdue_by(day("2026-09-30"), day(on), unit, NATIONAL) == expected
