"""The authorization server's addresses, for clients: what answers at each."""

from __future__ import annotations

import hashlib
from functools import partial

import msgspec

from api.endpoints import Runner
from api.etags import is_unchanged, tag_of
from api.exchange import Answer, Exchange
from api.limits import Limits
from api.oauth.desk import Desk
from api.oauth.device_endpoint import DeviceEndpoint
from api.oauth.introspection import Introspection
from api.oauth.metadata import (
    DEVICE,
    DISCOVERY_PATH,
    INTROSPECT,
    ISSUER_PATH,
    JWKS,
    METADATA_PATH,
    REVOKE,
    TOKEN,
    USERINFO,
    metadata,
)
from api.oauth.registration import registration_runners
from api.oauth.resource import resource_runners
from api.oauth.revocation import Revocation
from api.oauth.token_endpoint import TokenEndpoint
from api.oauth.tokens import Authenticator
from api.oauth.userinfo import UserInfo
from api.pipeline import Pipeline
from api.services import Services

TOKEN_PATH = f"{ISSUER_PATH}{TOKEN}"
_PUBLIC = (b"cache-control", b"public, max-age=300")


def oauth_runners(services: Services, pipeline: Pipeline) -> dict[str, dict[str, Runner]]:
    """What answers at each address, by method."""
    desk, authenticator, known = Desk(services, pipeline), Authenticator(services), Known(services, pipeline)
    userinfo, limits = UserInfo(desk, authenticator), Limits(services, pipeline)
    failing, any_request = partial(limits.of_failures, "client"), partial(limits.of_requests, "device")
    return {
        TOKEN_PATH: {"POST": failing(TokenEndpoint(desk).give_token)},
        f"{ISSUER_PATH}{DEVICE}": {"POST": any_request(failing(DeviceEndpoint(desk).begin))},
        f"{ISSUER_PATH}{REVOKE}": {"POST": failing(Revocation(desk, authenticator).revoke)},
        f"{ISSUER_PATH}{INTROSPECT}": {"POST": failing(Introspection(desk, authenticator).introspect)},
        f"{ISSUER_PATH}{USERINFO}": {"GET": userinfo.show, "POST": userinfo.show},
        f"{ISSUER_PATH}{JWKS}": {"GET": known.show_keys},
        METADATA_PATH: {"GET": known.show_metadata},
        DISCOVERY_PATH: {"GET": known.show_metadata},
        **registration_runners(services, pipeline, limits),
        **resource_runners(services, pipeline),
    }


class Known:
    """What everybody may know of a tenant's authorization server."""

    def __init__(self, services: Services, pipeline: Pipeline) -> None:
        self._services, self._pipeline = services, pipeline

    async def show_keys(self, exchange: Exchange) -> Answer:
        """``GET …/oauth/jwks``: the public keys (RFC 7517)."""
        snapshot = await self._pipeline.find_newest(exchange)
        return _public(exchange, msgspec.json.encode(snapshot.key_set, order="sorted"), b"application/jwk-set+json")

    async def show_metadata(self, exchange: Exchange) -> Answer:
        """The document at the inserted well-known path (RFC 8414, section 3.1) and at the appended one (OpenID Connect)."""
        snapshot = await self._pipeline.find_newest(exchange)
        return _public(exchange, msgspec.json.encode(metadata(self._services, snapshot.tenant)), b"application/json")


def _public(exchange: Exchange, body: bytes, media: bytes) -> Answer:
    tag = tag_of(hashlib.sha256(body).hexdigest()[:32])
    headers = (_PUBLIC, (b"etag", tag.encode()))
    if is_unchanged(exchange.headers.get(b"if-none-match"), tag):
        return Answer(304, b"", headers)
    return Answer(200, body, ((b"content-type", media), *headers))
