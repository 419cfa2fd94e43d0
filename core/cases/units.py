"""What units do with a case beyond working on it: sign, give it back, pass it on, take another in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec

from core.cases.case import Assignment, Case, DeadlineNote, Standing
from core.cases.order import Capacity, Order
from core.cases.requests import check_asking, find_request
from core.cases.world import World
from core.errors import OutOfOrder, Refused
from core.procedure import CO_HANDLER, RETURN, Part, Role, Verb
from core.sanctions.holding import SUBJECT, is_about

SIGNING, PASSING, JOINING = "wenze:house#sign", "wenze:house#passon", "wenze:house#cohandler"


@dataclass(frozen=True, slots=True)
class Handover:
    """A unit's part goes to another, together with the deadlines that it holds: the clock does not start anew."""

    giver: UUID
    taker: UUID


def check_units(case: Case, order: Order, acting: Capacity, world: World) -> None:
    """What a unit may ask, sign and pass on. Raises :class:`OutOfOrder` and :class:`Refused`."""
    standing = case.standing
    if order.step.within is not None:
        check_window(standing, order, acting)
    if order.step.asks is not None:
        check_asking(case, order, acting)
    if order.step.verb is Verb.SIGN:
        _check_unsigned(standing, acting)
    if order.step.verb is Verb.PASS_ON:
        _check_below(order, acting, world)
    if order.step.verb is Verb.PASS_ON or order.step.asks == CO_HANDLER:
        _check_outside(standing, UUID(order.data["unit_id"]), "/unit_id", order.step.clause)
    if order.joining is not None:
        _check_outside(standing, order.joining, None, JOINING)


def check_window(standing: Standing, order: Order, acting: Capacity) -> None:
    """A right is used in its time: the unit's last window of that name has not run out, whatever became of it."""
    mine = (note for note in standing.deadlines if note.key == order.step.within)
    windows = [
        note
        for note in mine
        if (is_about(note.holder, order) if note.holder.startswith(SUBJECT) else note.holder_unit_id == acting.unit_id)
    ]
    if windows and order.occurred_at >= windows[-1].due_at:
        raise Refused("requests.window-over", clause=windows[-1].clause, due=windows[-1].due_on.isoformat())


def _check_unsigned(standing: Standing, acting: Capacity) -> None:
    mine = standing.assignment(acting.unit_id)
    if mine is not None and mine.signed_at is not None:
        raise OutOfOrder("requests.signed-already", clause=SIGNING)


def _check_below(order: Order, acting: Capacity, world: World) -> None:
    below = world.units_below(acting.unit_id, world.local_day(order.occurred_at)) if acting.unit_id else ()
    if UUID(order.data["unit_id"]) not in below:
        raise Refused("requests.not-below", field="/unit_id", clause=PASSING)


def _check_outside(standing: Standing, unit_id: UUID, field: str | None, clause: str) -> None:
    if standing.is_seen_by(frozenset({unit_id})):
        raise Refused("requests.has-it-already", field=field, clause=clause)


def find_handover(standing: Standing, order: Order, acting: Capacity) -> Handover | None:
    """Which unit's part goes to which by the step; ``None`` where none does."""
    if order.step.verb is Verb.PASS_ON and acting.unit_id:
        return Handover(acting.unit_id, UUID(order.data["unit_id"]))
    if order.step.verb is Verb.GRANT and order.step.decides == RETURN:
        found = find_request(standing, order)
        if found.decider_unit_id and found.unit_id:
            return Handover(found.unit_id, found.decider_unit_id)
    return None


def find_giver(standing: Standing, order: Order, acting: Capacity) -> UUID | None:
    """The unit whose part the step takes: it passes the case on or gave it back; ``None`` where none does."""
    handover = find_handover(standing, order, acting)
    if handover is not None:
        return handover.giver
    return find_request(standing, order).unit_id if is_returned(standing, order) else None


def is_returned(standing: Standing, order: Order) -> bool:
    """Whether the step takes a case from a unit that it was dispatched to wrongly."""
    grants = order.step.verb is Verb.GRANT and order.step.decides == RETURN
    return grants and find_request(standing, order).decider_unit_id is None


def place_units(standing: Standing, order: Order, acting: Capacity) -> Standing:
    """The standing with the units that have the case after the step, each with who signed for it."""
    units = standing.units
    handover = find_handover(standing, order, acting)
    if handover is not None:
        units = tuple(_hand_over(item, handover) for item in units)
    elif is_returned(standing, order):
        units = _without(units, find_request(standing, order).unit_id)
    elif order.joining is not None:
        units = (*units, Assignment(order.joining, Part.COOPERATING))
    return msgspec.structs.replace(standing, units=tuple(_sign(item, order, acting) for item in units))


def _hand_over(item: Assignment, handover: Handover) -> Assignment:
    if item.unit_id != handover.giver:
        return item
    back = bool(item.via) and item.via[-1] == handover.taker
    return Assignment(handover.taker, item.part, item.via[:-1] if back else (*item.via, handover.giver))


def _without(units: tuple[Assignment, ...], unit_id: UUID | None) -> tuple[Assignment, ...]:
    """The units that keep the case; without its lead nobody does, as the next dispatch names them all."""
    left = tuple(item for item in units if item.unit_id != unit_id)
    return left if any(item.part is Part.LEAD for item in left) else ()


def _sign(item: Assignment, order: Order, acting: Capacity) -> Assignment:
    """Whoever works on a case has received it: a unit's first step, whichever it is, signs for it."""
    if acting.role is not Role.UNIT_OFFICER or acting.unit_id != item.unit_id or item.signed_at is not None:
        return item
    return msgspec.structs.replace(item, signed_at=order.occurred_at, officer_id=acting.person_id)


def moves_with(note: DeadlineNote, handover: Handover | None) -> bool:
    """Whether a deadline goes to the unit that takes the part over: one that is open, or paused."""
    return handover is not None and note.is_owed and note.holder_unit_id == handover.giver
