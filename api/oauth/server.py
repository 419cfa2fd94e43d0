"""The token endpoint (RFC 6749, 8707, 9068) on Authlib: a small server per request, over what is known of the tenant.

It is synchronous and does no I/O: clients come from the snapshot and the signing key is at hand; an assertion that was
exchanged is handed back, to be used up before the answer goes out. More grants are more classes in :data:`GRANTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import OAuth2Error, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant, ClientCredentialsGrant, TokenEndpointMixin
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc.jwk import ECKey, KeySet

from api.exchange import Answer
from api.oauth import clients
from api.oauth.subjects import ACCESS_TOKEN, ActingOperator, describe, exchange_assertion
from api.oauth.tokens import ALGORITHM
from core.errors import Forbidden
from core.platforms.assertions import Assertion
from core.tenants.client_assertions import ShownTo
from core.tenants.snapshot import Snapshot

LONGEST_TOKEN_SECONDS = 900


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The resource asked for is not one that this issuer gives tokens for (RFC 8707, section 2)."""

    error = "invalid_target"
    description = "The resource is not this tenant's API."


@dataclass(frozen=True, slots=True)
class Issue:
    """What one token request is answered from."""

    snapshot: Snapshot
    issuer: str
    audience: str
    key: ECKey
    now: datetime
    seconds: int


class CredentialsGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """Client credentials, for this tenant's API only."""

    TOKEN_ENDPOINT_AUTH_METHODS = clients.CONFIDENTIAL

    def validate_token_request(self) -> None:
        """Also checks ``resource``, and ``audience`` as others call it."""
        super().validate_token_request()
        check_target(self.request.payload.data, self.server.issue)


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """An assertion that a platform has signed, for a token of its operator (RFC 8693)."""

    GRANT_TYPE = clients.EXCHANGE
    TOKEN_ENDPOINT_AUTH_METHODS = clients.CONFIDENTIAL

    def validate_token_request(self) -> None:
        """The client, what it asks for, and the assertion; raises an error of OAuth for each."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(describe(Forbidden("platforms.way-closed")))
        self.request.client = client
        form, issue = self.request.payload.data, self.server.issue
        check_target(form, issue)
        assertion, operator = exchange_assertion(form, client, issue.snapshot, issue.issuer, issue.now)
        self.request.user = ActingOperator(operator)
        self.server.spent = (client.client.id, assertion)

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """The token, and what kind it is (RFC 8693, section 2.2.1)."""
        asked = self.request.payload.scope
        token = self.generate_token(user=self.request.user, scope=asked, include_refresh_token=False)
        return 200, {**token, "issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER


def check_target(form: Mapping[str, str], issue: Issue) -> None:
    """Raises :class:`InvalidTargetError` where ``resource`` or ``audience`` is another than the tenant's API."""
    if any(form.get(name, issue.audience) != issue.audience for name in ("resource", "audience")):
        raise InvalidTargetError


GRANTS = (CredentialsGrant, ExchangeGrant)


@dataclass(frozen=True, slots=True)
class Granted:
    """The answer, and the assertions that it was given for, each with the client's id."""

    answer: Answer
    spent: tuple[UUID, Assertion] | None = None
    """Of the operator that a platform acts for."""
    shown: tuple[UUID, Assertion] | None = None
    """By which the client has shown who it is; used up whatever became of what it asked for."""


class TokenGenerator(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib ships no types
    """Access tokens as JWTs (RFC 9068), by the service's clock."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.issuer, ALGORITHM, expires_generator=lambda _client, _grant: issue.seconds)
        self._issue = issue

    def get_jwks(self) -> KeySet:
        """The active key alone; as a set, because only then does the header name it."""
        return KeySet([self._issue.key])

    def get_audiences(self, client: clients.RegisteredClient, user: object, scope: str) -> str:
        """The tenant's API."""
        del client, user, scope
        return self._issue.audience

    def get_extra_claims(
        self, client: clients.RegisteredClient, grant_type: str, user: object, scope: str
    ) -> dict[str, Any]:
        """Who is behind the client: its service person, or the operator it acts for; and the times by our clock."""
        del grant_type, scope
        now = int(self._issue.now.timestamp())
        times = {"iat": now, "exp": now + self._issue.seconds}
        if isinstance(user, ActingOperator):
            return {**times, "act": {"sub": client.get_client_id()}, "operator": str(user.operator.id)}
        return {**times, "sub": str(client.client.person_id)}


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Answers one token request."""

    def __init__(self, issue: Issue) -> None:
        super().__init__()
        self.issue = issue
        self.spent: tuple[UUID, Assertion] | None = None
        clients.register(self, ShownTo({issue.issuer, f"{issue.issuer}/token"}, issue.now))
        self.register_token_generator("default", TokenGenerator(issue))
        for grant in GRANTS:
            self.register_grant(grant)

    def query_client(self, client_id: str) -> clients.RegisteredClient | None:
        """The tenant's client of that name, unless it is disabled."""
        snapshot = self.issue.snapshot
        client = snapshot.clients.get(client_id)
        if client is None or client.disabled_at is not None:
            return None
        return clients.RegisteredClient(client, snapshot.platforms.of(client.id))

    def save_token(self, token: object, request: object) -> None:
        """A token is good by its signature; nothing is stored of it."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        """It is one already."""
        return request

    def handle_response(self, status: int, body: Mapping[str, Any], headers: list[tuple[str, str]]) -> Answer:
        """The answer of the protocol, errors too."""
        kept = [(name.lower().encode(), value.encode()) for name, value in headers]
        if status == 401:
            kept = [(name, value) for name, value in kept if name != b"www-authenticate"]
            kept.append((b"www-authenticate", f'Basic realm="{self.issue.issuer}", charset="UTF-8"'.encode()))
        return Answer(status, msgspec.json.encode(body), tuple(kept))


def answer_token_request(issue: Issue, form: dict[str, str], authorization: str | None) -> Granted:
    """The whole token step, from the fields of the form to the answer."""
    # The issuer's own address, never that of the Host header; the library wants to see https whatever a proxy ends.
    uri = urlsplit(f"{issue.issuer}/token")._replace(scheme="https").geturl()
    headers = {"Authorization": authorization} if authorization is not None else {}
    request = OAuth2Request("POST", uri, headers=headers)
    request.payload = BasicOAuth2Payload(form)
    server = TokenServer(issue)
    answer: Answer = server.create_token_response(request)
    client: clients.RegisteredClient | None = request.client
    shown = (client.client.id, client.assertion) if client is not None and client.assertion is not None else None
    return Granted(answer, server.spent if answer.status == 200 else None, shown)
