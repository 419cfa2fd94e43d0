"""A matter that must be supervised, as it was found, and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class State(StrEnum):
    """What has become of it."""

    FOUND = "found"
    """It waits to be supervised."""
    SUPERVISED = "supervised"
    OVER = "over"
    """There is nothing left to supervise."""
    DEPARTED = "departed"
    """Somebody departed from the duty, with the reason (R9)."""


class Ending(StrEnum):
    """How it ended."""

    SUPERVISED = "supervised"
    DEPARTED = "departed"
    CASE_ENDED = "case-ended"
    FINISHED = "finished"
    """The work was done, late, before anybody supervised it."""
    LAPSED = "lapsed"
    """The deadline ended otherwise: it went to another unit, or was replaced."""
    ANSWERED = "answered"
    """What was found on a step holds no more: the petitioner says otherwise, or is asked anew."""
    CORRECTED = "corrected"
    """A correction, or another calendar, found that it was not late on that day."""


STATE_OF = {Ending.SUPERVISED: State.SUPERVISED, Ending.DEPARTED: State.DEPARTED}
"""The state that an ending leads to; of all others it is ``over``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of them as it is stored."""

    id: UUID
    case_id: UUID
    rule: str
    clause: str
    law_version: str
    cause: str
    deadline_id: UUID | None
    unit_id: UUID | None
    facts: Mapping[str, Any]
    found_at: datetime
    recorded_at: datetime
    state: str
    ending: str | None = None
    ended_at: datetime | None = None
    step_id: UUID | None = None
    reason: str | None = None
    person_id: UUID | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """Whether it waits to be supervised."""
        return self.state == State.FOUND

    @property
    def due_at(self) -> datetime | None:
        """The due moment on which it was found; ``None`` of what was found on a step."""
        told = self.facts.get("due_at")
        return datetime.fromisoformat(told) if told else None


@dataclass(frozen=True, slots=True)
class End:
    """How an item ends: when in legal time, by which step, and by whom with which reason where somebody departed from it."""

    item: Item
    ending: Ending
    at: datetime
    step_id: UUID | None = None
    reason: str | None = None
    person_id: UUID | None = None

    @property
    def state(self) -> State:
        """The state that it leads to."""
        return STATE_OF.get(self.ending, State.OVER)
