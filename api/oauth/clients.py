"""How a client shows who it is (RFC 6749, section 2.3, and RFC 7523): one way in one request, of those that it may use."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError

from api.exchange import Answer
from api.faults import BadInput
from api.requests import unquote_form
from core.errors import Unauthenticated
from core.ids import secret_hash
from core.platforms.assertions import Assertion
from core.platforms.platform import Platform
from core.tenants.client import AuthMethod, Client, GrantType
from core.tenants.client_assertions import ShownTo, check_client_assertion, claimed_client
from core.tenants.redirects import is_redirect_of
from core.tenants.scopes import Scope
from core.texts import render

GRANT = GrantType.CLIENT_CREDENTIALS.value
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
"""RFC 8693, for platforms that act for their operators."""
CONFIDENTIAL = (AuthMethod.SECRET_BASIC.value, AuthMethod.SECRET_POST.value, AuthMethod.PRIVATE_KEY.value)
"""The ways of a client that has something to show."""
METHODS = (*CONFIDENTIAL, AuthMethod.NONE.value)
ASSERTION_ALGORITHMS = ("ES256", "RS256", "PS256", "Ed25519", "EdDSA")
"""By which clients may sign who they are."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SECRETS = frozenset({AuthMethod.SECRET_BASIC, AuthMethod.SECRET_POST})
QueryClient = Callable[[str], "RegisteredClient | None"]


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """One of our clients as Authlib asks about it; made anew for each request."""

    def __init__(self, client: Client, platform: Platform | None = None) -> None:
        self.client, self.platform = client, platform or Platform(client.id)
        self.assertion: Assertion | None = None
        """By which it has shown who it is, to be used up before the answer goes out; ``None`` for every other way."""

    def get_client_id(self) -> str:
        """The public name."""
        return self.client.client_id

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the secret; in constant time."""
        return self.client.knows(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may show itself so, at any endpoint.

        One of the tenant's own that has a secret may send it either way; one that registered itself as it then said.
        """
        del endpoint
        own = self.client.auth_method
        return method == own or (self.client.trusted and own in _SECRETS and method in _SECRETS)

    def check_grant_type(self, grant_type: str) -> bool:
        """What it is registered for; token exchange for a platform that is allowed it."""
        return grant_type in self.client.grant_types or (grant_type == EXCHANGE and self.platform.token_exchange)

    def check_response_type(self, response_type: str) -> bool:
        """Codes alone, for a client of that grant."""
        return response_type == "code" and GrantType.AUTHORIZATION_CODE in self.client.grant_types

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered; compared exactly, but for the port of a loopback address (RFC 8252, section 7.3)."""
        return is_redirect_of(self.client.redirect_uris, redirect_uri)

    def get_default_redirect_uri(self) -> str | None:
        """The only one, where there is one."""
        uris = self.client.redirect_uris
        return uris[0] if len(uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for where the client has all of it, everything it has where nothing was asked; else ``None``."""
        asked = (scope or "").split() or [item.value for item in Scope if item in self.client.scopes]
        return " ".join(asked) if set(asked) <= self.client.scopes and asked else None


def authenticate_basic(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
    """By the Authorization header."""
    if _way_of(request) != AuthMethod.SECRET_BASIC:
        return None
    client_id, secret = _read_basic(request.headers["Authorization"])
    if request.payload.data.get("client_id", client_id) != client_id:
        raise InvalidRequestError("client_id is not the one of the Authorization header.")
    return _known(query_client, client_id, secret)


def authenticate_post(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
    """By the fields of the form."""
    form = request.payload.data
    if _way_of(request) != AuthMethod.SECRET_POST or "client_id" not in form:
        return None
    return _known(query_client, form["client_id"], form["client_secret"])


def authenticate_none(query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
    """By nothing but its name, which only a client without a secret or key may."""
    form = request.payload.data
    return query_client(form["client_id"]) if _way_of(request) == AuthMethod.NONE and "client_id" in form else None


class AssertionCheck:
    """Authenticates by a signed assertion (``private_key_jwt``)."""

    def __init__(self, shown_to: ShownTo) -> None:
        self._shown_to = shown_to

    def __call__(self, query_client: QueryClient, request: OAuth2Request) -> RegisteredClient | None:
        """By ``client_assertion``; whom it names must have registered the key."""
        if _way_of(request) != AuthMethod.PRIVATE_KEY:
            return None
        form = request.payload.data
        if form.get("client_assertion_type") != ASSERTION_TYPE or "client_assertion" not in form:
            raise InvalidRequestError(f"client_assertion needs the client_assertion_type {ASSERTION_TYPE}.")
        try:
            return self._check(query_client, form["client_assertion"], form.get("client_id"))
        except Unauthenticated as error:
            raise InvalidClientError(status_code=401, description=render(error.code, error.params, "en")) from error

    def _check(self, query_client: QueryClient, assertion: str, named: str | None) -> RegisteredClient | None:
        name = claimed_client(assertion)
        client = query_client(name)
        if client is None or client.client.auth_method is not AuthMethod.PRIVATE_KEY or named not in {None, name}:
            return None
        client.assertion = check_client_assertion(assertion, client.client, self._shown_to)
        return client


def _way_of(request: OAuth2Request) -> AuthMethod:
    """The one way in which the request shows its client; raises :class:`InvalidRequestError` where it does in several."""
    form = request.payload.data
    ways = {
        AuthMethod.SECRET_BASIC: request.headers.get("Authorization") is not None,
        AuthMethod.SECRET_POST: "client_secret" in form,
        AuthMethod.PRIVATE_KEY: "client_assertion" in form or "client_assertion_type" in form,
    }
    used = [way for way, is_used in ways.items() if is_used]
    if len(used) > 1:
        raise InvalidRequestError("The client shows who it is in two ways; use one.")
    return used[0] if used else AuthMethod.NONE


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
    if client is None or not client.client.secret_hash:
        secret_hash(secret)  # as long as for a client that has one
        return None
    return client if client.check_client_secret(secret) else None


def refuse_replay(issuer: str, error: Unauthenticated) -> Answer:
    """The answer to a client that has shown an assertion which was used before."""
    told = {"error": "invalid_client", "error_description": render(error.code, error.params, "en")}
    challenge = f'Basic realm="{issuer}", charset="UTF-8"'.encode()
    headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"www-authenticate", challenge))
    return Answer(401, msgspec.json.encode(told), headers)


def register(server: Any, shown_to: ShownTo) -> None:
    """Puts our ways in the place of Authlib's, whose texts tell an unknown client from a wrong secret."""
    server.register_client_auth_method(AuthMethod.SECRET_BASIC.value, authenticate_basic)
    server.register_client_auth_method(AuthMethod.SECRET_POST.value, authenticate_post)
    server.register_client_auth_method(AuthMethod.PRIVATE_KEY.value, AssertionCheck(shown_to))
    server.register_client_auth_method(AuthMethod.NONE.value, authenticate_none)
