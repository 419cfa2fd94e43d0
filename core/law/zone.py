"""Local time: the zone of a tenant, and instants as people write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import Invalid, Refused

SHANGHAI = "Asia/Shanghai"
_CHINA_STANDARD_TIME = timezone(timedelta(hours=8), SHANGHAI)
_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


@cache
def find_zone(name: str) -> tzinfo:
    """The zone of that IANA name; raises :class:`core.errors.Refused` for one that does not exist.

    China has had no summer time since 1991, before the first year of the calendar: its zone is a fixed offset, which
    needs no zone data on the machine and makes instants plain arithmetic.
    """
    if name == SHANGHAI:
        return _CHINA_STANDARD_TIME
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused("calendar.zone-unknown", field="/zone", zone=name) from error


def parse_instant(text: str, field: str | None = None) -> datetime:
    """Reads an RFC 3339 instant as UTC; raises :class:`core.errors.Invalid`, also for a time without a zone."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise Invalid("calendar.instant-malformed", field=field, text=text)
    if match["zone"] is None:
        raise Invalid("calendar.instant-without-zone", field=field, text=text)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("calendar.instant-malformed", field=field, text=text) from error
