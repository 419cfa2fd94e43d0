"""The trade of delivering: reads in one session what is due, posts it outside any, records each attempt in another.

A receiver that is slow holds up nobody but itself: of one webhook so many are posted at a time by a process, and what does
not get its turn soon is put back, so that the worker goes on with what others wait for.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import BindParameter, bindparam, select, update

from core.events.envelope import EVENT_COLUMNS, cloud_event
from core.store.actor import WORKER
from core.store.session import TenantSession
from core.store.tables.records import outbox
from core.store.tables.schema import TENANT
from core.store.tables.webhooks import webhook, webhook_delivery
from core.timers.arming import finish, lock_owned
from core.timers.taking import Timers
from core.timers.timer import Next, Timer, TimerKind
from core.webhooks.delivery import DeliveryState
from core.webhooks.posting import Post, post
from core.webhooks.recording import Made, record_attempt
from core.webhooks.schedule import CROWDED, next_turn
from core.webhooks.service import WEBHOOK_COLUMNS, open_secrets, read_webhook
from core.work import Trade, Workshop

AT_ONCE = 8
"""Posts to one webhook at a time, by one process."""
_TURN_SECONDS = 4.0
"""For so long one batch begins posts to a webhook."""
_UNNUMBERED = timedelta(seconds=1)
_LEASE = timedelta(seconds=60)
_log: Any = structlog.get_logger("wenze.webhooks")
_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_DUE = select(
    webhook_delivery.c.id, webhook_delivery.c.webhook_id, webhook_delivery.c.event_id, webhook_delivery.c.attempts
).where(
    webhook_delivery.c.tenant == TENANT,
    webhook_delivery.c.id.in_(_AMONG),
    webhook_delivery.c.state == DeliveryState.PENDING.value,
)
_HOOKS = select(*WEBHOOK_COLUMNS).where(webhook.c.tenant == TENANT, webhook.c.id.in_(_AMONG))
_EVENTS = select(*EVENT_COLUMNS).where(outbox.c.tenant == TENANT, outbox.c.id.in_(_AMONG))
_HOLD = (
    update(webhook_delivery)
    .where(
        webhook_delivery.c.tenant == TENANT,
        webhook_delivery.c.id.in_(_AMONG),
        webhook_delivery.c.state == DeliveryState.PENDING.value,
    )
    .values(state=DeliveryState.HELD.value)
)


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that is to be posted."""

    timer: Timer
    webhook_id: UUID
    number: int
    post: Post


@dataclass(slots=True)
class Batch:
    """What was taken together: what is to be posted, and what is to be done with the rest."""

    jobs: list[Job]
    early: list[Timer]
    """Of events that have no number yet."""
    held: list[Timer]
    """Of webhooks that were disabled meanwhile."""
    over: list[Timer]


class Delivering:
    """Posts what is due. It knows how many posts to each webhook its process has under way, and who is slow."""

    def __init__(self) -> None:
        self._busy: Counter[UUID] = Counter()
        self._slow: dict[UUID, timedelta] = {}
        """How long the last answer took, where that was long."""
        self._behind: Counter[UUID] = Counter()
        """How many were put back since there was nothing under way, less those that were posted."""

    async def work(self, shop: Workshop, tenant: int, taken: Sequence[Timer], wall: datetime) -> None:
        """Delivers what timers of one tenant are for; each attempt is finished by itself."""
        began = time.monotonic()
        async with shop.database.reading(tenant) as session:
            batch = await _read(shop, session, taken, wall)
        if batch.early or batch.held or batch.over:
            await _settle(shop, tenant, batch, wall)
        of_hook: dict[UUID, deque[Job]] = defaultdict(deque)
        for job in batch.jobs:
            of_hook[job.webhook_id].append(job)
        clock = _Clock(wall, began)
        await asyncio.gather(*(self._serve(shop, tenant, id_, jobs, clock) for id_, jobs in of_hook.items()))

    async def _serve(self, shop: Workshop, tenant: int, webhook_id: UUID, jobs: deque[Job], clock: _Clock) -> None:
        """Posts to one webhook, as many at a time as it has room for; what does not get its turn is put back."""
        room = min(AT_ONCE - self._busy[webhook_id], len(jobs))
        self._busy[webhook_id] += max(room, 0)
        try:
            await asyncio.gather(*(self._post_in_turn(shop, tenant, jobs, clock) for _ in range(room)))
        finally:
            self._busy[webhook_id] -= max(room, 0)
            if self._busy[webhook_id] <= 0:
                del self._busy[webhook_id]
                self._behind.pop(webhook_id, None)
        if jobs:
            self._behind[webhook_id] += len(jobs)
            wait = next_turn(self._slow.get(webhook_id), self._behind[webhook_id], AT_ONCE)
            await Timers(shop.database).put_back((job.timer for job in jobs), clock.now() + wait)

    async def _post_in_turn(self, shop: Workshop, tenant: int, jobs: deque[Job], clock: _Clock) -> None:
        first = True
        while jobs and (first or clock.passed() < _TURN_SECONDS):
            first, job = False, jobs.popleft()
            took = await _attempt(shop, tenant, job, clock)
            self._behind[job.webhook_id] = max(0, self._behind[job.webhook_id] - 1)
            if took > CROWDED:
                self._slow[job.webhook_id] = took
            else:
                self._slow.pop(job.webhook_id, None)


