"""The feed of events over HTTP: what happened, in the order in which every reader sees it, and what types there are."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.pages import Limit
from api.routes.case_filters import split_values
from api.routes.cases import READERS, desk_of
from core.cases.service import find_case
from core.errors import Invalid, NotFound
from core.events.envelope import CloudEvent, cloud_event
from core.events.event_type import Audience, event_types
from core.events.feed import EventFilter, read_events, reader_of
from core.law.instrument import Text
from core.tenants.scopes import Scope

TAG = "events"
LARGEST_POSITION = 2**53 - 1
Position = Annotated[
    int,
    Meta(
        ge=0,
        le=LARGEST_POSITION,
        title="起始序号",
        description="Events behind this position; `last` of the answer before, 0 for the beginning",
    ),
]
_TYPES = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=2_000,
        pattern=r"^[a-z0-9.*-]+(,[a-z0-9.*-]+)*$(?!\n)",
        title="类型",
        description="The type, or several parted by commas; `case.*` for all that begin so",
    ),
]


class CaseEventQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which events of a case."""

    after: Position = 0
    limit: Limit = 50
    type: _TYPES | None = None


class EventQuery(CaseEventQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which events."""

    case_id: Annotated[UUID, Meta(title="事项", description="The events of this case alone")] | None = None


class EventFeed(Struct, frozen=True, kw_only=True):
    """Events (事件) in their order. Ask again with ``after`` = ``last``, at once where there is ``more``."""

    items: tuple[CloudEvent, ...]
    last: Annotated[int, Meta(title="已查至序号", description="The position up to which was looked, whatever fits")]
    more: Annotated[bool, Meta(title="其后还有", description="Whether there are events behind that already")]


class EventTypeView(Struct, frozen=True, kw_only=True):
    """A type of event."""

    type: Annotated[str, Meta(title="类型", description="There can be more; bear one that you do not know")]
    version: Annotated[int, Meta(title="引用格式版本", description="`dataversion` of its events")]
    title_zh: Annotated[str, Meta(title="含义")]
    title_en: Annotated[str, Meta(title="英文含义")]
    refs: Annotated[tuple[str, ...], Meta(title="引用", description="What stands in `data`; not each event has all")]
    audience: Annotated[
        Audience,
        Meta(
            title="告知范围",
            description="`case`: whoever sees the case; `staff`: the same without officers of units; `administration`: "
            "administrators and auditors alone",
        ),
    ]


class EventTypeList(Struct, frozen=True):
    """Every type of event."""

    items: tuple[EventTypeView, ...]


async def _follow(call: Call) -> Reply:
    query: EventQuery = call.query
    return await _page(call, query, query.case_id, "/events")


async def _follow_case(call: Call) -> Reply:
    case = await find_case(desk_of(call), call.id("case_id"))
    return await _page(call, call.query, case.id, f"/cases/{case.id}/events")


async def _page(call: Call, query: CaseEventQuery, case_id: UUID | None, path: str) -> Reply:
    wanted = EventFilter(patterns=split_values("type", query.type), case_id=case_id)
    page = await read_events(call.session, reader_of(call.principal), wanted, query.after, query.limit)
    source = call.services.tenant_address(call.snapshot.tenant)
    feed = EventFeed(items=tuple(cloud_event(row, source) for row in page.rows), last=page.last, more=page.more)
    return Reply(feed, headers={"Link": _link(call, query, path, page.last)} if page.more else {})


def _link(call: Call, query: CaseEventQuery, path: str, last: int) -> str:
    """Where the events behind this page are (RFC 8288)."""
    asked: dict[str, Any] = {name: getattr(query, name) for name in query.__struct_fields__} | {"after": last}
    told = urlencode({name: value for name, value in asked.items() if value is not None}, safe="*,")
    return f'<{call.services.audience(call.snapshot.tenant)}{path}?{told}>; rel="next"'


async def _list_types(_call: Call) -> Reply:
    return Reply(
        EventTypeList(
            tuple(
                EventTypeView(
                    type=item.name, version=item.version, title_zh=item.title.zh, title_en=item.title.en, refs=item.refs,
                    audience=item.audience,
                )
                for item in event_types().values()
            )
        )
    )  # fmt: skip


OPERATIONS = (
    Operation(
        id="listEvents",
        method=Method.GET,
        path="/events",
        tag=TAG,
        title=Text(zh="事件流", en="Follow events"),
        description=Text(
            zh="按序号跟踪本租户的事件（CloudEvents 1.0），只有引用，没有个人信息。以上次答复的 last 为 after 再次查询，"
            "不会遗漏，也不会重复。单位人员只看到本单位现有事项的事件；事项以外的事件和查阅身份的记录只告知管理员和审计人员。",
            en="The tenant's events in the order in which every reader sees them (CloudEvents 1.0): references and no "
            "personal data. Ask again with `after` = `last` of the answer before, and nothing is missed or repeated. "
            "Officers see the events of the cases that their units have now, and read earlier ones of a new case at "
            "`/cases/{case_id}/events`; events that are of no case, and readings of identities, are told to administrators "
            "and auditors.",
        ),
        handler=_follow,
        scope=Scope.EVENTS_READ,
        roles=READERS,
        query=EventQuery,
        reply=EventFeed,
        errors={Invalid: ("lists.too-many-values",)},
    ),
    Operation(
        id="listCaseEvents",
        method=Method.GET,
        path="/cases/{case_id}/events",
        tag=TAG,
        title=Text(zh="事项的事件", en="Follow the events of a case"),
        description=Text(zh="一个事项的事件，按序号。", en="The events of one case, in their order."),
        handler=_follow_case,
        scope=Scope.EVENTS_READ,
        roles=READERS,
        query=CaseEventQuery,
        reply=EventFeed,
        errors={NotFound: ("cases.unknown",), Invalid: ("lists.too-many-values",)},
    ),
    Operation(
        id="listEventTypes",
        method=Method.GET,
        path="/event-types",
        tag=TAG,
        title=Text(zh="事件类型", en="List the types of events"),
        description=Text(
            zh="有哪些事件类型、各自的含义、引用和告知范围。今后会增加。",
            en="Which types there are, what each means, what it refers to and who is told of it. There will be more.",
        ),
        handler=_list_types,
        scope=Scope.EVENTS_READ,
        reply=EventTypeList,
    ),
)
