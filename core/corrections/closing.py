"""Closing a month: its figures stay from then on, and what changes them afterwards is written beside them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import bindparam, func, select

from core.corrections.months import MONTH, month_of
from core.errors import Conflict, NotFound, Refused
from core.procedure import Role
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.corrections import closed_month, month_adjustment
from core.store.tables.schema import TENANT
from core.tenants.names import normalise
from core.tenants.service.administration import STREAM, Administration

CLOSED = "month.closed"


class ClosedMonth(Struct, frozen=True):
    """A month that was closed: when in legal time, on what basis, by whom."""

    month: date
    closed_at: datetime
    basis: str
    recorded_at: datetime
    recorded_by: UUID | None


class Sum(Struct, frozen=True):
    """By how much a figure of a month has changed since it was closed, and through how many changes."""

    measure: str
    change: int
    count: int


class Adjustment(Struct, frozen=True):
    """One change of one figure of a closed month."""

    id: UUID
    case_id: UUID
    step_id: UUID
    cause: str
    measure: str
    unit_id: UUID | None
    category: str | None
    track: str | None
    change: int
    reason: str | None
    recorded_at: datetime
    recorded_by: UUID | None
    case_kind: str


_MONTHS = (
    select(*(closed_month.c[name] for name in ClosedMonth.__struct_fields__))
    .where(closed_month.c.tenant == TENANT)
    .order_by(closed_month.c.month.desc())
)
_MONTH = _MONTHS.where(closed_month.c.month == bindparam("of_month"))
_OF_MONTH = month_adjustment.c.tenant == TENANT, month_adjustment.c.month == bindparam("of_month")
_SUMS = (
    select(
        month_adjustment.c.measure,
        func.sum(month_adjustment.c.change).label("change"),
        func.count().label("count"),
    )
    .where(*_OF_MONTH)
    .group_by(month_adjustment.c.measure)
    .order_by(month_adjustment.c.measure)
)
_TOLD = (month_adjustment.c[name] for name in Adjustment.__struct_fields__ if name != "case_kind")
_ADJUSTMENTS = (
    select(*_TOLD, cases.c.kind.label("case_kind"))
    .where(*_OF_MONTH, cases.c.tenant == TENANT, cases.c.id == month_adjustment.c.case_id)
    .order_by(month_adjustment.c.id)
    .limit(bindparam("page"))
)
_MORE = _ADJUSTMENTS.where(month_adjustment.c.id > bindparam("after"))


async def close_month(admin: Administration, month: date, basis: str, role: Role) -> ClosedMonth:
    """Closes a month that is over; raises :class:`Refused` before that, and :class:`Conflict` for one that is closed."""
    snapshot = await admin.begin()
    now = admin.now(snapshot)
    if month >= month_of(snapshot.local_day(now)):
        raise Refused("months.not-past", clause=MONTH, month=f"{month:%Y-%m}")
    if month in snapshot.closed_months:
        raise Conflict("months.closed-before", month=f"{month:%Y-%m}")
    made = ClosedMonth(month, now, normalise(basis), admin.recorded_at, admin.person_id)
    admin.session.add(closed_month, {name: getattr(made, name) for name in ClosedMonth.__struct_fields__})
    told = f"{month:%Y-%m}"
    content = {"month": told, "basis": made.basis, "closed_at": now.isoformat(), "clause": MONTH}
    subject, refs = f"month:{told}", {"month": told}
    change = Change(action=CLOSED, stream=STREAM, subject=subject, content=content, event_type=CLOSED, refs=refs, role=role)
    admin.session.record(change)
    return made


async def list_months(session: TenantSession) -> tuple[ClosedMonth, ...]:
    """Every month that was closed, the newest first."""
    return tuple(ClosedMonth(**row) for row in await session.all(_MONTHS))


async def find_month(session: TenantSession, month: date) -> ClosedMonth:
    """A month that was closed; raises :class:`NotFound`."""
    row = await session.one(_MONTH, {"of_month": month})
    if row is None:
        raise NotFound("months.unknown")
    return ClosedMonth(**row)


async def sum_adjustments(session: TenantSession, month: date) -> tuple[Sum, ...]:
    """What has changed of the figures of a month since it was closed."""
    return tuple(Sum(**row | {"change": int(row["change"])}) for row in await session.all(_SUMS, {"of_month": month}))


async def list_adjustments(session: TenantSession, month: date, limit: int, after: UUID | None) -> tuple[Adjustment, ...]:
    """The changes one by one, in the order in which they were recorded: at most ``limit`` after the one named."""
    given: dict[str, Any] = {"of_month": month, "page": limit} | ({"after": after} if after else {})
    return tuple(Adjustment(**row) for row in await session.all(_MORE if after else _ADJUSTMENTS, given))
