"""Deadlines that were counted anew, as rows: the case, its step, the deadlines, their ledger, the trail and the events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, update

from core.cases.accounts import next_due_at
from core.cases.case import Case
from core.cases.service import Desk
from core.corrections.adjusting import Cause, Origin, write_adjustments
from core.corrections.months import late_changes
from core.deadlines.recounted import RECOUNT
from core.deadlines.watching import rewatch_all
from core.ids import new_id
from core.recounts.moving import Moved, move_case
from core.store.among import for_engines
from core.store.change import Change
from core.store.prepared import Params
from core.store.session import TenantSession
from core.store.tables.cases import case_step, cases
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.schema import TENANT
from core.supervision.reconsidering import Changed, reconsider
from core.tenants.principal import Principal
from core.timers.timer import WHOLE_TENANT
from core.work import Shift

WORKING_DAYS = "wenze:readings#r2"
_ROLE = "worker"
_NOBODY = Principal(WHOLE_TENANT, _ROLE, WHOLE_TENANT, (), frozenset(), frozenset())
_MOVE_CASE = (
    update(cases)
    .where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"), cases.c.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}") for name in ("version", "standing", "due_at")})
)
_MOVED = ("due_on", "due_at", "provisional", "calendar_version", "explanation")
_MOVE = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _MOVED})
)
_LAST = for_engines(
    lambda among: (
        select(deadline_entry.c.deadline_id, func.max(deadline_entry.c.seq).label("last"))
        .where(deadline_entry.c.tenant == TENANT, among(deadline_entry.c.deadline_id, "among"))
        .group_by(deadline_entry.c.deadline_id)
    )
)


async def write_moved(shift: Shift, held: Mapping[UUID, Case], moved: Mapping[UUID, Mapping[UUID, Moved]]) -> None:
    """Writes what moves in these cases, which are locked, and has the deadlines watched at their new dates."""
    if not moved:
        return
    after = {case_id: move_case(held[case_id], changes) for case_id, changes in moved.items()}
    changes = {id_: change for some in moved.values() for id_, change in some.items()}
    await shift.session.execute_each(_MOVE_CASE, [_case_values(held[id_], case) for id_, case in after.items()])
    await shift.session.execute_each(_MOVE, [_deadline_values(id_, change) for id_, change in changes.items()])
    last = await _last_entries(shift.session, changes)
    law = shift.snapshot.rulebook.version("wenze:readings", shift.snapshot.local_day(shift.now)).id
    steps = {case_id: _write_step(shift, case, moved[case_id], last, law) for case_id, case in after.items()}
    for case_id, case in after.items():
        _adjust(shift, held[case_id], case, steps[case_id])
    await rewatch_all(shift.session, shift.snapshot, _notes(after.values(), changes))
    dated = [Changed(case.id, case.kind, note) for case in after.values() for note in case.standing.open_deadlines]
    await reconsider(shift.session, shift.snapshot, shift.now, (item for item in dated if item.note.id in changes), steps)


def _adjust(shift: Shift, before: Case, after: Case, step_id: UUID) -> None:
    """What was due in a month that is closed stays in its figures; that it is due on another day now stands beside them."""
    closed = shift.snapshot.closed_months
    if not closed:
        return
    desk = Desk(shift.session, shift.snapshot, _NOBODY, shift.now, shift.session.recorded_at)
    world = desk.world(shift.snapshot.jurisdiction.kind(after.kind))
    origin = Origin(after.id, step_id, Cause.RECOUNT, shift.snapshot.calendar.version.basis, None, desk.recorded_at)
    write_adjustments(shift.session, late_changes(before, after, closed, world), origin)


async def _last_entries(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, int]:
    return {row["deadline_id"]: row["last"] for row in await session.all(_LAST[session.dialect_name], {"among": list(ids)})}


def _notes(after: Iterable[Case], changes: Mapping[UUID, Moved]) -> Iterable[tuple[str, Any]]:
    return ((case.kind, note) for case in after for note in case.standing.open_deadlines if note.id in changes)


def _case_values(before: Case, after: Case) -> Params:
    due_at = next_due_at(after.standing)
    moved = {"new_version": after.version, "new_standing": after.standing, "new_due_at": due_at}
    return moved | {"of_id": before.id, "expected": before.version}


def _deadline_values(id_: UUID, change: Moved) -> Params:
    after = change.after
    values = {f"new_{name}": getattr(after, name) for name in _MOVED if name != "explanation"}
    return values | {"of_id": id_, "new_explanation": after}


def _write_step(shift: Shift, case: Case, moved: Mapping[UUID, Moved], last: Mapping[UUID, int], law: str) -> UUID:
    step_id, keys = new_id(), {note.id: note.key for note in case.standing.deadlines}
    told = [_tell(id_, keys[id_], change) for id_, change in moved.items()]
    data = {"calendar_version": shift.snapshot.calendar_number, "source": shift.snapshot.calendar.source, "deadlines": told}
    shift.session.add(case_step, _step_row(shift, case, step_id, data, law))
    for id_, change in moved.items():
        shift.session.add(deadline_entry, _entry(shift, id_, change, step_id, last.get(id_, 0) + 1))
    action, stream = f"case.{RECOUNT}", f"case:{case.id}"
    refs: dict[str, str | int] = {"case_id": str(case.id), "step_id": str(step_id), "step": RECOUNT, "version": case.version}
    shift.session.record(Change(action=action, stream=stream, subject=stream, content=data, event_type=action, refs=refs))
    return step_id


def _tell(id_: UUID, key: str, change: Moved) -> dict[str, Any]:
    dates = {"from": change.before.due_on.isoformat(), "to": change.after.due_on.isoformat()}
    return {"deadline_id": str(id_), "key": key, **dates, "provisional": change.after.provisional}


def _step_row(shift: Shift, case: Case, step_id: UUID, data: dict[str, Any], law: str) -> dict[str, Any]:
    nobody = dict.fromkeys(("client_id", "person_id", "unit_id"))
    when = {"occurred_at": shift.now, "recorded_at": shift.session.recorded_at}
    where = {"case_id": case.id, "seq": case.version, "from_state": case.state, "to_state": case.state}
    rests_on = {"clause": WORKING_DAYS, "law_version": law}
    return {"id": step_id, "step": RECOUNT, "verb": RECOUNT, "role": _ROLE, "data": data} | nobody | when | where | rests_on


def _entry(shift: Shift, id_: UUID, change: Moved, step_id: UUID, seq: int) -> dict[str, Any]:
    calendar = shift.snapshot.calendar.version
    return {
        "id": new_id(),
        "deadline_id": id_,
        "seq": seq,
        "kind": RECOUNT,
        "at": shift.now,
        "due_on": change.after.due_on,
        "due_at": change.after.due_at,
        "reason": f"calendar {calendar.number}",
        "basis": calendar.basis,
        "allowed_by": None,
        "step_id": step_id,
        "explanation": change.before,
    }
