"""Who does something: always a client, acting as a person with a role, perhaps for a unit (design, decision 3)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """What every audit row says of who it was; ``role`` and ``unit_id`` can be told with each change instead."""

    client_id: UUID | None = None
    person_id: UUID | None = None
    unit_id: UUID | None = None
    role: str | None = None


OPERATOR = Actor(role="platform-operator")
"""The platform's operator at the command line."""
WORKER = Actor(role="worker")
"""The service itself, where a term has run out and nobody had to ask: what it rests on stands with the change."""
