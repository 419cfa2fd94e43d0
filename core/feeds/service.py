"""Calendar feeds in the store: made, listed, revoked, and read by the secret of their address."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, or_, select, update

from core.cases.deadline_listing import DeadlineFilter, list_deadlines
from core.cases.service import Desk
from core.clock import Clock
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.feeds.calendar import write_calendar
from core.feeds.rules import Feed, event_of, may_follow, reader_of
from core.ids import new_id, new_secret, secret_hash
from core.procedure import Role
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables import TENANT, account, calendar_feed, client
from core.tenants.snapshot import Snapshot

MOST_EVENTS = 1_000
"""So many deadlines a calendar is told of at most, those that fall due first."""
MOST_FEEDS = 50
"""That stand, of one person."""
_MADE, _REVOKED = "calendar-feed.made", "calendar-feed.revoked"
_F = calendar_feed.c
_ALL = select(_F.id, _F.unit_id, _F.person_id, _F.created_at, _F.revoked_by, _F.revoked_at).where(_F.tenant == TENANT)
_BY_ID = _ALL.where(_F.id == bindparam("of_id"))
_BY_SECRET = _ALL.where(_F.secret_hash == bindparam("of_hash"), _F.revoked_at.is_(None))
_PAGE = _ALL.where(_F.id > bindparam("after")).order_by(_F.id).limit(bindparam("most"))
_MINE = _PAGE.where(_F.person_id == bindparam("me"))
_STANDING = (
    select(func.count())
    .select_from(calendar_feed)
    .where(_F.tenant == TENANT, _F.person_id == bindparam("me"), _F.revoked_at.is_(None))
)
_REVOKE = (
    update(calendar_feed)
    .where(_F.tenant == TENANT, _F.id == bindparam("of_id"), _F.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"), revoked_by=bindparam("by"))
)
_SHUT_OUT = select(
    or_(
        *(
            exists().where(
                table.c.tenant == TENANT, table.c.person_id == bindparam("of_person"), table.c.disabled_at.is_not(None)
            )
            for table in (account, client)
        )
    ).label("shut_out")
)
"""Whether the person's account, or the client whose service person it is, was disabled."""
_BEFORE_ALL = UUID(int=0)


async def make_feed(desk: Desk, unit_id: UUID) -> tuple[Feed, str]:
    """A new feed of a unit, and the secret of its address, which is told this once.

    Raises :class:`Forbidden` for a unit that is none of the person's own, :class:`Refused` for one that is not there, and
    :class:`Conflict` where the person has as many as there may be.
    """
    if not may_follow(desk.principal, unit_id):
        raise Forbidden("feeds.not-your-unit")
    if not desk.snapshot.organisation.on(desk.snapshot.local_day(desk.now)).is_active(unit_id):
        raise Refused("feeds.unit-unknown", field="/unit_id")
    if await desk.session.scalar(_STANDING, {"me": desk.principal.person_id}) >= MOST_FEEDS:
        raise Conflict("feeds.too-many", most=MOST_FEEDS)
    secret = new_secret()
    made = Feed(id=new_id(), unit_id=unit_id, person_id=desk.principal.person_id, created_at=desk.recorded_at)
    row = {name: getattr(made, name) for name in Feed.__slots__}
    desk.session.add(calendar_feed, row | {"secret_hash": secret_hash(secret)})
    _record(desk, _MADE, made)
    return made, secret


async def list_feeds(desk: Desk, limit: int, after: UUID | None) -> tuple[Feed, ...]:
    """The person's own feeds in the order in which they were made, revoked ones too; for an administrator everybody's."""
    asked: dict[str, Any] = {"after": after or _BEFORE_ALL, "most": limit}
    if _administers(desk):
        rows = await desk.session.all(_PAGE, asked)
    else:
        rows = await desk.session.all(_MINE, asked | {"me": desk.principal.person_id})
    return tuple(Feed(**row) for row in rows)


async def find_feed(desk: Desk, feed_id: UUID) -> Feed:
    """A feed of the person's own, or for an administrator anybody's; raises :class:`NotFound`."""
    row = await desk.session.one(_BY_ID, {"of_id": feed_id})
    found = Feed(**row) if row else None
    if found is None or (found.person_id != desk.principal.person_id and not _administers(desk)):
        raise NotFound("feeds.unknown")
    return found


async def revoke_feed(desk: Desk, feed_id: UUID) -> None:
    """Ends a feed at once and for good; one that has ended stays as it is. Raises :class:`NotFound`."""
    found = await find_feed(desk, feed_id)
    said = {"of_id": feed_id, "at": desk.recorded_at, "by": desk.principal.person_id}
    if await desk.session.execute(_REVOKE, said) == 1:
        _record(desk, _REVOKED, found)


async def read_feed(session: TenantSession, snapshot: Snapshot, wall: Clock, secret: str) -> bytes:
    """The open deadlines of the feed's unit as a calendar.

    Raises :class:`NotFound` for a secret that opens nothing, or nothing any more: whoever made the feed is asked about each
    time, and must still be let in, and still belong to the unit.
    """
    row = await session.one(_BY_SECRET, {"of_hash": secret_hash(secret)})
    if row is None:
        raise NotFound("feeds.unknown")
    feed, now = Feed(**row), snapshot.clock(wall).now()
    desk = Desk(session, snapshot, reader_of(feed, snapshot, now), now, session.recorded_at)
    if not may_follow(desk.principal, feed.unit_id) or await _is_shut_out(session, feed.person_id):
        raise NotFound("feeds.unknown")
    page = await list_deadlines(desk, DeadlineFilter(holder_unit=feed.unit_id), MOST_EVENTS, dated=True)
    return write_calendar(_name(snapshot, feed.unit_id, now), (event_of(line, snapshot) for line in page.lines))


def _name(snapshot: Snapshot, unit_id: UUID, now: datetime) -> str:
    unit = snapshot.organisation.on(snapshot.local_day(now)).versions.get(unit_id)
    return f"{unit.name} 期限" if unit else "期限"


async def _is_shut_out(session: TenantSession, person_id: UUID) -> bool:
    return bool(await session.scalar(_SHUT_OUT, {"of_person": person_id}))


def _administers(desk: Desk) -> bool:
    return desk.principal.has(Role.TENANT_ADMINISTRATOR)


def _record(desk: Desk, action: str, feed: Feed) -> None:
    ids = {"feed_id": str(feed.id), "unit_id": str(feed.unit_id)}
    change = Change(
        action=action,
        stream=f"calendar-feed:{feed.id}",
        subject=f"calendar-feed:{feed.id}",
        content=ids | {"person_id": str(feed.person_id)},
        event_type=action,
        refs=ids,
        new_stream=action == _MADE,
    )
    desk.session.record(change)
