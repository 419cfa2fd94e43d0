"""What an answer makes of a case. Pure.

A reply opens a round; in it each petitioner answers once. One who is not satisfied makes the case unsatisfied. The round is
over when the case moves on.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import Case, Heard, Standing
from core.cases.order import Capacity, Order
from core.errors import OutOfOrder, Refused
from core.feedback.forms import FEEDBACK, SATISFACTION, SENT_BACK, Dissatisfaction, Reached, Satisfaction
from core.procedure import Role, Verb


def check_answer(case: Case, order: Order, capacity: Capacity) -> None:
    """An answer comes to a reply, once from each petitioner, and whole.

    Raises :class:`OutOfOrder` where no reply waits for answers or the petitioner has given theirs, and :class:`Refused`.
    """
    if order.step.verb is not Verb.FEEDBACK:
        return
    if not case.standing.asking:
        raise OutOfOrder("feedback.not-replied", clause=order.step.clause)
    _check_whole(order)
    if find_heard(case.standing, _number(order), _brought(order)) is None:
        return
    if capacity.role is Role.PETITIONER:
        raise OutOfOrder("feedback.answered", clause=FEEDBACK)
    if not (order.note or "").strip():
        raise Refused("feedback.answered-before", field="/note", clause=FEEDBACK)


def _check_whole(order: Order) -> None:
    told = order.data
    reached, satisfied, why = told["reached"] == Reached.REACHED, told.get("satisfied"), told.get("dissatisfaction")
    _refuse(reached and satisfied is None, "feedback.satisfied-missing", "/satisfied")
    _refuse(not reached and satisfied is not None, "feedback.satisfied-untold", "/satisfied")
    _refuse(satisfied is False and why is None, "feedback.reason-missing", "/dissatisfaction")
    _refuse(satisfied is not False and why is not None, "feedback.reason-untold", "/dissatisfaction")
    _refuse(why == Dissatisfaction.OTHER and not (order.words or "").strip(), "feedback.words-missing", "/words")


def _refuse(is_so: bool, code: str, field: str) -> None:
    if is_so:
        raise Refused(code, field=field, clause=FEEDBACK)


def follow_round(standing: Standing, order: Order, *, moved: bool, final: bool) -> Standing:
    """The standing after a step: a reply opens a round, an answer is heard, and where the case moves on nobody is asked."""
    if order.step.verb is Verb.REPLY:
        return msgspec.structs.replace(standing, rounds=standing.rounds + 1, asking=not final, heard=())
    if order.step.verb is Verb.FEEDBACK:
        return msgspec.structs.replace(standing, heard=_hear(standing, order))
    return msgspec.structs.replace(standing, asking=False) if moved and standing.asking else standing


def follow_satisfaction(known: dict[str, Any], before: Standing, after: Standing, order: Order) -> dict[str, Any]:
    """The facts of a case with those that follow from answers: ``satisfaction``, and ``sent_back`` for want of it.

    What was sent back for it waits for what the next reply brings: nothing that was said earlier speaks of the redo. What
    is sent back before a reply is sent back for something else.
    """
    match order.step.verb:
        case Verb.FEEDBACK:
            return known | {SATISFACTION: _satisfaction(after)}
        case Verb.REPLY:
            return _without(known, SATISFACTION)
        case Verb.REOPEN:
            return _without(known, SATISFACTION, SENT_BACK)
        case Verb.SEND_BACK if before.asking:
            unsatisfied = known.get(SATISFACTION) == Satisfaction.UNSATISFIED
            return _without(known, SATISFACTION) | ({SENT_BACK: True} if unsatisfied else {})
        case _:
            return known


def _without(known: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in names}


def _satisfaction(standing: Standing) -> str:
    if not standing.heard:
        return Satisfaction.NOT_ASKED.value
    content = all(answer.satisfied for answer in standing.heard)
    return (Satisfaction.SATISFIED if content else Satisfaction.UNSATISFIED).value


def _hear(standing: Standing, order: Order) -> tuple[Heard, ...]:
    if order.data.get("satisfied") is None:
        return standing.heard
    before = find_heard(standing, _number(order), _brought(order))
    others = tuple(answer for answer in standing.heard if answer is not before)
    return (*others, Heard(_number(order), order.data["satisfied"], _brought(order)))


def find_heard(standing: Standing, number: int, merged_case: UUID | None) -> Heard | None:
    """What that petitioner, who came with that merged case, has said of the last reply."""
    who = number, merged_case
    return next((answer for answer in standing.heard if (answer.number, answer.merged_case) == who), None)


def _number(order: Order) -> int:
    number: int = order.data["petitioner_number"]
    return number


def _brought(order: Order) -> UUID | None:
    """The merged case with which the petitioner came."""
    told = order.data.get("merged_case_id")
    return UUID(told) if told else None
