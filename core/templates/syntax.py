"""The language of templates: plain text with ``${name}`` in it; ``$$`` is a dollar sign. No logic, no code, no attributes.

A name is looked up whole, dots and all, among the names that there are; nothing is evaluated, and what is put in is not read
again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import Refused

MOST_PLACEHOLDERS = 200
LONGEST_TEXT = 100_000
"""Characters of a filled text; a few thousand in a template could otherwise ask for millions."""
_DOLLAR = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>[a-z][a-z0-9_.-]{0,99})\}|(?P<fault>))")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place that is filled, and where it stands; lines and columns count from 1, columns in characters."""

    name: str
    line: int
    column: int


Part = str | Placeholder


def parse_template(body: str) -> tuple[Part, ...]:
    """The parts of a template; raises :class:`Refused` with line and column for a dollar sign that begins no placeholder."""
    parts: list[Part] = []
    end = 0
    for match in _DOLLAR.finditer(body):
        parts += [body[end : match.start()], _read(body, match)]
        end = match.end()
    parts.append(body[end:])
    placeholders = sum(isinstance(part, Placeholder) for part in parts)
    if placeholders > MOST_PLACEHOLDERS:
        raise Refused("templates.too-many-placeholders", field="/body", count=placeholders, most=MOST_PLACEHOLDERS)
    return tuple(part for part in parts if part != "")


def placeholders_of(parts: tuple[Part, ...]) -> tuple[Placeholder, ...]:
    """The places that are filled, in order."""
    return tuple(part for part in parts if isinstance(part, Placeholder))


def fill(parts: tuple[Part, ...], values: Mapping[str, str]) -> str:
    """The text with a value in each place; raises :class:`Refused` for one that would be too long."""
    texts = [values[part.name] if isinstance(part, Placeholder) else part for part in parts]
    length = sum(map(len, texts))
    if length > LONGEST_TEXT:
        raise Refused("templates.text-too-long", length=length, most=LONGEST_TEXT)
    return "".join(texts)


def _read(body: str, match: re.Match[str]) -> Part:
    if match["dollar"]:
        return "$"
    line, column = _place(body, match.start())
    if match["name"] is None:
        found = body[match.start() : match.start() + 20].partition("\n")[0]
        raise Refused("templates.syntax", field="/body", line=line, column=column, found=found)
    return Placeholder(match["name"], line, column)


def _place(body: str, position: int) -> tuple[int, int]:
    before = body[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
