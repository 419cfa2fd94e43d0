"""The notices of a case: what its deadlines reached of the ladder, and when that was noted."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select

from core.cases.bodies import Instant
from core.deadlines.watching import HOUSE_LADDER
from core.law.instrument import TermFigure
from core.rungs import BREACH
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline
from core.store.tables.notices import deadline_notice
from core.store.tables.schema import TENANT


class NoticeView(Struct, frozen=True):
    """What a deadline reached (期限预警): a rung of the warning ladder, once for each date that the deadline has had."""

    id: UUID
    deadline_id: UUID
    deadline: Annotated[str, Meta(description="The key of the deadline in its kind of case")]
    holder_unit_id: UUID | None
    rung: Annotated[str, Meta(title="档次", description=f"{BREACH}, or the key of a rung of the ladder; can grow")]
    level: Annotated[str, Meta(title="级别", description="due-soon, overdue or key; can grow")]
    clause: Annotated[
        str, Meta(title="条款", description=f"The deadline's own, the law's for the rung, or {HOUSE_LADDER} with the basis")
    ]
    basis: Annotated[str, Meta(title="依据", description="What the tenant's ladder rests on; empty where the law says it")]
    distance: Annotated[TermFigure | None, Meta(description="How far from the due date; null: the term itself has run out")]
    due_on: Annotated[date, Meta(description="The due date that it is about")]
    reached_at: Annotated[Instant, Meta(description="When it was reached, in legal time")]
    recorded_at: Annotated[Instant, Meta(description="When a worker came to it, by the machine's clock")]


_FIELDS = [
    (deadline.c.key.label("deadline") if name == "deadline" else deadline.c.holder_unit_id)
    if name in {"deadline", "holder_unit_id"}
    else deadline_notice.c[name]
    for name in NoticeView.__struct_fields__
]
_OF_CASE = (
    select(*_FIELDS)
    .select_from(
        deadline_notice.join(
            deadline, (deadline.c.tenant == deadline_notice.c.tenant) & (deadline.c.id == deadline_notice.c.deadline_id)
        )
    )
    .where(
        deadline_notice.c.tenant == TENANT, deadline.c.tenant == TENANT, deadline_notice.c.case_id == bindparam("of_case")
    )
    .order_by(deadline_notice.c.reached_at, deadline_notice.c.id)
)


async def list_notices(session: TenantSession, case_id: UUID) -> tuple[NoticeView, ...]:
    """What was noted of the deadlines of a case, in the order in which it was reached."""
    return tuple(_view(row) for row in await session.all(_OF_CASE, {"of_case": case_id}))


def _view(row: dict[str, object]) -> NoticeView:
    distance = msgspec.convert(row["distance"], TermFigure) if row["distance"] is not None else None
    return NoticeView(**row | {"distance": distance})  # type: ignore[arg-type]  # columns of those names