@dataclass(frozen=True, slots=True)
class _Clock:
    """What time it is to all workers, from what it was when the timers were taken."""

    wall: datetime
    began: float

    def passed(self) -> float:
        return time.monotonic() - self.began

    def now(self) -> datetime:
        return self.wall + timedelta(seconds=self.passed())


async def _attempt(shop: Workshop, tenant: int, job: Job, clock: _Clock) -> timedelta:
    """Posts and records; answers how long the receiver took."""
    answer = await post(job.post, shop.settings.webhook_networks, clock.now())
    made = Made(job.timer, job.webhook_id, job.number, clock.now(), answer)
    try:
        async with shop.database.tenant(tenant, actor=WORKER) as session:
            await record_attempt(session, made)
    except Exception:  # noqa: BLE001  whatever it is, the other deliveries go on
        # Not even put back: whoever takes it when its lease is over posts it again, under the same id.
        _log.exception("webhooks.unrecorded", tenant=tenant, delivery=str(job.timer.subject_id))
    return timedelta(milliseconds=answer.milliseconds)


async def _read(shop: Workshop, session: TenantSession, taken: Sequence[Timer], wall: datetime) -> Batch:
    timers = {item.subject_id: item for item in taken}
    due = {row["id"]: row for row in await session.all(_DUE, {"among": list(timers)})}
    batch = Batch([], [], [], [timer for id_, timer in timers.items() if id_ not in due])
    if not due:
        return batch
    rows = await session.all(_HOOKS, {"among": list({row["webhook_id"] for row in due.values()})})
    hooks = {row["id"]: read_webhook(row) for row in rows}
    found = await session.all(_EVENTS, {"among": list({row["event_id"] for row in due.values()})})
    events = {row["id"]: row for row in found}
    signers = {id_: await open_secrets(session, hook, wall) for id_, hook in hooks.items()}
    source = (await shop.snapshots.of(session)).tenant.address(shop.settings.public_url)
    for id_, row in due.items():
        hook, event = hooks[row["webhook_id"]], events.get(row["event_id"])
        if not hook.is_enabled:
            batch.held.append(timers[id_])
        elif event is None or event["position"] is None:
            batch.early.append(timers[id_])
        else:
            sent = Post(hook.url, str(event["id"]), _body(event, source), signers[hook.id])
            batch.jobs.append(Job(timers[id_], hook.id, row["attempts"] + 1, sent))
    return batch


def _body(event: Mapping[str, Any], source: str) -> bytes:
    return msgspec.json.encode(cloud_event(event, source))


async def _settle(shop: Workshop, tenant: int, batch: Batch, wall: datetime) -> None:
    """Ends or delays the timers of what is not posted now."""
    async with shop.database.tenant(tenant, actor=WORKER) as session:
        owned = await lock_owned(session, TimerKind.DELIVERY, [*batch.early, *batch.held, *batch.over])
        held = [item.subject_id for item in batch.held if item.subject_id in owned]
        if held:
            await session.execute(_HOLD, {"among": held})
        early = {item.subject_id for item in batch.early}
        later = Next(wall + _UNNUMBERED)
        done = {id_: later if id_ in early else None for id_ in owned}
        await finish(session, TimerKind.DELIVERY, done, timedelta())


DELIVERING = Trade(
    TimerKind.DELIVERY, Delivering().work, batch=50, lease=_LEASE, pause=0.5, width=64, per_tenant=8
)  # fmt: skip
"""Many at a time, for most of it is waiting for others."""
