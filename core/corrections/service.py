"""Corrections in the store: proposed by one person, decided by another, and then made as a step of the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, exists, select

from core.cases.case import Case, PendingRequest
from core.cases.disclosure import is_entrusted
from core.cases.request_rows import DECLINED, GRANTED, PENDING, SETTLE, request_row
from core.cases.requests import OWN
from core.cases.service import Desk, find_case
from core.corrections.adjusting import Cause, Origin, write_adjustments
from core.corrections.consequences import Consequences
from core.corrections.correction import CORRECT, CORRECTION, CorrectedFact, Correction
from core.corrections.months import MONTH, late_changes
from core.corrections.proposal import CorrectionDecision
from core.corrections.record import CorrectionRecord
from core.corrections.rows import write_case, write_deadlines, write_swap
from core.corrections.weighing import Weighed, check_asker, weigh_correction
from core.errors import Conflict, Forbidden, NotFound, Refused, Stale
from core.ids import new_id
from core.law.citation import Citation
from core.procedure import Role
from core.store.change import Change
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
    desk.session.record(_change(case, "case.correction-asked", told, refs, role))
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
    record = await find_correction(desk, case, correction_id)
    if expected != case.version:
        raise Stale("cases.stale", current=case.version)
    if record.state != PENDING:
        raise Conflict("corrections.decided", state=record.state)
    if record.person_id == desk.principal.person_id:
        raise Refused("requests.own", clause=OWN)
    if not decision.grant:
        await _settle(desk, record, DECLINED, decision.reason, None)
        refs = {"case_id": str(case.id), "correction_id": str(record.id)}
        content = {"reason": decision.reason}
        desk.session.record(_change(case, "case.correction-declined", content, refs, Role.SUPERVISOR))
        return case
    if not decision.consequences:
        raise Refused("corrections.consequences-missing", field="/consequences", clause=CORRECTION)
    weighed = await weigh_correction(desk, case, record.correction)
    _check_seen(weighed.consequences, decision)
    await _make(desk, case, record, weighed, decision)
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


async def _make(desk: Desk, case: Case, record: CorrectionRecord, weighed: Weighed, decision: CorrectionDecision) -> None:
    after, step_id = weighed.made.case, new_id()
    desk.session.add(case_step, _step_row(desk, after, record, weighed, decision, step_id))
    await write_case(desk.session, case, after)
    shared = {"at": desk.now, "reason": decision.reason, "allowed_by": desk.principal.person_id, "step_id": step_id}
    await write_deadlines(desk.session, weighed.history, weighed.made.changed, shared)
    if weighed.correction.unit is not None:
        await write_swap(desk.session, case.id, weighed.correction.unit, desk.now)
    await _settle(desk, record, GRANTED, decision.reason, step_id)
    changes = late_changes(case, after, desk.snapshot.closed_months, weighed.world)
    person, recorded_at = desk.principal.person_id, desk.recorded_at
    origin = Origin(case.id, step_id, Cause.CORRECTION, decision.reason, person, recorded_at)
    write_adjustments(desk.session, changes, origin)
    content = {"facts": record.data["facts"], "reason": decision.reason, "standing": after.standing}
    refs = {"case_id": str(case.id), "step_id": str(step_id), "correction_id": str(record.id), "version": after.version}
    desk.session.record(_change(case, f"case.{CORRECT}", content, refs, Role.SUPERVISOR))


def _step_row(
    desk: Desk, after: Case, record: CorrectionRecord, weighed: Weighed, decision: CorrectionDecision, step_id: UUID
) -> dict[str, Any]:
    day = desk.snapshot.local_day(desk.now)
    told = {
        "correction_id": record.id,
        "facts": msgspec.convert(record.data["facts"], tuple[CorrectedFact, ...]),
        "reason": record.reason,
        "approval": decision.reason,
        "into_closed_months": decision.into_closed_months,
        "consequences": weighed.consequences,
    }
    return {
        "id": step_id,
        "case_id": after.id,
        "seq": after.version,
        "step": CORRECT,
        "verb": CORRECT,
        "from_state": after.state,
        "to_state": after.state,
        "occurred_at": desk.now,
        "recorded_at": desk.recorded_at,
        "client_id": desk.principal.client_id,
        "person_id": desk.principal.person_id,
        "unit_id": None,
        "role": Role.SUPERVISOR.value,
        "clause": CORRECTION,
        "law_version": weighed.world.rulebook.passage(Citation.parse(CORRECTION), day).version.id,
        "data": msgspec.to_builtins(told),
    }


async def _settle(desk: Desk, record: CorrectionRecord, state: str, reason: str, step_id: UUID | None) -> None:
    settled = {"new_state": state, "decider": desk.principal.person_id, "at": desk.now, "why": reason, "by_step": step_id}
    if await desk.session.execute(SETTLE, {"of_id": record.id, **settled}) != 1:
        raise Conflict("corrections.decided", state=state)


def _change(case: Case, action: str, content: dict[str, Any], refs: dict[str, Any], role: Role) -> Change:
    return Change(
        action=action,
        stream=f"case:{case.id}",
        subject=f"case:{case.id}",
        content=content,
        event_type=action,
        event_version=1,
        refs=refs,
        role=role.value,
    )
