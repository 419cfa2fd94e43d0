"""A recount: why all open deadlines are looked at again, and how far that has come."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import bindparam, func, select, update

from core.cases.bodies import Instant
from core.ids import new_id
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline
from core.store.tables.recounts import recount
from core.store.tables.schema import TENANT
from core.timers.arming import rearm
from core.timers.timer import WHOLE_TENANT, TimerKind

OPEN = "open"


class RecountCause(StrEnum):
    """Why the open deadlines are looked at again."""

    CALENDAR = "calendar"
    ANNOUNCEMENT = "announcement"
    LADDER = "ladder"


class Recount(Struct, frozen=True):
    """All open deadlines counted anew (期限重算): of ``total`` when it began, how many were looked at, how many moved."""

    id: UUID
    cause: Annotated[str, Meta(title="原因", description="calendar, announcement or ladder; can grow")]
    calendar_version: Annotated[int, Meta(title="日历版本", description="The version by which it counts")]
    source: Annotated[str, Meta(title="放假安排来源", description="Where the announced years come from")]
    total: Annotated[int, Meta(description="Deadlines that were open when it began")]
    examined: int
    moved: Annotated[int, Meta(description="Those of which a date, or whether it is provisional, is another now")]
    begun_at: Instant
    ended_at: Annotated[Instant | None, Meta(description="null while it goes on")]


_FIELDS = [recount.c[name] for name in Recount.__struct_fields__]
_NEWEST = select(*_FIELDS).where(recount.c.tenant == TENANT).order_by(recount.c.begun_at.desc(), recount.c.id.desc())
_LIST = _NEWEST.limit(bindparam("most"))
_GOING_ON = (
    select(*_FIELDS, recount.c.reached_due_at, recount.c.reached_id)
    .where(recount.c.tenant == TENANT, recount.c.ended_at.is_(None))
    .order_by(recount.c.begun_at.desc(), recount.c.id.desc())
    .limit(1)
)
_OPEN = select(func.count()).select_from(deadline).where(deadline.c.tenant == TENANT, deadline.c.state == OPEN)
_END_ALL = update(recount).where(recount.c.tenant == TENANT, recount.c.ended_at.is_(None)).values(ended_at=bindparam("at"))


async def begin_recount(session: TenantSession, cause: RecountCause, calendar_version: int, source: str) -> None:
    """Has every open deadline looked at by a worker, soon, beside everything else; a later one takes an earlier's place."""
    row = {"id": new_id(), "cause": cause.value, "calendar_version": calendar_version, "source": source}
    counted = {"total": await session.scalar(_OPEN), "examined": 0, "moved": 0, "reached_due_at": None, "reached_id": None}
    session.add(recount, row | counted | {"begun_at": session.recorded_at, "ended_at": None})
    await rearm(session, TimerKind.RECOUNT, {WHOLE_TENANT: session.recorded_at}, None)


async def list_recounts(session: TenantSession, most: int) -> tuple[Recount, ...]:
    """The newest recounts, the newest first."""
    return tuple(Recount(**row) for row in await session.all(_LIST, {"most": most}))


async def find_newest(session: TenantSession) -> Recount | None:
    """The recount that began last."""
    return next(iter(await list_recounts(session, 1)), None)


class GoingOn(Recount, frozen=True):
    """A recount that is not over, with the last deadline that was looked at."""

    reached_due_at: datetime | None
    reached_id: UUID | None


async def find_going_on(session: TenantSession) -> GoingOn | None:
    """The recount that goes on: the newest that is not over."""
    row = await session.one(_GOING_ON)
    return GoingOn(**row) if row else None


async def end_others(session: TenantSession) -> None:
    """Ends those that the newest took the place of."""
    await session.execute(_END_ALL, {"at": session.recorded_at})
