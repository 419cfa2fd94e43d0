"""The authorization server's addresses: token endpoint, keys, and metadata at the inserted well-known path (RFC 8414)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import msgspec

from api.endpoints import Runner
from api.etags import is_unchanged, tag_of
from api.exchange import Answer, Exchange
from api.faults import BadInput
from api.oauth import clients
from api.oauth.keys import SigningKeys
from api.oauth.server import LONGEST_TOKEN_SECONDS, Issue, answer_token_request
from api.oauth.subjects import describe
from api.pipeline import Pipeline
from api.requests import parse_pairs, read_body
from api.services import Services
from core.errors import TooLarge, Unauthenticated, WenzeError
from core.platforms.spending import spend_assertion
from core.tenants.scopes import Scope
from core.tenants.snapshot import Snapshot
from core.tenants.tenant import Tenant

ISSUER_PATH = "/t/{tenant}/oauth"
TOKEN_PATH = f"{ISSUER_PATH}/token"
JWKS_PATH = f"{ISSUER_PATH}/jwks"
METADATA_PATH = f"/.well-known/oauth-authorization-server{ISSUER_PATH}"
_LONGEST_FORM = 16_384
_FORM = b"application/x-www-form-urlencoded"
_PUBLIC = (b"cache-control", b"public, max-age=300")


def oauth_runners(services: Services, pipeline: Pipeline) -> dict[str, dict[str, Runner]]:
    """What answers at each address, by method."""
    server = OAuthRoutes(services, pipeline)
    return {
        TOKEN_PATH: {"POST": server.give_token},
        JWKS_PATH: {"GET": server.show_keys},
        METADATA_PATH: {"GET": server.show_metadata},
    }


class OAuthRoutes:
    """The addresses of every tenant's authorization server."""

    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._services, self._pipeline = services, pipeline
        self._keys = SigningKeys(services)

    async def give_token(self, exchange: Exchange) -> Answer:
        """``POST …/oauth/token``. Whatever is wrong with the request is an OAuth error, never a problem document."""
        snapshot = await self._pipeline.find_newest(exchange)
        try:
            form = await _read_form(exchange)
        except WenzeError as error:
            exchange.trace.code = error.code
            return _refusal(error)
        authorization = exchange.headers.get(b"authorization")
        issue = await self._issue(snapshot)
        granted = answer_token_request(issue, form, authorization.decode("latin-1") if authorization is not None else None)
        for spent, refuse in ((granted.shown, partial(clients.refuse_replay, issue.issuer)), (granted.spent, _refusal)):
            try:
                if spent is not None:
                    await spend_assertion(self._services.database, snapshot.tenant.id, *spent)
            except Unauthenticated as error:
                exchange.trace.code = error.code
                return refuse(error)
        return granted.answer

    async def show_keys(self, exchange: Exchange) -> Answer:
        """``GET …/oauth/jwks``: the public keys (RFC 7517)."""
        snapshot = await self._pipeline.find_newest(exchange)
        return _public(exchange, msgspec.json.encode(snapshot.key_set, order="sorted"), b"application/jwk-set+json")

    async def show_metadata(self, exchange: Exchange) -> Answer:
        """``GET /.well-known/oauth-authorization-server/t/{tenant}/oauth`` (RFC 8414, section 3.1)."""
        snapshot = await self._pipeline.find_tenant(exchange)
        return _public(exchange, msgspec.json.encode(metadata(self._services, snapshot.tenant)), b"application/json")

    async def _issue(self, snapshot: Snapshot) -> Issue:
        tenant, services = snapshot.tenant, self._services
        return Issue(
            snapshot=snapshot,
            issuer=services.issuer(tenant),
            audience=services.audience(tenant),
            key=await self._keys.active(snapshot),
            now=services.wall.now(),
            seconds=min(services.settings.token_seconds, LONGEST_TOKEN_SECONDS),
        )


def metadata(services: Services, tenant: Tenant) -> dict[str, Any]:
    """What a client needs to know of the tenant's authorization server."""
    issuer = services.issuer(tenant)
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": [],
        "grant_types_supported": [clients.GRANT, clients.EXCHANGE],
        "token_endpoint_auth_methods_supported": list(clients.METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(clients.ASSERTION_ALGORITHMS),
        "service_documentation": f"{services.audience(tenant)}/openapi.json",
    }


async def _read_form(exchange: Exchange) -> dict[str, str]:
    if exchange.query_string:
        raise BadInput("api.parameter-unknown", place="query", name="?", known="–")
    if exchange.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _FORM:
        raise BadInput("api.media-unsupported", place="header", field="Content-Type", expected=_FORM.decode())
    return parse_pairs(await read_body(exchange.receive, exchange.headers, _LONGEST_FORM), "body")


def _refusal(error: WenzeError) -> Answer:
    body = msgspec.json.encode({"error": "invalid_request", "error_description": describe(error)})
    headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
    return Answer(413 if isinstance(error, TooLarge) else 400, body, headers)


def _public(exchange: Exchange, body: bytes, media: bytes) -> Answer:
    tag = tag_of(hashlib.sha256(body).hexdigest()[:32])
    headers = (_PUBLIC, (b"etag", tag.encode()))
    if is_unchanged(exchange.headers.get(b"if-none-match"), tag):
        return Answer(304, b"", headers)
    return Answer(200, body, ((b"content-type", media), *headers))
