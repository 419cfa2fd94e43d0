"""A timer: whose, which, when. What is to be done is found when it goes off, in the tenant's own session."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

WHOLE_TENANT = UUID(int=0)
"""The subject of a timer of which a tenant has one."""


class TimerKind(StrEnum):
    """What a timer is for."""

    EVENTS = "events"
    """Numbers the events of a change that was committed; its subject is the change."""
    DELIVERY = "delivery"
    """Posts an event to a webhook; its subject is the delivery."""
    DEADLINE = "deadline"
    """Looks at a deadline when its next warning is reached; in legal time."""
    RECOUNT = "recount"
    """Counts open deadlines anew: all of the tenant, or the one that is its subject."""
    MESSAGE = "message"
    """Sends a message; in legal time where it waits until the office opens."""
    UPKEEP = "upkeep"
    """What a tenant needs every night."""


class Timer(Struct, frozen=True):
    """A timer that a worker has taken. ``fence`` is the number of the taking: a later one ends its right to finish.

    ``at`` is when it is due: in the tenant's legal time where ``legal``, else in wall time. ``attempts`` counts the takings
    since it was last finished.
    """

    tenant: int
    kind: TimerKind
    subject_id: UUID
    at: datetime
    legal: bool
    fence: int
    attempts: int


class Next(Struct, frozen=True):
    """When a timer goes off again."""

    at: datetime
    legal: bool = False
