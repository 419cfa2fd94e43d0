"""A change as it is told: to the audit trail (who, what, a digest of the content) and to the outbox (references only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

RefValue = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, recorded in the transaction that makes it (promises 4 and 5).

    ``stream`` is the chain it is written to (``case:…``, ``tenant:configuration``); ``content`` what changed, as plain
    JSON values without floats, erasable later; ``refs`` what the event tells the world, without personal data.
    ``new_stream`` says that this is the stream's first row and saves the look at its head, ``shared`` that many write to
    it at the same time with nothing else that makes them wait, so that they take turns. ``role`` and ``unit_id`` say in
    which capacity it was done where the session's actor does not. ``event_id`` is the event's where it must be known before.
    """

    action: str
    stream: str
    subject: str
    content: Mapping[str, object]
    event_type: str
    event_version: int = 1
    refs: Mapping[str, RefValue] = field(default_factory=dict)
    new_stream: bool = False
    shared: bool = False
    role: str | None = None
    unit_id: UUID | None = None
    event_id: UUID | None = None
