"""Messages, their channels, contacts and rules as integrators see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.operations import Call
from api.routes.unit_names import unit_name
from core.cases.bodies import Instant
from core.law.instrument import Text
from core.messages.addresses import mask
from core.messages.channel import Channel
from core.messages.contacts import Contact, open_address
from core.messages.listing import MessageLine
from core.messages.records import MessageState
from core.messages.rules import Addressee, MessageRule, Occasion, Recipients
from core.messages.tenant_channels import TenantChannel
from core.store.envelope import TenantKeys

_STATE = Meta(
    title="状态",
    description="queued; sent (the other side took it over), arrived (it says so), failed, or dropped; can grow",
)
_WHY = Meta(
    title="原因",
    description="Of the last attempt (smtp-550, http-503, timeout), or why it was dropped: over or moved (what it is "
    "about), nobody, no-address, no-template, channel-disabled, channel-faulty; can grow",
)


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt to send a message (发送尝试)."""

    at: Instant
    milliseconds: int
    outcome: Annotated[str, Meta(title="结果", description="sent, failed (tried again) or refused (not); can grow")]
    reason: str | None


class MessageView(Struct, frozen=True, kw_only=True):
    """A message (消息): whom it went to, what it said, by which channel, and what became of it."""

    id: UUID
    channel: Annotated[str, Meta(title="渠道", description="The key of the channel")]
    kind: Annotated[str, Meta(title="渠道类型")]
    person_id: Annotated[UUID | None, Meta(title="收信人")]
    person_name: str | None
    unit_id: Annotated[
        UUID | None, Meta(title="收信单位", description="For which the person is written to, or which itself")
    ]
    unit_name: str | None
    address: Annotated[str | None, Meta(title="地址", description="Masked")]
    subject: str | None
    text: str | None
    rule_id: Annotated[UUID | None, Meta(title="消息规则", description="Null: a test of the channel")]
    notice_id: Annotated[UUID | None, Meta(description="The warning that it is about")]
    deadline_id: UUID | None
    step_id: Annotated[UUID | None, Meta(description="The step that it is about")]
    state: Annotated[MessageState, _STATE]
    why: Annotated[str | None, _WHY]
    created_at: Instant
    sent_at: Instant | None
    arrived_at: Instant | None
    attempts: tuple[AttemptView, ...]


class MessageList(Struct, frozen=True):
    """The messages of a case, in the order in which they were queued."""

    items: tuple[MessageView, ...]


class MessagePage(Struct, frozen=True):
    """A page of a channel's messages, the newest first. ``next`` is the cursor of the following page."""

    items: tuple[MessageView, ...]
    next: str | None


class ChannelKindView(Struct, frozen=True, kw_only=True):
    """A kind of channel that is installed (渠道类型)."""

    kind: str
    title: Text
    address_kind: Annotated[
        str | None, Meta(title="地址类型", description="What contacts it needs; null: it leads to one place")
    ]
    settings: Annotated[dict[str, Any], Meta(description="The JSON Schema of its settings")]
    secrets: Annotated[tuple[str, ...], Meta(description="The settings that are never told again")]


class ChannelKindList(Struct, frozen=True):
    """The kinds of channel that are installed, by key."""

    items: tuple[ChannelKindView, ...]


class ChannelView(Struct, frozen=True, kw_only=True):
    """A channel of the tenant (消息渠道), without its secrets."""

    key: str
    kind: str
    title: str
    settings: Annotated[dict[str, Any], Meta(title="渠道设置")]
    has_secrets: Annotated[bool, Meta(title="已设密钥")]
    has_report_address: Annotated[bool, Meta(title="已设回报地址")]
    enabled: bool
    created_at: Instant
    version: Annotated[int, Meta(title="版本", description="Counts the changes; the entity tag")]


class ChannelList(Struct, frozen=True):
    """The tenant's channels, by key."""

    items: tuple[ChannelView, ...]


class ReportAddress(ChannelView, frozen=True, kw_only=True):
    """A channel with the address at which its gateway reports, shown this once."""

    address: Annotated[str | None, Meta(title="回报地址", description="Null where it was told before")]


