"""Deliveries on request: a test event, one delivery again, or all from a position on; and what became of deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, func, select

from core.errors import Conflict, NotFound
from core.ids import new_id
from core.store.change import Change, RefValue
from core.store.session import TenantSession
from core.store.tables.records import outbox
from core.store.tables.schema import TENANT
from core.store.tables.webhooks import webhook_attempt, webhook_delivery
from core.webhooks.delivery import Attempt, Cause, Delivery, DeliveryState, Fault
from core.webhooks.fanning import TESTED, add_delivery
from core.webhooks.service import find_webhook
from core.webhooks.webhook import Webhook

MOST_REPLAYED = 1_000
"""How many events one request looks at."""
MOST_WAITING = 10_000
"""Deliveries of one webhook that wait: with so many, nothing is asked for again on top of them."""
_D, _A = webhook_delivery.c, webhook_attempt.c
_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_COLUMNS = ("id", "webhook_id", "event_id", "type", "cause", "state", "created_at", "next_at", "ended_at")
_OF_HOOK = (
    select(*(_D[name] for name in _COLUMNS), outbox.c.position)
    .select_from(
        webhook_delivery.outerjoin(
            outbox, (outbox.c.tenant == TENANT) & (outbox.c.tenant == _D.tenant) & (outbox.c.id == _D.event_id)
        )
    )
    .where(_D.tenant == TENANT, _D.webhook_id == bindparam("of_webhook"))
)
_WAITING = select(func.count()).select_from(
    select(_D.id)
    .where(_D.tenant == TENANT, _D.webhook_id == bindparam("of_webhook"), _D.ended_at.is_(None))
    .limit(bindparam("most"))
    .subquery("waiting")
)
_PAGE = _OF_HOOK.order_by(_D.id.desc()).limit(bindparam("most"))
_NEXT_PAGE = _OF_HOOK.where(_D.id < bindparam("before")).order_by(_D.id.desc()).limit(bindparam("most"))
_ONE = _OF_HOOK.where(_D.id == bindparam("of_id"))
_ATTEMPTS = (
    select(*(column for column in _A if column.name != "tenant"))
    .where(_A.tenant == TENANT, _A.delivery_id.in_(_AMONG))
    .order_by(_A.delivery_id, _A.number)
)
_BEHIND = (
    select(outbox.c.id, outbox.c.type, outbox.c.position)
    .where(outbox.c.tenant == TENANT, outbox.c.position > bindparam("behind"))
    .order_by(outbox.c.position)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many deliveries were made, up to which position events were looked at, and whether there are more behind it."""

    count: int
    last: int
    more: bool


async def list_deliveries(session: TenantSession, webhook_id: UUID, before: UUID | None, most: int) -> list[Delivery]:
    """A webhook's deliveries, the newest first; raises :class:`NotFound`."""
    await find_webhook(session, webhook_id)
    asked: dict[str, Any] = {"of_webhook": webhook_id, "most": most}
    rows = await session.all(_NEXT_PAGE, asked | {"before": before}) if before else await session.all(_PAGE, asked)
    return await _with_attempts(session, rows)


async def find_delivery(session: TenantSession, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """One delivery; raises :class:`NotFound`."""
    await find_webhook(session, webhook_id)
    row = await session.one(_ONE, {"of_webhook": webhook_id, "of_id": delivery_id})
    if row is None:
        raise NotFound("webhooks.delivery-unknown")
    return (await _with_attempts(session, [row]))[0]


async def send_test(session: TenantSession, webhook_id: UUID) -> Delivery:
    """A test event for one webhook; raises :class:`NotFound`, and :class:`Conflict` where that is disabled or too much
    waits for it already."""
    hook = await _find_enabled(session, webhook_id)
    event: dict[str, Any] = {"id": new_id(), "type": TESTED}
    _record(session, hook, TESTED, event_id=event["id"])
    return _made(session, hook, event, Cause.TEST)


async def replay_delivery(session: TenantSession, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """The same event once more, under the same id, whatever became of it; raises as :func:`send_test`."""
    hook = await _find_enabled(session, webhook_id)
    found = await find_delivery(session, webhook_id, delivery_id)
    _record(session, hook, "webhook.replayed", count=1)
    made = _made(session, hook, {"id": found.event_id, "type": found.type}, Cause.REPLAY)
    return replace(made, position=found.position)


async def replay_from(session: TenantSession, webhook_id: UUID, after: int) -> Replayed:
    """Everything behind a position that the webhook wants, so many events at a time; raises as :func:`send_test`."""
    hook = await _find_enabled(session, webhook_id)
    rows = await session.all(_BEHIND, {"behind": after, "most": MOST_REPLAYED})
    wanted = [row for row in rows if row["type"] != TESTED and hook.wants(row["type"])]
    for row in wanted:
        add_delivery(session, hook.id, row, Cause.REPLAY, session.recorded_at)
    if wanted:
        _record(session, hook, "webhook.replayed", count=len(wanted))
    return Replayed(len(wanted), rows[-1]["position"] if rows else after, more=len(rows) == MOST_REPLAYED)


async def _find_enabled(session: TenantSession, webhook_id: UUID) -> Webhook:
    found = await find_webhook(session, webhook_id)
    if not found.is_enabled:
        raise Conflict("webhooks.disabled")
    if await session.scalar(_WAITING, {"of_webhook": webhook_id, "most": MOST_WAITING}) >= MOST_WAITING:
        raise Conflict("webhooks.too-many-waiting", most=MOST_WAITING)
    return found


def _made(session: TenantSession, hook: Webhook, event: Mapping[str, Any], cause: Cause) -> Delivery:
    at = session.recorded_at
    id_ = add_delivery(session, hook.id, event, cause, at)
    return Delivery(id_, hook.id, event["id"], event["type"], None, cause, DeliveryState.PENDING, at, at, None)


def _record(session: TenantSession, hook: Webhook, action: str, event_id: UUID | None = None, **more: int) -> None:
    name = f"webhook:{hook.id}"
    told: dict[str, RefValue] = {"webhook_id": str(hook.id), **more}
    session.record(
        Change(
            action=action, stream=name, subject=name, content=told, event_type=action, refs=told, shared=True,
            event_id=event_id,
        )
    )  # fmt: skip


async def _with_attempts(session: TenantSession, rows: Sequence[Mapping[str, Any]]) -> list[Delivery]:
    made: dict[UUID, list[Attempt]] = {row["id"]: [] for row in rows}
    for row in await session.all(_ATTEMPTS, {"among": list(made)}) if made else ():
        fault = Fault(row["fault"]) if row["fault"] else None
        attempt = Attempt(row["number"], row["at"], row["status"], row["milliseconds"], fault)
        made[row["delivery_id"]].append(attempt)
    return [_read(row, tuple(made[row["id"]])) for row in rows]


def _read(row: Mapping[str, Any], attempts: tuple[Attempt, ...]) -> Delivery:
    words = {"cause": Cause(row["cause"]), "state": DeliveryState(row["state"])}
    return Delivery(**{**row, **words}, attempts=attempts)
