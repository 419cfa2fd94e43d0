"""Puts an attempt on record, and decides what becomes of its delivery and of a webhook that only fails."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Boolean, bindparam, or_, update

from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables.schema import TENANT
from core.store.tables.webhooks import webhook, webhook_attempt, webhook_delivery
from core.timers.arming import finish, lock_owned
from core.timers.timer import Next, Timer, TimerKind
from core.webhooks.delivery import DeliveryState
from core.webhooks.posting import Answer
from core.webhooks.schedule import PATIENCE, next_delay, read_wish
from core.webhooks.service import move_deliveries
from core.webhooks.webhook import DisabledFor

_chance = random.SystemRandom()
_OF_HOOK = (webhook.c.tenant == TENANT, webhook.c.id == bindparam("of_id"))
_SUCCEEDS = update(webhook).where(*_OF_HOOK, webhook.c.failing_since.is_not(None)).values(failing_since=None)
_FAILS = update(webhook).where(*_OF_HOOK, webhook.c.failing_since.is_(None)).values(failing_since=bindparam("now"))
_DISABLE = (
    update(webhook)
    .where(
        *_OF_HOOK,
        webhook.c.disabled_at.is_(None),
        webhook.c.deleted_at.is_(None),
        or_(
            webhook.c.failing_since <= bindparam("before", type_=webhook.c.failing_since.type),
            bindparam("at_once", type_=Boolean),
        ),
    )
    .values(disabled_at=bindparam("now"), disabled_for=bindparam("why"), version=webhook.c.version + 1)
)
_SETTLE = (
    update(webhook_delivery)
    .where(webhook_delivery.c.tenant == TENANT, webhook_delivery.c.id == bindparam("of_id"))
    .values(
        state=bindparam("new_state"), attempts=bindparam("made"), next_at=bindparam("then"), ended_at=bindparam("ended")
    )
)  # fmt: skip
ENDED = frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED})


@dataclass(frozen=True, slots=True)
class Made:
    """An attempt that was made: of which delivery, the how manieth, when it ended, and what came of it."""

    timer: Timer
    webhook_id: UUID
    number: int
    at: datetime
    answer: Answer


async def record_attempt(session: TenantSession, made: Made) -> None:
    """Writes the attempt and what follows from it, unless somebody else has taken the delivery meanwhile.

    The webhook is always changed before its deliveries, so that nobody waits for one who waits for them.
    """
    disabled = await _judge_webhook(session, made)
    owned = await lock_owned(session, TimerKind.DELIVERY, [made.timer])
    if not owned:
        return
    answer, id_ = made.answer, made.timer.subject_id
    fault = answer.fault.value if answer.fault else None
    row = {"delivery_id": id_, "number": made.number, "at": made.at, "status": answer.status, "fault": fault}
    session.add(webhook_attempt, row | {"milliseconds": answer.milliseconds})
    state, then = _verdict(made, disabled=disabled)
    ended = made.at if state in ENDED else None
    told = {"of_id": id_, "new_state": state.value, "made": made.number, "then": then, "ended": ended}
    await session.execute(_SETTLE, told)
    again = Next(then) if then is not None else None
    await finish(session, TimerKind.DELIVERY, {id_: again}, timedelta())


def _verdict(made: Made, *, disabled: bool) -> tuple[DeliveryState, datetime | None]:
    """What becomes of the delivery, and when it is tried again."""
    answer = made.answer
    if answer.fault is None:
        return DeliveryState.DELIVERED, None
    delay = next_delay(made.number, read_wish(answer.wish, made.at), _chance.random())
    if answer.is_gone or delay is None:
        return DeliveryState.FAILED, None
    return (DeliveryState.HELD, None) if disabled else (DeliveryState.PENDING, made.at + delay)


async def _judge_webhook(session: TenantSession, made: Made) -> bool:
    """Notes that the webhook succeeds or fails; whether it was disabled for that."""
    asked = {"of_id": made.webhook_id, "now": made.at}
    if made.answer.fault is None:
        await session.execute(_SUCCEEDS, {"of_id": made.webhook_id})
        return False
    await session.execute(_FAILS, asked)
    why = DisabledFor.GONE if made.answer.is_gone else DisabledFor.FAILING
    more = {"before": made.at - PATIENCE, "at_once": made.answer.is_gone, "why": why.value}
    if await session.execute(_DISABLE, asked | more) != 1:
        return False
    await move_deliveries(session, made.webhook_id, DeliveryState.PENDING, DeliveryState.HELD)
    name, refs = f"webhook:{made.webhook_id}", {"webhook_id": str(made.webhook_id), "reason": why.value}
    action = "webhook.disabled"
    session.record(Change(action=action, stream=name, subject=name, content=refs, event_type=action, refs=refs, shared=True))
    return True
