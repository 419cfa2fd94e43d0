"""Strong entity tags (RFC 9110, section 8.8.3) and the preconditions that rest on them."""

from __future__ import annotations

import re

from api.faults import BadInput
from core.errors import PreconditionMissing

UNKNOWN_VERSION = -1
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,15})"')
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def tag_of(version: int | str) -> str:
    """The entity tag of a version."""
    return f'"{version}"'


def expected_version(header: bytes | None) -> int:
    """The version that If-Match names, or :data:`UNKNOWN_VERSION` for a tag that none of ours can have.

    Raises :class:`PreconditionMissing` without a header, and for ``*``, which would say that any state will do. Raises
    :class:`BadInput` for what is no entity tag.
    """
    value = (header or b"").decode("latin-1").strip()
    if value in {"", "*"}:
        raise PreconditionMissing("api.if-match-missing")
    if not _TAG.fullmatch(value):
        raise BadInput("api.if-match-malformed", place="header", field="If-Match")
    match = _VERSION.fullmatch(value)
    return int(match[1]) if match else UNKNOWN_VERSION


def is_unchanged(header: bytes | None, tag: str) -> bool:
    """Whether If-None-Match names the tag, by the weak comparison that it asks for."""
    if header is None:
        return False
    value = header.decode("latin-1").strip()
    return value == "*" or tag in {part.strip().removeprefix("W/") for part in value.split(",")}
