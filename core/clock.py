"""Two clocks: legal time per tenant, which a sandbox can move, and wall time for tokens, leases and retries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time as an aware UTC instant."""

    def now(self) -> datetime:
        """The present instant, in UTC."""


class WallClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands until it is moved; for tests."""

    instant: datetime

    def now(self) -> datetime:
        """The instant it was set to."""
        return self.instant

    def advance(self, by: timedelta) -> None:
        """Moves the clock forward."""
        self.instant += by


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A tenant's legal time: wall time moved by the tenant's offset (zero outside a sandbox)."""

    wall: Clock
    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The tenant's legal time, in UTC."""
        return self.wall.now() + self.offset
