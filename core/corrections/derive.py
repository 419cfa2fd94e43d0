"""What hung on a fact, derived anew: the case's own steps followed once more, as they would have been recorded. Pure.

What a step looked up on its own day stays as it was looked up then: a running term keeps its rule and its figure (R7).
Looked up anew is only what the corrected fact itself points elsewhere: the figure of another category, and all that a
receipt on another day begins. What nothing has touched keeps its explanation word for word; what is counted anew is counted
on the calendar as it is known now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from core.cases.case import Assignment, Case, DeadlineNote, PendingRequest
from core.cases.world import World
from core.corrections.correction import CORRECTED_AWAY, CORRECTION, Correction
from core.corrections.history import History, StoredDeadline
from core.corrections.replay import Replay, follow, possibly_named
from core.deadlines.explanation import Explanation
from core.deadlines.justifying import can_be_late
from core.errors import Refused


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A deadline as it is from then on; ``ended_by`` is the number of the step that met or ended it."""

    note: DeadlineNote
    explanation: Explanation
    seq: int
    ended_by: int | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A deadline as it stood and as it is: ``before`` is ``None`` where it was missing, ``after`` where it falls away."""

    before: StoredDeadline | None
    after: Redrawn | None

    @property
    def is_changed(self) -> bool:
        """Whether the correction touches it."""
        if self.before is None or self.after is None:
            return True
        return (self.before.note, self.before.explanation) != (self.after.note, self.after.explanation)


@dataclass(frozen=True, slots=True)
class Rederived:
    """What a correction makes of a case: the case from then on, and each of its deadlines before and after."""

    case: Case
    pairs: tuple[Pair, ...]

    @property
    def changed(self) -> tuple[Pair, ...]:
        """The deadlines that it touches."""
        return tuple(pair for pair in self.pairs if pair.is_changed)


def rederive(history: History, correction: Correction, at: datetime, world: World) -> Rederived:
    """The case as it is once the correction is made, at legal time ``at``.

    Raises :class:`Refused` where a step that was taken does not fit what is said to be right, and where the history does
    not lead to the case as it stands, so that nothing can be derived from it.
    """
    known = _known(history, world)
    right = follow(history, correction, world, known.named_from)
    for step in right.misfits:
        if step not in known.misfits:
            raise Refused("corrections.step-contradicts", clause=CORRECTION, step=step)
    pairs = _pair(history, right)
    return Rederived(_put_right(history.case, right.case, correction, pairs, at), pairs)


def _known(history: History, world: World) -> Replay:
    """The history as it led to the case as it stands; raises :class:`Refused` where it does not."""
    stands = {_essential(item.note) for item in history.deadlines if item.note.state != CORRECTED_AWAY}
    for named_from in possibly_named(history):
        known = follow(history, None, world, named_from)
        if {_essential(note) for note in known.case.standing.deadlines} == stands:
            return known
    raise Refused("corrections.not-derivable", clause=CORRECTION)


def _pair(history: History, right: Replay) -> tuple[Pair, ...]:
    """Each deadline of the case beside what it becomes, and then those that were missing."""
    after = {note.id: Redrawn(note, *right.found[note.id], _ended_by(right, note)) for note in right.case.standing.deadlines}
    known = tuple(
        Pair(item, after.pop(item.note.id, None)) for item in history.deadlines if item.note.state != CORRECTED_AWAY
    )
    return (*known, *(Pair(None, item) for item in after.values()))


def _ended_by(right: Replay, note: DeadlineNote) -> int | None:
    """The step that ended it; none of one that ran on when its case was taken out of another again."""
    return right.ended_by.get(note.id) if note.ended_at is not None else None


def _put_right(case: Case, right: Case, correction: Correction, pairs: tuple[Pair, ...], at: datetime) -> Case:
    became = {pair.before.note.id: pair.after.note if pair.after else None for pair in pairs if pair.before}
    notes = [_end(note, became, at) for note in case.standing.deadlines]
    notes += [pair.after.note for pair in pairs if pair.before is None and pair.after]
    standing = msgspec.structs.replace(
        case.standing,
        deadlines=tuple(notes),
        pending=tuple(item for item in case.standing.pending if _is_still_asked(item, notes)),
        units=tuple(_reassign(item, correction) for item in case.standing.units),
        starts_at=right.standing.starts_at,
        last_occurred_at=right.standing.last_occurred_at,
    )
    return msgspec.structs.replace(
        case,
        standing=standing,
        received_at=correction.received_at or case.received_at,
        category=correction.category or case.category,
        track=correction.track or case.track,
        version=case.version + 1,
    )


def _end(note: DeadlineNote, became: dict[UUID, DeadlineNote | None], at: datetime) -> DeadlineNote:
    """The note as it is from then on; one that is not among those derived has been corrected away before."""
    after = became.get(note.id, note)
    return msgspec.structs.replace(note, state=CORRECTED_AWAY, ended_at=at) if after is None else after


def _is_still_asked(item: PendingRequest, notes: list[DeadlineNote]) -> bool:
    """Whether a request waits still: one to find a lateness justified, as long as there is one."""
    return item.deadline_id is None or any(note.id == item.deadline_id and can_be_late(note) for note in notes)


def _reassign(item: Assignment, correction: Correction) -> Assignment:
    if correction.unit is None or item.unit_id != correction.unit.recorded:
        return item
    return msgspec.structs.replace(item, unit_id=correction.unit.right)


def _essential(note: DeadlineNote) -> tuple[object, ...]:
    return note.id, note.state, note.due_at, note.ended_at
