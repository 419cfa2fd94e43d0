"""Numbers events after their commit: a number that is given inside a transaction would be seen out of order (PITFALLS 33).

One at a time numbers a tenant's events, and what it numbered is there before the next one begins: a reader who has seen
number n will never see a lower one appear.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.store.session import TenantSession
from core.store.tables.records import outbox
from core.store.tables.schema import TENANT
from core.store.tables.timers import event_sequence

MOST_AT_ONCE = 1_000
_BEGIN = {
    name: dialect.insert(event_sequence).values(tenant=TENANT, last=0).on_conflict_do_nothing()
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_LAST = select(event_sequence.c.last).where(event_sequence.c.tenant == TENANT).with_for_update()
_MOVE_ON = update(event_sequence).where(event_sequence.c.tenant == TENANT).values(last=bindparam("reached"))
_WAITING = (
    select(outbox.c.tenant, outbox.c.id, func.row_number().over(order_by=outbox.c.id).label("place"))
    .where(outbox.c.tenant == TENANT, outbox.c.position.is_(None))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
    .subquery("waiting")
)
_NUMBER = (
    update(outbox)
    .where(outbox.c.tenant == TENANT, _WAITING.c.tenant == outbox.c.tenant, outbox.c.id == _WAITING.c.id)
    .values(position=_WAITING.c.place + bindparam("after"))
)


async def number_events(session: TenantSession) -> range:
    """Gives the tenant's events that have none the next numbers, in the order of their ids; answers these numbers.

    At most :data:`MOST_AT_ONCE`: whoever gets so many asks again, in another session.
    """
    last = await _lock_last(session)
    numbered = await session.execute(_NUMBER, {"after": last, "most": MOST_AT_ONCE})
    if numbered:
        await session.execute(_MOVE_ON, {"reached": last + numbered})
    return range(last + 1, last + numbered + 1)


async def _lock_last(session: TenantSession) -> int:
    """The last number that was given; others who number wait until this session ends."""
    last = await session.scalar(_LAST)
    if last is None:
        await session.execute(_BEGIN[session.dialect_name])
        last = await session.scalar(_LAST)
    return int(last)
