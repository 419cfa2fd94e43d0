"""Calendar feeds over HTTP: an address for a calendar, told once; what it tells, without a token; and its end."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.operations import Access, Call, Method, Operation, PathParameter, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.cases import READERS, desk_of
from api.routes.deadlines import TAG
from api.routes.unit_names import unit_name
from core.cases.bodies import Instant
from core.errors import Conflict, Forbidden, Limited, NotFound, Refused, WenzeError
from core.feeds.calendar import MEDIA_TYPE
from core.feeds.rules import Feed
from core.feeds.service import find_feed, list_feeds, make_feed, read_feed, revoke_feed
from core.law.instrument import Text
from core.tenants.scopes import Scope

CACHE_SECONDS = 300
"""How long a calendar may show what it has read before it asks again."""
_SUFFIX = ".ics"
_FILE = PathParameter(
    Text(zh="订阅密钥与 .ics", en="The secret that the address holds, with `.ics`: the end of an address as it was told"),
    pattern=r"^[A-Za-z0-9_-]{43}\.ics$(?!\n)",
    example="n3vZ0sQ1gWm7kXyT5aLpR8bCdEfHjU2oI4iK6uB9tYw.ics",
)
_UNKNOWN: dict[type[WenzeError], tuple[str, ...]] = {NotFound: ("feeds.unknown",)}


class CalendarFeedRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose deadlines a calendar is to show."""

    unit_id: Annotated[UUID, Meta(title="单位", description="A unit of your own; for an administrator any")]


class CalendarFeedView(Struct, frozen=True, kw_only=True):
    """A calendar feed (日历订阅) of a unit's open deadlines, without its address."""

    id: UUID
    unit_id: UUID
    unit_name: Annotated[str | None, Meta(title="单位名称", description="What the unit is called today")]
    person_id: Annotated[UUID, Meta(title="订阅人", description="Who made it; it stops when that person leaves the unit")]
    created_at: Instant
    revoked_by: Annotated[UUID | None, Meta(title="撤销人")]
    revoked_at: Annotated[Instant | None, Meta(title="撤销时间", description="Null while it stands")]


class CalendarFeedGiven(CalendarFeedView, frozen=True, kw_only=True):
    """A feed just made, with the address that opens it, shown this once."""

    address: Annotated[
        str | None, Meta(title="订阅地址", description="Whoever has it can read; null where it was told before")
    ]


class CalendarFeedPage(Struct, frozen=True):
    """A page of feeds in the order in which they were made. ``next`` is the cursor of the following page."""

    items: tuple[CalendarFeedView, ...]
    next: str | None


async def _make(call: Call) -> Reply:
    feed, secret = await make_feed(desk_of(call), call.body.unit_id)
    address = f"{call.services.audience(call.snapshot.tenant)}/calendar-feeds/{secret}{_SUFFIX}"
    return Reply(_given(call, feed, address), kept=feed.id)


async def _retell(call: Call, kept: bytes) -> Reply:
    """The address is stored nowhere and told once: who lost it makes another feed."""
    return Reply(_given(call, await find_feed(desk_of(call), msgspec.json.decode(kept, type=UUID)), None))


async def _list(call: Call) -> Reply:
    query: PageQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    found = await list_feeds(desk_of(call), query.limit + 1, after)
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(CalendarFeedPage(tuple(_view(call, feed) for feed in page), following), next_cursor=following)


async def _revoke(call: Call) -> Reply:
    await revoke_feed(desk_of(call), call.id("feed_id"))
    return Reply()


async def _read(call: Call) -> Reply:
    secret, dot, rest = call.path["feed_id"].partition(_SUFFIX)
    if not dot or rest:
        raise NotFound("feeds.unknown")
    services = call.services
    async with services.database.reading(call.snapshot.tenant.id) as session:
        snapshot = await services.snapshots.of(session)
        content = await read_feed(session, snapshot, services.wall, secret)
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(content)), "X-Robots-Tag": "noindex"}
    return Reply(
        content=_whole(content),
        etag=hashlib.sha256(content).hexdigest()[:32],
        headers=headers,
        cache_control=f"private, max-age={CACHE_SECONDS}",
    )


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _view(call: Call, feed: Feed) -> CalendarFeedView:
    return CalendarFeedView(**_told(call, feed))


