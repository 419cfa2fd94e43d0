"""A delivery: one event for one webhook, with every attempt at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DeliveryState(StrEnum):
    """What has become of a delivery. There can be more."""

    PENDING = "pending"
    """It is tried, now or at the moment that it tells."""
    DELIVERED = "delivered"
    """The receiver answered 2xx."""
    FAILED = "failed"
    """It was given up after the last attempt."""
    HELD = "held"
    """The webhook was disabled meanwhile; it is tried again when that is enabled."""
    CANCELLED = "cancelled"
    """The webhook was deleted."""


class Cause(StrEnum):
    """Why an event is delivered."""

    EVENT = "event"
    TEST = "test"
    REPLAY = "replay"


class Fault(StrEnum):
    """What went wrong with an attempt. There can be more."""

    STATUS = "status"
    """It was answered, but not with 2xx."""
    REDIRECT = "redirect"
    """It was answered with a redirect, and none is followed."""
    TIMEOUT = "timeout"
    """There was no answer within ten seconds."""
    CONNECTION = "connection"
    """The name is not known, or nobody answers there, or not soundly."""
    ADDRESS = "address"
    """The name leads to an address that is not reached."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt; neither what was sent nor what was answered is kept."""

    number: int
    at: datetime
    status: int | None
    milliseconds: int
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as it stands. ``position`` is the event's; ``None`` as long as that has no number."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    type: str
    position: int | None
    cause: Cause
    state: DeliveryState
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    attempts: tuple[Attempt, ...] = ()
