"""``POST …/oauth/revoke`` (RFC 7009): a client ends a token that it was given; with a refresh token all of its family."""

from __future__ import annotations

from datetime import UTC, datetime

from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError

from api.exchange import Answer, Exchange
from api.oauth import clients
from api.oauth.desk import Asked, Desk
from api.oauth.tokens import Authenticator, Claims
from core.authorizations.families import mark_revoked, revoke_families
from core.authorizations.refresh import find_refresh
from core.errors import Unauthenticated
from core.store.actor import Actor

_DONE = Answer(200, b"", ((b"cache-control", b"no-store"), (b"pragma", b"no-cache")))


class Revocation:
    """Ends tokens. ``token_type_hint`` is not needed to know what a token is, and not looked at."""

    def __init__(self, desk: Desk, authenticator: Authenticator) -> None:
        self._desk, self._authenticator = desk, authenticator

    async def revoke(self, exchange: Exchange) -> Answer:
        """One request; a token that is not known, or has ended, is answered as one that was ended."""
        return await self._desk.serve(exchange, clients.METHODS, self._revoke)

    async def _revoke(self, asked: Asked) -> Answer:
        token = asked.form.get("token")
        if not token:
            raise InvalidRequestError("token is missing.")
        try:
            verified, client = self._authenticator.check(asked.issue.snapshot, token.encode())
        except Unauthenticated:
            await self._end_family(asked, token)
            return _DONE
        _require_own(client.id == asked.client.client.id)
        await self._end_access(asked, verified.claims)
        return _DONE

    async def _end_access(self, asked: Asked, claims: Claims) -> None:
        database, tenant = self._desk.services.database, asked.issue.snapshot.tenant.id
        async with database.tenant(tenant, actor=Actor(client_id=asked.client.client.id)) as session:
            await mark_revoked(session, [claims.jti], datetime.fromtimestamp(claims.exp, UTC))

    async def _end_family(self, asked: Asked, token: str) -> None:
        database, tenant = self._desk.services.database, asked.issue.snapshot.tenant.id
        async with database.reading(tenant) as session:
            found = await find_refresh(session, token)
        if found is None:
            return
        authorization = found.authorization
        _require_own(authorization.client_id == asked.client.client.id)
        actor = Actor(client_id=authorization.client_id, person_id=authorization.person_id)
        async with database.tenant(tenant, actor=actor) as session:
            await revoke_families(
                session, authorization_id=authorization.id, reason="revoked-by-client", now=asked.issue.now
            )


def _require_own(own: bool) -> None:
    """RFC 7009, section 2.1: the client is told that the token is not its own."""
    if not own:
        raise InvalidGrantError("The token was given to another client.")
