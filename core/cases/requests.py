"""Requests: somebody asks, somebody else decides (退单, 申请协办, a city's own). Pure.

A step with ``asks`` leaves a request pending in the case; a step with ``decides`` grants or declines it. What granting
does to the units of a case is :mod:`core.cases.units`.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import msgspec

from core.cases.case import Case, PendingRequest, Standing
from core.cases.order import Capacity, Order
from core.errors import Forbidden, OutOfOrder, Refused
from core.law.instrument import TermFigure
from core.procedure import CO_HANDLER, EXTENSION, JUSTIFICATION, CaseKind, Role, StepKind, Verb

DECISION = "wenze:house#request"
OWN = "wenze:readings#r12"
DECIDED_BY_HOUSE: dict[str, tuple[Role, ...]] = {"correction": (Role.SUPERVISOR,)}
"""Requests that no step of a city's data decides, and who does."""


def find_request(standing: Standing, order: Order) -> PendingRequest:
    """The request that a deciding step is about: the one it names, or the only one.

    Raises :class:`OutOfOrder` where none such is pending, :class:`Refused` where several are and none is named.
    """
    waiting = [item for item in standing.pending if item.key == order.step.decides]
    named = order.data.get("request_id")
    if named is not None:
        waiting = [item for item in waiting if str(item.id) == named]
    if not waiting:
        raise OutOfOrder("requests.nothing-asked", field="/request_id" if named else None, clause=DECISION)
    if len(waiting) > 1:
        raise Refused("requests.unnamed", field="/request_id", clause=DECISION, count=len(waiting))
    return waiting[0]


def find_decided(standing: Standing, order: Order) -> PendingRequest | None:
    """The request that a step decided that was taken; ``None`` where it decides none. One about a lateness can be there no
    more in a history that was put right: then nobody was late."""
    if order.step.decides is None:
        return None
    try:
        return find_request(standing, order)
    except OutOfOrder:
        if order.step.decides == JUSTIFICATION:
            return None
        raise


def complete(order: Order, standing: Standing) -> Order:
    """The order with the unit that is to join by it; a decision on nothing stays as it is, and the checks refuse it."""
    if order.step.verb is not Verb.GRANT or order.step.decides != CO_HANDLER:
        return order
    try:
        return replace(order, joining=find_request(standing, order).joining)
    except (OutOfOrder, Refused):
        return order


def deciding_roles(standing: Standing, order: Order) -> tuple[Role, ...]:
    """The roles in which a step can be taken: of those that its data names, the ones that the request leaves."""
    step = order.step
    if step.decides is None:
        return step.by
    try:
        above = find_request(standing, order).decider_unit_id
    except (OutOfOrder, Refused):
        return step.by
    return tuple(role for role in step.by if (role is Role.UNIT_OFFICER) is (above is not None))


def check_decider(standing: Standing, order: Order, capacity: Capacity) -> None:
    """The unit that passed the case on decides what the unit below asks, else the step's roles; nobody an own request, nor
    that of a client of their own."""
    found = find_request(standing, order)
    above = found.decider_unit_id
    if above is not None and (capacity.role is not Role.UNIT_OFFICER or above not in capacity.units):
        raise Forbidden("requests.for-unit-above", clause=DECISION)
    if above is None and capacity.role is Role.UNIT_OFFICER:
        roles = ", ".join(role for role in order.step.by if role is not Role.UNIT_OFFICER)
        raise Forbidden("cases.role-missing", clause=order.step.clause, roles=roles)
    if capacity.is_hand_of(found.person_id):
        raise Refused("requests.own", clause=OWN)


def decide_as(standing: Standing, order: Order, capacity: Capacity) -> Capacity:
    """The capacity with the unit for which the decision is made."""
    return replace(capacity, unit_id=find_request(standing, order).decider_unit_id or capacity.unit_id)


def may_decide(standing: Standing, step: StepKind, role: Role, unit_id: UUID | None) -> bool:
    """Whether something that the step decides waits for somebody of that role, for a unit officer in that unit."""
    waiting = [item.decider_unit_id for item in standing.pending if item.key == step.decides]
    return unit_id in waiting if role is Role.UNIT_OFFICER and unit_id else role is not Role.UNIT_OFFICER and None in waiting


def check_asking(case: Case, order: Order, acting: Capacity) -> None:
    """One thing is asked once at a time by one unit, or by one person who asks for none; a justification of a deadline."""
    for item in case.standing.pending:
        same = item.unit_id == acting.unit_id if acting.unit_id else item.person_id == acting.person_id
        if order.step.asks == JUSTIFICATION:
            same = str(item.deadline_id) == order.data["deadline_id"]
        if item.key == order.step.asks and same:
            raise OutOfOrder("requests.asked-already", clause=DECISION)


def follow_requests(
    before: Standing, after: Standing, order: Order, acting: Capacity, kind: CaseKind, state: str
) -> Standing:
    """The standing with what the step asked added, what it decided taken out, and what nobody can decide any more lapsed."""
    decided = find_decided(before, order)
    kept = tuple(
        item for item in before.pending if item is not decided and not _is_moot(item, after, order, acting, kind, state)
    )
    asked = (_ask(before, order, acting),) if order.step.asks else ()
    return msgspec.structs.replace(after, pending=(*kept, *asked))


def _ask(standing: Standing, order: Order, acting: Capacity) -> PendingRequest:
    mine = standing.assignment(acting.unit_id) if acting.role is Role.UNIT_OFFICER else None
    named = order.data.get("unit_id")
    # More time is given by the centre, which gave the time, also to a unit that has the case from another; and so it finds
    # whether a lateness is justified.
    above = mine.via[-1] if mine and mine.via and order.step.asks not in {EXTENSION, JUSTIFICATION} else None
    return PendingRequest(
        id=order.id,
        key=order.step.asks or "",
        step=order.step.key,
        person_id=acting.person_id,
        unit_id=acting.unit_id,
        asked_at=order.occurred_at,
        decider_unit_id=above,
        joining=UUID(named) if named and order.step.asks == CO_HANDLER else None,
        length=msgspec.convert(order.data["length"], TermFigure) if order.step.asks == EXTENSION else None,
        deadline_id=UUID(order.data["deadline_id"]) if order.step.asks == JUSTIFICATION else None,
    )


def _is_moot(item: PendingRequest, after: Standing, order: Order, acting: Capacity, kind: CaseKind, state: str) -> bool:
    """Whether a request lapses: its unit has lost the case or reported that it is done, the case is dispatched anew, or has
    got to where nobody decides on it. One that no step of the kind decides is not the procedure's to end. Whether somebody
    was late is still a question when all of that has come to pass."""
    deciding = [step for step in kind.steps if step.decides == item.key]
    if not deciding or item.key == JUSTIFICATION:
        return False
    if order.step.verb is Verb.DISPATCH or not any(state in step.after for step in deciding):
        return True
    if item.unit_id is None:
        return False
    done = order.step.verb is Verb.HANDLE and acting.unit_id == item.unit_id
    return done or after.assignment(item.unit_id) is None
