"""Whether the lateness of a deadline is justified (正当理由): its holder asks, somebody else finds it, and can take it back.

Pure. It is never erased: the breach, its notices and its counts stay, and beside them stands that it was found justified,
by which step and why. It can be asked for while a deadline runs that cannot be kept, and in any state of the case once it
has run out, met late or not. What was decided is not asked again in the same words: asking anew tells something new.
"""

from __future__ import annotations

import unicodedata
from uuid import UUID

import msgspec

from core.cases.case import DeadlineNote, Justified, PendingRequest, Standing
from core.cases.order import Capacity, Order
from core.cases.requests import OWN, find_decided
from core.cases.world import World
from core.corrections.correction import CORRECTED_AWAY
from core.deadlines.derive import MOVED, Ending
from core.errors import Forbidden, OutOfOrder, Refused
from core.procedure import JUSTIFICATION, Role, StepKind, Verb

RULE = "wenze:house#justification"
OFFICE = "office:"
"""How the holder of a deadline begins that is an office of the tenant."""
_DEADLINE = "/deadline_id"


def named_deadline(order: Order) -> UUID | None:
    """The deadline that a step names itself."""
    named = order.data.get("deadline_id")
    return UUID(named) if named and order.step.is_about_lateness else None


def find_concerned(standing: Standing, order: Order) -> UUID | None:
    """The deadline that a step is about: the one that it names, or of which the request that it decides on was made."""
    if order.step.decides == JUSTIFICATION:
        found = find_decided(standing, order)
        return found.deadline_id if found else None
    return named_deadline(order)


def can_be_late(note: DeadlineNote) -> bool:
    """Whether there is, or can still be, a lateness: it is owed, or ended too late. A right has none, nor has what was
    corrected away or went to another unit."""
    if note.window or note.state in {CORRECTED_AWAY, *MOVED}:
        return False
    return note.is_owed or (note.ended_at is not None and note.ran_out_by(note.ended_at))


def asking_roles(standing: Standing, order: Order) -> tuple[Role, ...]:
    """The roles in which a justification is asked for: a unit's officer for what a unit holds, the others for an office."""
    note = standing.deadline(named_deadline(order))
    if note is None:
        return order.step.by
    return tuple(role for role in order.step.by if (role is Role.UNIT_OFFICER) is not note.holder.startswith(OFFICE))


def has_something_to_justify(step: StepKind, standing: Standing) -> bool:
    """Whether a deadline is there of which the step could ask or take back a justification; so for all other steps."""
    if step.asks == JUSTIFICATION:
        return any(_is_open_to_asking(note, standing) for note in standing.deadlines)
    if step.revokes == JUSTIFICATION:
        return any(note.justified is not None for note in standing.deadlines)
    return True


def may_ask(standing: Standing, role: Role, units: frozenset[UUID]) -> bool:
    """Whether there is something for which somebody of that role could ask, who belongs to these units."""
    asking = [note for note in standing.deadlines if _is_open_to_asking(note, standing)]
    officer = role is Role.UNIT_OFFICER
    return any(note.holder.startswith(OFFICE) is not officer and _is_of(note, units) for note in asking)


def may_find(step: StepKind, standing: Standing, units: frozenset[UUID]) -> bool:
    """Whether there is something that somebody who belongs to these units could find, decline or take back by the step."""
    if step.decides is not None:
        asked = (standing.deadline(item.deadline_id) for item in standing.pending if item.key == step.decides)
        return any(note is None or not _is_held_by(note, units) for note in asked)
    return any(note.justified is not None and not _is_held_by(note, units) for note in standing.deadlines)


def _is_held_by(note: DeadlineNote, units: frozenset[UUID]) -> bool:
    return note.holder_unit_id is not None and note.holder_unit_id in units


def _is_open_to_asking(note: DeadlineNote, standing: Standing) -> bool:
    waits = any(item.deadline_id == note.id for item in standing.pending)
    return can_be_late(note) and note.justified is None and not waits


