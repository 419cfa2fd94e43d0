"""The calendar that is written is the one that another program reads, line by line as the standard has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from core.feeds.calendar import Event, escape, fold, write_calendar

CHANGED = datetime(2026, 4, 30, 1, 2, 3, 456789, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


def event(**said: Any) -> Event:
    given_ = {"uid": "a@b", "summary": "办理时限", "at": date(2026, 5, 8), "sequence": 0, "changed_at": CHANGED}
    return Event(**given_ | said)


def read(content: bytes) -> Calendar:
    found = Calendar.from_ical(content)
    assert isinstance(found, Calendar)
    assert not [fault for part in found.walk() for fault in part.errors]
    return found


def test_a_day_and_an_instant_are_read_as_what_they_are() -> None:
    beijing = timezone(timedelta(hours=8))
    events = [event(), event(uid="c@b", at=datetime(2026, 4, 30, 12, 0, tzinfo=beijing), sequence=2, tentative=True)]
    calendar = read(write_calendar("城市管理局 期限", events))
    assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]) == "城市管理局 期限"
    assert calendar["VERSION"] == "2.0"
    whole, hour = calendar.walk("VEVENT")
    assert (whole["UID"], whole["DTSTART"].dt, whole["SEQUENCE"], whole["STATUS"]) == (
        "a@b",
        date(2026, 5, 8),
        0,
        "CONFIRMED",
    )
    assert (hour["UID"], hour["DTSTART"].dt) == ("c@b", datetime(2026, 4, 30, 4, 0, tzinfo=UTC))
    assert (hour["SEQUENCE"], hour["STATUS"]) == (2, "TENTATIVE")
    assert whole["DTSTAMP"].dt == whole["LAST-MODIFIED"].dt == CHANGED.replace(microsecond=0)


def test_a_calendar_without_events_is_a_calendar_all_the_same() -> None:
    calendar = read(write_calendar("空", ()))
    assert calendar.walk("VEVENT") == []
    assert calendar.subcomponents, "the standard asks for one component"


def test_the_same_events_give_the_same_bytes() -> None:
    assert write_calendar("a", [event()]) == write_calendar("a", [event()])
    assert write_calendar("a", [event()]) != write_calendar("a", [event(sequence=1)])


def test_what_has_a_meaning_is_escaped() -> None:
    assert escape("a;b,c\\d\r\ne\x00\x1b\tf") == "a\\;b\\,c\\\\d\\nef"
    (read_back,) = read(write_calendar("x", [event(summary="一；二,三\nEND:VEVENT")])).walk("VEVENT")
    assert read_back["SUMMARY"] == "一；二,三\nEND:VEVENT"


@given(TEXTS, TEXTS)
def test_no_text_breaks_a_line_or_is_lost(name: str, summary: str) -> None:
    content = write_calendar(name, [event(summary=summary)])
    *lines, last = content.split(b"\r\n")
    assert last == b""
    for line in lines:
        assert 0 < len(line) <= 75
        assert b"\n" not in line
        line.decode()
    whole = content.decode().replace("\r\n ", "").split("\r\n")
    assert f"SUMMARY:{escape(summary)}" in whole
    assert f"NAME:{escape(name)}" in whole
    assert whole.count("BEGIN:VEVENT") == 1


def test_a_folded_line_has_seventy_five_octets_at_most() -> None:
    assert [len(part) for part in fold("x" * 200)] == [75, 75, 52]
    assert [len(part) for part in fold("期" * 30)] == [75, 16], "a blank and five characters of three octets"
    assert list(fold("x" * 75)) == [b"x" * 75]
