"""What a step moves: deadlines that it pauses, lets go on, or extends (promise 3). Pure.

A step only adds an entry to the ledger of a deadline; its date is always derived from the original term and all entries
(:mod:`core.deadlines.ledger`). What has run out is not moved: lateness is not cured by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from core.cases.case import PAUSED, DeadlineNote, Standing
from core.cases.order import Capacity, Order
from core.cases.requests import find_request
from core.cases.world import World
from core.deadlines.explanation import Explanation, explain, source_of
from core.deadlines.ledger import Entry, EntryKind
from core.errors import OutOfOrder, Refused
from core.law.citation import Citation
from core.law.instrument import Term
from core.procedure import EXTENSION, CaseKind, Role, StepKind, Verb

_CLAUSES = {
    EntryKind.PAUSE: "wenze:house#pause",
    EntryKind.RESUME: "wenze:house#pause",
    EntryKind.EXTENSION: "wenze:house#extension",
}
_KINDS = {Verb.PAUSE: EntryKind.PAUSE, Verb.RESUME: EntryKind.RESUME, Verb.EXTEND: EntryKind.EXTENSION}


@dataclass(frozen=True, slots=True)
class Movement:
    """A deadline that a step moved: as it is from then on, and how it was counted before and is now."""

    note: DeadlineNote
    kind: EntryKind
    before: Explanation
    after: Explanation


def entry_kind(step: StepKind) -> EntryKind | None:
    """What a step writes into the ledgers of deadlines; ``None`` for nothing."""
    if step.verb is Verb.GRANT and step.decides == EXTENSION:
        return EntryKind.EXTENSION
    return _KINDS.get(step.verb)


def derive_movements(world: World, order: Order, capacity: Capacity, standing: Standing) -> tuple[Movement, ...]:
    """The deadlines that a step moves, each with its new date.

    Raises :class:`OutOfOrder` where there is none, or none that the step could pause or resume, :class:`Refused` where all
    have run out, and what :func:`core.deadlines.ledger.derive_due` raises.
    """
    kind = entry_kind(order.step)
    if kind is None:
        return ()
    moved = find_moved(world, order, capacity, standing, kind)
    entry = Entry(kind, order.occurred_at, _length(order, standing) if kind is EntryKind.EXTENSION and moved else None)
    return tuple(_move(note, entry, world) for note in moved)


def find_moved(
    world: World, order: Order, capacity: Capacity, standing: Standing, kind: EntryKind
) -> tuple[DeadlineNote, ...]:
    """The deadlines that a step would move now. An extension of what no tenant's figure has made arise moves nothing, and
    only tells of itself; raises what :func:`derive_movements` raises."""
    clause, keys = _CLAUSES[kind], order.step.moves
    if kind is EntryKind.EXTENSION and _is_idle(world.kind, keys, standing):
        return ()
    owed = [note for note in standing.owed_deadlines if note.key in keys and _is_theirs(note, order, capacity, standing)]
    if not owed or not {note.holder_unit_id for note in owed}.issuperset(order.named_units):
        raise OutOfOrder("deadlines.nothing-to-move", clause=clause)
    fitting = [note for note in owed if _fits(note, kind)]
    if not fitting:
        if kind is EntryKind.PAUSE:
            raise OutOfOrder("deadlines.paused-already", clause=clause)
        raise OutOfOrder("deadlines.not-paused", clause=clause)
    in_time = tuple(note for note in fitting if not note.overdue_at(order.occurred_at))
    if not in_time:
        raise Refused("deadlines.ran-out", clause=clause, due=fitting[0].due_on.isoformat())
    return in_time


def has_something_to_move(step: StepKind, kind: CaseKind, standing: Standing) -> bool:
    """Whether a deadline is there that the step could pause, resume or extend; so for a step that does none of it."""
    does = EntryKind.EXTENSION if step.asks == EXTENSION else entry_kind(step)
    if does is None or step.decides is not None or (does is EntryKind.EXTENSION and _is_idle(kind, step.moves, standing)):
        return True
    return any(note.key in step.moves and _fits(note, does) for note in standing.owed_deadlines)


def _is_idle(kind: CaseKind, keys: tuple[str, ...], standing: Standing) -> bool:
    """Whether all that would be moved is optional, and nothing of it has ever arisen."""
    optional = {rule.key for rule in kind.deadlines if rule.optional}
    return set(keys) <= optional and not any(note.key in keys for note in standing.deadlines)


def _fits(note: DeadlineNote, kind: EntryKind) -> bool:
    return kind is EntryKind.EXTENSION or (note.state == PAUSED) == (kind is EntryKind.RESUME)


def _is_theirs(note: DeadlineNote, order: Order, capacity: Capacity, standing: Standing) -> bool:
    """Whether the step is about this holder: the unit that acts, or that asked; one that it names; else every unit of its
    part."""
    unit = acting_unit(order, capacity, standing)
    if unit is not None:
        return note.holder_unit_id == unit
    if order.named_units:
        return note.holder_unit_id in order.named_units
    part = order.step.part
    held = standing.assignment(note.holder_unit_id)
    return part is None or (held is not None and held.part is part)


def acting_unit(order: Order, capacity: Capacity, standing: Standing) -> UUID | None:
    """The unit whose deadlines a step moves; ``None`` where it is not about one alone."""
    if order.step.decides is not None:
        return find_request(standing, order).unit_id
    return capacity.unit_id if capacity.role is Role.UNIT_OFFICER else None


def _length(order: Order, standing: Standing) -> Term:
    """By how long the step extends: as it says itself, else as it was asked for. Raises :class:`Refused` for no length."""
    given = order.data.get("length")
    if given is not None:
        return msgspec.convert(given, Term)
    asked = find_request(standing, order).length if order.step.decides else None
    if asked is None:
        raise Refused("deadlines.length-missing", field="/length", clause=_CLAUSES[EntryKind.EXTENSION])
    return Term(asked.unit, asked.length)


def _move(note: DeadlineNote, entry: Entry, world: World) -> Movement:
    before = world.explanations[note.id]
    entries = (*before.entries, entry)
    after = explain(before.term, before.starts_at, world.calendar, source_of(before), entries)
    return Movement(moved_note(note, entry, after), entry.kind, before, after)


def moved_note(note: DeadlineNote, entry: Entry, after: Explanation) -> DeadlineNote:
    """The deadline with the dates of an explanation, paused or running as the entry left it."""
    state, paused_at = note.state, note.paused_at
    if entry.kind is EntryKind.PAUSE:
        state, paused_at = PAUSED, entry.at
    if entry.kind is EntryKind.RESUME:
        state, paused_at = "open", None
    return msgspec.structs.replace(
        note,
        due_on=after.due_on,
        due_at=after.due_at,
        provisional=after.provisional,
        state=state,
        paused_at=paused_at,
    )


def check_moves(world: World, order: Order, capacity: Capacity, standing: Standing) -> None:
    """Whether a step that moves deadlines, or asks for that, may be taken: permitted by the tenant, within the limit of
    extensions, with something to move. Raises :class:`Refused` and :class:`OutOfOrder`."""
    step = order.step
    kind = EntryKind.EXTENSION if step.asks == EXTENSION else entry_kind(step)
    if kind is None:
        return
    day = world.local_day(order.occurred_at)
    if step.permitted_by is not None and world.find_permission(step.permitted_by, day) is None:
        raise Refused("deadlines.not-permitted", clause=_CLAUSES[kind], setting=step.permitted_by)
    moved = find_moved(world, order, capacity, standing, kind)
    if kind is EntryKind.EXTENSION and moved:
        _check_limit(_length(order, standing), moved, order, world)


def _check_limit(length: Term, moved: Iterable[DeadlineNote], order: Order, world: World) -> None:
    """All extensions of a deadline together stay within the tenant's limit (R11), or the one that the clause gives."""
    limit = _find_limit(order, world)
    if limit is None:
        return
    clause, unit = order.step.clause, limit.unit.value
    if length.unit is not limit.unit:
        raise Refused("deadlines.limit-other-unit", field="/length/unit", clause=clause, unit=unit)
    asked = max(_extended(world.explanations[note.id], limit) for note in moved) + length.length
    if asked <= limit.length:
        return
    told: dict[str, str | int] = {"asked": asked, "limit": limit.length, "unit": unit}
    if not order.step.beyond_limit:
        raise Refused("deadlines.limit-exceeded", field="/length/length", clause=clause, **told)
    if not order.data.get("beyond_reason", "").strip():
        raise Refused("deadlines.limit-exceeded-bare", field="/beyond_reason", clause=clause, **told)


def _find_limit(order: Order, world: World) -> Term | None:
    day = world.local_day(order.occurred_at)
    if order.step.limit is None:
        stated = world.rulebook.passage(Citation.parse(order.step.clause), day).term
        return stated if stated is not None and stated.at_most else None
    found = world.find_term(order.step.limit, day)
    if found is None:
        raise Refused("deadlines.limit-not-set", clause=order.step.clause, setting=order.step.limit)
    return found.term


def _extended(explanation: Explanation, limit: Term) -> int:
    """By how much a deadline was extended so far, in the unit of the limit: in another nothing was, while it held."""
    lengths = (entry.term for entry in explanation.entries if entry.term is not None)
    return sum(item.length for item in lengths if item.unit is limit.unit)
