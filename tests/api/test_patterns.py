"""Python's ``$`` also matches before a line break at the end, JavaScript's does not: patterns say which is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.test_openapi import CITIES
from tests.support.documents import made_documents

_ENDS_LOOSELY = re.compile(r"(?<!\\)\$(?!\(\?!\\n\))")
_ANYTHING = r"[^\u0000]*$"
"""What ends in this takes line breaks wherever they stand."""


def patterns(value: Any) -> Iterator[str]:
    """Every pattern of a document."""
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for item in value.values():
            yield from patterns(item)
    elif isinstance(value, list):
        for item in value:
            yield from patterns(item)


@pytest.mark.parametrize("city", CITIES)
def test_no_pattern_takes_a_line_break_at_its_end(city: str) -> None:
    found = set(patterns(json.loads(made_documents()[f"{city}.json"])["components"]["schemas"]))
    assert len(found) > 5
    assert sorted(pattern for pattern in found if _ENDS_LOOSELY.search(pattern) and not pattern.endswith(_ANYTHING)) == []
