"""What a tenant needs every night: what has expired is forgotten, and what the day has brought reaches the open deadlines.

A year that the State Council has announced comes with a newer release of the calendar's package; a warning ladder can be set
to hold from a later day on. Both are noticed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from core.accounts.purging import purge_expired
from core.attachments.purging import purge_unattached
from core.attachments.vault import open_vault
from core.authorizations.purge import purge_authorizations
from core.house_settings import LADDER
from core.recounts.recount import OPEN, RecountCause, begin_recount, find_newest
from core.store.replays import purge_replays
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline
from core.store.tables.schema import TENANT
from core.tenants.snapshot import Snapshot
from core.timers.timer import Next, Timer, TimerKind
from core.work import Shift, Trade, Workshop, in_one_session

_BEGINS, _SPREAD = 1, 4 * 60
"""The local hour from which, and the minutes over which, the tenants are seen to each night."""
_PROVISIONAL = (
    select(deadline.c.id).where(deadline.c.tenant == TENANT, deadline.c.state == OPEN, deadline.c.provisional).limit(1)
)


async def keep_up(shop: Workshop, tenant: int, taken: Sequence[Timer], wall: datetime) -> None:
    """One night's work for a tenant. All of it can be done again; the timer ends with the last part."""
    vault = open_vault(shop.settings.attachments_address)
    await purge_unattached(shop.database, vault, tenant, shop.settings.attachment_hours)
    await in_one_session(TimerKind.UPKEEP, _keep_up)(shop, tenant, taken, wall)


UPKEEP = Trade(TimerKind.UPKEEP, keep_up, batch=10, lease=timedelta(minutes=30), pause=5.0, for_every_tenant=True)


async def _keep_up(shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
    now = shift.session.recorded_at
    await purge_replays(shift.session)
    # A sign-in can go only when nothing hangs on it any more.
    await purge_authorizations(shift.session, now)
    await purge_expired(shift.session, now)
    cause = await find_cause(shift.session, shift.snapshot, shift.now)
    if cause is not None:
        await begin_recount(shift.session, cause, shift.snapshot.calendar_number, shift.snapshot.calendar.source)
    return dict.fromkeys(taken, Next(next_night(shift.snapshot, shift.wall)))


async def find_cause(session: TenantSession, snapshot: Snapshot, now: datetime) -> RecountCause | None:
    """Why open deadlines are to be looked at again tonight; ``None`` where nothing has changed."""
    ladder = snapshot.settings.on(LADDER, snapshot.local_day(now))
    newest = await find_newest(session)
    begun = newest.begun_at + snapshot.offset if newest else None
    if ladder is not None and (begun is None or snapshot.local_day(begun) < ladder.effective_from):
        return RecountCause.LADDER
    if newest is not None and newest.source == snapshot.calendar.source:
        return None
    return RecountCause.ANNOUNCEMENT if await session.scalar(_PROVISIONAL) else None


def next_night(snapshot: Snapshot, wall: datetime) -> datetime:
    """When the tenant is seen to next: at a time of its own, so that not all are at once."""
    minutes = _BEGINS * 60 + snapshot.tenant.id * 37 % _SPREAD
    local = wall.astimezone(snapshot.zone)
    tonight = datetime.combine(local.date(), time(), local.tzinfo) + timedelta(minutes=minutes)
    return (tonight if tonight > local else tonight + timedelta(days=1)).astimezone(UTC)
