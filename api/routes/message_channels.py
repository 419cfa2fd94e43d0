"""Channels of messages over HTTP: what can be installed, what the tenant has set up, tests, and what gateways report."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Access, Call, Method, Operation, PathParameter, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS, administration_of
from api.routes.message_views import (
    ChannelKindList,
    ChannelList,
    ChannelView,
    MessagePage,
    MessageView,
    ReportAddress,
    channel_view,
    kind_view,
    message_view,
    report_address,
)
from api.routes.messages import TAG
from core.errors import Conflict, Invalid, Limited, NotFound, Refused, Stale
from core.law.instrument import Text
from core.messages.channels import find_channels
from core.messages.listing import LAST, list_channel_messages
from core.messages.reports import take_reports
from core.messages.tenant_channels import (
    ChannelChange,
    NewChannel,
    change_channel,
    find_by_report_secret,
    find_tenant_channel,
    list_tenant_channels,
    make_report_address,
    register_channel,
)
from core.messages.trying_out import queue_test
from core.store.actor import Actor
from core.tenants.scopes import Scope

_GATEWAY = Actor(role="message-gateway")
_KEY = PathParameter(Text(zh="消息渠道", en="The channel's key"), r"^[a-z][a-z0-9-]{0,39}$(?!\n)", "mail")
_SECRET = PathParameter(
    Text(zh="回报地址的密钥", en="The secret that the address for reports holds"),
    pattern=r"^[A-Za-z0-9_-]{43}$(?!\n)",
    example="n3vZ0sQ1gWm7kXyT5aLpR8bCdEfHjU2oI4iK6uB9tYw",
)
_WRONG = (
    "messages.settings-malformed",
    "messages.url-malformed",
    "messages.address-malformed",
    "messages.credentials-incomplete",
    "messages.success-incomplete",
    "messages.name-unknown",
    "messages.secret-malformed",
    "messages.header-reserved",
)
_TAKEN = ("messages.channel-taken", "messages.too-many-channels")
_PRIVATE = "Only public addresses are reached, and those on networks that the operator has named (`WENZE_MESSAGE_NETWORKS`)."
_MAIL = {"host": "smtp.example.gov.cn", "port": 465, "security": "tls", "sender": "wenze@example.gov.cn"}


class ChannelTest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a test message is to go."""

    address: Annotated[
        Annotated[str, Meta(min_length=1, max_length=254, pattern=r"^[\x20-\x7e]+$(?!\n)")] | None,
        Meta(title="地址", description="None for a channel that leads to one place"),
    ] = None


class ReportsTaken(Struct, frozen=True):
    """What was done with a report."""

    taken: Annotated[int, Meta(description="How many messages it told something new of")]


async def _kinds(call: Call) -> Reply:  # noqa: ARG001  it is the same for every caller
    return Reply(ChannelKindList(tuple(map(kind_view, find_channels().values()))))


async def _list(call: Call) -> Reply:
    return Reply(ChannelList(tuple(map(channel_view, await list_tenant_channels(call.session)))))


async def _register(call: Call) -> Reply:
    made = await register_channel(administration_of(call), call.body)
    return Reply(channel_view(made), etag=made.version, location=f"/message-channels/{made.key}")


async def _read(call: Call) -> Reply:
    found = await find_tenant_channel(call.session, call.path["channel"])
    return Reply(channel_view(found), etag=found.version)


async def _change(call: Call) -> Reply:
    after = await change_channel(administration_of(call), call.path["channel"], call.body, call.expected or 0)
    return Reply(channel_view(after), etag=after.version)


async def _test(call: Call) -> Reply:
    channel = await find_tenant_channel(call.session, call.path["channel"])
    await queue_test(call.session, call.snapshot, channel, call.body.address)
    await call.session.flush()
    (line,) = await list_channel_messages(call.session, channel.id, 1, LAST)
    return Reply(message_view(call, line))


async def _messages(call: Call) -> Reply:
    query: PageQuery = call.query
    channel = await find_tenant_channel(call.session, call.path["channel"])
    before = read_cursor(query.cursor, UUID) if query.cursor else LAST
    found = await list_channel_messages(call.session, channel.id, query.limit + 1, before)
    page = found[: query.limit]
    following = make_cursor(page[-1].message.id) if len(found) > query.limit else None
    return Reply(MessagePage(tuple(message_view(call, line) for line in page), following), next_cursor=following)


