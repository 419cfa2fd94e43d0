"""Calendar versions: which was known when, what contradicts itself, and that they survive storage."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from core.errors import Refused
from core.law.calendar import NATIONAL, working_calendar
from core.law.calendar_version import CalendarVersion, Closure, Period, PublishedYear, WeekdayHours, version_known_at
from core.texts import render
from tests.law.calendars import HOURS, KNOWN, closed_on, published, version_with

SECOND = timedelta(seconds=1)


def test_the_version_known_at_an_instant():
    first = version_with()
    second = msgspec.structs.replace(first, number=2, known_from=KNOWN + timedelta(days=1))
    versions = (second, first)
    assert version_known_at(versions, KNOWN - SECOND) is NATIONAL
    assert version_known_at(versions, KNOWN) is first
    assert version_known_at(versions, KNOWN + timedelta(days=1) - SECOND) is first
    assert version_known_at(versions, KNOWN + timedelta(days=1)) is second
    assert version_known_at((), KNOWN) is NATIONAL


def test_of_two_versions_known_from_the_same_instant_the_later_number_counts():
    first = version_with()
    correction = msgspec.structs.replace(first, number=2)
    assert all(version_known_at(both, KNOWN) is correction for both in ((first, correction), (correction, first)))


def test_a_past_year_as_it_was_known_before_its_change():
    """29 December 2018 was a Saturday like any other until the notice of 6 December 2018 on 2019."""
    before = version_with(years=(published(2018, worked=("2018-12-31",)),))
    assert working_calendar(before).day(date(2018, 12, 31)).kind.is_working
    assert not working_calendar(NATIONAL).day(date(2018, 12, 31)).kind.is_working


def test_a_version_survives_its_storage_as_json():
    version = version_with(
        years=(published(2027, complete=True, holidays=("2027-02-05",)),),
        closures=closed_on("2026-11-23"),
        office_hours=HOURS,
        weekday_hours=(WeekdayHours(5, HOURS[:1]),),
        closing_hour="17:30",
    )
    stored = msgspec.json.encode(version)
    assert msgspec.json.decode(stored, type=CalendarVersion) == version
    assert working_calendar(msgspec.json.decode(stored, type=CalendarVersion)) is working_calendar(version)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"zone": "Asia/Atlantis"}, "calendar.zone-unknown", "/zone"),
        ({"zone": "../etc/passwd"}, "calendar.zone-unknown", "/zone"),
        ({"years": (PublishedYear(2027, ()), PublishedYear(2027, ()))}, "calendar.year-twice", "/years"),
        ({"years": (published(2027, holidays=("2026-12-31",)),)}, "calendar.day-of-other-year", "/years/0/days/0/date"),
        (
            {"years": (published(2027, holidays=("2027-02-05",), worked=("2027-02-05",)),)},
            "calendar.day-twice",
            "/years/0/days",
        ),
        ({"closures": closed_on("2026-11-23", "2026-11-23")}, "calendar.day-twice", "/closures"),
        ({"closures": closed_on("2003-12-31")}, "calendar.day-out-of-reach", "/closures/0/date"),
        ({"closures": (Closure(date(2100, 1, 1), "a", "b"),)}, "calendar.day-out-of-reach", "/closures/0/date"),
        ({"closing_hour": "00:00"}, "calendar.closing-at-midnight", "/closing_hour"),
        ({"office_hours": (Period("12:00", "12:00"),)}, "calendar.periods-out-of-order", "/office_hours/0"),
        ({"office_hours": (HOURS[1], HOURS[0])}, "calendar.periods-out-of-order", "/office_hours/1"),
        (
            {"office_hours": (Period("09:00", "12:00"), Period("11:59", "17:00"))},
            "calendar.periods-out-of-order",
            "/office_hours/1",
        ),
        (
            {"weekday_hours": (WeekdayHours(5, (Period("12:00", "09:00"),)),)},
            "calendar.periods-out-of-order",
            "/weekday_hours/0/periods/0",
        ),
        ({"weekday_hours": (WeekdayHours(5, ()), WeekdayHours(5, HOURS))}, "calendar.weekday-twice", "/weekday_hours"),
    ],
)
def test_a_version_that_contradicts_itself_is_refused(fields, code, field):
    with pytest.raises(Refused) as refusal:
        working_calendar(version_with(**fields))
    assert (refusal.value.code, refusal.value.field) == (code, field)
    for language in ("zh", "en"):
        text = render(code, refusal.value.params, language)
        assert "{" not in text
        assert not text.startswith(code)


def test_periods_that_touch_are_in_order():
    assert working_calendar(version_with(office_hours=(Period("00:00", "12:00"), Period("12:00", "24:00"))))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closing_hour", "17:60"),
        ("closing_hour", "24:01"),
        ("closing_hour", "9:00"),
        ("closing_hour", "１７:00"),
        ("closing_hour", "17:30\n"),
        ("known_from", "2026-11-20T00:00:00"),
        ("years", [{"year": 2003, "days": []}]),
        ("years", [{"year": 2100, "days": []}]),
        ("closures", [{"date": "2026-02-30", "name": "a", "basis": "b"}]),
        ("weekday_hours", [{"weekday": 0, "periods": []}]),
        ("weekday_hours", [{"weekday": 8, "periods": []}]),
        ("surprise", True),
    ],
)
def test_stored_values_are_typed_strictly(field, value):
    stored = msgspec.to_builtins(version_with()) | {field: value}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(stored), type=CalendarVersion)


def test_national_was_known_from_its_first_day():
    assert NATIONAL.known_from == datetime(2004, 1, 1, tzinfo=UTC)
