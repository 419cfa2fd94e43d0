"""Instants as people write them, and zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from core.errors import Invalid
from core.law.zone import SHANGHAI, find_zone, parse_instant
from tests.law.calendars import calendar_with


@pytest.mark.parametrize(
    "text",
    ["2026-11-21T09:30:00+08:00", "2026-11-21T01:30:00Z", "2026-11-21t01:30:00z", "2026-11-20T20:30:00.000-05:00"],
)
def test_an_instant_with_its_zone(text):
    assert parse_instant(text) == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-21T09:30:00", "2026-11-21 09:30:00.5"])
def test_an_instant_without_a_zone_is_refused_for_that(text):
    with pytest.raises(Invalid, match=r"calendar\.instant-without-zone"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-11-21",
        "2026-11-21T09:30Z",
        "2026-02-29T09:30:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T09:30:60Z",
        "2026-11-21T09:30:00+25:00",
        "2026-W47-6T09:30:00Z",
        "２０26-11-21T09:30:00Z",
        "2026-11-21T09:30:00Z\n",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
    ],
)
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(Invalid, match=r"calendar\.instant-malformed"):
        parse_instant(text)


def test_the_fixed_offset_of_shanghai_is_what_the_zone_data_say_from_2004_on():
    try:
        data = ZoneInfo(SHANGHAI)
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no zone data to compare with")
    hours = [datetime(2004, 1, 1, tzinfo=UTC) + timedelta(days=7 * week) for week in range(96 * 52)]
    assert {hour.astimezone(data).utcoffset() for hour in hours} == {find_zone(SHANGHAI).utcoffset(None)}


def test_days_of_a_zone_with_summer_time_begin_and_end_at_its_own_midnight():
    try:
        calendar = calendar_with(zone="Europe/Berlin")
    except Invalid:
        pytest.skip("this machine has no zone data")
    position = calendar.position(date(2026, 3, 29))
    length = calendar.instant_at(position + 1, 0) - calendar.instant_at(position, 0)
    assert length == timedelta(hours=23)
    assert calendar.instant_at(position, 86_400_000_000) == calendar.instant_at(position + 1, 0)
