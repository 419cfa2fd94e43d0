"""Looks at the form of a JSON text before any type does: what RFC 8259 leaves open and databases refuse.

Refused: invalid UTF-8, U+0000, lone surrogates, duplicate keys, NaN and infinities, integers past 2^53-1, nesting
deeper than :data:`DEEPEST`. Each is a 400 that names the place as far as it is known.
"""

from __future__ import annotations

import json
from json import JSONDecoder
from math import isinf
from typing import Any, NoReturn

from api.faults import BadInput, escape

DEEPEST = 64
LARGEST_INTEGER = 2**53 - 1
_MOST_DIGITS = 16


def guard_json(body: bytes) -> Any:
    """The plain value of a JSON text; raises :class:`BadInput` for one that cannot be taken as it stands."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("api.body-encoding", position=error.start) from error
    if text.count("[") + text.count("{") > DEEPEST:
        _guard_depth(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadInput("api.body-malformed", position=error.pos) from error
    except _Fault as error:
        raise _locate(_LOCATOR.decode(text), "") or BadInput("api.body-malformed", position=0) from error
    if "\\u" in text:
        _guard_text(value, "")
    return value


def guard_string(text: str, place: str, field: str) -> None:
    """Raises :class:`BadInput` for a text with U+0000 or a lone surrogate in it."""
    if "\x00" in text:
        raise BadInput("api.text-nul", place=place, field=field)
    if not _is_well_formed(text):
        raise BadInput("api.text-surrogate", place=place, field=field)


def _guard_depth(text: str) -> None:
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise BadInput("api.body-too-deep", limit=DEEPEST)
        elif character in "]}":
            depth -= 1


def _guard_text(value: Any, pointer: str) -> None:
    if isinstance(value, str):
        guard_string(value, "body", pointer)
    elif isinstance(value, dict):
        for key, item in value.items():
            guard_string(key, "body", pointer)
            _guard_text(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _guard_text(item, f"{pointer}/{index}")


def _is_well_formed(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


class _Fault(Exception):
    """Something is wrong somewhere; :func:`_locate` finds where."""


class _Object(list[tuple[str, Any]]):
    """An object with its keys as they were written, twice where they stand twice."""


class _Digits(str):
    """A number as it was written."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Fault
    return found


def _bounded(digits: str) -> int:
    if not _fits(digits):
        raise _Fault
    return int(digits)


def _finite(digits: str) -> float:
    if isinf(number := float(digits)):
        raise _Fault
    return number


def _fits(digits: str) -> bool:
    if any(mark in digits for mark in ".eE"):
        return not isinf(float(digits))
    return len(digits) <= _MOST_DIGITS + 1 and abs(int(digits)) <= LARGEST_INTEGER


def _not_a_number(name: str) -> NoReturn:
    raise BadInput("api.number-not-finite", found=name)


def _locate(value: Any, pointer: str) -> BadInput | None:
    if isinstance(value, _Digits) and not _fits(value):
        return BadInput("api.number-too-large", field=pointer)
    if isinstance(value, _Object):
        return _locate_in_object(value, pointer)
    if isinstance(value, list):
        inner = (_locate(item, f"{pointer}/{index}") for index, item in enumerate(value))
        return next(filter(None, inner), None)
    return None


def _locate_in_object(pairs: _Object, pointer: str) -> BadInput | None:
    seen: set[str] = set()
    for key, item in pairs:
        place = f"{pointer}/{escape(key)}"
        if key in seen:
            return BadInput("api.key-twice", field=place, name=escape(key))
        seen.add(key)
        fault = _locate(item, place)
        if fault:
            return fault
    return None


_DECODER = JSONDecoder(
    object_pairs_hook=_unique, parse_int=_bounded, parse_float=_finite, parse_constant=_not_a_number
)
_LOCATOR = JSONDecoder(
    object_pairs_hook=_Object, parse_int=_Digits, parse_float=_Digits, parse_constant=_not_a_number
)
