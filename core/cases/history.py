"""What has happened to a case: its steps, and its deadlines with the explanations stored with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, select

from core.cases.bodies import Instant
from core.cases.case import Case, DeadlineNote
from core.deadlines.explanation import Explanation
from core.store.session import TenantSession
from core.store.tables.cases import case_step
from core.store.tables.deadlines import deadline
from core.store.tables.schema import TENANT


class StepRecord(Struct, frozen=True):
    """One step of a case: legal time, recorded time, actor, clause and facts. Never edited."""

    id: UUID
    seq: int
    step: str
    verb: str
    from_state: str | None
    to_state: str
    occurred_at: Instant
    recorded_at: Instant
    client_id: UUID | None
    person_id: UUID | None
    unit_id: UUID | None
    role: str
    clause: str | None
    law_version: str | None
    data: dict[str, Any]


_STEPS = (
    select(*(case_step.c[name] for name in StepRecord.__struct_fields__))
    .where(case_step.c.tenant == TENANT, case_step.c.case_id == bindparam("of_case"))
    .order_by(case_step.c.seq)
)
_EXPLANATIONS = select(deadline.c.id, deadline.c.explanation).where(
    deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case")
)


async def list_steps(session: TenantSession, case_id: UUID) -> tuple[StepRecord, ...]:
    """Every step of a case, in order."""
    return tuple(StepRecord(**row) for row in await session.all(_STEPS, {"of_case": case_id}))


async def list_explanations(session: TenantSession, case: Case) -> tuple[tuple[DeadlineNote, Explanation], ...]:
    """Every deadline of a case with its explanation, in the order in which they arose."""
    rows = await session.all(_EXPLANATIONS, {"of_case": case.id})
    stored = {row["id"]: msgspec.convert(row["explanation"], Explanation) for row in rows}
    return tuple((note, stored[note.id]) for note in case.standing.deadlines)
