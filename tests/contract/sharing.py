"""Which operations a short round asks of which city: what is asked alike everywhere is asked in one city, in turn.

What a city has of its own (its kinds, steps, settings) is asked there. A deep run asks everything of every city.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "openapi"
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_WORDS = frozenset({"description", "title", "summary", "example", "examples", "responses", "security"})
"""What says nothing of what is asked."""


@cache
def others_to_ask(city: str) -> frozenset[str]:
    """The operations, by label, that the short round leaves to another city."""
    cities = sorted(path.stem for path in FOLDER.glob("*.json"))
    shared = [label for label, forms in sorted(_forms(cities).items()) if _is_alike(forms, len(cities))]
    own = cities.index(city)
    return frozenset(label for place, label in enumerate(shared) if place % len(cities) != own)


def _is_alike(forms: list[str], cities: int) -> bool:
    return len(forms) == cities and len(set(forms)) == 1


def _forms(cities: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for city in cities:
        document = json.loads((FOLDER / f"{city}.json").read_bytes())
        for path, item in document["paths"].items():
            for method in _METHODS & item.keys():
                asked = [item.get("parameters", []), item[method]]
                found[f"{method.upper()} {path}"].append(_form_of(document, asked))
    return found


def _form_of(document: Mapping[str, Any], asked: Any) -> str:
    """What is asked, with everything that it refers to, as text to compare."""
    seen: dict[str, Any] = {}
    plain = _without_words(asked)
    waiting = set(_references(plain))
    while waiting:
        reference = waiting.pop()
        seen[reference] = _without_words(_follow(document, reference))
        waiting |= set(_references(seen[reference])) - seen.keys()
    return json.dumps([plain, sorted(seen.items())], sort_keys=True)


def _follow(document: Mapping[str, Any], reference: str) -> Any:
    value: Any = document
    for part in reference.removeprefix("#/").split("/"):
        value = value[part.replace("~1", "/").replace("~0", "~")]
    return value


def _without_words(value: Any, *, names: bool = False) -> Any:
    """``names``: the keys are names of properties, which may be called like a word."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if names or key not in _WORDS}
        return {key: _without_words(item, names=key == "properties" and not names) for key, item in kept.items()}
    return [_without_words(item) for item in value] if isinstance(value, list) else value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
