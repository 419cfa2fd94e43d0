"""What an administrator says of a client: the input of each change, for the API and the command line."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.tenants.client import AuthMethod, GrantType
from core.tenants.client_keys import MOST_KEYS, ClientKey
from core.tenants.commands import GrantableRole
from core.tenants.names import Name, Prose
from core.tenants.redirects import LONGEST
from core.tenants.scopes import Scope

MOST_ADDRESSES = 20
MOST_USES = 1_000
LONGEST_DAYS = 90
Address = Annotated[str, Meta(max_length=LONGEST, pattern=r"^[!-~]+$(?!\n)")]
Reason = Annotated[Prose, Meta(title="理由", description="Why; kept in the audit trail.")]
_Scopes = Annotated[tuple[Scope, ...], Meta(max_length=100, title="范围", description="What it may ask for, at most.")]


class ClientStatement(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A client as it stands from now on, said whole."""

    name: Annotated[Name, Meta(title="名称", description="Shown to whoever is asked to allow it something.")]
    grant_types: Annotated[
        tuple[GrantType, ...],
        Meta(min_length=1, max_length=8, title="授权方式", description="The grants by which it gets tokens."),
    ]
    scopes: _Scopes
    redirect_uris: Annotated[
        tuple[Address, ...],
        Meta(max_length=MOST_ADDRESSES, title="回调地址", description="To which people are sent back; compared exactly."),
    ] = ()
    post_logout_redirect_uris: Annotated[
        tuple[Address, ...],
        Meta(max_length=MOST_ADDRESSES, title="退出后地址", description="To which people are sent who have signed out."),
    ] = ()
    origins: Annotated[
        tuple[Address, ...],
        Meta(max_length=MOST_ADDRESSES, title="来源", description="From which pages may call the API in a browser (CORS)."),
    ] = ()
    keys: Annotated[
        tuple[ClientKey, ...],
        Meta(max_length=MOST_KEYS, title="公钥", description="Of `private_key_jwt`; each with its own `kid`."),
    ] = ()
    uri: Annotated[Address | None, Meta(title="主页", description="Its home page, shown beside its name; https.")] = None


class NewClientStatement(ClientStatement, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A client that is not there yet. What it acts as for itself is a service person with these roles."""

    auth_method: Annotated[
        AuthMethod, Meta(title="认证方式", description="How it shows who it is; `none` for pages and apps. Never changes.")
    ]
    roles: Annotated[
        tuple[GrantableRole, ...],
        Meta(max_length=20, title="角色", description="Of its service person; none that the administrator has not."),
    ] = ()
    unit_id: Annotated[
        UUID | None, Meta(title="单位", description="Of its service person; a unit-officer needs one.")
    ] = None
    valid_from: Annotated[date | None, Meta(title="起始日", description="Of the roles; today, if left out.")] = None


class ClientReason(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why a client is disabled, gets a new secret, or why a token is revoked."""

    reason: Reason


class NewInitialToken(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An initial access token to be: what clients may have that register themselves with it (RFC 7591)."""

    note: Annotated[Prose, Meta(title="说明", description="For whom and what it is.")]
    scopes: _Scopes
    grant_types: Annotated[
        tuple[GrantType, ...],
        Meta(min_length=1, max_length=8, title="授权方式", description="The grants that they may have."),
    ] = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    uses: Annotated[
        int, Meta(ge=1, le=MOST_USES, title="次数", description="How many clients may register with it.")
    ] = 1
    days: Annotated[int, Meta(ge=1, le=LONGEST_DAYS, title="天数", description="For how many days it is good.")] = 7
