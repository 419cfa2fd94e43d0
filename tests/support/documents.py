"""The OpenAPI documents, made once per process: it takes seconds, and they are read only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from api.cli.openapi import make_documents


@cache
def made_documents() -> Mapping[str, bytes]:
    """Every city's document as it would be exported, by the name of its file."""
    return MappingProxyType(make_documents())