def _given(call: Call, feed: Feed, address: str | None) -> CalendarFeedGiven:
    return CalendarFeedGiven(**_told(call, feed), address=address)


def _told(call: Call, feed: Feed) -> dict[str, Any]:
    return {name: getattr(feed, name) for name in Feed.__slots__} | {"unit_name": unit_name(call, feed.unit_id)}


OPERATIONS = (
    Operation(
        id="makeCalendarFeed",
        method=Method.POST,
        path="/calendar-feeds",
        tag=TAG,
        title=Text(zh="建立日历订阅", en="Make a calendar feed"),
        description=Text(
            zh="为本人所在单位（租户管理员可为任何单位）建立未结期限的日历订阅。地址只在本次答复中显示，持有即可读取，"
            "只能打开这一订阅；可随时撤销。订阅人离开单位的，订阅随即停止。",
            en="An address at which a calendar (RFC 5545) reads the open deadlines of a unit of yours, as far as you "
            "see its cases; an administrator makes one of any unit. The address is in this answer and never again. Whoever "
            "has it can read that feed and nothing else. It stops when you leave the unit.",
        ),
        handler=_make,
        scope=Scope.CASES_READ,
        roles=READERS,
        body=CalendarFeedRequest,
        reply=CalendarFeedGiven,
        status=201,
        idempotent=True,
        retell=_retell,
        errors={Forbidden: ("feeds.not-your-unit",), Refused: ("feeds.unit-unknown",), Conflict: ("feeds.too-many",)},
        examples=lambda _: {"unit": {"unit_id": "{unit_id}"}},
    ),
    Operation(
        id="listCalendarFeeds",
        method=Method.GET,
        path="/calendar-feeds",
        tag=TAG,
        title=Text(zh="日历订阅列表", en="List calendar feeds"),
        description=Text(
            zh="本人的日历订阅，含已撤销的；租户管理员可见全部。不含地址。",
            en="Your feeds in the order in which they were made, revoked ones too; for an administrator everybody's. "
            "Without their addresses.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=PageQuery,
        reply=CalendarFeedPage,
    ),
    Operation(
        id="revokeCalendarFeed",
        method=Method.DELETE,
        path="/calendar-feeds/{feed_id}",
        tag=TAG,
        title=Text(zh="撤销日历订阅", en="Revoke a calendar feed"),
        description=Text(
            zh="立即撤销订阅，其地址随即失效，不能恢复；重复撤销结果相同。",
            en="Ends a feed at once: its address opens nothing any more. For good; said twice it is the same, so that there "
            "is no version to name.",
        ),
        handler=_revoke,
        scope=Scope.CASES_READ,
        roles=READERS,
        status=204,
        errors=_UNKNOWN,
    ),
    Operation(
        id="readCalendarFeed",
        method=Method.GET,
        path="/calendar-feeds/{feed_id}",
        tag=TAG,
        title=Text(zh="读取日历订阅", en="Read a calendar feed"),
        description=Text(
            zh="以 iCalendar（RFC 5545）给出单位未结期限，至多最早到期的一千项：事项编号和期限名称，保密事项仅编号。"
            "无需令牌，地址即凭证；已撤销、失效或属于其他租户的，均视为不存在。",
            en="The open deadlines of the unit as iCalendar (RFC 5545), the thousand that fall due first: the number of the "
            "case and what the deadline is called, of a confidential case the number alone. All day on the last day of a "
            "term, or at the instant where it ends at an hour. Needs no token: the address is the key. One that was "
            "revoked, has stopped or is another tenant's looks like none, and whoever tries too many of them has to wait.",
        ),
        handler=_read,
        scope=None,
        access=Access.NONE,
        etag=True,
        sends=MEDIA_TYPE,
        path_parameters={"feed_id": _FILE},
        secret_address=True,
        errors=_UNKNOWN | {Limited: ("api.too-many-failures",)},
    ),
)
