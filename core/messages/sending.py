"""Sends messages: what waits is read, sent outside any transaction, and what became of it recorded under the fence.

At least once, under a stable id: a worker that dies between sending and recording leaves the message to the next, and who
gets it twice can tell by its id. What is temporary is tried again for a day, what lasts is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, select

from core.errors import WenzeError
from core.ids import new_id
from core.messages.channel import Channel, Failed, Outgoing, Reach, Sent
from core.messages.hours import opens_at
from core.messages.records import (
    LOCK,
    MESSAGE_COLUMNS,
    Message,
    MessageState,
    open_content,
    read_message,
    store_message,
)
from core.messages.tenant_channels import TenantChannel, list_tenant_channels, open_settings
from core.store.actor import WORKER
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.deadlines import deadline
from core.store.tables.messages import message, message_attempt
from core.store.tables.notices import deadline_notice
from core.store.tables.schema import TENANT
from core.tenants.snapshot import Snapshot
from core.timers.arming import finish, lock_owned
from core.timers.timer import Next, Timer, TimerKind
from core.work import Trade, Workshop

_log: Any = structlog.get_logger("wenze.messages")
GIVEN_UP = timedelta(days=1)
_WAITS = (60, 300, 900, 1_800, 3_600, 7_200, 14_400)
"""Seconds after each attempt; the last of them from then on."""
_AT_ONCE = 8
OVER, MOVED, CHANNEL_DISABLED, CHANNEL_FAULTY = "over", "moved", "channel-disabled", "channel-faulty"
"""Why a message that waits is dropped: what it is about is over, or has another date; its channel is off, or unusable."""
_ABOUT = (
    message.outerjoin(cases, (cases.c.tenant == message.c.tenant) & (cases.c.id == message.c.case_id))
    .outerjoin(
        deadline_notice, (deadline_notice.c.tenant == message.c.tenant) & (deadline_notice.c.id == message.c.notice_id)
    )
    .outerjoin(deadline, (deadline.c.tenant == deadline_notice.c.tenant) & (deadline.c.id == deadline_notice.c.deadline_id))
)
_READ = (
    select(
        *MESSAGE_COLUMNS,
        message.c.sealed,
        cases.c.number,
        cases.c.closed_at,
        cases.c.version.label("present_version"),
        deadline.c.state.label("deadline_state"),
        deadline.c.due_at,
        deadline_notice.c.due_at.label("noted_due_at"),
    )
    .select_from(_ABOUT)
    .where(message.c.tenant == TENANT, message.c.id.in_(bindparam("among", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Job:
    """A message that is to go out now, with all that its channel is given."""

    outgoing: Outgoing
    plugin: Channel
    settings: Any


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one attempt."""

    at: datetime
    milliseconds: int
    sent: Sent | None = None
    failed: Failed | None = None


Plan = Job | str | Next
"""What is to be done with a message now: it is sent, dropped for a reason, or it waits."""


async def send_waiting(shop: Workshop, tenant: int, taken: Sequence[Timer], wall: datetime) -> None:
    """Works off the messages of one tenant whose timers were taken."""
    async with shop.database.reading(tenant) as session:
        plans = await _plan(session, await shop.snapshots.of(session), [item.subject_id for item in taken], wall)
    tried = await _try_all(shop, {id_: plan for id_, plan in plans.items() if isinstance(plan, Job)}, wall)
    async with shop.database.tenant(tenant, actor=WORKER) as session:
        snapshot = await shop.snapshots.of(session)
        owned = await lock_owned(session, TimerKind.MESSAGE, taken)
        waiting = {row["id"]: read_message(row) for row in await session.all(LOCK, {"among": list(owned)})}
        done = {id_: await _settle(session, waiting.get(id_), plans.get(id_), tried.get(id_)) for id_ in owned}
        await finish(session, TimerKind.MESSAGE, done, snapshot.offset)


MESSAGING = Trade(
    TimerKind.MESSAGE, send_waiting, batch=_AT_ONCE, lease=timedelta(seconds=180), pause=2.0, width=8, per_tenant=2
)


async def _plan(session: TenantSession, snapshot: Snapshot, ids: Sequence[UUID], wall: datetime) -> dict[UUID, Plan]:
    rows = await session.all(_READ, {"among": list(ids)})
    channels = {item.id: item for item in await list_tenant_channels(session)}
    opening = opens_at(wall + snapshot.offset, snapshot.calendar)
    waits = Next(opening, legal=True) if opening else None
    return {row["id"]: await _plan_one(session, row, channels[row["channel_id"]], waits) for row in rows}


