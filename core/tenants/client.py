"""Clients: a public name, how each shows who it is, what it may ask for, and the service person that it acts as."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.ids import new_secret, secret_hash
from core.tenants.scopes import Scope

_NAME_BYTES = 10


class AuthMethod(StrEnum):
    """How a client shows who it is at the token endpoint, by the names of the OAuth registry."""

    SECRET_BASIC = "client_secret_basic"  # noqa: S105  the name of a way
    SECRET_POST = "client_secret_post"  # noqa: S105  as above
    PRIVATE_KEY = "private_key_jwt"
    NONE = "none"


class GrantType(StrEnum):
    """The grants that a client can be allowed, by the names of the OAuth registry. Token exchange is for platforms."""

    CLIENT_CREDENTIALS = "client_credentials"
    AUTHORIZATION_CODE = "authorization_code"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105  the name of a grant
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

    @property
    def of_people(self) -> bool:
        """Whether its tokens act for a person who has signed in."""
        return self is not GrantType.CLIENT_CREDENTIALS


@dataclass(frozen=True, slots=True)
class Client:
    """A client as it stands. ``client_id`` is what it signs in with; never of the form of a person's id (PITFALLS 13)."""

    id: UUID
    client_id: str
    name: str
    secret_hash: bytes = field(repr=False)
    scopes: frozenset[Scope]
    person_id: UUID
    disabled_at: datetime | None = None
    auth_method: AuthMethod = AuthMethod.SECRET_BASIC
    grant_types: frozenset[GrantType] = frozenset({GrantType.CLIENT_CREDENTIALS})
    redirect_uris: tuple[str, ...] = ()
    """Compared character by character (RFC 9700, section 2.1)."""
    post_logout_redirect_uris: tuple[str, ...] = ()
    """Where it may have people sent after they have signed out (OpenID Connect RP-Initiated Logout 1.0)."""
    origins: frozenset[str] = frozenset()
    """From which a browser may call the API (CORS)."""
    keys: tuple[Mapping[str, Any], ...] = ()
    """Public JWKs with which it signs its assertions (RFC 7523)."""
    trusted: bool = True
    """Whether the tenant registered it itself; of another, who is asked for consent is warned."""
    uri: str | None = None
    registration_hash: bytes = field(default=b"", repr=False)
    """Of the token with which a client that registered itself is managed (RFC 7592); empty for any other."""
    registered_with: UUID | None = None
    """The initial access token by which it registered itself."""
    held_by: UUID | None = None
    """The administrator who was told its secret last or gave it its keys, and so could pass for it."""
    version: int = 1

    @property
    def public(self) -> bool:
        """Whether it has nothing to show who it is by, such as a page in a browser or an app (RFC 6749, section 2.1)."""
        return self.auth_method is AuthMethod.NONE

    def knows(self, secret: str) -> bool:
        """Whether it is the client's secret; compared in constant time. Ours are ASCII, so anything else is not."""
        return secret.isascii() and hmac.compare_digest(secret_hash(secret), self.secret_hash)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new client is given, once; an empty secret where it has none."""

    client_id: str
    client_secret: str = field(repr=False)


SECRET_METHODS = frozenset({AuthMethod.SECRET_BASIC, AuthMethod.SECRET_POST})
"""The ways of a client that has a secret."""


def make_credentials(method: AuthMethod = AuthMethod.SECRET_BASIC) -> Credentials:
    """New random credentials: 80 bits of name, and 256 bits of secret where the client shows itself by one."""
    name = base64.b32encode(secrets.token_bytes(_NAME_BYTES)).decode().lower()
    return Credentials(f"wzc_{name}", make_secret() if method in SECRET_METHODS else "")


def make_secret() -> str:
    """A new secret of a client."""
    return f"wzs_{new_secret()}"
