"""The token endpoint (RFC 6749, 8707, 9068) on Authlib: a small server per request, over what is known of the tenant.

It is synchronous and does no I/O: clients come from the snapshot, the signing key and the code that was shown are at hand;
what is to be used up or written is handed back, to be settled before the answer goes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidGrantError, OAuth2Error
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from api.exchange import Answer
from api.oauth import clients
from api.oauth.generator import TokenGenerator
from api.oauth.grants import CredentialsGrant, ExchangeGrant
from api.oauth.issue import Effect, Issue
from api.oauth.person_grants import CodeGrant, DeviceGrant, Pkce, RefreshGrant
from core.platforms.assertions import Assertion
from core.tenants.client_assertions import ShownTo

Spent = tuple[UUID, Assertion]
GRANTS = (CredentialsGrant, ExchangeGrant, RefreshGrant, DeviceGrant)
_SHOWN_AT = ("", "/token", "/revoke", "/introspect", "/device_authorization")
"""What a client may mean by the audience of its assertion, below the issuer: libraries sign for the issuer, or for the
endpoint that they ask. It is used up once, whichever it was."""
_LIBRARY_SAYS = "The client cannot authenticate with methods"
NOT_SHOWN = (
    "The client has not shown who it is: this issuer does not know it, its secret is wrong, or it is registered for another "
    "of the ways that are taken here ({ways})."
)
GRANT_TYPES = (CodeGrant.GRANT_TYPE, *(grant.GRANT_TYPE for grant in GRANTS))


class TokenRequest(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    """A request as Authlib asks about it: the fields of the form, and nothing of the query."""

    def __init__(self, issue: Issue, form: Mapping[str, str], authorization: str | None) -> None:
        # The issuer's own address, never that of the Host header; the library wants to see https whatever a proxy ends.
        uri = urlsplit(f"{issue.issuer}/token")._replace(scheme="https").geturl()
        super().__init__("POST", uri, headers={"Authorization": authorization} if authorization is not None else {})
        self.payload = BasicOAuth2Payload(form)

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of the form."""
        fields: Mapping[str, str] = self.payload.data
        return fields


@dataclass(frozen=True, slots=True)
class Granted:
    """The answer, the assertions that it was given for, each with the client's id, and what it does to the store."""

    answer: Answer
    spent: Spent | None = None
    """Of the operator that a platform acts for."""
    shown: Spent | None = None
    """By which the client has shown who it is; used up whatever became of what it asked for."""
    effect: Effect | None = None
    """To be committed whether the answer grants or refuses: a refused replay ends its family."""
    lost: Answer | None = None
    """The answer in the place of the one above where the effect says that it does not stand."""


class TokenServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """Answers one request."""

    def __init__(self, issue: Issue) -> None:
        super().__init__()
        self.issue = issue
        self.spent: Spent | None = None
        self.effect: Effect | None = None
        clients.register(self, ShownTo({f"{issue.issuer}{place}" for place in _SHOWN_AT}, issue.now))
        self.register_token_generator("default", TokenGenerator(issue))
        for grant in GRANTS:
            self.register_grant(grant)
        self.register_grant(CodeGrant, [Pkce(required=True)])

    def authenticate_client(
        self, request: OAuth2Request, methods: Sequence[str], endpoint: str = "token"
    ) -> clients.RegisteredClient:
        """The client that has shown who it is; raises :class:`InvalidClientError` for another.

        An unknown client and a wrong secret are told alike; what the library says of them is the methods as Python has them.
        """
        try:
            client: clients.RegisteredClient = super().authenticate_client(request, methods, endpoint)
        except InvalidClientError as error:
            if (error.description or "").startswith(_LIBRARY_SAYS):
                error.description = NOT_SHOWN.format(ways=", ".join(methods))
            raise
        return client

    def query_client(self, client_id: str) -> clients.RegisteredClient | None:
        """The tenant's client of that name, unless it is disabled."""
        snapshot = self.issue.snapshot
        client = snapshot.clients.get(client_id)
        if client is None or client.disabled_at is not None:
            return None
        return clients.RegisteredClient(client, snapshot.platforms.of(client.id))

    def save_token(self, token: object, request: object) -> None:
        """An access token is good by its signature; what is stored of a refresh token is part of the effect."""

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

    def refuse(self, request: OAuth2Request, error: OAuth2Error) -> Answer:
        """The answer to a request that is refused."""
        answer: Answer = self.handle_error_response(request, error)
        return answer


def answer_token_request(issue: Issue, form: Mapping[str, str], authorization: str | None) -> Granted:
    """The whole token step, from the fields of the form to the answer."""
    request, server = TokenRequest(issue, form, authorization), TokenServer(issue)
    answer: Answer = server.create_token_response(request)
    lost = server.refuse(request, InvalidGrantError()) if server.effect is not None else None
    spent = server.spent if answer.status == 200 else None
    return Granted(answer, spent, shown_by(request.client), server.effect, lost)


def shown_by(client: clients.RegisteredClient | None) -> Spent | None:
    """The assertion by which a client has shown who it is, with its id."""
    return (client.client.id, client.assertion) if client is not None and client.assertion is not None else None
