"""Which pages in a browser may ask (the Fetch standard's CORS protocol): those of origins that a client has registered.

Never any origin, and never with cookies: a token or a client's own name in the request is all that counts.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from api.exchange import Answer, Exchange
from api.oauth import metadata as oauth
from api.oauth.resource import RESOURCE_PATH
from api.pipeline import Pipeline
from api.services import Services
from core.tenants.snapshot import Snapshot

API = "/t/{tenant}/v1"
OPEN = frozenset(
    {
        *(oauth.ISSUER_PATH + path for path in (oauth.TOKEN, oauth.REVOKE, oauth.USERINFO, oauth.JWKS, oauth.DEVICE)),
        oauth.METADATA_PATH,
        oauth.DISCOVERY_PATH,
        RESOURCE_PATH,
    }
)
"""What a client needs before it has a token; every other address of the issuer is a page, or for servers alone."""
_VARY = (b"vary", b"Origin")
_EXPOSED = (
    b"Content-Disposition, ETag, Idempotency-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id"
)
_TAKEN = b"Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Wenze-Operator"
_SECONDS = b"600"


class Cors:
    """Says to browsers which origins may read an answer."""

    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._services, self._pipeline = services, pipeline

    async def admit(self, exchange: Exchange, answer: Answer, methods: str) -> Answer:
        """The answer with what a browser must know of it; raises :class:`core.errors.NotFound` for an unknown tenant."""
        origin, headers = _origin_of(exchange), list(answer.headers)
        if all(name != b"vary" for name, _ in headers):  # problems say it themselves
            headers.append(_VARY)
        if origin is None or not await self._is_admitted(exchange, origin):
            return replace(answer, headers=tuple(headers))
        headers.append((b"access-control-allow-origin", origin.encode("latin-1")))
        headers.append((b"cross-origin-resource-policy", b"cross-origin"))
        if exchange.method == "OPTIONS":
            headers.append((b"access-control-allow-methods", methods.encode()))
            headers.append((b"access-control-allow-headers", _TAKEN))
            headers.append((b"access-control-max-age", _SECONDS))
        else:
            headers.append((b"access-control-expose-headers", _EXPOSED))
        return replace(answer, headers=tuple(headers))

    async def _is_admitted(self, exchange: Exchange, origin: str) -> bool:
        known, client = await self._pipeline.find_tenant(exchange), exchange.trace.client
        if origin == self._services.base_of(known.tenant):
            return False  # a page of ours needs no leave
        if _has_origin(known, origin, client):
            return True
        # What is refused on a configuration that may be old is asked again on the present one.
        newest = await self._pipeline.find_newest(exchange)
        return newest is not known and _has_origin(newest, origin, client)


def is_shared(route: str) -> bool:
    """Whether pages of other origins may ask at an address at all."""
    return route in OPEN or route.startswith(f"{API}/")


def _has_origin(snapshot: Snapshot, origin: str, client: UUID | None) -> bool:
    """Whether it is an origin of the client whose token it was; where nobody knows whose, of any client of the tenant."""
    return any(
        origin in item.origins
        for item in snapshot.clients.values()
        if item.disabled_at is None and client in {None, item.id}
    )


def _origin_of(exchange: Exchange) -> str | None:
    told = [value for name, value in exchange.scope["headers"] if name == b"origin"]
    return told[0].decode("latin-1") if len(told) == 1 else None
