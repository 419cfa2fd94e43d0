"""What follows from a correction, told before it is made: deadlines that move, breaches that come or go, other figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from core.cases.case import Case, DeadlineNote
from core.cases.world import World
from core.corrections.derive import Pair, Rederived
from core.corrections.months import Line, differences, tally

Instant = Annotated[datetime, Meta(tz=True)]


class Effect(StrEnum):
    """What becomes of a deadline."""

    CHANGED = "changed"
    OPENED = "opened"
    CORRECTED_AWAY = "corrected-away"


class DeadlineFace(Struct, frozen=True):
    """A deadline on one side of a correction. ``due_at`` is exclusive; ``breached`` says that it ran out unmet."""

    due_on: date
    due_at: Instant
    state: Annotated[str, Meta(description="open, paused, met, met-late, lapsed or replaced; can grow")]
    breached: Annotated[bool, Meta(title="逾期", description="Whether it ran out before it was met or ended")]


class DeadlineEffect(Struct, frozen=True):
    """One deadline that a correction touches (受影响的期限): as it stood and as it would be."""

    deadline_id: Annotated[UUID | None, Meta(description="null for one that is only opened by the correction")]
    key: str
    clause: Annotated[str, Meta(description="The citation of the clause that sets it")]
    holder: str
    holder_unit_id: UUID | None
    effect: Annotated[Effect, Meta(description="changed, opened (it was missing) or corrected-away (it was never due)")]
    before: DeadlineFace | None
    after: DeadlineFace | None


class FigureChange(Struct, frozen=True):
    """A figure of a month that changes (月度数字变动), by how much, and whether that month is closed."""

    month: Annotated[str, Meta(description="YYYY-MM")]
    measure: Annotated[str, Meta(description="received, closed, due, met, overdue or justified; can grow")]
    unit_id: Annotated[UUID | None, Meta(description="The unit that holds the deadlines counted; null for an office's")]
    category: str | None
    track: str | None
    change: int
    closed: Annotated[bool, Meta(title="已封账", description="Whether the figures of the month are closed")]


class PartEffect(Struct, frozen=True):
    """What follows for a part into which the case was split, and which follows the correction (拆分事项随之更正)."""

    case_id: UUID
    number: str
    deadlines: tuple[DeadlineEffect, ...]
    figures: tuple[FigureChange, ...]


class Consequences(Struct, frozen=True):
    """All that follows from a correction, and ``digest``, which a decision names to say what it was taken on."""

    deadlines: tuple[DeadlineEffect, ...]
    figures: tuple[FigureChange, ...]
    digest: Annotated[str, Meta(description="Names these consequences; another set has another")]
    parts: Annotated[
        tuple[PartEffect, ...],
        Meta(title="拆分事项", description="What a receipt on another day changes of the parts that count from it"),
    ] = ()

    @property
    def closed_months(self) -> tuple[str, ...]:
        """The closed months whose figures change, of the case or of its parts."""
        figures = (*self.figures, *(figure for part in self.parts for figure in part.figures))
        return tuple(dict.fromkeys(item.month for item in figures if item.closed))


def weigh(case: Case, made: Rederived, closed: Collection[date], world: World) -> Consequences:
    """The consequences for a case of a correction that was derived, as they are at the world's legal time."""
    effects = tuple(_effect(pair, world.now) for pair in made.changed)
    changes = differences(tally(case, world), tally(made.case, world))
    figures = tuple(_figure(line, change, closed) for line, change in changes.items())
    return Consequences(effects, figures, _digest(effects, figures))


def with_parts(own: Consequences, parts: tuple[PartEffect, ...]) -> Consequences:
    """The consequences with those for the parts of the case."""
    if not parts:
        return own
    return Consequences(own.deadlines, own.figures, _digest(own.deadlines, own.figures, *parts), parts)


def _effect(pair: Pair, now: datetime) -> DeadlineEffect:
    before = pair.before.note if pair.before else None
    after = pair.after.note if pair.after else None
    shown = before or after
    if shown is None:
        raise ValueError("a deadline that is neither before nor after")
    effect = Effect.OPENED if before is None else Effect.CORRECTED_AWAY if after is None else Effect.CHANGED
    return DeadlineEffect(
        before.id if before else None,
        shown.key,
        shown.clause,
        shown.holder,
        shown.holder_unit_id,
        effect,
        _face(before, now),
        _face(after, now),
    )


def _face(note: DeadlineNote | None, now: datetime) -> DeadlineFace | None:
    return DeadlineFace(note.due_on, note.due_at, note.state, note.ran_out_by(now)) if note else None


def _figure(line: Line, change: int, closed: Collection[date]) -> FigureChange:
    month = f"{line.month:%Y-%m}"
    is_closed = line.month in closed
    return FigureChange(month, line.measure.value, line.unit_id, line.category, line.track, change, is_closed)


def _digest(effects: tuple[DeadlineEffect, ...], figures: tuple[FigureChange, ...], *parts: PartEffect) -> str:
    return sha256(msgspec.json.encode([effects, figures, *parts])).hexdigest()[:32]
