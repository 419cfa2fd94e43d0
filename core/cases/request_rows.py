"""Requests as rows, by which those who decide find what waits for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, literal_column, or_, update

from core.cases.case import Case, PendingRequest
from core.cases.filters import one_of
from core.cases.life import Outcome
from core.procedure import JUSTIFICATION, Verb
from core.store.session import TenantSession
from core.store.tables.requests import case_request
from core.store.tables.schema import TENANT

PENDING, GRANTED, DECLINED, LAPSED = "pending", "granted", "declined", "lapsed"
SETTLE = (
    update(case_request)
    .where(case_request.c.tenant == TENANT, case_request.c.id == bindparam("of_id"), case_request.c.state == PENDING)
    .values(
        state=bindparam("new_state"),
        decided_by=bindparam("decider"),
        decided_at=bindparam("at"),
        decision_reason=bindparam("why"),
        decision_step=bindparam("by_step"),
    )
)
"""Ends a request that is still pending."""


def is_of_others(size: int) -> ColumnElement[bool]:
    """That a request is not about what a unit of one's own (``near``, so many parameters) is late with."""
    unit_id = case_request.c.unit_id
    near = one_of(unit_id, "near", size)
    return or_(case_request.c.kind != literal_column(f"'{JUSTIFICATION}'"), unit_id.is_(None), ~near)


def topic_of(case_kind: str, request: str) -> str:
    """What whoever decides such requests looks for."""
    return f"{case_kind}/{request}"


def request_row(case: Case, asked: PendingRequest, reason: str, data: dict[str, Any]) -> dict[str, Any]:
    """The row of a request that was just made."""
    return {
        "id": asked.id,
        "case_id": case.id,
        "topic": topic_of(case.kind, asked.key),
        "kind": asked.key,
        "step": asked.step,
        "state": PENDING,
        "person_id": asked.person_id,
        "unit_id": asked.unit_id,
        "asked_at": asked.asked_at,
        "reason": reason,
        "data": data,
        "decider_unit_id": asked.decider_unit_id,
        "decided_by": None,
        "decided_at": None,
        "decision_reason": None,
        "decision_step": None,
    }


async def write_requests(session: TenantSession, before: Case, after: Case, outcome: Outcome) -> None:
    """Writes what a step asked, decided, and made nobody's to decide any more."""
    old, new = before.standing.pending, after.standing.pending
    if old == new:
        return
    order = outcome.order
    for item in new:
        if item not in old:
            session.add(case_request, request_row(after, item, order.data.get("reason", ""), order.data))
    for item in old:
        if item not in new:
            await session.execute(SETTLE, _settlement(item, outcome))


async def lapse_requests(session: TenantSession, before: Case, after: Case, at: datetime, step_id: UUID) -> None:
    """Writes that what waits no more after a correction has lapsed."""
    for item in before.standing.pending:
        if item not in after.standing.pending:
            nobody = {"decider": None, "why": None}
            await session.execute(SETTLE, nobody | {"of_id": item.id, "new_state": LAPSED, "at": at, "by_step": step_id})


def _settlement(item: PendingRequest, outcome: Outcome) -> dict[str, Any]:
    order = outcome.order
    decides = order.step.decides == item.key and item.id == outcome.decided
    state = (GRANTED if order.step.verb is Verb.GRANT else DECLINED) if decides else LAPSED
    return {
        "of_id": item.id,
        "new_state": state,
        "decider": outcome.capacity.person_id if decides else None,
        "at": order.occurred_at,
        "why": order.data.get("reason") if decides else None,
        "by_step": order.id,
    }
