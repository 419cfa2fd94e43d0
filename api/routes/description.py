"""The document of the tenant's city, for integrators and their tools. Public: it says what can be asked and nothing else."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from msgspec import Struct

from api.operations import Access, Call, Method, Operation, Reply
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text


class Description(Struct, frozen=True):
    """An OpenAPI document (the members that every one has)."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


@lru_cache(maxsize=64)
def _document(jurisdiction: Jurisdiction, address: str) -> tuple[bytes, str]:
    # Imported late: a process that nobody asks for its description does not carry what makes it.
    from api.catalogue import Catalogue
    from api.openapi.build import build_document, encode_document
    from api.routes import all_operations

    body = encode_document(build_document(jurisdiction, Catalogue(all_operations()), address))
    return body, hashlib.sha256(body).hexdigest()[:32]


async def _describe(call: Call) -> Reply:
    tenant = call.snapshot.tenant
    body, digest = _document(call.jurisdiction, call.services.tenant_address(tenant))
    return Reply(body, etag=digest, cache_control="public, max-age=300")


OPERATIONS = (
    Operation(
        id="describe",
        method=Method.GET,
        path="/openapi.json",
        tag="description",
        title=Text(zh="接口说明", en="This document"),
        description=Text(
            zh="本租户的 OpenAPI 3.1 文档，只含本地所有的内容。",
            en="The OpenAPI 3.1 document of this tenant: what its city has, and nothing else.",
        ),
        handler=_describe,
        scope=None,
        access=Access.NONE,
        reply=Description,
        etag=True,
    ),
)
