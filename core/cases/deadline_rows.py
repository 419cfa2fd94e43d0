"""Deadlines that go to another unit, as rows: the same dates and the same explanation, under another holder."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, select

from core.cases.accounts import Arisen, MovedDeadline
from core.cases.case import PAUSED, Case
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline
from core.store.tables.schema import TENANT

_OWED = select(deadline).where(
    deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case"), deadline.c.state.in_(("open", PAUSED))
)


async def move_deadlines(session: TenantSession, case: Case, arisen: Iterable[Arisen], step_id: UUID) -> None:
    """Writes the deadlines that another unit took over; to be asked before those that they come from are ended."""
    moved = [item for item in arisen if isinstance(item, MovedDeadline)]
    if not moved:
        return
    rows = {row["id"]: row for row in await session.all(_OWED, {"of_case": case.id})}
    for item in moved:
        own = {"id": item.id, "holder_unit_id": item.taker, "step_id": step_id}
        session.add(deadline, rows[item.origin.id] | own)
