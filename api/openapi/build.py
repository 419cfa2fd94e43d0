"""The OpenAPI 3.1 document of a city: from the operations and types that the service runs on, and from the city's rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from api.catalogue import Bound, Catalogue
from api.oauth.scopes import OPENID_TEXTS
from api.openapi.examples import body_examples, problem_example, shown
from api.openapi.guide import API_VERSION, INTRODUCTION, OAUTH, OPENID_CONNECT, TAGS
from api.openapi.parameters import HEADERS as REQUEST_HEADERS
from api.openapi.parameters import documented_path, parameters_of, query_schemas
from api.openapi.responses import HEADERS as RESPONSE_HEADERS
from api.openapi.responses import Responses, codes_of
from api.openapi.schemas import Schema, Schemas
from api.openapi.webhooks import describe_webhooks
from api.operations import Operation
from api.problems import Problem
from api.scope_texts import SCOPE_TEXTS
from core.cases.recusal_rules import RECUSAL
from core.events.envelope import CloudEvent
from core.jurisdictions import Jurisdiction
from core.tenants.scopes import Scope

OPENAPI = "3.1.0"
STREAMED = "application/octet-stream"
"""How a body is documented that is streamed, whatever its media type is."""
_JSON = "application/json"
_ORIGIN = "http://127.0.0.1:8000"


def build_document(jurisdiction: Jurisdiction, catalogue: Catalogue, address: str | None = None) -> dict[str, Any]:
    """The document of a city; with ``address`` (``https://…/t/slug``) that of one of its tenants."""
    bounds = catalogue.all(jurisdiction)
    schemas = Schemas(_types(bounds))
    responses = Responses(schemas)
    paths, sent = _paths(bounds, schemas, responses), describe_webhooks(schemas)
    document: dict[str, Any] = {
        "openapi": OPENAPI,
        "info": _info(jurisdiction),
        "servers": [_server(jurisdiction, address)],
        "tags": [
            {"name": name, "description": f"{text.zh}。{text.en}."}
            for name, text in TAGS.items()
            if any(bound.operation.tag == name for bound in bounds)
        ],
        "paths": paths,
        "webhooks": sent,
        "components": {
            "schemas": schemas.used_by([paths, sent, responses.shared]),
            "parameters": REQUEST_HEADERS,
            "headers": RESPONSE_HEADERS,
            "responses": dict(sorted(responses.shared.items())),
            "examples": _problem_examples(bounds),
            "securitySchemes": _security_schemes(jurisdiction, address),
        },
    }
    schemas.restrict(_request_schemas(document))
    return document


def encode_document(document: dict[str, Any]) -> bytes:
    """The document as text that is the same on every machine: keys as they were made, two blanks, a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _types(bounds: Iterable[Bound]) -> list[Any]:
    bounds = tuple(bounds)
    bodies = [type_ for bound in bounds for type_ in (bound.body, bound.reply) if type_ is not None]
    return [*bodies, *query_schemas(bounds), Problem, CloudEvent]


def _info(jurisdiction: Jurisdiction) -> dict[str, Any]:
    title = jurisdiction.manifest.title
    return {
        "title": f"{title.zh}问责与事项办理接口",
        "summary": f"wenze: cases, deadlines and accountability under the regulations of {title.en}",
        "description": INTRODUCTION.format(title=title.zh, english=title.en),
        "version": API_VERSION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }


def _server(jurisdiction: Jurisdiction, address: str | None) -> dict[str, Any]:
    if address is not None:
        return {"url": f"{address}/v1", "description": "本租户。This tenant."}
    return {
        "url": "{origin}/t/{tenant}/v1",
        "description": "每个租户各有地址与签发者。Every tenant has its own address and issuer.",
        "variables": {
            "origin": {"default": _ORIGIN, "description": "Where the service runs."},
            "tenant": {"default": _sample_slug(jurisdiction), "description": "租户。The tenant's name in addresses."},
        },
    }


def _sample_slug(jurisdiction: Jurisdiction) -> str:
    return jurisdiction.manifest.id.replace("_", "-")


def _security_schemes(jurisdiction: Jurisdiction, address: str | None) -> dict[str, Any]:
    """OpenAPI 3.1 has no flow for devices, and no member for the address of the metadata: both stand in the description."""
    issuer = f"{address or f'{_ORIGIN}/t/{_sample_slug(jurisdiction)}'}/oauth"
    scopes = {scope.value: f"{SCOPE_TEXTS[scope].zh}。{SCOPE_TEXTS[scope].en}." for scope in Scope}
    of_sign_in = {name: f"{text.zh}。{text.en}." for name, text in OPENID_TEXTS.items()}
    token = f"{issuer}/token"
    of_person = {"authorizationUrl": f"{issuer}/authorize", "tokenUrl": token, "refreshUrl": token}
    flows = {
        "clientCredentials": {"tokenUrl": token, "scopes": scopes},
        "authorizationCode": of_person | {"scopes": of_sign_in | scopes},
    }
    discovery = f"{issuer}/.well-known/openid-configuration"
    return {
        "oauth2": {"type": "oauth2", "description": OAUTH, "flows": flows},
        "openIdConnect": {"type": "openIdConnect", "description": OPENID_CONNECT, "openIdConnectUrl": discovery},
    }


def _paths(bounds: Iterable[Bound], schemas: Schemas, responses: Responses) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for bound in bounds:
        path = paths.setdefault(documented_path(bound), {})
        path[bound.operation.method.value.lower()] = _operation(bound, schemas, responses)
    return paths


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    scopes = [operation.scope.value] if operation.scope else []
    return [{scheme: scopes} for scheme in ("oauth2", "openIdConnect")] if operation.asks_token else []


def _operation(bound: Bound, schemas: Schemas, responses: Responses) -> dict[str, Any]:
    operation = bound.operation
    text = bound.variant or operation
    clause = bound.variant.clause if bound.variant else operation.clause
    made: dict[str, Any] = {
        "operationId": bound.id,
        "tags": [operation.tag],
        "summary": text.title.zh,
        "description": f"**{text.title.en}.** {text.description.en}\n\n{text.description.zh}",
        "security": _security(operation),
    }
    made |= {"x-clause": clause} if clause else {}
    made |= {"x-roles": [role.value for role in bound.roles]} if bound.roles else {}
    made |= {"x-recusal": RECUSAL} if bound.recusal else {}
    made["parameters"] = parameters_of(bound, schemas)
    if bound.body is not None:
        examples = shown(body_examples(bound))
        content = {"schema": schemas.of(bound.body)} | ({"examples": examples} if examples else {})
        made["requestBody"] = {"required": True, "content": {_JSON: content}}
    elif operation.receive is not None:
        made["requestBody"] = {"required": True, "content": {STREAMED: {"schema": {"type": "string", "format": "binary"}}}}
    made["responses"] = responses.of(bound)
    return made


def _problem_examples(bounds: Iterable[Bound]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for bound in bounds:
        for kind, codes in codes_of(bound).items():
            for code in codes:
                if code not in found:
                    found[code] = problem_example(kind, code)
    return dict(sorted(found.items()))


def _request_schemas(document: dict[str, Any]) -> Iterable[Schema]:
    for path in document["paths"].values():
        for operation in path.values():
            yield from (parameter["schema"] for parameter in operation["parameters"] if "schema" in parameter)
            if _JSON in operation.get("requestBody", {}).get("content", {}):
                yield operation["requestBody"]["content"][_JSON]["schema"]
