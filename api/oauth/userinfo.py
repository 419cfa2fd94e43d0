"""``GET`` and ``POST …/oauth/userinfo`` (OpenID Connect Core, section 5.3): who the person behind a token is."""

from __future__ import annotations

import msgspec

from api.exchange import Answer, Exchange
from api.oauth.desk import JSON, Desk
from api.oauth.identity import tell_person
from api.oauth.scopes import OPENID
from api.oauth.tokens import Authenticator, read_bearer
from core.errors import Forbidden
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot


class UserInfo:
    """Tells who somebody is."""

    def __init__(self, desk: Desk, authenticator: Authenticator) -> None:
        self._desk, self._authenticator = desk, authenticator

    async def show(self, exchange: Exchange) -> Answer:
        """One request with a bearer token that ``openid`` was allowed for; refusals are those of any resource (RFC 6750)."""
        known = await self._desk.pipeline.find_tenant(exchange)
        async with self._desk.services.database.reading(known.tenant.id) as session:
            snapshot = await self._desk.services.snapshots.of(session)
            told = await self._tell(session, snapshot, read_bearer(exchange.headers.get(b"authorization")))
        return Answer(200, msgspec.json.encode(told), JSON)

    async def _tell(self, session: TenantSession, snapshot: Snapshot, token: bytes) -> object:
        verified, _ = self._authenticator.check(snapshot, token)
        claims = verified.claims
        scopes = frozenset(claims.scope.split())
        if OPENID not in scopes or claims.person is None:
            raise Forbidden("tenants.scope-missing", scope=OPENID)
        return await tell_person(session, claims.person, scopes)