class ContactView(Struct, frozen=True, kw_only=True):
    """A contact (联系方式). The address is told to its owner; to others it is masked."""

    id: UUID
    person_id: UUID | None
    unit_id: UUID | None
    unit_name: str | None
    kind: Annotated[str, Meta(title="地址类型", description="email, phone or a channel's own; can grow")]
    address: Annotated[str, Meta(title="地址")]
    valid_from: date
    valid_to: Annotated[date | None, Meta(title="最后一日")]
    recorded_at: Instant
    version: Annotated[int, Meta(title="版本", description="The entity tag")]


class ContactPage(Struct, frozen=True):
    """A page of contacts in the order of recording. ``next`` is the cursor of the following page."""

    items: tuple[ContactView, ...]
    next: str | None


class MessageRuleView(Struct, frozen=True, kw_only=True):
    """A message rule (消息规则) as it was recorded."""

    id: UUID
    occasion: Annotated[Occasion, Meta(title="时机", description="Can grow")]
    key: str
    case_kind: str | None
    recipients: Annotated[Recipients, Meta(title="收信方", description="Can grow")]
    role: str | None
    addressee: Annotated[Addressee, Meta(title="收信人", description="Can grow")]
    channel_id: UUID
    template_id: UUID
    office_hours: bool
    valid_from: date
    valid_to: Annotated[date | None, Meta(title="最后一日")]
    basis: str
    recorded_at: Instant
    version: Annotated[int, Meta(title="版本", description="The entity tag")]


class MessageRuleList(Struct, frozen=True):
    """The message rules, ended ones too, in the order of recording."""

    items: tuple[MessageRuleView, ...]


def message_view(call: Call, line: MessageLine) -> MessageView:
    """A message as its reader sees it."""
    told, content = line.message, line.content
    plain = ("id", "person_id", "unit_id", "rule_id", "notice_id", "deadline_id", "step_id", "state", "why")
    return MessageView(
        **{name: getattr(told, name) for name in (*plain, "created_at", "sent_at", "arrived_at")},
        channel=line.channel,
        kind=line.kind,
        person_name=line.person_name,
        unit_name=unit_name(call, told.unit_id) if told.unit_id else None,
        address=content.address or None if content else None,
        subject=content.subject if content else None,
        text=content.text if content else None,
        attempts=tuple(map(_attempt_view, line.attempts)),
    )


def _attempt_view(row: Mapping[str, Any]) -> AttemptView:
    return AttemptView(**{name: row[name] for name in AttemptView.__struct_fields__})


def kind_view(plugin: Channel) -> ChannelKindView:
    """A kind of channel, with the schema of its settings."""
    (_, *_), parts = msgspec.json.schema_components([plugin.settings], ref_template="#/$defs/{name}")
    schema: dict[str, Any] = parts.pop(plugin.settings.__name__)
    return ChannelKindView(
        kind=plugin.key,
        title=plugin.title,
        address_kind=plugin.address_kind,
        settings=schema | ({"$defs": parts} if parts else {}),
        secrets=tuple(sorted(plugin.secrets)),
    )


def channel_view(found: TenantChannel) -> ChannelView:
    """A channel without its secrets."""
    return ChannelView(**_told(found))


def report_address(found: TenantChannel, address: str | None) -> ReportAddress:
    """A channel with the address at which its gateway reports."""
    return ReportAddress(**_told(found), address=address)


def _told(found: TenantChannel) -> dict[str, Any]:
    plain = {name: getattr(found, name) for name in ("key", "kind", "title", "settings", "created_at", "version")}
    has = {"has_secrets": found.secrets_sealed is not None, "has_report_address": found.report_hash is not None}
    return plain | has | {"enabled": found.disabled_at is None}


def contact_view(call: Call, found: Contact, keys: TenantKeys) -> ContactView:
    """A contact as its reader sees it."""
    plain = ("id", "person_id", "unit_id", "kind", "valid_from", "valid_to", "recorded_at", "version")
    address = open_address(keys, found)
    return ContactView(
        **{name: getattr(found, name) for name in plain},
        unit_name=unit_name(call, found.unit_id) if found.unit_id else None,
        address=address if found.person_id == call.principal.person_id else mask(address),
    )


def message_rule_view(rule: MessageRule) -> MessageRuleView:
    """A rule as it was recorded."""
    return MessageRuleView(**{name: getattr(rule, name) for name in MessageRuleView.__struct_fields__})