def _is_of(note: DeadlineNote, units: frozenset[UUID]) -> bool:
    """Whether a deadline is held by one of the units, or by an office that no unit fills."""
    return note.holder_unit_id in units or (note.holder_unit_id is None and note.holder.startswith(OFFICE))


def check_justification(world: World, order: Order, acting: Capacity, standing: Standing) -> None:
    """Whether what a step asks, finds or takes back can be.

    Raises :class:`Forbidden` for who asks of another's deadline and who decides on one of the own unit, :class:`OutOfOrder`
    for what was found already or never, and :class:`Refused` for a deadline of which nobody is late, and for the same words
    again.
    """
    step = order.step
    if not step.is_about_lateness:
        return
    note = standing.deadline(find_concerned(standing, order))
    if step.asks is not None:
        _check_asked(note, order, acting, world)
        return
    if note is not None and _is_held_by(note, acting.near_units):
        raise Forbidden("justifications.own-unit", clause=OWN)
    if step.verb is Verb.GRANT and (note is None or not can_be_late(note)):
        raise Refused("justifications.late-no-more", clause=RULE)
    if step.revokes is not None and (note is None or note.justified is None):
        raise OutOfOrder("justifications.none-found", field=_DEADLINE, clause=RULE)


def _check_asked(note: DeadlineNote | None, order: Order, acting: Capacity, world: World) -> None:
    if note is None or not can_be_late(note):
        raise Refused("justifications.nobody-late", field=_DEADLINE, clause=RULE)
    unit = frozenset({acting.unit_id} if acting.unit_id else ())
    if not _is_of(note, unit if acting.role is Role.UNIT_OFFICER else acting.own_units):
        raise Forbidden("justifications.not-yours", field=_DEADLINE, clause=RULE)
    if note.justified is not None:
        raise OutOfOrder("justifications.found-already", field=_DEADLINE, clause=RULE)
    if plain_words(order.data["reason"]) in map(plain_words, world.decided_reasons.get(note.id, ())):
        raise Refused("justifications.same-words", field="/reason", clause=RULE)


def plain_words(text: str) -> str:
    """The letters and digits of a reason: what is only written otherwise says nothing new."""
    return "".join(item for item in unicodedata.normalize("NFKC", text).casefold() if item.isalnum())


def follow_justification(before: Standing, after: Standing, order: Order, acting: Capacity) -> Standing:
    """The standing with what a step found of a lateness, or took back; whether it may be found is not asked."""
    finds = order.step.verb is Verb.GRANT
    if not order.step.is_about_lateness or not (finds or order.step.revokes):
        return after
    about = find_concerned(before, order)
    why = Justified(order.id, order.occurred_at, acting.person_id, order.data["reason"]) if finds else None
    return msgspec.structs.replace(
        after,
        deadlines=tuple(
            msgspec.structs.replace(note, justified=why) if note.id == about else note for note in after.deadlines
        ),
    )


def drop_pointless(standing: Standing, endings: tuple[Ending, ...]) -> Standing:
    """The standing without the requests about deadlines that end in time, or go to another unit: of them nobody is late."""
    over = {ending.note.id for ending in endings if not can_be_late(_ended(ending))}
    kept = tuple(item for item in standing.pending if not _is_about(item, over))
    return standing if len(kept) == len(standing.pending) else msgspec.structs.replace(standing, pending=kept)


def _ended(ending: Ending) -> DeadlineNote:
    return msgspec.structs.replace(ending.note, state=ending.state, ended_at=ending.ended_at)


def _is_about(item: PendingRequest, deadlines: set[UUID]) -> bool:
    return item.deadline_id is not None and item.deadline_id in deadlines


def acting_unit(standing: Standing, order: Order) -> UUID | None:
    """The unit for whose deadline a step asks, so that an officer of several asks for the right one."""
    note = standing.deadline(named_deadline(order)) if order.step.asks == JUSTIFICATION else None
    return note.holder_unit_id if note else None
