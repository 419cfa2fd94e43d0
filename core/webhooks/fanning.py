"""Gives each event that was numbered to the webhooks that want its type; in the transaction that numbers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from core.ids import new_id
from core.store.session import TenantSession
from core.store.tables.records import outbox
from core.store.tables.schema import TENANT
from core.store.tables.webhooks import webhook, webhook_delivery
from core.timers.arming import arm
from core.timers.timer import TimerKind
from core.webhooks.delivery import Cause, DeliveryState
from core.webhooks.service import WEBHOOK_COLUMNS, read_webhook
from core.webhooks.webhook import Webhook

TESTED = "webhook.tested"
"""The type of a test event, which goes to the webhook that is tested alone, whatever types that wants."""
_ENABLED = select(*WEBHOOK_COLUMNS).where(
    webhook.c.tenant == TENANT, webhook.c.disabled_at.is_(None), webhook.c.deleted_at.is_(None)
)
_NUMBERED = (
    select(outbox.c.id, outbox.c.type)
    .where(
        outbox.c.tenant == TENANT,
        outbox.c.position >= bindparam("first_position"),
        outbox.c.position <= bindparam("last_position"),
    )
    .order_by(outbox.c.position)
)


async def enabled_webhooks(session: TenantSession) -> tuple[Webhook, ...]:
    """Those to which something is sent."""
    return tuple(map(read_webhook, await session.all(_ENABLED)))


async def fan_out(session: TenantSession, hooks: Iterable[Webhook], numbers: range, at: datetime) -> None:
    """Adds the deliveries of the events of those numbers, each with its timer; whoever has no webhooks pays nothing."""
    hooks = tuple(hooks)
    if not hooks or not numbers:
        return
    asked = {"first_position": numbers[0], "last_position": numbers[-1]}
    for row in await session.all(_NUMBERED, asked):
        for hook in hooks:
            if row["type"] != TESTED and hook.wants(row["type"]):
                add_delivery(session, hook.id, row, Cause.EVENT, at)


def add_delivery(session: TenantSession, webhook_id: UUID, event: Mapping[str, Any], cause: Cause, at: datetime) -> UUID:
    """A delivery of an event (its ``id`` and ``type``), tried from that moment on; answers its id."""
    id_ = new_id()
    row = {"id": id_, "webhook_id": webhook_id, "event_id": event["id"], "type": event["type"], "cause": cause.value}
    row |= {"state": DeliveryState.PENDING.value, "attempts": 0, "created_at": at, "next_at": at, "ended_at": None}
    session.add(webhook_delivery, row)
    arm(session, TimerKind.DELIVERY, id_, at)
    return id_
