"""Clients and initial access tokens as an administrator sees them; a secret or a token is told once."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from core.cases.bodies import Instant
from core.tenants.client import AuthMethod, Client, GrantType
from core.tenants.client_keys import ClientKey
from core.tenants.initial_token import InitialToken
from core.tenants.scopes import Scope


class ClientView(Struct, frozen=True, kw_only=True):
    """A client (客户端) as it stands."""

    client_id: Annotated[str, Meta(title="客户端标识", description="The name with which it signs in")]
    name: str
    auth_method: AuthMethod
    grant_types: tuple[GrantType, ...]
    scopes: tuple[Scope, ...]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    origins: tuple[str, ...]
    keys: tuple[ClientKey, ...]
    uri: str | None
    trusted: Annotated[
        bool, Meta(title="本机构登记", description="Whether the tenant registered it; else it registered itself (RFC 7591)")
    ]
    person_id: Annotated[UUID, Meta(title="服务账号", description="The person that it acts as for itself")]
    disabled_at: Instant | None
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class ClientGiven(ClientView, frozen=True, kw_only=True):
    """A client with its new secret."""

    client_secret: Annotated[
        str | None, Meta(title="密钥", description="Told this once; null where it has none, and in a repeated answer")
    ]


class ClientPage(Struct, frozen=True):
    """A page of clients, in the order of their registration. ``next`` is the cursor of the following page."""

    items: tuple[ClientView, ...]
    next: str | None


class InitialTokenView(Struct, frozen=True, kw_only=True):
    """An initial access token (初始访问令牌) as it stands."""

    id: UUID
    note: str
    scopes: tuple[Scope, ...]
    grant_types: tuple[GrantType, ...]
    uses_left: Annotated[int, Meta(title="剩余次数", description="How many clients may still register with it")]
    expires_at: Instant
    created_at: Instant
    created_by: Annotated[UUID | None, Meta(title="签发人", description="Null where it was issued at the command line")]
    revoked_at: Instant | None
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class InitialTokenGiven(InitialTokenView, frozen=True, kw_only=True):
    """A new initial access token."""

    token: Annotated[str | None, Meta(title="令牌", description="Told this once; null in a repeated answer")]


class InitialTokenPage(Struct, frozen=True):
    """A page of initial access tokens, in the order in which they were issued."""

    items: tuple[InitialTokenView, ...]
    next: str | None


def client_view(client: Client) -> ClientView:
    """One client."""
    return ClientView(**_client_fields(client))


def client_given(client: Client, secret: str | None) -> ClientGiven:
    """One client with its new secret."""
    return ClientGiven(**_client_fields(client), client_secret=secret or None)


def token_view(token: InitialToken) -> InitialTokenView:
    """One initial access token."""
    return InitialTokenView(**_token_fields(token))


def token_given(token: InitialToken, secret: str | None) -> InitialTokenGiven:
    """One initial access token with what its holder shows."""
    return InitialTokenGiven(**_token_fields(token), token=secret)


def _client_fields(client: Client) -> dict[str, Any]:
    sets = {name: tuple(sorted(getattr(client, name))) for name in ("grant_types", "scopes", "origins")}
    keys = msgspec.convert(client.keys, tuple[ClientKey, ...])
    fields = {name: getattr(client, name) for name in ClientView.__struct_fields__}
    return fields | sets | {"keys": keys}


def _token_fields(token: InitialToken) -> dict[str, Any]:
    sets = {name: tuple(sorted(getattr(token, name))) for name in ("grant_types", "scopes")}
    return {name: getattr(token, name) for name in InitialTokenView.__struct_fields__} | sets
