"""Moves the legal time of a sandbox. The time of every other tenant is that of the machine."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import bindparam, select, update

from core.errors import NotFound, Refused, Stale
from core.store.tables import TENANT, cases, tenant_clock
from core.tenants.service.administration import Administration
from core.timers.arming import follow_clock

_ANY_CASE = select(cases.c.id).where(cases.c.tenant == TENANT).limit(1)
_MOVE = update(tenant_clock).where(tenant_clock.c.tenant == TENANT).values(offset_seconds=bindparam("seconds"))
EARLIEST, LATEST = 2004, 2099
"""The years that the working calendar reaches."""


async def move_clock(admin: Administration, to: datetime, expected: int) -> timedelta:
    """Moves legal time to an instant; answers by how much it differs from the machine's.

    It moves forward at any time. It moves back only while the tenant has no case, because steps and deadlines are in the
    order of legal time and nothing may come to lie in the future. ``expected`` is the revision it was decided on. Raises
    :class:`NotFound` outside a sandbox, :class:`Stale` or :class:`Refused`.
    """
    snapshot = await admin.begin()
    if not snapshot.tenant.sandbox:
        raise NotFound("tenants.no-sandbox")
    if expected != snapshot.tenant.configuration:
        raise Stale("tenants.clock-stale", current=snapshot.tenant.configuration)
    if not EARLIEST <= to.astimezone(snapshot.zone).year <= LATEST:
        raise Refused("tenants.clock-out-of-reach", field="/now", first=EARLIEST, last=LATEST)
    now = admin.now(snapshot)
    if to < now and await admin.session.one(_ANY_CASE) is not None:
        raise Refused("tenants.clock-backwards", field="/now", now=now.isoformat(timespec="seconds"))
    seconds = ceil((to - admin.recorded_at).total_seconds())
    await admin.session.execute(_MOVE, {"seconds": seconds})
    await follow_clock(admin.session, timedelta(seconds=seconds))
    content = {"from": now.isoformat(), "to": to.isoformat(), "offset_seconds": seconds}
    admin.record("clock.moved", "clock", content, offset_seconds=seconds)
    return timedelta(seconds=seconds)
