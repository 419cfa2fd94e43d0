"""The metadata of a tenant's API as a protected resource (RFC 9728), and where it is found from a refusal."""

from __future__ import annotations

import hashlib

import msgspec

from api.endpoints import WELL_KNOWN_RESOURCE, Runner
from api.etags import is_unchanged, tag_of
from api.exchange import Answer, Exchange
from api.pipeline import Pipeline
from api.services import Services
from core.tenants.scopes import Scope
from core.tenants.tenant import Tenant

RESOURCE_PATH = f"{WELL_KNOWN_RESOURCE}/t/{{tenant}}/v1"
_PUBLIC = (b"cache-control", b"public, max-age=300")


def resource_runners(services: Services, pipeline: Pipeline) -> dict[str, dict[str, Runner]]:
    """What answers at the well-known address."""

    async def show(exchange: Exchange) -> Answer:
        """``GET /.well-known/oauth-protected-resource/t/{tenant}/v1``."""
        snapshot = await pipeline.find_newest(exchange)
        body = msgspec.json.encode(describe_resource(services, snapshot.tenant))
        tag = tag_of(hashlib.sha256(body).hexdigest()[:32])
        headers = (_PUBLIC, (b"etag", tag.encode()))
        if is_unchanged(exchange.headers.get(b"if-none-match"), tag):
            return Answer(304, b"", headers)
        return Answer(200, body, ((b"content-type", b"application/json"), *headers))

    return {RESOURCE_PATH: {"GET": show}}


def describe_resource(services: Services, tenant: Tenant) -> dict[str, object]:
    """What a client needs to know to ask for a token of the tenant's API."""
    return {
        "resource": services.audience(tenant),
        "authorization_servers": [services.issuer(tenant)],
        "scopes_supported": [scope.value for scope in Scope],
        "bearer_methods_supported": ["header"],
        "resource_name": tenant.name.en,
        "resource_name#zh-CN": tenant.name.zh,
        "resource_documentation": f"{services.audience(tenant)}/openapi.json",
    }
