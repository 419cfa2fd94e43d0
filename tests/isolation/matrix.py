"""The matrix: every operation of every city's document, as requests that would do something if a check were missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.openapi.examples import sample_id
from tests.support.documents import made_documents

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Row:
    """One operation of a document."""

    city: str
    id: str
    method: str
    path: str
    secured: bool
    scope: str | None
    """``None`` where any token does."""
    roles: tuple[str, ...]
    body: Any
    parameters: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.city}-{self.id}"

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the path."""
        return tuple(_NAME.findall(self.path))

    def address(self, ids: Mapping[str, str] | None = None) -> str:
        """The path below the tenant's API, with ids put in, or else the examples of the document."""
        return _NAME.sub(lambda match: (ids or {}).get(match[1]) or self.parameters[match[1]], self.path)

    def request(self, key: str) -> dict[str, Any]:
        """What is sent with it: a body that is good, a key, and a precondition that holds of something new."""
        headers = {"idempotency-key": key, "if-match": '"1"'}
        if self.body is None:
            return {"headers": headers}
        return {"headers": headers | {"content-type": "application/json"}, "content": json.dumps(self.body)}


@cache
def read_matrix() -> tuple[Row, ...]:
    """Every operation that asks for a token."""
    rows = [row for name, body in made_documents().items() for row in _rows(name.removesuffix(".json"), json.loads(body))]
    return tuple(row for row in rows if row.secured)


def _rows(city: str, document: dict[str, Any]) -> Iterator[Row]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            security = operation["security"]
            parameters = {
                parameter["name"]: parameter.get("example", sample_id(parameter["name"]))
                for parameter in operation["parameters"]
                if parameter.get("in") == "path"
            }
            yield Row(
                city,
                operation["operationId"],
                method.upper(),
                path,
                bool(security),
                next(iter(security[0]["oauth2"]), None) if security else None,
                tuple(operation.get("x-roles", ())),
                _body(operation),
                parameters,
            )


def _body(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = content.get("examples", {})
    return next(iter(examples.values()))["value"] if examples else None
