"""Platforms over HTTP: the ways in which a client may act for its operators, its keys, and who its operators are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from api.operations import Call, Method, Operation, PathParameter, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS, STAFF, administration_of
from api.routes.platform_views import (
    OperatorPage,
    OperatorQuery,
    OperatorView,
    PlatformView,
    operator_view,
    platform_view,
)
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.law.instrument import Text
from core.platforms import service
from core.platforms.checks import TWO_HANDS
from core.platforms.commands import KeyStatement, NewOperator, OperatorEnding, PlatformStatement
from core.platforms.platform import Operator, Platform
from core.procedure import Role
from core.tenants.scopes import Scope

TAG = "platforms"
_READERS = (Role.TENANT_ADMINISTRATOR, Role.AUDITOR)
_CLIENT = PathParameter(
    Text(zh="客户端", en="The name with which the client signs in"),
    pattern=r"^wzc_[a-z2-7]{16}$(?!\n)",
    example="wzc_aaaaaaaaaaaaaaaa",
)
_PATH: Mapping[str, PathParameter] = {"client": _CLIENT}
_UNKNOWN = {NotFound: ("platforms.client-unknown",)}
_STALE = _UNKNOWN | {Stale: ("platforms.stale",)}
_KEY = {
    "kty": "EC",
    "kid": "2026-11",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}
_WAYS = {"token_exchange": True, "operator_claims": False, "reason": "市12345平台接入"}
_OPERATOR = {"external_id": "1024", "person_id": "{person_id}", "valid_from": "2026-12-01"}


def _platform(call: Call, platform: Platform) -> Reply:
    return Reply(platform_view(call.path["client"], platform), etag=platform.version)


def _operator(operator: Operator, location: str | None = None) -> Reply:
    return Reply(operator_view(operator), etag=operator.version, location=location)


async def _read(call: Call) -> Reply:
    client = service.find_client(call.snapshot, call.path["client"])
    return _platform(call, call.snapshot.platforms.of(client.id))


async def _allow(call: Call) -> Reply:
    name, expected = call.path["client"], call.expected or 0
    return _platform(call, await service.allow_ways(administration_of(call), name, call.body, expected))


async def _replace_keys(call: Call) -> Reply:
    name, expected = call.path["client"], call.expected or 0
    return _platform(call, await service.replace_keys(administration_of(call), name, call.body, expected))


async def _list(call: Call) -> Reply:
    query: OperatorQuery = call.query
    client = service.find_client(call.snapshot, call.path["client"])
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    chosen = [item for item in call.snapshot.platforms.operators(client.id) if query.external_id in {None, item.external_id}]
    found = [item for item in chosen if after is None or item.id > after]
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(OperatorPage(tuple(map(operator_view, page)), following), next_cursor=following)


async def _name(call: Call) -> Reply:
    made = await service.name_operator(administration_of(call), call.path["client"], call.body)
    return _operator(made, f"/clients/{call.path['client']}/operators/{made.id}")


async def _read_operator(call: Call) -> Reply:
    client = service.find_client(call.snapshot, call.path["client"])
    return _operator(service.find_operator(call.snapshot, client, call.id("operator_id")))


async def _confirm(call: Call) -> Reply:
    admin, name = administration_of(call), call.path["client"]
    if not call.principal.has(Role.TENANT_ADMINISTRATOR):
        _require_self(call)
        admin = replace(admin, role=None)
    return _operator(await service.confirm_operator(admin, name, call.id("operator_id"), call.expected or 0))


def _require_self(call: Call) -> None:
    """Who is no administrator confirms the own name and learns of no other."""
    client = call.snapshot.clients.get(call.path["client"])
    found = call.snapshot.platforms.find(client.id, call.id("operator_id")) if client else None
    if found is None or found.person_id != call.principal.person_id:
        call.principal.require(*ADMINISTRATORS)


async def _end(call: Call) -> Reply:
    admin, name, operator = administration_of(call), call.path["client"], call.id("operator_id")
    return _operator(await service.end_operator(admin, name, operator, call.body, call.expected or 0))


def _change(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    """A change of what an administrator has said."""
    common: dict[str, Any] = {
        "method": Method.PUT,
        "tag": TAG,
        "scope": Scope.ORGANISATION_WRITE,
        "roles": ADMINISTRATORS,
        "reply": PlatformView,
        "if_match": True,
        "etag": True,
        "path_parameters": _PATH,
    }
    return Operation(id=id_, path=f"/clients/{{client}}{path}", title=title, description=description, **common | more)


def _reading(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {
        "method": Method.GET,
        "tag": TAG,
        "scope": Scope.ORGANISATION_READ,
        "roles": _READERS,
        "path_parameters": _PATH,
        "errors": _UNKNOWN,
    }
    return Operation(id=id_, path=f"/clients/{{client}}{path}", title=title, description=description, **common | more)


OPERATIONS = (
    _reading(
        "readPlatform",
        "/platform",
        Text(zh="查看平台设置", en="Read what a client may as a platform"),
        Text(
            zh="客户端作为平台的权限和公钥；从未设为平台的为第 0 版。",
            en="How a client may act for its operators, and its keys. One that was never made a platform is at version 0.",
        ),
        handler=_read,
        reply=PlatformView,
        etag=True,
    ),
    _change(
        "allowPlatform",
        "/platform",
        Text(zh="设置平台权限", en="Say what a client may as a platform"),
        Text(
            zh="允许或不再允许客户端以令牌交换或签名声明代其操作员办理，即时生效。另一名管理员登记的公钥随之生效。",
            en="Allows the client, or no longer, to act for its operators by token exchange or by signed claims. It takes "
            "effect with the next request, for tokens that were exchanged before, too. Keys that another administrator has "
            "given count from then on.",
        ),
        handler=_allow,
        body=PlatformStatement,
        errors=_STALE,
        examples=lambda _: {"exchange": _WAYS},
    ),
    _change(
        "replacePlatformKeys",
        "/keys",
        Text(zh="登记平台公钥", en="Replace a platform's keys"),
        Text(
            zh="登记平台签名用的全部公钥（P-256 或 RSA），须写全；不从任何地址获取。换钥时新旧并存一段时间。"
            "新公钥须由另一名管理员再次设置平台权限后方可使用。",
            en="Registers every public key with which the platform signs, said whole: P-256 for ES256 or RSA for RS256. "
            "Nothing is fetched from an address. To change a key, let the old one stand beside the new for a while. A new "
            "key counts once another administrator has (again) said what the client may as a platform.",
        ),
        handler=_replace_keys,
        body=KeyStatement,
        errors=_STALE | {Invalid: ("platforms.key-twice", "platforms.key-unsound")},
        examples=lambda _: {"key": {"keys": [_KEY], "reason": "平台首次登记公钥"}},
    ),
    _reading(
        "listOperators",
        "/operators",
        Text(zh="操作员列表", en="List a platform's operators"),
        Text(zh="平台的全部操作员，按指定先后，含已终止的。", en="Every operator of the platform, ended ones too."),
        handler=_list,
        query=OperatorQuery,
        reply=OperatorPage,
    ),
    _change(
        "nameOperator",
        "/operators",
        Text(zh="指定操作员", en="Name an operator"),
        Text(
            zh="将平台内的操作员编号对应到本机构的一名工作人员；平台代其办理时，角色和单位以该人员为准。"
            "须经本人或另一名管理员确认后平台方可代其办理。",
            en="Says which member of staff an operator of the platform is. When it acts for the operator, the roles "
            "and units are that person's, the scopes are the client's, and the trail names both. It may once the person or "
            "another administrator has confirmed it.",
        ),
        method=Method.POST,
        handler=_name,
        body=NewOperator,
        reply=OperatorView,
        status=201,
        idempotent=True,
        if_match=False,
        location=True,
        errors=_UNKNOWN
        | {
            Refused: ("tenants.ends-before-it-begins", "platforms.person-unknown", "platforms.person-no-human"),
            Conflict: ("platforms.operator-taken",),
        },
        examples=lambda _: {"operator": _OPERATOR},
    ),
    _reading(
        "readOperator",
        "/operators/{operator_id}",
        Text(zh="查看操作员", en="Read an operator"),
        Text(zh="平台的一名操作员及其起止。", en="One operator of the platform, with when it holds."),
        handler=_read_operator,
        reply=OperatorView,
        etag=True,
        errors={NotFound: ("platforms.client-unknown", "platforms.operator-missing")},
    ),
    _change(
        "confirmOperator",
        "/operators/{operator_id}/confirm",
        Text(zh="确认操作员", en="Confirm an operator"),
        Text(
            zh="由该人员本人，或由指定人以外的另一名管理员确认；此后平台方可代其办理。",
            en="By the person themself, or by another administrator than who named the operator. From then on the platform "
            "may act for the operator.",
        ),
        method=Method.POST,
        handler=_confirm,
        roles=STAFF,
        reply=OperatorView,
        idempotent=True,
        clause=TWO_HANDS,
        errors={
            NotFound: ("platforms.client-unknown", "platforms.operator-missing"),
            Stale: ("platforms.operator-stale",),
            Refused: ("platforms.named-by-you",),
            Conflict: ("platforms.operator-revoked", "platforms.operator-confirmed"),
        },
    ),
    _change(
        "endOperator",
        "/operators/{operator_id}/end",
        Text(zh="终止操作员", en="End an operator"),
        Text(
            zh="立即撤销操作员，或指明最后一日。已交换的令牌随之失效。",
            en="Revokes an operator at once, or says the last day. Tokens that were exchanged for the operator end with it.",
        ),
        method=Method.POST,
        handler=_end,
        body=OperatorEnding,
        reply=OperatorView,
        idempotent=True,
        errors={
            NotFound: ("platforms.client-unknown", "platforms.operator-missing"),
            Stale: ("platforms.operator-stale",),
            Refused: ("tenants.ends-before-it-begins",),
            Conflict: ("platforms.operator-revoked", "tenants.already-ended"),
        },
        examples=lambda _: {
            "at_once": {"reason": "离岗"},
            "after_a_day": {"reason": "岗位调整", "last_day": "2027-12-31"},
        },
    ),
)
