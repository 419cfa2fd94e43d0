"""Turns the outcome of a step into what the case is from then on: its deadlines by id, its next due moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from core.cases.case import Case, DeadlineNote, Standing
from core.cases.life import Outcome
from core.cases.rendition import rendition_after
from core.cases.units import moves_with
from core.deadlines.derive import MOVED, WINDOW_OPEN, Ending, Opening
from core.deadlines.moving import Movement
from core.ids import new_id


@dataclass(frozen=True, slots=True)
class OpenedDeadline:
    """A deadline that arose, with the id it is stored under."""

    id: UUID
    opening: Opening

    @property
    def note(self) -> DeadlineNote:
        """What the case carries of it."""
        found = self.opening.explanation
        return DeadlineNote(
            id=self.id,
            key=self.opening.rule.key,
            clause=found.clause,
            holder=self.opening.holder,
            holder_unit_id=self.opening.holder_unit_id,
            original_due_on=found.due_on,
            due_on=found.due_on,
            due_at=found.due_at,
            state=WINDOW_OPEN if self.opening.rule.window else "open",
            provisional=found.provisional,
            window=self.opening.rule.window,
        )


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A deadline that went with its unit's part to another unit, with its dates as they were, under an id of its own."""

    id: UUID
    origin: DeadlineNote
    taker: UUID

    @property
    def note(self) -> DeadlineNote:
        """What the case carries of it."""
        return msgspec.structs.replace(self.origin, id=self.id, holder_unit_id=self.taker)


Arisen = OpenedDeadline | MovedDeadline
"""A deadline that a step adds to a case."""


def open_deadlines(outcome: Outcome) -> tuple[Arisen, ...]:
    """The deadlines that arose, and those that went to another unit, each with a new id."""
    opened = tuple(OpenedDeadline(new_id(), opening) for opening in outcome.openings)
    handover = outcome.handover
    if handover is None:
        return opened
    moved = (ending.note for ending in outcome.endings if ending.state in MOVED and moves_with(ending.note, handover))
    return (*opened, *(MovedDeadline(new_id(), note, handover.taker) for note in moved))


def settle(
    standing: Standing,
    endings: tuple[Ending, ...],
    opened: tuple[Arisen, ...],
    movements: tuple[Movement, ...] = (),
) -> Standing:
    """The standing with the ended deadlines ended, those that were moved moved, and the new ones added."""
    ended = {ending.note.id: ending for ending in endings}
    moved = {movement.note.id: movement.note for movement in movements}
    kept = tuple(_end(moved.get(note.id, note), ended.get(note.id)) for note in standing.deadlines)
    return msgspec.structs.replace(standing, deadlines=(*kept, *(item.note for item in opened)))


def next_due_at(standing: Standing) -> datetime | None:
    """The earliest moment at which something open becomes overdue."""
    return min((note.due_at for note in standing.open_deadlines), default=None)


def advance_case(case: Case, outcome: Outcome, standing: Standing) -> Case:
    """The case after a step."""
    rendition, rendition_state = rendition_after(case, outcome.order)
    return msgspec.structs.replace(
        case,
        state=outcome.after,
        track=outcome.track,
        category=outcome.category,
        urgent=outcome.facts.get("urgent") is True,
        facts=outcome.facts,
        closed_at=outcome.closed_at,
        rendition=rendition,
        rendition_state=rendition_state,
        law_version=outcome.rules_version,
        returns=case.returns + outcome.returned,
        standing=standing,
        version=case.version + 1,
    )


def _end(note: DeadlineNote, ending: Ending | None) -> DeadlineNote:
    if ending is None:
        return note
    return msgspec.structs.replace(note, state=ending.state, ended_at=ending.ended_at)
