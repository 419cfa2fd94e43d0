"""The schemas of a document: made by msgspec from the types that validate, then said as exactly as those are enforced."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from api.guard import LARGEST_INTEGER

Schema = dict[str, Any]
TEMPLATE = "#/components/schemas/{name}"
NO_NUL = r"^[^\u0000]*$"
_INTERNAL = re.compile(r"\s+\((?:design|promises?|PITFALLS|CLAUSES)\b[^)]*\)")
_STRUCTURED = frozenset({"pattern", "format", "enum", "const", "contentEncoding"})
_NESTED = ("properties", "$defs", "patternProperties")
_LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not")


class Schemas:
    """The schemas of some types, with their named parts."""

    def __init__(self, types: Iterable[Any]) -> None:
        unique = list({_key(type_): type_ for type_ in types}.values())
        made, self.components = msgspec.json.schema_components(unique, ref_template=TEMPLATE)
        self._made = {_key(type_): schema for type_, schema in zip(unique, made, strict=True)}
        for schema in (*made, *self.components.values()):
            tidy(schema)

    def of(self, type_: Any) -> Schema:
        """The schema of one of the types; a reference where it is a struct."""
        return self._made[_key(type_)]

    def used_by(self, parts: Iterable[Any]) -> dict[str, Schema]:
        """The named schemas that some parts of a document refer to, directly or through one another, by name."""
        used, waiting = dict[str, Schema](), list(parts)
        while waiting:
            for name in _references(waiting.pop()) - used.keys():
                used[name] = self.components[name]
                waiting.append(used[name])
        return dict(sorted(used.items()))

    def restrict(self, schemas: Iterable[Schema]) -> None:
        """Excludes U+0000 from every free text that can be reached from schemas of requests, as the service refuses it."""
        waiting, seen = list(schemas), set[str]()
        while waiting:
            for part in walk(waiting.pop()):
                if part.get("type") == "string" and not _STRUCTURED & part.keys():
                    part["pattern"] = NO_NUL
                name = part.get("$ref", "").rpartition("/")[2]
                if name and name not in seen:
                    seen.add(name)
                    waiting.append(self.components[name])


def _key(type_: Any) -> Any:
    return type_ if isinstance(type_, type) else repr(type_)


def _references(part: Any) -> set[str]:
    """The names of the schemas that any JSON refers to, at whatever depth."""
    prefix = TEMPLATE.format(name="")
    if isinstance(part, list):
        return {name for item in part for name in _references(item)}
    if not isinstance(part, dict):
        return set()
    own = part.get("$ref")
    named = {own.removeprefix(prefix)} if isinstance(own, str) and own.startswith(prefix) else set()
    return named.union(*map(_references, part.values()))


def walk(schema: Any) -> Iterator[Schema]:
    """A schema and everything inside it, references not followed."""
    if not isinstance(schema, dict):
        return
    yield schema
    for name in _NESTED:
        for part in schema.get(name, {}).values():
            yield from walk(part)
    for name in _LISTED:
        for part in schema.get(name, ()):
            yield from walk(part)
    for name in _SINGLE:
        yield from walk(schema.get(name))


def tidy(schema: Schema) -> None:
    """Bounds every integer, writes whole bounds without a fraction, and says that a choice of texts is a text."""
    for part in walk(schema):
        if "type" not in part and part.get("enum") and all(isinstance(value, str) for value in part["enum"]):
            part["type"] = "string"
        if part.get("type") == "integer":
            if "exclusiveMinimum" not in part:
                part.setdefault("minimum", -LARGEST_INTEGER)
            if "exclusiveMaximum" not in part:
                part.setdefault("maximum", LARGEST_INTEGER)
        for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
            if isinstance(part.get(bound), float) and part[bound].is_integer():
                part[bound] = int(part[bound])
        if "description" in part:
            part["description"] = flow(part["description"])


def flow(text: str) -> str:
    """A docstring as running text: single line breaks go, paragraphs stay, and what only the source's readers know goes."""
    paragraphs = re.split(r"\n\s*\n", _INTERNAL.sub("", text.strip()))
    joined = "\n\n".join(re.sub(r"\s*\n\s*", " ", paragraph) for paragraph in paragraphs)
    return re.sub(r":\w+:`~?([^`]+)`", r"\1", joined).replace("``", "`")


def inline(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """What a reference stands for; the schema itself where it is none."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return components[name] if name else schema
