"""Webhooks and their deliveries as an administrator sees them; a secret is told once."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from core.cases.bodies import Instant
from core.procedure import Role
from core.tenants.principal import Principal
from core.webhooks.delivery import Cause, Delivery, DeliveryState, Fault
from core.webhooks.webhook import DisabledFor, Webhook


class WebhookView(Struct, frozen=True, kw_only=True):
    """A webhook (事件推送) as it stands."""

    id: UUID
    url: Annotated[
        str,
        Meta(
            title="接收地址",
            description="To administrators; others are told the host alone, as the rest is the key of many receivers",
        ),
    ]
    types: Annotated[tuple[str, ...], Meta(title="事件类型")]
    description: Annotated[str, Meta(title="说明")]
    enabled: Annotated[bool, Meta(title="启用")]
    disabled_for: Annotated[
        DisabledFor | None,
        Meta(
            title="停用原因",
            description="`administrator`; `gone`: it answered 410; `failing`: for three days nothing but failures. Can grow",
        ),
    ]
    disabled_at: Annotated[Instant | None, Meta(title="停用时间")]
    failing_since: Annotated[Instant | None, Meta(title="连续失败起始", description="Null after a success")]
    former_secret_until: Annotated[
        Instant | None, Meta(title="旧密钥并用至", description="Until then every event is signed with both secrets")
    ]
    created_at: Annotated[Instant, Meta(title="登记时间")]
    version: Annotated[int, Meta(title="版本", description="Counts the changes; the entity tag")]


class WebhookGiven(WebhookView, frozen=True, kw_only=True):
    """A webhook with its new secret."""

    secret: Annotated[
        str | None,
        Meta(title="签名密钥", description="`whsec_…` (Standard Webhooks). Told this once; null in a repeated answer"),
    ]


class WebhookList(Struct, frozen=True):
    """The tenant's webhooks, in the order in which they were registered."""

    items: tuple[WebhookView, ...]


class DeliveryAttemptView(Struct, frozen=True, kw_only=True):
    """An attempt at a delivery. Neither what was sent nor what was answered is kept."""

    number: Annotated[int, Meta(title="次数")]
    at: Annotated[Instant, Meta(title="时间", description="When it ended")]
    status: Annotated[int | None, Meta(title="状态码", description="As it was answered; null without an answer")]
    milliseconds: Annotated[int, Meta(title="毫秒")]
    fault: Annotated[
        Fault | None,
        Meta(
            title="失败原因",
            description="`status`: not 2xx; `redirect`: none is followed; `timeout`: ten seconds; `connection`; `address`: "
            "one that is not reached. Null where it succeeded. Can grow",
        ),
    ]


class DeliveryView(Struct, frozen=True, kw_only=True):
    """A delivery (投递): one event for one webhook."""

    id: UUID
    event_id: Annotated[UUID, Meta(title="事件编号", description="`webhook-id`, the same with every attempt and replay")]
    type: Annotated[str, Meta(title="事件类型")]
    position: Annotated[int | None, Meta(title="事件序号", description="Null until the event is numbered")]
    cause: Annotated[Cause, Meta(title="缘由", description="`event`, `test` or `replay`; can grow")]
    state: Annotated[
        DeliveryState,
        Meta(
            title="状态",
            description="`pending`; `delivered`; `failed`: given up; `held`: until the webhook is enabled; `cancelled`: it "
            "was deleted. Can grow",
        ),
    ]
    created_at: Annotated[Instant, Meta(title="产生时间")]
    next_at: Annotated[Instant | None, Meta(title="下次投递时间", description="Of a pending one")]
    ended_at: Annotated[Instant | None, Meta(title="结束时间")]
    attempts: tuple[DeliveryAttemptView, ...]


class DeliveryPage(Struct, frozen=True):
    """A page of deliveries, the newest first. ``next`` is the cursor of the following page."""

    items: tuple[DeliveryView, ...]
    next: str | None


class ReplayedView(Struct, frozen=True, kw_only=True):
    """What was asked for again. Where there is ``more``, go on with ``after`` = ``last``."""

    count: Annotated[int, Meta(title="投递件数")]
    last: Annotated[int, Meta(title="已查至序号", description="Events up to this position were looked at")]
    more: Annotated[bool, Meta(title="其后还有")]


def webhook_view(found: Webhook, reader: Principal) -> WebhookView:
    """A webhook without its secrets; the whole of its address is told to administrators alone."""
    told = _plain(found)
    if not reader.has(Role.TENANT_ADMINISTRATOR):
        told["url"] = urlsplit(found.url)._replace(path="", query="").geturl()
    return WebhookView(**told)


def webhook_given(found: Webhook, secret: str | None) -> WebhookGiven:
    """A webhook with its new secret."""
    return WebhookGiven(**_plain(found), secret=secret)


def _plain(found: Webhook) -> dict[str, Any]:
    same = ("id", "url", "types", "description", "disabled_for", "disabled_at", "failing_since", "created_at", "version")
    told = {name: getattr(found, name) for name in same}
    return told | {"enabled": found.is_enabled, "former_secret_until": found.former_until}


def delivery_view(found: Delivery) -> DeliveryView:
    """A delivery with its attempts."""
    told = {name: getattr(found, name) for name in DeliveryView.__struct_fields__}
    pending = found.state is DeliveryState.PENDING
    return msgspec.convert(told | {"next_at": found.next_at if pending else None}, DeliveryView, from_attributes=True)
