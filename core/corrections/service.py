"""Corrections in the store: proposed by one person, decided by another, and then made as a step of the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, exists, select

from core.cases.case import Case, PendingRequest
from core.cases.disclosure import is_entrusted
from core.cases.recusal_rules import check_impartial
from core.cases.request_rows import DECLINED, GRANTED, PENDING, SETTLE, request_row
from core.cases.requests import OWN
from core.cases.service import Desk, find_case
from core.corrections.consequences import Consequences
from core.corrections.correction import CORRECT, CORRECTION, Correction
from core.corrections.making import change_of, make_correction
from core.corrections.months import MONTH
from core.corrections.proposal import CorrectionDecision
from core.corrections.record import CorrectionRecord
from core.corrections.weighing import Weighed, check_asker, weigh_correction
from core.errors import Conflict, Forbidden, NotFound, Refused, Stale
from core.ids import new_id
from core.procedure import Role
from core.store.tables.cases import case_step
from core.store.tables.requests import case_request
from core.store.tables.schema import TENANT

KIND = "correction"
"""What a request for a correction is called among the requests."""
_OF_CASE = (
    select(*(case_request.c[name] for name in CorrectionRecord.__struct_fields__))
    .where(case_request.c.tenant == TENANT, case_request.c.case_id == bindparam("of_case"), case_request.c.kind == KIND)
    .order_by(case_request.c.id)
)
_ONE = _OF_CASE.where(case_request.c.id == bindparam("of_id"))
_WAITING = select(
    exists().where(
        case_request.c.tenant == TENANT,
        case_request.c.case_id == bindparam("of_case"),
        case_request.c.kind == KIND,
        case_request.c.state == PENDING,
    )
)
_MADE = select(case_step.c.id, case_step.c.data).where(
    case_step.c.tenant == TENANT, case_step.c.case_id == bindparam("of_case"), case_step.c.verb == CORRECT
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A correction that waits for its decision, with what follows from it."""

    record: CorrectionRecord
    weighed: Weighed


async def propose_correction(desk: Desk, case_id: UUID, correction: Correction, reason: str) -> Proposed:
    """Asks for a correction; nothing of the case changes. One waits at a time, so that what each shows stays true.

    Raises :class:`Forbidden`, :class:`Conflict`, and what :func:`weigh_correction` raises.
    """
    case = await find_case(desk, case_id, lock=True)
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    role = check_asker(kind, desk.principal)
    if await desk.session.scalar(_WAITING, {"of_case": case.id}):
        raise Conflict("corrections.waiting")
    weighed = await weigh_correction(desk, case, correction)
    record = _new_record(desk, case, weighed, reason)
    asked = PendingRequest(record.id, KIND, CORRECT, record.person_id, None, record.asked_at)
    desk.session.add(case_request, request_row(case, asked, reason, record.data))
    told = {"facts": record.data["facts"], "reason": reason, "digest": weighed.consequences.digest}
    refs = {"case_id": str(case.id), "correction_id": str(record.id)}
    desk.session.record(change_of(case, "case.correction-asked", told, refs, role))
    return Proposed(record, weighed)


async def decide_correction(
    desk: Desk, case_id: UUID, correction_id: UUID, decision: CorrectionDecision, expected: int
) -> Case:
    """Grants or declines a correction, and makes it where it is granted; answers the case.

    Raises :class:`NotFound`, :class:`Stale`, :class:`Conflict` where it is decided already or its consequences are others
    than those shown, and :class:`Refused`: nobody decides what was asked by the same person (R12), nothing is granted
    unseen, and a closed month is not moved without saying so.
    """
    case = await find_case(desk, case_id, lock=True)
    check_impartial(case)
    record = await find_correction(desk, case, correction_id)
    if expected != case.version:
        raise Stale("cases.stale", current=case.version)
    if record.state != PENDING:
        raise Conflict("corrections.decided", state=record.state)
    if record.person_id in desk.hands:
        raise Refused("requests.own", clause=OWN)
    if not decision.grant:
        await _settle(desk, record, DECLINED, decision.reason, None)
        refs = {"case_id": str(case.id), "correction_id": str(record.id)}
        content = {"reason": decision.reason}
        desk.session.record(change_of(case, "case.correction-declined", content, refs, Role.SUPERVISOR))
        return case
    if not decision.consequences:
        raise Refused("corrections.consequences-missing", field="/consequences", clause=CORRECTION)
    weighed = await weigh_correction(desk, case, record.correction)
    _check_seen(weighed.consequences, decision)
    await _settle(desk, record, GRANTED, decision.reason, await make_correction(desk, record, weighed, decision))
    return weighed.made.case


async def find_correction(desk: Desk, case: Case, correction_id: UUID) -> CorrectionRecord:
    """A correction of the case; raises :class:`NotFound` and, where the matter is not entrusted, :class:`Forbidden`."""
    check_entrusted(desk, case)
    row = await desk.session.one(_ONE, {"of_case": case.id, "of_id": correction_id})
    if row is None:
        raise NotFound("corrections.unknown")
    return CorrectionRecord(**row)


async def list_corrections(desk: Desk, case: Case) -> tuple[CorrectionRecord, ...]:
    """Every correction of the case, in the order in which they were asked for."""
    check_entrusted(desk, case)
    return tuple(CorrectionRecord(**row) for row in await desk.session.all(_OF_CASE, {"of_case": case.id}))


async def find_made(desk: Desk, case: Case) -> dict[UUID, Consequences]:
    """What followed from the corrections of a case that were made, by the steps that made them."""
    rows = await desk.session.all(_MADE, {"of_case": case.id})
    return {row["id"]: msgspec.convert(row["data"]["consequences"], Consequences) for row in rows}


def check_entrusted(desk: Desk, case: Case) -> None:
    """Of a confidential case only those who work on its kind read what was wrong with it."""
    if not is_entrusted(desk.snapshot.jurisdiction.kind(case.kind), desk.principal):
        raise Forbidden("corrections.not-entrusted", clause=CORRECTION)


def _check_seen(now: Consequences, decision: CorrectionDecision) -> None:
    """What the decision names must be what follows now; the refusal does not tell the digest, so that somebody looks."""
    if decision.consequences != now.digest:
        raise Conflict("corrections.consequences-changed", field="/consequences")
    if now.closed_months and not decision.into_closed_months:
        months = ", ".join(now.closed_months)
        raise Refused("corrections.month-closed", field="/into_closed_months", clause=MONTH, months=months)


def _new_record(desk: Desk, case: Case, weighed: Weighed, reason: str) -> CorrectionRecord:
    facts = weighed.correction.facts(case.received_at, case.category, case.track)
    data: dict[str, Any] = msgspec.to_builtins({"facts": facts, "consequences": weighed.consequences})
    return CorrectionRecord(
        id=new_id(), state=PENDING, reason=reason, data=data, person_id=desk.principal.person_id, asked_at=desk.now
    )


async def _settle(desk: Desk, record: CorrectionRecord, state: str, reason: str, step_id: UUID | None) -> None:
    settled = {"new_state": state, "decider": desk.principal.person_id, "at": desk.now, "why": reason, "by_step": step_id}
    if await desk.session.execute(SETTLE, {"of_id": record.id, **settled}) != 1:
        raise Conflict("corrections.decided", state=state)
