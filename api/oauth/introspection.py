"""``POST …/oauth/introspect`` (RFC 7662): whether a token holds at this moment, and what it says.

A client may ask of its own tokens; of all tokens of its tenant one that is registered for ``tokens:introspect``, such as a
resource server beside the API. Of any other token it is told no more than of one that never was.
"""

from __future__ import annotations

from typing import Any

import msgspec
from authlib.oauth2.rfc6749.errors import InvalidRequestError

from api.exchange import Answer, Exchange
from api.oauth import clients
from api.oauth.desk import JSON, Asked, Desk
from api.oauth.scopes import held_scopes
from api.oauth.tokens import Authenticator, VerifiedToken
from core.authorizations.refresh import FoundRefresh, find_refresh
from core.errors import Unauthenticated
from core.tenants.client import Client
from core.tenants.scopes import Scope

_INACTIVE: dict[str, Any] = {"active": False}


class Introspection:
    """Tells of tokens."""

    def __init__(self, desk: Desk, authenticator: Authenticator) -> None:
        self._desk, self._authenticator = desk, authenticator

    async def introspect(self, exchange: Exchange) -> Answer:
        """One request, by a client that has something to show who it is."""
        return await self._desk.serve(exchange, clients.CONFIDENTIAL, self._introspect)

    async def _introspect(self, asked: Asked) -> Answer:
        token = asked.form.get("token")
        if not token:
            raise InvalidRequestError("token is missing.")
        try:
            verified, client = self._authenticator.check(asked.issue.snapshot, token.encode())
            told = _tell_access(verified) if _may_ask(asked, client) else _INACTIVE
        except Unauthenticated:
            told = await self._tell_refresh(asked, token)
        return Answer(200, msgspec.json.encode(told), JSON)

    async def _tell_refresh(self, asked: Asked, token: str) -> dict[str, Any]:
        async with self._desk.services.database.reading(asked.issue.snapshot.tenant.id) as session:
            found = await find_refresh(session, token)
        if found is None or not found.lives(asked.issue.now) or _lacks_factor(asked, found):
            return _INACTIVE
        client = _client_of(asked, found)
        return _describe_refresh(asked, found, client) if client is not None and _may_ask(asked, client) else _INACTIVE


def _may_ask(asked: Asked, client: Client) -> bool:
    asking = asked.client.client
    return asking.id == client.id or Scope.TOKENS_INTROSPECT in asking.scopes


def _lacks_factor(asked: Asked, found: FoundRefresh) -> bool:
    given = found.authorization
    return asked.issue.snapshot.lacks_factor(given.person_id, given.methods, asked.issue.now)


def _client_of(asked: Asked, found: FoundRefresh) -> Client | None:
    known = asked.issue.snapshot.clients.values()
    client = next((item for item in known if item.id == found.authorization.client_id), None)
    return client if client is not None and client.disabled_at is None else None


def _tell_access(verified: VerifiedToken) -> dict[str, Any]:
    claims = verified.claims
    return {
        "active": True,
        "token_type": "Bearer",
        "iss": claims.iss,
        "sub": claims.sub,
        "aud": claims.aud,
        "client_id": claims.client_id,
        "scope": claims.scope,
        "exp": claims.exp,
        "iat": claims.iat,
        "jti": claims.jti,
    }


def _describe_refresh(asked: Asked, found: FoundRefresh, client: Client) -> dict[str, Any]:
    return {
        "active": True,
        "iss": asked.issue.issuer,
        "sub": str(found.authorization.person_id),
        "aud": asked.issue.issuer,
        "client_id": client.client_id,
        "scope": " ".join(held_scopes(client, found.authorization.scopes)),
        "exp": int(found.expires_at.timestamp()),
        "iat": int(found.issued_at.timestamp()),
    }
