"""Justifications as rows: what a deadline says of its lateness, and an entry of its ledger for each change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.cases.case import Case, DeadlineNote
from core.cases.movement_rows import last_entries
from core.cases.records import justified_columns
from core.cases.request_rows import DECLINED, GRANTED
from core.ids import new_id
from core.procedure import JUSTIFICATION, StepKind
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.requests import case_request
from core.store.tables.schema import TENANT

if TYPE_CHECKING:
    from core.cases.life import Outcome
    from core.cases.service import Desk

FOUND, TAKEN_BACK = "justification", "justification-withdrawn"
"""What the ledger of a deadline calls them."""
_SET = (
    update(deadline)
    .where(deadline.c.tenant == TENANT, deadline.c.id == bindparam("of_id"))
    .values(justified_at=bindparam("new_justified_at"), justified_step=bindparam("new_justified_step"))
)
_DECIDED = select(case_request.c.reason, case_request.c.data).where(
    case_request.c.tenant == TENANT,
    case_request.c.case_id == bindparam("of_case"),
    case_request.c.kind == JUSTIFICATION,
    case_request.c.state.in_((GRANTED, DECLINED)),
)


async def load_decided_reasons(session: TenantSession, case: Case, step: StepKind) -> Mapping[UUID, Collection[str]]:
    """For which reasons justifications of each deadline were asked and decided; nothing where the step asks for none."""
    found: dict[UUID, list[str]] = defaultdict(list)
    if step.asks == JUSTIFICATION:
        for row in await session.all(_DECIDED, {"of_case": case.id}):
            found[UUID(row["data"]["deadline_id"])].append(row["reason"])
    return found


async def write_justification(desk: Desk, before: Case, after: Case, outcome: Outcome) -> None:
    """Writes what a step found of a lateness, or took back."""
    old, note = (case.standing.deadline(outcome.about) for case in (before, after))
    if old is None or note is None or old.justified == note.justified:
        return
    columns = justified_columns(note)
    await desk.session.execute(_SET, {"of_id": note.id} | {f"new_{name}": value for name, value in columns.items()})
    seq = (await last_entries(desk.session, [note.id])).get(note.id, 0) + 1
    desk.session.add(deadline_entry, _entry(note, outcome, seq))


def _entry(note: DeadlineNote, outcome: Outcome, seq: int) -> dict[str, Any]:
    order = outcome.order
    return {
        "id": new_id(),
        "deadline_id": note.id,
        "seq": seq,
        "kind": FOUND if note.justified else TAKEN_BACK,
        "at": order.occurred_at,
        "due_on": note.due_on,
        "due_at": note.due_at,
        "reason": order.data["reason"],
        "basis": order.step.clause,
        "allowed_by": outcome.capacity.person_id,
        "step_id": order.id,
        "explanation": None,
    }
