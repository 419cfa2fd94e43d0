"""A petitioner's own answer, by receipt: who holds it answers for the petitioner that it was given to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select

from core.cases.case import Case
from core.cases.receipts import Held, find_by_receipt
from core.cases.service import lock_case, take_step
from core.errors import OutOfOrder
from core.feedback.answers import find_heard
from core.feedback.bodies import WhyNot, Words
from core.feedback.forms import FEEDBACK, Dissatisfaction, Reached
from core.ids import receipt_hash
from core.procedure import CaseKind, Role, StepKind, Verb
from core.store.tables import TENANT, case_petitioner
from core.tenants.principal import Grant

if TYPE_CHECKING:
    from core.cases.service import Desk

_NUMBER = select(case_petitioner.c.seq).where(
    case_petitioner.c.tenant == TENANT, case_petitioner.c.receipt_hash == bindparam("of_receipt")
)


class ReceiptAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """What the holder of a receipt says of the last reply."""

    receipt: Annotated[str, Meta(min_length=1, max_length=64, title="查询码")]
    satisfied: Annotated[bool, Meta(title="是否满意")]
    dissatisfaction: WhyNot = None
    words: Words = None


class _Answer(Struct, frozen=True):
    satisfied: bool
    dissatisfaction: Dissatisfaction | None
    words: str | None
    petitioner_number: int
    merged_case_id: UUID | None
    reached: Reached = Reached.REACHED


async def answer_by_receipt(desk: Desk, asked: ReceiptAnswer) -> Case:
    """Takes a petitioner's answer as a step of the case in which the matter goes on.

    Raises :class:`core.errors.NotFound` for a receipt that is none, :class:`OutOfOrder` where no answer is waited for or
    this petitioner has given theirs, and :class:`core.errors.Refused` for one that is not whole.
    """
    held = await find_by_receipt(desk.session, asked.receipt)
    number, came_with = await _find_holder(desk, held, asked.receipt)
    case = await lock_case(desk.session, held.going_on.id)
    step = answering_step(desk.snapshot.jurisdiction.kind(case.kind))
    if not case.standing.asking:
        raise OutOfOrder("feedback.not-replied", clause=FEEDBACK)
    body = _Answer(asked.satisfied, asked.dissatisfaction, asked.words, number, came_with)
    holder = replace(desk.principal, grants=(Grant(Role.PETITIONER, None),))
    # Others may have answered while this one waited for the case: it comes after them, and is not refused for that.
    now = max(desk.now, case.standing.last_occurred_at)
    return await take_step(replace(desk, principal=holder, now=now), case, step, body, case.version)


async def is_awaited(desk: Desk, held: Held, receipt: str) -> bool:
    """Whether the last reply waits for the answer of who holds this receipt."""
    standing = held.going_on.standing
    if not standing.asking or _find_step(desk.snapshot.jurisdiction.kind(held.going_on.kind)) is None:
        return False
    return find_heard(standing, *await _find_holder(desk, held, receipt)) is None


async def _find_holder(desk: Desk, held: Held, receipt: str) -> tuple[int, UUID | None]:
    """Which of a case's petitioners holds the receipt, and with which merged case they came."""
    number = await desk.session.scalar(_NUMBER, {"of_receipt": receipt_hash(receipt)}) or 1
    return number, held.own.id if held.own.id != held.going_on.id else None


def answering_step(kind: CaseKind) -> StepKind:
    """The step by which the petitioners of such cases answer; raises :class:`OutOfOrder` for a kind that has none."""
    step = _find_step(kind)
    if step is None:
        raise OutOfOrder("feedback.not-offered", clause=FEEDBACK)
    return msgspec.structs.replace(step, by=(Role.PETITIONER,))


def _find_step(kind: CaseKind) -> StepKind | None:
    return next((step for step in kind.steps if step.verb is Verb.FEEDBACK), None)
