"""Answers in the store: each kept beside its step, the petitioner's own words sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from core.cases.case import Case
from core.cases.life import Outcome
from core.cases.members import find_joined
from core.errors import Refused
from core.feedback.forms import FEEDBACK, Way
from core.procedure import Role
from core.store.tables import feedback
from core.tenants.names import normalise

if TYPE_CHECKING:
    from core.cases.service import Desk


def sealed_for(answer_id: UUID) -> str:
    """What the words of an answer are bound to."""
    return f"feedback-words:{answer_id}"


async def write_answer(desk: Desk, after: Case, outcome: Outcome) -> None:
    """Keeps an answer, or the attempt to get one, in the transaction of its step.

    Raises :class:`Refused` for a petitioner whom the case does not have, and where the petitioner is said to have come with
    a case that was not merged into this one, at once or over others.
    """
    order = outcome.order
    told = order.data
    merged = UUID(told["merged_case_id"]) if told.get("merged_case_id") else None
    await _check_petitioner(desk, after, told["petitioner_number"], merged)
    by_receipt = outcome.capacity.role is Role.PETITIONER
    row = {
        "id": order.id,
        "case_id": after.id,
        "round": after.standing.rounds,
        "petitioner_number": told["petitioner_number"],
        "merged_case_id": merged,
        "lead_unit_id": after.standing.lead,
        "way": (Way.RECEIPT if by_receipt else Way.CALL_BACK).value,
        "reached": told["reached"],
        "satisfied": told.get("satisfied"),
        "dissatisfaction": told.get("dissatisfaction"),
        "words": await _sealed(desk, order.id, order.words),
        "person_id": None if by_receipt else desk.principal.person_id,
        "occurred_at": order.occurred_at,
        "recorded_at": desk.recorded_at,
    }
    desk.session.add(feedback, row)


async def _check_petitioner(desk: Desk, case: Case, number: int, merged: UUID | None) -> None:
    if number == 1 and merged is None:
        return
    joined = {row["id"]: row for row in await find_joined(desk.session, case.id)}
    if merged is not None and (merged == case.id or merged not in joined):
        raise Refused("feedback.no-such-merged-case", field="/merged_case_id", clause=FEEDBACK)
    came_with = merged or case.id
    others = sum(row["standing"].petitioners for row in joined.values() if row["merged_into"] == came_with)
    count = max(joined[came_with]["standing"].petitioners - others, 1)
    if number > count:
        raise Refused("feedback.no-such-petitioner", field="/petitioner_number", clause=FEEDBACK, count=count)


async def _sealed(desk: Desk, id_: UUID, words: str | None) -> bytes | None:
    if words is None:
        return None
    return (await desk.session.keys()).seal(normalise(words).encode(), sealed_for(id_))
