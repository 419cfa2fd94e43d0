"""A case as it stands: what follows from its steps, kept beside them so that one read tells it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from core.procedure import Part


class Assignment(Struct, frozen=True):
    """A unit's part in a case."""

    unit_id: UUID
    part: Part


class DeadlineNote(Struct, frozen=True):
    """The essentials of one deadline, as the case carries them. ``due_at`` is exclusive."""

    id: UUID
    key: str
    clause: str
    holder: str
    holder_unit_id: UUID | None
    original_due_on: date
    due_on: date
    due_at: datetime
    state: str
    provisional: bool
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state == "open"

    def overdue_at(self, instant: datetime) -> bool:
        """Whether it is open and its last moment has passed."""
        return self.is_open and instant >= self.due_at


class Standing(Struct, frozen=True):
    """What follows from a case's steps beyond its columns.

    ``starts_at`` is what terms 'from receipt' count from: the receipt, or the last reopening.
    """

    starts_at: datetime
    last_occurred_at: datetime
    started_by: str = "receipt"
    """The event at ``starts_at``: ``receipt``, or the key of the step that reopened the case."""
    taken: tuple[str, ...] = ()
    units: tuple[Assignment, ...] = ()
    deadlines: tuple[DeadlineNote, ...] = ()
    answer: str | None = None
    """What the petitioner has been told last: a reply, or the reasons of a refusal."""

    def parts_of(self, units: frozenset[UUID]) -> frozenset[Part]:
        """The parts that these units have between them; none for units outside the case."""
        return frozenset(assignment.part for assignment in self.units if assignment.unit_id in units)

    @property
    def open_deadlines(self) -> tuple[DeadlineNote, ...]:
        """The deadlines that nobody has met or ended yet."""
        return tuple(note for note in self.deadlines if note.is_open)


class Case(Struct, frozen=True):
    """One case of one tenant. ``version`` counts its changes and is its entity tag."""

    id: UUID
    number: str
    kind: str
    state: str
    channel: str
    track: str | None
    title: str
    narrative: str | None
    """``None`` only where the reader may not see it."""
    received_at: datetime
    registered_at: datetime
    closed_at: datetime | None
    anonymous: bool
    petitioner_id: UUID | None
    facts: dict[str, Any]
    facts_version: int
    law_version: str
    version: int
    standing: Standing
