"""How a client shows who it is at the token endpoint (RFC 6749, section 2.3): Basic or form, one of the two."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from api.faults import BadInput
from api.requests import unquote_form
from core.ids import secret_hash
from core.platforms.platform import Platform
from core.tenants.client import Client
from core.tenants.scopes import Scope

METHODS = ("client_secret_basic", "client_secret_post")
GRANT = "client_credentials"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
"""RFC 8693, for platforms that act for their operators."""
QueryClient = Callable[[str], "RegisteredClient | None"]


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """One of our clients as Authlib asks about it."""

    def __init__(self, client: Client, platform: Platform | None = None) -> None:
        self.client, self.platform = client, platform or Platform(client.id)

    def get_client_id(self) -> str:
        """The public name."""
        return self.client.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the secret; in constant time."""
        return self.client.knows(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Every client is confidential and may use either way."""
        return method in METHODS and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        """Client credentials for all, token exchange for a platform that is allowed it."""
        return grant_type == GRANT or (grant_type == EXCHANGE and self.platform.token_exchange)

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for where the client has all of it, everything it has where nothing was asked; else ``None``."""
        asked = (scope or "").split() or [item.value for item in Scope if item in self.client.scopes]
        return " ".join(asked) if set(asked) <= self.client.scopes and asked else None


def authenticate_basic(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
    """By the Authorization header."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    if "client_secret" in request.payload.data:
        raise InvalidRequestError("The client shows its secret in two ways; use one.")
    client_id, secret = _read_basic(header)
    named = request.payload.data.get("client_id", client_id)
    if named != client_id:
        raise InvalidRequestError("client_id is not the one of the Authorization header.")
    return _known(query_client, client_id, secret)


def authenticate_post(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
    """By the fields of the form."""
    form = request.payload.data
    if "client_id" not in form or "client_secret" not in form:
        return None
    return _known(query_client, form["client_id"], form["client_secret"])


def _read_basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError(scheme)
        name, colon, secret = base64.b64decode(value.strip(), validate=True).partition(b":")
        if not colon:
            raise ValueError(value)
        return unquote_form(name, "header", "Authorization"), unquote_form(secret, "header", "Authorization")
    except (binascii.Error, ValueError, BadInput) as error:
        raise InvalidClientError(status_code=401, description="The Authorization header cannot be read.") from error


def _known(query_client: QueryClient, client_id: str, secret: str) -> RegisteredClient | None:
    client = query_client(client_id)
    if client is None:
        secret_hash(secret)  # as long as for a client that exists
        return None
    return client if client.check_client_secret(secret) else None


def register(server: Any) -> None:
    """Puts both ways in the place of Authlib's, whose texts tell an unknown client from a wrong secret."""
    server.register_client_auth_method("client_secret_basic", authenticate_basic)
    server.register_client_auth_method("client_secret_post", authenticate_post)
