"""Deliveries of webhooks over HTTP: what became of each, a test, and what is to be sent again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS
from api.routes.events import LARGEST_POSITION
from api.routes.webhook_views import DeliveryPage, DeliveryView, ReplayedView, delivery_view
from api.routes.webhooks import OF_ONE, ONE, READERS, TAG
from core.errors import Conflict, NotFound
from core.law.instrument import Text
from core.tenants.scopes import Scope
from core.webhooks.replaying import find_delivery, list_deliveries, replay_delivery, replay_from, send_test

_DELIVERIES = ONE + "/deliveries"
_DELIVERY = _DELIVERIES + "/{delivery_id}"
_MISSING = {NotFound: ("webhooks.unknown", "webhooks.delivery-unknown")}
_DISABLED = {Conflict: ("webhooks.disabled", "webhooks.too-many-waiting")}


class ReplayWish(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From where everything is to be sent again."""

    after: Annotated[
        int, Meta(ge=0, le=LARGEST_POSITION, title="起始序号", description="Events behind this position; 0 for all")
    ]


async def _list(call: Call) -> Reply:
    query: PageQuery = call.query
    before = read_cursor(query.cursor, UUID) if query.cursor else None
    found = await list_deliveries(call.session, call.id("webhook_id"), before, query.limit + 1)
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(DeliveryPage(tuple(map(delivery_view, page)), following), next_cursor=following)


async def _read(call: Call) -> Reply:
    return Reply(delivery_view(await find_delivery(call.session, call.id("webhook_id"), call.id("delivery_id"))))


async def _test(call: Call) -> Reply:
    return Reply(delivery_view(await send_test(call.session, call.id("webhook_id"))))


async def _replay(call: Call) -> Reply:
    return Reply(delivery_view(await replay_delivery(call.session, call.id("webhook_id"), call.id("delivery_id"))))


async def _replay_all(call: Call) -> Reply:
    done = await replay_from(call.session, call.id("webhook_id"), call.body.after)
    return Reply(ReplayedView(count=done.count, last=done.last, more=done.more))


def _reading(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {"method": Method.GET, "tag": TAG, "scope": Scope.WEBHOOKS_READ, "roles": READERS}
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


def _sending(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {"method": Method.POST, "tag": TAG, "scope": Scope.WEBHOOKS_WRITE, "roles": ADMINISTRATORS}
    common |= {"idempotent": True, "status": 202}
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


OPERATIONS = (
    _sending(
        "testWebhook",
        ONE + "/test",
        Text(zh="发送测试事件", en="Send a test event"),
        Text(
            zh="向该地址投递一个 webhook.tested 事件，不论其订阅何种类型。结果见投递记录。",
            en="Delivers an event of the type `webhook.tested` there, whatever types it has. What comes of it is told by "
            "the delivery.",
        ),
        handler=_test,
        reply=DeliveryView,
        errors=OF_ONE | _DISABLED,
    ),
    _reading(
        "listDeliveries",
        _DELIVERIES,
        Text(zh="投递记录", en="List deliveries"),
        Text(
            zh="最近的在前，含每次尝试的时间、状态码和耗时；不保存所发和所答的内容。",
            en="The newest first, each with its attempts: when, how long, which status. Neither what was sent nor what was "
            "answered is kept.",
        ),
        handler=_list,
        query=PageQuery,
        reply=DeliveryPage,
        errors=OF_ONE,
    ),
    _reading(
        "readDelivery",
        _DELIVERY,
        Text(zh="查看投递", en="Read a delivery"),
        Text(zh="一次投递及其各次尝试。", en="One delivery with its attempts."),
        handler=_read,
        reply=DeliveryView,
        errors=_MISSING,
    ),
    _sending(
        "replayDelivery",
        _DELIVERY + "/replay",
        Text(zh="重新投递", en="Deliver again"),
        Text(
            zh="把同一事件以同一 webhook-id 再次投递，不论先前是否成功；另立一次投递。",
            en="The same event once more, under the same `webhook-id`, whatever became of it before; a delivery of its own.",
        ),
        handler=_replay,
        reply=DeliveryView,
        errors=_MISSING | _DISABLED,
    ),
    _sending(
        "replayEvents",
        ONE + "/replays",
        Text(zh="从某一序号起重新推送", en="Deliver all again from a position"),
        Text(
            zh="把该序号之后符合其类型的事件全部再次投递，每次请求至多查看一千个事件；还有的，以 last 继续。",
            en="Delivers all events behind a position that the webhook wants, also those that happened before it was "
            "registered or while it was disabled. A request looks at a thousand events; go on with `last` where there is "
            "`more`.",
        ),
        handler=_replay_all,
        body=ReplayWish,
        reply=ReplayedView,
        errors=OF_ONE | _DISABLED,
        examples=lambda _: {"all": {"after": 0}},
    ),
)
