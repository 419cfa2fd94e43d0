"""Writes iCalendar (RFC 5545): the few properties that an event with a date needs, escaped and folded. Pure.

The same events give the same bytes, so that a calendar which asks again can be told that nothing has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

MEDIA_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//wenze//deadlines//ZH"
_LINE_OCTETS = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_NO_EVENT = (
    "BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
"""What stands in an empty calendar, which must have one component (section 3.6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry: on a day, or at an instant where something ends at an hour."""

    uid: str
    summary: str
    at: date | datetime
    sequence: int
    """How often its date has moved."""
    changed_at: datetime
    tentative: bool = False


def write_calendar(name: str, events: Iterable[Event]) -> bytes:
    """The calendar of that name, in UTF-8 with the line breaks of the standard."""
    found = [line for event in events for line in _event(event)]
    head = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", f"NAME:{escape(name)}",
        f"X-WR-CALNAME:{escape(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    lines = [*head, *(found or _NO_EVENT), "END:VCALENDAR"]
    return b"".join(part + b"\r\n" for line in lines for part in fold(line))


def _event(event: Event) -> Iterator[str]:
    changed = _instant(event.changed_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{escape(event.uid)}"
    # Without a METHOD it says when the event was last revised (section 3.8.7.2), and so stays as it is until then.
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTART:{_instant(event.at)}" if isinstance(event.at, datetime) else f"DTSTART;VALUE=DATE:{event.at:%Y%m%d}"
    yield f"SUMMARY:{escape(event.summary)}"
    yield f"STATUS:{'TENTATIVE' if event.tentative else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def escape(text: str) -> str:
    """A TEXT value (section 3.3.11); other control characters than line breaks have no place in one."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n")).translate(_ESCAPED)


def fold(line: str) -> Iterator[bytes]:
    """The line in parts of at most 75 octets (section 3.1), no character torn apart; the further ones begin with a blank."""
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > _LINE_OCTETS:
            yield part
            part = b" "
        part += octets
    yield part


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
