"""Clients over HTTP: who registers, changes and disables them, and the tokens by which others register their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from api.operations import Call, Method, Operation, PathParameter, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS, administration_of, day_of
from api.routes.client_views import (
    ClientGiven,
    ClientPage,
    ClientView,
    InitialTokenGiven,
    InitialTokenPage,
    InitialTokenView,
    client_given,
    client_view,
    token_given,
    token_view,
)
from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.checks import check_known
from core.tenants.client import Client
from core.tenants.client_commands import ClientReason, ClientStatement, NewClientStatement, NewInitialToken
from core.tenants.scopes import Scope
from core.tenants.service import clients as service
from core.tenants.service import initial_tokens

TAG = "clients"
_READERS = (Role.TENANT_ADMINISTRATOR, Role.AUDITOR)
_PATH: Mapping[str, PathParameter] = {
    "client": PathParameter(
        Text(zh="客户端", en="The name with which the client signs in"),
        pattern=r"^wzc_[a-z2-7]{16}$(?!\n)",
        example="wzc_aaaaaaaaaaaaaaaa",
    )
}
_MALFORMED = (
    "clients.redirect-malformed",
    "clients.redirect-insecure",
    "clients.redirect-scheme",
    "clients.origin-malformed",
    "clients.address-malformed",
    "clients.key-twice",
    "clients.key-unsound",
)
_UNFIT = (
    "clients.public-for-itself",
    "clients.refresh-alone",
    "clients.redirect-needed",
    "clients.redirect-unused",
    "clients.origin-unused",
    "clients.keys-needed",
    "clients.keys-unused",
    "clients.scope-needed",
    "clients.role-beyond-own",
)
_STAFF_ROLE_FAULTS = (
    "clients.roles-unused", "tenants.unit-unknown", "tenants.unit-not-active", "tenants.role-needs-unit",
)  # fmt: skip
_OF_ONE = {NotFound: ("clients.unknown",)}
_CHANGES = _OF_ONE | {Stale: ("clients.stale",), Conflict: ("clients.disabled",)}
_FRONT_END = {
    "name": "一网通办",
    "grant_types": ["authorization_code", "refresh_token"],
    "scopes": ["cases:read", "cases:write"],
    "redirect_uris": ["https://front.example.gov.cn/callback"],
    "post_logout_redirect_uris": ["https://front.example.gov.cn/"],
    "origins": ["https://front.example.gov.cn"],
    "uri": "https://front.example.gov.cn/",
}
_MACHINE = {
    "name": "数据交换平台",
    "auth_method": "client_secret_basic",
    "grant_types": ["client_credentials"],
    "scopes": ["cases:read"],
}
_REASON = {"reason": "系统下线"}


async def _list(call: Call) -> Reply:
    query: PageQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    ordered = sorted(call.snapshot.clients.values(), key=lambda client: client.id)
    found = [client for client in ordered if after is None or client.id > after]
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(ClientPage(tuple(map(client_view, page)), following), next_cursor=following)


async def _read(call: Call) -> Reply:
    return _told(service.find_client(call.snapshot, call.path["client"]))


async def _register(call: Call) -> Reply:
    said: NewClientStatement = call.body
    organisation = call.snapshot.organisation
    check_known(organisation, said.unit_id, "/unit_id")
    new = service.NewClient(
        name=said.name,
        roles=tuple(Role(role) for role in said.roles),
        scopes=frozenset(said.scopes),
        valid_from=day_of(call, said.valid_from),
        unit_code=organisation.units[said.unit_id].code if said.unit_id else None,
        auth_method=said.auth_method,
        grant_types=frozenset(said.grant_types),
        redirect_uris=said.redirect_uris,
        post_logout_redirect_uris=said.post_logout_redirect_uris,
        origins=said.origins,
        keys=said.keys,
        uri=said.uri,
    )
    made = await service.register_client(administration_of(call), new)
    return _given(made.client, made.credentials.client_secret)


async def _change(call: Call) -> Reply:
    return _told(await service.change_client(administration_of(call), call.path["client"], call.body, call.expected))


async def _disable(call: Call) -> Reply:
    admin, name = administration_of(call), call.path["client"]
    return _told(await service.disable_client(admin, name, call.body.reason, call.expected))


async def _rotate(call: Call) -> Reply:
    admin, name = administration_of(call), call.path["client"]
    return _given(*await service.rotate_secret(admin, name, call.body.reason, call.expected))


async def _retell(call: Call, kept: bytes) -> Reply:
    client = service.find_client(call.snapshot, msgspec.json.decode(kept, type=str))
    return Reply(client_given(client, None), etag=client.version, location=f"/clients/{client.client_id}")


def _told(client: Client) -> Reply:
    return Reply(client_view(client), etag=client.version)


def _given(client: Client, secret: str) -> Reply:
    location = f"/clients/{client.client_id}"
    return Reply(client_given(client, secret), etag=client.version, location=location, kept=client.client_id)


async def _list_tokens(call: Call) -> Reply:
    query: PageQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    found = await initial_tokens.list_initial_tokens(call.session, after, query.limit + 1)
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(InitialTokenPage(tuple(map(token_view, page)), following), next_cursor=following)


async def _issue(call: Call) -> Reply:
    made, token = await initial_tokens.issue_initial_token(administration_of(call), call.body)
    location = f"/initial-access-tokens/{made.id}"
    return Reply(token_given(made, token), etag=made.version, location=location, kept=made.id)


async def _retell_token(call: Call, kept: bytes) -> Reply:
    found = await initial_tokens.find_initial_token(call.session, msgspec.json.decode(kept, type=UUID))
    return Reply(token_given(found, None), etag=found.version, location=f"/initial-access-tokens/{found.id}")


async def _read_token(call: Call) -> Reply:
    found = await initial_tokens.find_initial_token(call.session, call.id("token_id"))
    return Reply(token_view(found), etag=found.version)


async def _revoke_token(call: Call) -> Reply:
    admin, reason = administration_of(call), call.body.reason
    after = await initial_tokens.revoke_initial_token(admin, call.id("token_id"), reason, call.expected or 0)
    return Reply(token_view(after), etag=after.version)


def _reading(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {"method": Method.GET, "tag": TAG, "scope": Scope.CLIENTS_READ, "roles": _READERS}
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


def _changing(id_: str, path: str, title: Text, description: Text, **more: Any) -> Operation:
    common: dict[str, Any] = {
        "method": Method.POST,
        "tag": TAG,
        "scope": Scope.CLIENTS_WRITE,
        "roles": ADMINISTRATORS,
        "idempotent": more.get("method", Method.POST) is Method.POST,
        "if_match": True,
        "etag": True,
    }
    return Operation(id=id_, path=path, title=title, description=description, **common | more)


OPERATIONS = (
    _reading(
        "listClients",
        "/clients",
        Text(zh="客户端列表", en="List clients"),
        Text(zh="全部客户端，按登记先后，含已停用的。", en="Every client in the order of registration, disabled ones too."),
        handler=_list,
        query=PageQuery,
        reply=ClientPage,
    ),
    _changing(
        "registerClient",
        "/clients",
        Text(zh="登记客户端", en="Register a client"),
        Text(
            zh="登记一个客户端及其服务账号。密钥只在本次答复中显示。不得为其设定本人没有的角色：由另一名管理员授予。",
            en="Registers a client and the service person that it acts as. The secret is in this answer and never again. "
            "Nobody gives a client a role that they have not: another administrator grants it to the service person.",
        ),
        handler=_register,
        body=NewClientStatement,
        reply=ClientGiven,
        status=201,
        retell=_retell,
        if_match=False,
        location=True,
        errors={Invalid: _MALFORMED, Refused: _UNFIT + _STAFF_ROLE_FAULTS},
        examples=lambda _: {"machine": _MACHINE, "front_end": _FRONT_END | {"auth_method": "none"}},
    ),
    _reading(
        "readClient",
        "/clients/{client}",
        Text(zh="查看客户端", en="Read a client"),
        Text(zh="一个客户端，不含密钥。", en="One client, without its secret."),
        handler=_read,
        reply=ClientView,
        etag=True,
        path_parameters=_PATH,
        errors=_OF_ONE,
    ),
    _changing(
        "changeClient",
        "/clients/{client}",
        Text(zh="变更客户端", en="Change a client"),
        Text(
            zh="重新说明客户端，须写全；认证方式和服务账号不变。对已签发的令牌即时生效。",
            en="Says a client anew, whole; how it shows itself and its service person stay. It takes effect at once, for "
            "tokens that it holds, too.",
        ),
        method=Method.PUT,
        handler=_change,
        body=ClientStatement,
        reply=ClientView,
        path_parameters=_PATH,
        errors=_CHANGES | {Invalid: _MALFORMED, Refused: _UNFIT},
        examples=lambda _: {"front_end": _FRONT_END},
    ),
    _changing(
        "disableClient",
        "/clients/{client}/disable",
        Text(zh="停用客户端", en="Disable a client"),
        Text(
            zh="立即停用客户端；其全部令牌和人员的授权随之失效，不能恢复。",
            en="Ends a client at once, with every token that it holds and all that people have allowed it. For good.",
        ),
        handler=_disable,
        body=ClientReason,
        reply=ClientView,
        path_parameters=_PATH,
        errors=_CHANGES,
        examples=lambda _: {"retired": _REASON},
    ),
    _changing(
        "rotateClientSecret",
        "/clients/{client}/secret",
        Text(zh="更换客户端密钥", en="Rotate a client's secret"),
        Text(
            zh="生成新密钥，旧密钥立即失效。新密钥只在本次答复中显示。服务账号有本人没有的角色时不得更换。",
            en="Makes a new secret, and the old one is good no more. The new one is in this answer and never again. Refused "
            "where the service person has a role that you have not.",
        ),
        handler=_rotate,
        body=ClientReason,
        reply=ClientGiven,
        retell=_retell,
        location=True,
        path_parameters=_PATH,
        errors=_CHANGES | {Refused: ("clients.no-secret", "clients.role-beyond-own")},
        examples=lambda _: {"yearly": {"reason": "按年度更换"}},
    ),
    _reading(
        "listInitialAccessTokens",
        "/initial-access-tokens",
        Text(zh="初始访问令牌列表", en="List initial access tokens"),
        Text(zh="按签发先后，含已用完和已撤销的。", en="In the order of issue, spent and revoked ones too."),
        handler=_list_tokens,
        query=PageQuery,
        reply=InitialTokenPage,
    ),
    _changing(
        "issueInitialAccessToken",
        "/initial-access-tokens",
        Text(zh="签发初始访问令牌", en="Issue an initial access token"),
        Text(
            zh="持有者可在 …/oauth/register 自行登记客户端（RFC 7591），不超出此处的次数、范围和授权方式；"
            "这类客户端没有角色，登录人员授权时会看到提示。令牌只在本次答复中显示。",
            en="Its holder registers clients at …/oauth/register (RFC 7591), so many and with no more than these scopes and "
            "grants. Such clients have no roles, and whoever is asked to allow them something is warned. The token is in "
            "this answer and never again.",
        ),
        handler=_issue,
        body=NewInitialToken,
        reply=InitialTokenGiven,
        status=201,
        retell=_retell_token,
        if_match=False,
        location=True,
        examples=lambda _: {"partner": {"note": "合作单位前端接入", "scopes": ["cases:read"], "uses": 3}},
    ),
    _reading(
        "readInitialAccessToken",
        "/initial-access-tokens/{token_id}",
        Text(zh="查看初始访问令牌", en="Read an initial access token"),
        Text(zh="一个初始访问令牌的现状，不含令牌本身。", en="How one stands, without the token itself."),
        handler=_read_token,
        reply=InitialTokenView,
        etag=True,
        errors={NotFound: ("clients.token-unknown",)},
    ),
    _changing(
        "revokeInitialAccessToken",
        "/initial-access-tokens/{token_id}/revoke",
        Text(zh="撤销初始访问令牌", en="Revoke an initial access token"),
        Text(zh="不得再以其登记客户端；已登记的不受影响。", en="Nothing is registered with it any more; clients stay."),
        handler=_revoke_token,
        body=ClientReason,
        reply=InitialTokenView,
        errors={
            NotFound: ("clients.token-unknown",),
            Stale: ("clients.token-stale",),
            Conflict: ("clients.token-revoked",),
        },
        examples=lambda _: {"leaked": {"reason": "令牌外泄"}},
    ),
)
