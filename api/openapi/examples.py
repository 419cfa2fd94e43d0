"""Examples that can be sent as they stand: ids that a reader has to put in are shown as ids of the right form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from api.catalogue import Bound
from api.problems import render_problem
from core.errors import Limited, WenzeError

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
SAMPLE_RECEIPT = "7Q3K-2MZ8-4TRA-9WXC-1HJP-6VNE-5GDB"
_SAMPLE_REQUEST = "0199f3a2-5c1e-4b7a-9d60-3e8f12a4c5b7"


def sample_id(name: str) -> str:
    """The id that stands for ``{name}`` in examples: always the same, of the form of a UUIDv7."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return str(UUID(f"0199f3a2{digest[:4]}7{digest[4:7]}8{digest[7:22]}"))


def fill(value: Any, names: Mapping[str, str] | None = None) -> Any:
    """The example with every ``"{name}"`` replaced by ``names``, or else by its sample id."""
    if isinstance(value, str):
        match = _PLACEHOLDER.fullmatch(value)
        return _stand_in(match[1], names or {}) if match else value
    if isinstance(value, Mapping):
        return {key: fill(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fill(item, names) for item in value]
    return value


def _stand_in(name: str, names: Mapping[str, str]) -> str:
    if name in names:
        return names[name]
    return SAMPLE_RECEIPT if name == "receipt" else sample_id(name)


def body_examples(bound: Bound) -> dict[str, Any]:
    """The examples of a body as they were declared, placeholders and all."""
    if bound.variant is not None:
        return dict(bound.variant.examples)
    maker = bound.operation.examples
    return dict(maker(bound.jurisdiction)) if maker else {}


def reply_examples(bound: Bound) -> dict[str, Any]:
    """The examples of a reply as they were declared."""
    maker = bound.operation.reply_examples
    return dict(maker(bound.jurisdiction)) if maker else {}


def shown(examples: Mapping[str, Any]) -> dict[str, Any]:
    """Examples as an OpenAPI map."""
    return {name: {"value": fill(value)} for name, value in examples.items()}


def problem_example(kind: type[WenzeError], code: str) -> dict[str, Any]:
    """What a problem of that code looks like, in English; its parameters stand in braces."""
    waits: dict[str, Any] = {"wait": 5} if issubclass(kind, Limited) else {}
    problem = render_problem((kind(code, **waits),), "en", _SAMPLE_REQUEST)
    return {"summary": code, "value": msgspec.json.decode(problem.body)}
