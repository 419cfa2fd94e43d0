"""Makes a correction that was granted, as a step of the case and of each part that follows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import Case
from core.cases.request_rows import lapse_requests
from core.cases.service import Desk
from core.corrections.adjusting import Cause, Origin, write_adjustments
from core.corrections.correction import CORRECT, CORRECTION, CorrectedFact
from core.corrections.months import late_changes
from core.corrections.proposal import CorrectionDecision
from core.corrections.record import CorrectionRecord
from core.corrections.rows import write_case, write_deadlines, write_swap
from core.corrections.weighing import Weighed
from core.deadlines.watching import rewatch
from core.ids import new_id
from core.law.citation import Citation
from core.procedure import Role
from core.store.change import Change
from core.store.tables.cases import case_step
from core.supervision.reconsidering import Changed, reconsider


async def make_correction(desk: Desk, record: CorrectionRecord, weighed: Weighed, decision: CorrectionDecision) -> UUID:
    """Writes the step, and what it makes of the case, its deadlines and closed months; and the same of the parts that
    follow. Answers the id of the case's own step; raises :class:`core.errors.Stale`."""
    step_id = await _make(desk, record, weighed, decision)
    for part in weighed.following:
        await _make(desk, record, part, decision)
    return step_id


async def _make(desk: Desk, record: CorrectionRecord, weighed: Weighed, decision: CorrectionDecision) -> UUID:
    case, after, step_id = weighed.history.case, weighed.made.case, new_id()
    desk.session.add(case_step, _step_row(desk, record, weighed, decision, step_id))
    await write_case(desk.session, case, after)
    await lapse_requests(desk.session, case, after, desk.now, step_id)
    shared = {"at": desk.now, "reason": decision.reason, "allowed_by": desk.principal.person_id, "step_id": step_id}
    await write_deadlines(desk.session, weighed.history, weighed.made.changed, shared)
    redrawn = [pair.after.note for pair in weighed.made.changed if pair.after is not None]
    await rewatch(desk.session, desk.snapshot, case.kind, redrawn)
    await _reconsider(desk, weighed, step_id)
    if weighed.correction.unit is not None:
        await write_swap(desk.session, case.id, weighed.correction.unit, desk.now)
    changes = late_changes(case, after, desk.snapshot.closed_months, weighed.world)
    person, recorded_at = desk.principal.person_id, desk.recorded_at
    origin = Origin(case.id, step_id, Cause.CORRECTION, decision.reason, person, recorded_at)
    write_adjustments(desk.session, changes, origin)
    facts = msgspec.to_builtins(_facts(weighed))
    content = {"facts": facts, "reason": decision.reason, "standing": after.standing}
    refs = {"case_id": str(case.id), "step_id": str(step_id), "correction_id": str(record.id), "version": after.version}
    desk.session.record(change_of(case, f"case.{CORRECT}", content, refs, Role.SUPERVISOR))
    return step_id


async def _reconsider(desk: Desk, weighed: Weighed, step_id: UUID) -> None:
    """What had to be supervised because of a date that turns out not to have been the date."""
    after = weighed.made.case
    touched = {pair.before.note.id for pair in weighed.made.changed if pair.before is not None}
    changed = (Changed(after.id, after.kind, note) for note in after.standing.deadlines if note.id in touched)
    await reconsider(desk.session, desk.snapshot, desk.now, changed, {after.id: step_id})


def _facts(weighed: Weighed) -> tuple[CorrectedFact, ...]:
    case = weighed.history.case
    return weighed.correction.facts(case.received_at, case.category, case.track)


def _step_row(
    desk: Desk, record: CorrectionRecord, weighed: Weighed, decision: CorrectionDecision, step_id: UUID
) -> dict[str, Any]:
    day, after = desk.snapshot.local_day(desk.now), weighed.made.case
    told = {
        "correction_id": record.id,
        "facts": _facts(weighed),
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


def change_of(case: Case, action: str, content: dict[str, Any], refs: dict[str, Any], role: Role) -> Change:
    """What the trail and the events are told of a correction of the case."""
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
