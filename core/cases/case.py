"""A case as it stands: what follows from its steps, kept beside them so that one read tells it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from core.cases.place import Point, ReplyChannel
from core.law.instrument import TermFigure
from core.procedure import Part
from core.sanctions.matter import Matter

PAUSED = "paused"
"""The state of a deadline whose time does not run: nobody is late for it."""


class Assignment(Struct, frozen=True):
    """A unit's part in a case, and who signed for it (签收).

    ``via`` are the units above that passed it on (转下属单位), the one that was dispatched to first: they stay answerable
    and see the case.
    """

    unit_id: UUID
    part: Part
    via: tuple[UUID, ...] = ()
    signed_at: datetime | None = None
    officer_id: UUID | None = None


class PendingRequest(Struct, frozen=True):
    """What somebody asked for and nobody has decided yet; its id is that of the step that asked.

    ``decider_unit_id`` is the unit that decides, where it is not the roles of the deciding steps: who passed a case on
    decides what the unit below asks for.
    """

    id: UUID
    key: str
    step: str
    person_id: UUID | None
    unit_id: UUID | None
    asked_at: datetime
    decider_unit_id: UUID | None = None
    joining: UUID | None = None
    """The unit that is to join the case, where that is asked for."""
    length: TermFigure | None = None
    """By how long a deadline is to be extended, where that is asked for."""
    deadline_id: UUID | None = None
    """The deadline of which somebody is late, where it is asked to find that justified."""


class Justified(Struct, frozen=True):
    """That the lateness of a deadline was found justified (正当理由): by which step, when in legal time, by whom and why."""

    step_id: UUID
    at: datetime
    person_id: UUID | None
    reason: str | None
    """``None`` only where the reader may not see it."""


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
    window: bool = False
    """Whether it limits a right, and nobody is ever late for it."""
    paused_at: datetime | None = None
    """Since when it is paused; or was, when it ended. Its dates are then those that it had."""
    justified: Justified | None = None
    """Whether its lateness, if there is any, was found justified. It does not make it be in time."""

    @property
    def is_owed(self) -> bool:
        """Whether somebody has to do something still: now, or once it is resumed."""
        return self.state in {"open", PAUSED}

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something, and time runs."""
        return self.state == "open"

    @property
    def is_running(self) -> bool:
        """Whether nothing has ended it: a duty that is open or paused, or a right that nobody has used."""
        return self.ended_at is None

    def overdue_at(self, instant: datetime) -> bool:
        """Whether it is open and its last moment has passed."""
        return self.is_open and instant >= self.due_at

    def ran_out_by(self, instant: datetime) -> bool:
        """Whether its last moment passed before it was met or ended: a breach, whatever came of it afterwards.

        Nothing passes while it is paused.
        """
        return (self.paused_at or self.ended_at or instant) >= self.due_at


class Interruption(Struct, frozen=True):
    """Where a case stood when it was merged into another: its state, its units, and the deadlines that were open."""

    state: str
    units: tuple[Assignment, ...]
    deadlines: tuple[UUID, ...]


class Heard(Struct, frozen=True):
    """What one petitioner said of the last reply; ``merged_case`` is the case with which they came, where it is another."""

    number: int
    satisfied: bool
    merged_case: UUID | None = None


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
    petitioners: int = 1
    """How many bring the matter, those of the cases that were merged into it included; an anonymous one counts."""
    merged: Interruption | None = None
    """What a case that was merged into another goes back to."""
    pending: tuple[PendingRequest, ...] = ()
    """What waits for somebody's decision."""
    rounds: int = 0
    """How often the petitioner was told a result."""
    asking: bool = False
    """Whether answers to the last of them are still heard."""
    heard: tuple[Heard, ...] = ()
    """What was said of it, once by each petitioner."""
    matter: Matter | None = None
    """Of an accountability case whom it is about, for what, and what was decided."""

    def deadline(self, id_: UUID | None) -> DeadlineNote | None:
        """The deadline of that id; ``None`` where the case has none such."""
        return next((note for note in self.deadlines if note.id == id_), None)

    def parts_of(self, units: frozenset[UUID]) -> frozenset[Part]:
        """The parts that these units have between them; none for units outside the case."""
        return frozenset(assignment.part for assignment in self.units if assignment.unit_id in units)

    def is_seen_by(self, units: frozenset[UUID]) -> bool:
        """Whether one of these units has the case, or passed it on to one that has."""
        return any(not units.isdisjoint({item.unit_id, *item.via}) for item in self.units)

    def assignment(self, unit_id: UUID | None) -> Assignment | None:
        """The unit's part; ``None`` for a unit that does not have the case."""
        return next((item for item in self.units if item.unit_id == unit_id), None)

    @property
    def lead(self) -> UUID | None:
        """The unit that leads."""
        return next((item.unit_id for item in self.units if item.part is Part.LEAD), None)

    @property
    def open_deadlines(self) -> tuple[DeadlineNote, ...]:
        """The deadlines that nobody has met or ended yet, and that are not paused."""
        return tuple(note for note in self.deadlines if note.is_open)

    @property
    def owed_deadlines(self) -> tuple[DeadlineNote, ...]:
        """The deadlines that nobody has met or ended yet, those that are paused among them."""
        return tuple(note for note in self.deadlines if note.is_owed)


class Intake(Struct, frozen=True):
    """What the intake noted beside the matter itself: the place in detail, and what the petitioner wishes."""

    address: str | None = None
    point: Point | None = None
    reply_channel: ReplyChannel | None = None
    wishes_confidentiality: bool = False


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
    category: str | None = None
    """The code of one of the tenant's categories."""
    division: str | None = None
    """The administrative division code of the place that the matter is about."""
    urgent: bool = False
    intake: Intake = Intake()
    clerk_id: UUID | None = None
    """Who registered it."""
    returns: int = 0
    """How often a unit gave it back as not its own."""
    rendition: str | None = None
    """The narrative as units may read it: without what tells who brought it."""
    rendition_state: str | None = None
    """``made`` or ``confirmed``; only a confirmed rendition goes to a unit."""
    parent_id: UUID | None = None
    """The case that it was split from."""
    merged_into: UUID | None = None
    """The case of which it is a duplicate."""
    recused: bool = False
    """Whether who asked for it takes no part in the matter (R12); read along with it, and not of the case itself."""