async def _report_address(call: Call) -> Reply:
    after, secret = await make_report_address(administration_of(call), call.path["channel"], call.expected or 0)
    address = f"{call.services.audience(call.snapshot.tenant)}/message-reports/{secret}"
    return Reply(report_address(after, address), etag=after.version, kept=after.key)


async def _retell_address(call: Call, _kept: bytes) -> Reply:
    """The address is stored nowhere and told once: who lost it makes another."""
    found = await find_tenant_channel(call.session, call.path["channel"])
    return Reply(report_address(found, None), etag=found.version)


async def _report(call: Call) -> Reply:
    body: dict[str, Any] = call.body
    database, tenant, secret = call.services.database, call.snapshot.tenant.id, call.path["report_secret"]
    async with database.reading(tenant) as session:
        await find_by_report_secret(session, secret)  # first, so that who guesses holds up nobody who writes
    async with database.tenant(tenant, actor=_GATEWAY) as session:
        taken = await take_reports(session, secret, body)
    return Reply(ReportsTaken(taken))


OPERATIONS = (
    Operation(
        id="listMessageChannelKinds",
        method=Method.GET,
        path="/message-channel-kinds",
        tag=TAG,
        title=Text(zh="渠道类型", en="List the kinds of channel"),
        description=Text(
            zh="本服务安装的渠道类型及其设置格式：电子邮件、短信网关、推送地址，以及另行安装的。",
            en="The kinds of channel that are installed, with the schema of their settings: mail, text messages through a "
            "gateway, a webhook, and what packages bring.",
        ),
        handler=_kinds,
        scope=Scope.MESSAGES_READ,
        roles=ADMINISTRATORS,
        access=Access.READ,
        reply=ChannelKindList,
    ),
    Operation(
        id="listMessageChannels",
        method=Method.GET,
        path="/message-channels",
        tag=TAG,
        title=Text(zh="消息渠道列表", en="List the channels"),
        description=Text(zh="本租户的消息渠道，不含密钥。", en="The tenant's channels by key, without their secrets."),
        handler=_list,
        scope=Scope.MESSAGES_READ,
        roles=ADMINISTRATORS,
        reply=ChannelList,
    ),
    Operation(
        id="registerMessageChannel",
        method=Method.POST,
        path="/message-channels",
        tag=TAG,
        title=Text(zh="登记消息渠道", en="Register a channel"),
        description=Text(
            zh="登记一个消息渠道及其设置。密钥加密保存，不再显示。没有消息规则的，不发送任何消息。",
            en="A channel with its settings, of an installed kind. Secrets are sealed and never told again. Nothing is sent "
            "by it until a rule says so. " + _PRIVATE,
        ),
        handler=_register,
        scope=Scope.MESSAGES_WRITE,
        roles=ADMINISTRATORS,
        body=NewChannel,
        reply=ChannelView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        errors={Invalid: _WRONG, Conflict: _TAKEN, Refused: ("messages.kind-unknown",)},
        examples=lambda _: {"mail": {"key": "mail", "kind": "smtp", "title": "市政务邮箱", "settings": _MAIL}},
    ),
    Operation(
        id="readMessageChannel",
        method=Method.GET,
        path="/message-channels/{channel}",
        tag=TAG,
        title=Text(zh="查看消息渠道", en="Read a channel"),
        description=Text(zh="查看一个消息渠道，不含密钥。", en="Its settings as they stand, without the secrets."),
        handler=_read,
        scope=Scope.MESSAGES_READ,
        roles=ADMINISTRATORS,
        reply=ChannelView,
        etag=True,
        path_parameters={"channel": _KEY},
        errors={NotFound: ("messages.channel-unknown",)},
    ),
    Operation(
        id="changeMessageChannel",
        method=Method.PUT,
        path="/message-channels/{channel}",
        tag=TAG,
        title=Text(zh="变更消息渠道", en="Change a channel"),
        description=Text(
            zh="变更、停用或启用。设置全文提交；未填的密钥沿用原值，但去向变更的须重新填写。停用期间待发的消息不再发送。",
            en="All that can change of it. The settings are told whole; a secret that is left out stays, unless messages "
            "would go elsewhere. What waits for a disabled channel is dropped. " + _PRIVATE,
        ),
        handler=_change,
        scope=Scope.MESSAGES_WRITE,
        roles=ADMINISTRATORS,
        body=ChannelChange,
        reply=ChannelView,
        if_match=True,
        etag=True,
        path_parameters={"channel": _KEY},
        errors={
            Invalid: _WRONG,
            NotFound: ("messages.channel-unknown",),
            Stale: ("messages.channel-stale",),
            Refused: ("messages.kind-unknown",),
        },
        examples=lambda _: {"disabled": {"title": "市政务邮箱", "settings": _MAIL, "enabled": False}},
    ),
    Operation(
        id="testMessageChannel",
        method=Method.POST,
        path="/message-channels/{channel}/tests",
        tag=TAG,
        title=Text(zh="测试消息渠道", en="Try a channel out"),
        description=Text(
            zh="发送一条测试消息；结果见该渠道的消息列表。",
            en="Queues a test message. A worker sends it within seconds; what came of it stands among those of the channel.",
        ),
        handler=_test,
        scope=Scope.MESSAGES_WRITE,
        roles=ADMINISTRATORS,
        body=ChannelTest,
        reply=MessageView,
        status=201,
        idempotent=True,
        path_parameters={"channel": _KEY},
        errors={
            Invalid: ("messages.address-missing", "messages.address-malformed"),
            NotFound: ("messages.channel-unknown",),
            Conflict: ("messages.channel-disabled",),
            Refused: ("messages.kind-unknown",),
        },
        examples=lambda _: {"mail": {"address": "zhang.wei@example.cn"}},
    ),
    Operation(
        id="listChannelMessages",
        method=Method.GET,
        path="/message-channels/{channel}/messages",
        tag=TAG,
        title=Text(zh="渠道的消息", en="List what a channel carried"),
        description=Text(
            zh="经该渠道发送的消息，最新的在前，附状态和每次尝试；地址隐去。",
            en="The messages by this channel, the newest first, with their states and each attempt. Addresses are masked.",
        ),
        handler=_messages,
        scope=Scope.MESSAGES_READ,
        roles=ADMINISTRATORS,
        query=PageQuery,
        reply=MessagePage,
        path_parameters={"channel": _KEY},
        errors={NotFound: ("messages.channel-unknown",)},
    ),
    Operation(
        id="makeReportAddress",
        method=Method.POST,
        path="/message-channels/{channel}/report-address",
        tag=TAG,
        title=Text(zh="生成回报地址", en="Make an address for reports"),
        description=Text(
            zh="生成网关回报送达情况的地址，只显示一次；原有地址随即失效。渠道设置须写明回报格式（reports）。",
            en="The address at which the gateway says whether messages have arrived, told this once; an earlier one opens "
            "nothing any more. The settings must say what its reports look like (`reports`).",
        ),
        handler=_report_address,
        scope=Scope.MESSAGES_WRITE,
        roles=ADMINISTRATORS,
        reply=ReportAddress,
        idempotent=True,
        retell=_retell_address,
        if_match=True,
        etag=True,
        path_parameters={"channel": _KEY},
        errors={
            NotFound: ("messages.channel-unknown",),
            Stale: ("messages.channel-stale",),
            Refused: ("messages.no-reports",),
        },
    ),
    Operation(
        id="reportMessages",
        method=Method.POST,
        path="/message-reports/{report_secret}",
        tag=TAG,
        title=Text(zh="回报送达情况", en="Report what became of messages"),
        description=Text(
            zh="供网关回报：格式由网关定，按渠道设置读取。无需令牌，地址即凭证；重复回报只记一次，不认识的内容忽略。",
            en="For gateways, in a form of their own (any JSON object), read as the channel's settings say. Needs no token "
            "and no idempotency key: the address is the key, what is said twice counts once, the unknown is passed over. "
            "An address that is not there any more looks like none, and whoever tries too many of them has to wait.",
        ),
        handler=_report,
        scope=None,
        access=Access.NONE,
        body=dict[str, Any],
        reply=ReportsTaken,
        path_parameters={"report_secret": _SECRET},
        secret_address=True,
        errors={NotFound: ("messages.report-unknown",), Limited: ("api.too-many-failures",)},
        examples=lambda _: {"arrived": {"id": "20261201-0001", "status": "DELIVRD"}},
    ),
)
