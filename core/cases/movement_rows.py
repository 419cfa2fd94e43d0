"""Deadlines that a step moved, as rows: their new dates, and an entry in the ledger of each that keeps what was before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from sqlalchemy import BindParameter, bindparam, func, select, update

from core.cases.accounts import Arisen, OpenedDeadline
from core.cases.case import Case
from core.deadlines.explanation import Explanation
from core.deadlines.moving import Movement, entry_kind
from core.deadlines.watching import rewatch
from core.ids import new_id
from core.procedure import EXTENSION, StepKind
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.requests import case_request
from core.store.tables.schema import TENANT

if TYPE_CHECKING:
    from core.cases.life import Outcome
    from core.cases.service import Desk

_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_COUNTED = select(deadline.c.id, deadline.c.explanation).where(
    deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case")
)
_LAST = (
    select(deadline_entry.c.deadline_id, func.max(deadline_entry.c.seq).label("last"))
    .where(deadline_entry.c.tenant == TENANT, deadline_entry.c.deadline_id.in_(_AMONG))
    .group_by(deadline_entry.c.deadline_id)
)
_MOVED = ("due_on", "due_at", "state", "provisional", "calendar_version", "explanation")
_MOVE = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values({name: bindparam(f"new_{name}") for name in _MOVED})
)
_ASKED = select(case_request.c.reason).where(case_request.c.tenant == TENANT, case_request.c.id == bindparam("of_request"))


async def load_explanations(session: TenantSession, case: Case, step: StepKind) -> Mapping[UUID, Explanation]:
    """How the deadlines of a case were counted; nothing where the step does not move any."""
    if entry_kind(step) is None and step.asks != EXTENSION:
        return {}
    rows = await session.all(_COUNTED, {"of_case": case.id})
    return {row["id"]: msgspec.convert(row["explanation"], Explanation) for row in rows}


async def last_entries(session: TenantSession, deadlines: list[UUID]) -> Mapping[UUID, int]:
    """How many entries the ledgers of these deadlines have; none is named that has none."""
    if not deadlines:
        return {}
    return {row["deadline_id"]: row["last"] for row in await session.all(_LAST, {"among": deadlines})}


async def write_movements(desk: Desk, case: Case, outcome: Outcome) -> None:
    """Writes what a step moved, each with its entry, and sets the timers anew."""
    moved = outcome.movements
    if not moved:
        return
    last = await last_entries(desk.session, [item.note.id for item in moved])
    told = await _words(desk, outcome)
    for item in moved:
        await desk.session.execute(_MOVE, {"of_id": item.note.id, **_columns(item)})
        own = {"id": new_id(), "deadline_id": item.note.id, "seq": last.get(item.note.id, 0) + 1}
        dates = {"due_on": item.note.due_on, "due_at": item.note.due_at, "explanation": item.before}
        desk.session.add(deadline_entry, own | {"kind": item.kind.value} | dates | told)
    await rewatch(desk.session, desk.snapshot, case.kind, [item.note for item in moved])


async def write_replacements(desk: Desk, case: Case, outcome: Outcome, opened: tuple[Arisen, ...]) -> None:
    """Writes into the ledger of a deadline that took another's place how that one had been counted."""
    over = {
        (item.note.key, item.note.holder, item.note.holder_unit_id): item.note.id
        for item in outcome.endings
        if item.state == "replaced"
    }
    made = [item for item in opened if isinstance(item, OpenedDeadline) and item.opening.rule.replaces]
    pairs = [(item.note, over.get((item.opening.rule.replaces or "", *_holder(item)))) for item in made]
    if not any(old for _, old in pairs):
        return
    rows = {row["id"]: row["explanation"] for row in await desk.session.all(_COUNTED, {"of_case": case.id})}
    told = await _words(desk, outcome) | {"kind": "replacement", "seq": 1}
    for note, old in pairs:
        if old is not None:
            dates = {"due_on": note.due_on, "due_at": note.due_at, "explanation": rows[old]}
            desk.session.add(deadline_entry, told | {"id": new_id(), "deadline_id": note.id} | dates)


def _holder(item: OpenedDeadline) -> tuple[str, UUID | None]:
    return item.opening.holder, item.opening.holder_unit_id


async def _words(desk: Desk, outcome: Outcome) -> dict[str, Any]:
    """When it was moved, why, on what basis and by whom: a reason that the decision does not give is that of the request."""
    order, reason = outcome.order, outcome.order.data.get("reason")
    if reason is None and outcome.decided is not None:
        row = await desk.session.one(_ASKED, {"of_request": outcome.decided})
        reason = row["reason"] if row else None
    by = {"allowed_by": outcome.capacity.person_id, "step_id": order.id}
    return {"at": order.occurred_at, "reason": reason or "", "basis": _basis(desk, outcome), **by}


def _basis(desk: Desk, outcome: Outcome) -> str:
    """What the step says that it rests on, else the basis on which the tenant permits or limits it, else its clause."""
    step, said = outcome.order.step, outcome.order.data.get("basis")
    day = desk.snapshot.local_day(outcome.order.occurred_at)
    settings = (desk.snapshot.settings.on(key, day) for key in (step.permitted_by, step.limit) if key)
    given = next((setting.basis for setting in settings if setting is not None), None)
    return said or given or step.clause


def _columns(item: Movement) -> dict[str, Any]:
    note, found = item.note, item.after
    values = (note.due_on, note.due_at, note.state, note.provisional, found.calendar_version, found)
    return dict(zip((f"new_{name}" for name in _MOVED), values, strict=True))