async def _plan_one(session: TenantSession, row: Mapping[str, Any], channel: TenantChannel, waits: Next | None) -> Plan:
    plugin = channel.plugin
    why = _pointless(row)
    if why is not None or plugin is None or channel.disabled_at is not None:
        return why or CHANNEL_DISABLED
    if row["office_hours"] and waits is not None:
        return waits
    try:
        settings = await open_settings(session, plugin, channel)
    except WenzeError:
        return CHANNEL_FAULTY
    return Job(_outgoing(row, open_content(await session.keys(), row["id"], row["sealed"])), plugin, settings)


def _pointless(row: Mapping[str, Any]) -> str | None:
    """Why a message is not to go out any more: of what it is about somebody has come to an end, or to another date."""
    if row["closed_at"] is not None and row["present_version"] > row["case_version"]:
        return OVER
    if row["deadline_state"] not in {None, "open"}:
        return OVER
    return MOVED if row["due_at"] != row["noted_due_at"] else None


def _outgoing(row: Mapping[str, Any], content: Any) -> Outgoing:
    told = {name: row[name] for name in ("id", "number", "case_id", "person_id", "unit_id")}
    return Outgoing(**told, subject=content.subject, text=content.text, address=content.address)


async def _try_all(shop: Workshop, jobs: Mapping[UUID, Job], wall: datetime) -> dict[UUID, Tried]:
    reach = Reach(shop.settings.message_networks)
    found = await asyncio.gather(*(_try(job, reach, wall) for job in jobs.values()))
    return dict(zip(jobs, found, strict=True))


async def _try(job: Job, reach: Reach, wall: datetime) -> Tried:
    begun = monotonic()
    sent, failed = None, None
    try:
        sent = Sent(_storable((await job.plugin.send(job.outgoing, job.settings, reach)).reference))
    except Failed as error:
        failed = error
    except Exception as error:  # noqa: BLE001  a package's channel can raise anything; the others' messages go on
        # The error's own text could hold an address.
        _log.error("message.channel-raised", channel=job.plugin.key, error=type(error).__name__)
        failed = Failed("channel-raised", temporary=True)
    return Tried(wall, int((monotonic() - begun) * 1000), sent, failed)


def _storable(reference: str | None) -> str | None:
    """What the other side calls the message; ``None`` for what no database takes, so that it is not sent again for that."""
    return reference if reference and reference.isprintable() else None


async def _settle(session: TenantSession, found: Message | None, plan: Plan | None, tried: Tried | None) -> Next | None:
    """Records what became of a message; answers when it is looked at again."""
    if found is None or found.state is not MessageState.QUEUED:
        return None
    if isinstance(plan, Next):
        return plan
    if tried is None:
        await store_message(session, replace(found, state=MessageState.DROPPED, why=str(plan)))
        return None
    after, then = judge(found, tried)
    session.add(message_attempt, _attempt(after, tried, again=then is not None))
    await store_message(session, after)
    return then


def judge(found: Message, tried: Tried) -> tuple[Message, Next | None]:
    """The message after an attempt, and when the next one is made. Pure."""
    counted = replace(found, attempts=found.attempts + 1, tried_since=found.tried_since or tried.at)
    if tried.sent is not None:
        return replace(counted, state=MessageState.SENT, why=None, sent_at=tried.at, reference=tried.sent.reference), None
    reason = tried.failed.reason if tried.failed else None
    then = tried.at + timedelta(seconds=_WAITS[min(counted.attempts, len(_WAITS)) - 1])
    lasts = tried.failed is not None and not tried.failed.temporary
    if lasts or then > (counted.tried_since or tried.at) + GIVEN_UP:
        return replace(counted, state=MessageState.FAILED, why=reason), None
    return replace(counted, why=reason), Next(then)


def _attempt(after: Message, tried: Tried, *, again: bool) -> dict[str, Any]:
    outcome = "sent" if tried.sent else "failed" if again else "refused"
    told = {"outcome": outcome, "reason": tried.failed.reason if tried.failed else None}
    told |= {"reference": tried.sent.reference if tried.sent else None}
    return {
        "id": new_id(), "message_id": after.id, "seq": after.attempts, "at": tried.at, "milliseconds": tried.milliseconds,
    } | told  # fmt: skip
