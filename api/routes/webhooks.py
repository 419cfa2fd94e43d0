"""Webhooks over HTTP: where which events are sent, with a secret that is told once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from api.operations import Call, Method, Operation, Reply
from api.routes.administration import ADMINISTRATORS, administration_of
from api.routes.webhook_views import WebhookGiven, WebhookList, WebhookView, webhook_given, webhook_view
from core.errors import Conflict, Invalid, NotFound, Stale
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope
from core.webhooks import service
from core.webhooks.webhook import SecretRotation, Webhook, WebhookReason, WebhookStatement

TAG = "webhooks"
READERS = (Role.TENANT_ADMINISTRATOR, Role.AUDITOR)
ONE = "/webhooks/{webhook_id}"
OF_ONE = {NotFound: ("webhooks.unknown",)}
_CHANGES = OF_ONE | {Stale: ("webhooks.stale",)}
_MALFORMED = ("webhooks.url-malformed", "webhooks.type-unknown")
_EXAMPLE = {
    "url": "https://hooks.example.gov.cn/wenze",
    "types": ["case.*", "deadline.overdue"],
    "description": "市政务大数据平台",
}


async def _list(call: Call) -> Reply:
    found = await service.list_webhooks(call.session)
    return Reply(WebhookList(tuple(webhook_view(item, call.principal) for item in found)))


async def _read(call: Call) -> Reply:
    return _told(call, await service.find_webhook(call.session, call.id("webhook_id")))


async def _register(call: Call) -> Reply:
    return _given(*await service.register_webhook(administration_of(call), call.body))


async def _change(call: Call) -> Reply:
    admin, said = administration_of(call), call.body
    return _told(call, await service.change_webhook(admin, call.id("webhook_id"), said, call.expected or 0))


async def _disable(call: Call) -> Reply:
    admin, reason = administration_of(call), call.body.reason
    return _told(call, await service.disable_webhook(admin, call.id("webhook_id"), reason, call.expected or 0))


async def _enable(call: Call) -> Reply:
    admin, reason = administration_of(call), call.body.reason
    return _told(call, await service.enable_webhook(admin, call.id("webhook_id"), reason, call.expected or 0))


async def _delete(call: Call) -> Reply:
    await service.delete_webhook(administration_of(call), call.id("webhook_id"), call.expected or 0)
    return Reply()


async def _rotate(call: Call) -> Reply:
    admin, said = administration_of(call), call.body
    return _given(*await service.rotate_webhook_secret(admin, call.id("webhook_id"), said, call.expected or 0))


async def _retell(call: Call, kept: bytes) -> Reply:
    found = await service.find_webhook(call.session, msgspec.json.decode(kept, type=UUID))
    return Reply(webhook_given(found, None), etag=found.version, location=f"/webhooks/{found.id}")


def _told(call: Call, found: Webhook) -> Reply:
    return Reply(webhook_view(found, call.principal), etag=found.version)


def _given(made: Webhook, secret: str) -> Reply:
    location = f"/webhooks/{made.id}"
    return Reply(webhook_given(made, secret), etag=made.version, location=location, kept=made.id)


def _reading(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {"method": Method.GET, "tag": TAG, "scope": Scope.WEBHOOKS_READ, "roles": READERS}
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


def _changing(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {
        "method": Method.POST, "tag": TAG, "scope": Scope.WEBHOOKS_WRITE, "roles": ADMINISTRATORS, "reply": WebhookView,
        "idempotent": more.get("method", Method.POST) is Method.POST, "if_match": True, "etag": True, "errors": _CHANGES,
    }  # fmt: skip
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


OPERATIONS = (
    _reading(
        "listWebhooks",
        "/webhooks",
        Text(zh="事件推送列表", en="List webhooks"),
        Text(zh="全部事件推送，按登记先后，含已停用的。", en="Every webhook, the oldest first, disabled ones too."),
        handler=_list,
        reply=WebhookList,
    ),
    _changing(
        "registerWebhook",
        "/webhooks",
        Text(zh="登记事件推送", en="Register a webhook"),
        Text(
            zh="登记接收地址和事件类型，此后发生的事件以 POST 推送（CloudEvents 1.0），按 Standard Webhooks 签名；"
            "未成功的在三天内重试，每次的 webhook-id 相同，同一事件可能收到不止一次。签名密钥只在本次答复中显示。",
            en="From now on events of these types are posted there as CloudEvents, signed as Standard Webhooks has it, and "
            "tried again for three days until a 2xx is answered within ten seconds. `webhook-id` is the event's id, "
            "the same each time: an event can arrive more than once, and out of order; `position` orders them. The "
            "secret is in this answer and never again.",
        ),
        handler=_register,
        body=WebhookStatement,
        reply=WebhookGiven,
        status=201,
        retell=_retell,
        if_match=False,
        location=True,
        errors={Invalid: _MALFORMED, Conflict: ("webhooks.too-many",)},
        examples=lambda _: {"platform": _EXAMPLE, "everything": _EXAMPLE | {"types": ["*"]}},
    ),
    _reading(
        "readWebhook",
        ONE,
        Text(zh="查看事件推送", en="Read a webhook"),
        Text(zh="一个事件推送的现状，不含密钥。", en="How a webhook stands, without its secret."),
        handler=_read,
        reply=WebhookView,
        etag=True,
        errors=OF_ONE,
    ),
    _changing(
        "changeWebhook",
        ONE,
        Text(zh="变更事件推送", en="Change a webhook"),
        Text(zh="重新说明地址、类型和说明，须写全；密钥不变。", en="Says it anew, whole; its secret stays."),
        method=Method.PUT,
        handler=_change,
        body=WebhookStatement,
        errors=_CHANGES | {Invalid: _MALFORMED},
        examples=lambda _: {"overdue": _EXAMPLE | {"types": ["deadline.overdue"]}},
    ),
    _changing(
        "deleteWebhook",
        ONE,
        Text(zh="删除事件推送", en="Delete a webhook"),
        Text(zh="立即停止推送，密钥销毁，尚未投递的取消。", en="Ends it: its secret is gone, what waits is cancelled."),
        method=Method.DELETE,
        handler=_delete,
        reply=None,
        status=204,
        etag=False,
    ),
    _changing(
        "disableWebhook",
        ONE + "/disable",
        Text(zh="停用事件推送", en="Disable a webhook"),
        Text(
            zh="停止推送；尚未投递的保留，启用后继续。停用期间发生的事件须另行重新推送。",
            en="Nothing is sent any more. What waits is held until it is enabled; what happens meanwhile is not kept for it "
            "and can be replayed from a position.",
        ),
        handler=_disable,
        body=WebhookReason,
        errors=_CHANGES | {Conflict: ("webhooks.disabled",)},
        examples=lambda _: {"moving": {"reason": "接收系统迁移"}},
    ),
    _changing(
        "enableWebhook",
        ONE + "/enable",
        Text(zh="启用事件推送", en="Enable a webhook"),
        Text(zh="恢复推送，保留的投递随即继续。", en="Sends again, beginning with what was held."),
        handler=_enable,
        body=WebhookReason,
        errors=_CHANGES | {Conflict: ("webhooks.enabled",)},
        examples=lambda _: {"moved": {"reason": "迁移完成"}},
    ),
    _changing(
        "rotateWebhookSecret",
        ONE + "/secret",
        Text(zh="更换事件推送密钥", en="Rotate a webhook's secret"),
        Text(
            zh="生成新密钥；在新旧并用期内每个事件同时有两个签名。新密钥只在本次答复中显示。",
            en="Makes a new secret. For the hours of overlap every event carries a signature by each, so that the receiver "
            "can change over in its own time. The new one is in this answer and never again.",
        ),
        handler=_rotate,
        body=SecretRotation,
        reply=WebhookGiven,
        retell=_retell,
        location=True,
        examples=lambda _: {"yearly": {"reason": "按年度更换"}, "leaked": {"reason": "密钥外泄", "overlap_hours": 0}},
    ),
)
