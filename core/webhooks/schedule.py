"""When a delivery is tried again, and for how long; as Standard Webhooks advises. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

PATIENCE = timedelta(days=3)
"""A webhook with nothing but failures for so long is disabled."""
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one attempt and the next; behind the last of them it is given up."""
_LONGEST_WISH = timedelta(hours=24)
_JITTER = 0.2
"""Waits only grow by chance, so that nobody is given up before three days are over."""
_LONGEST_HEADER = 64
CROWDED = timedelta(seconds=1)
"""After so long what found no room is looked at again; a receiver that takes longer to answer is slow."""
_LONGEST_CROWD = timedelta(minutes=5)


def next_delay(attempts: int, wish: timedelta | None, chance: float) -> timedelta | None:
    """How long to wait after so many attempts; ``None`` where there is no other.

    ``chance`` from 0 to 1 spreads what failed together over up to a fifth more. ``wish`` is what the receiver asked for: it
    is not tried before that.
    """
    if attempts > len(DELAYS):
        return None
    return max(DELAYS[attempts - 1] * (1 + _JITTER * chance), wish or timedelta())


def next_turn(slow: timedelta | None, behind: int, at_once: int) -> timedelta:
    """After how long what found no room is looked at again, where so many wait, itself included: once those before it are
    through. ``slow`` is how long the receiver takes, if long; what waits behind it is not to be looked at for nothing, which
    would hold up other tenants."""
    return CROWDED if slow is None else min(max(slow * (behind / at_once), CROWDED), _LONGEST_CROWD)


def read_wish(header: str | None, now: datetime) -> timedelta | None:
    """What Retry-After asks for (RFC 9110, section 10.2.3), a day at most; ``None`` for what cannot be read."""
    if header is None or len(header) > _LONGEST_HEADER:
        return None
    if header.isascii() and header.isdigit():
        return min(timedelta(seconds=min(int(header), 10**6)), _LONGEST_WISH)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), _LONGEST_WISH)
