"""The parameters of an operation: path, query and headers."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from api.catalogue import Bound
from api.openapi.examples import sample_id
from api.openapi.schemas import Schema, Schemas, inline
from api.operations import Method

_PATH_NAME = re.compile(r"\{(\w+)\}")
_KEY_PATTERN = r"^[\x21-\x7e]{1,128}$"

HEADERS: dict[str, Schema] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "语言：zh（默认）或 en。The language of texts to people: `zh` (default) or `en`.",
        "schema": {"type": "string", "title": "语言", "default": "zh", "examples": ["zh", "en"]},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "幂等键：每个新请求用新的键；同键重试返回首次的结果。A new key for every new request. The same "
        "request with the same key, sent again within a day, is answered with the first answer and done once only.",
        "schema": {"type": "string", "title": "幂等键", "pattern": _KEY_PATTERN},
        "example": "5f0c4d1e-7a0b-4d8e-9a53-6f8f3d0f6c11",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "所依据的 ETag。The ETag of the state that the change was decided on; a newer state is answered "
        "with 412.",
        "schema": {"type": "string", "title": "所依据的版本", "pattern": r'^"[0-9]{1,15}"$'},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "已有的 ETag；未变更时返回 304。The ETag at hand; an unchanged thing is answered with 304.",
        "schema": {"type": "string", "title": "已有的版本"},
    },
}


def documented_path(bound: Bound) -> str:
    """The path with the fixed values of a variant put in."""
    fixed = bound.variant.fixed if bound.variant else {}
    return _PATH_NAME.sub(lambda match: fixed.get(match[1], match[0]), bound.operation.path)


def path_names(bound: Bound) -> list[str]:
    """The parameters that stay in the path."""
    return _PATH_NAME.findall(documented_path(bound))


def parameters_of(bound: Bound, schemas: Schemas) -> list[Schema]:
    """Every parameter, in the order path, query, header."""
    operation = bound.operation
    found = [_path_parameter(bound, name) for name in path_names(bound)]
    if operation.query is not None:
        found.extend(query_parameters(operation.query, schemas))
    wanted = {
        "IdempotencyKey": operation.idempotent,
        "IfMatch": operation.if_match,
        "IfNoneMatch": operation.etag and operation.method is Method.GET,
        "AcceptLanguage": True,
    }
    found.extend({"$ref": f"#/components/parameters/{name}"} for name, stands in wanted.items() if stands)
    return found


def _path_parameter(bound: Bound, name: str) -> Schema:
    known = bound.operation.path_parameters.get(name)
    parameter: Schema = {"name": name, "in": "path", "required": True}
    if known is None:
        what = name.removesuffix("_id").replace("_", " ")
        schema = {"type": "string", "format": "uuid", "title": _TITLES.get(name, "编号")}
        return parameter | {"description": f"The id of the {what}.", "schema": schema, "example": sample_id(name)}
    form = {"pattern": known.pattern} if known.pattern else {"format": "uuid"}
    schema = {"type": "string", "title": known.title.zh, **form}
    shown = {"example": known.example} if known.example else {}
    return parameter | {"description": known.title.en + ".", "schema": schema} | shown


_TITLES = {"case_id": "事项编号", "unit_id": "单位编号", "person_id": "人员编号", "operator_id": "操作员编号"}


def query_parameters(type_: type[Any], schemas: Schemas) -> list[Schema]:
    """A parameter for each field of the struct."""
    struct = inline(schemas.of(type_), schemas.components)
    required = set(struct.get("required", ()))
    return [_query_parameter(name, schema, name in required) for name, schema in struct["properties"].items()]


def _query_parameter(name: str, schema: Schema, required: bool) -> Schema:
    kept = without_null(schema)
    parameter: Schema = {"name": name, "in": "query", "required": required}
    description = kept.pop("description", None)
    return parameter | ({"description": description} if description else {}) | {"schema": kept}


def without_null(schema: Schema) -> Schema:
    """The schema of a parameter that can be left out but cannot be null."""
    kept = {name: value for name, value in schema.items() if not (name == "default" and value is None)}
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if "anyOf" in kept and len(choices) == 1:
        kept.pop("anyOf")
        return {**choices[0], **kept}
    if isinstance(kept.get("type"), list):
        rest = [name for name in kept["type"] if name != "null"]
        kept["type"] = rest[0] if len(rest) == 1 else rest
    return kept | ({"anyOf": choices} if choices else {})


def query_schemas(bounds: tuple[Bound, ...]) -> list[type[msgspec.Struct]]:
    """The types of every query."""
    return list({bound.operation.query for bound in bounds if bound.operation.query is not None})
