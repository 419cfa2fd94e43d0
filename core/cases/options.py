"""What the document says of an enumeration: its values, each with title and clause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta

from core.law.instrument import Text
from core.procedure import Condition, Option


def one_of(options: Iterable[Option]) -> Any:
    """The enumeration of some options: their keys, or their citations where they have no key."""
    return Literal[tuple(value_of(option) for option in options)]


def describe(
    type_: Any, title: Text, clause: str | None, options: Iterable[Option] = (), needed: Condition | None = None
) -> Any:
    """The type with what the document says of it: title in both languages, clause, each option with its own, and when
    it is needed though it may be left out."""
    notes: dict[str, Any] = {"x-clause": clause} if clause else {}
    notes |= {"x-required-when": needed} if needed else {}
    listed = [_note(option) for option in options]
    if listed:
        notes["x-enum"] = listed
    return Annotated[type_, Meta(title=title.zh, description=title.en, extra_json_schema=notes)]


def _note(option: Option) -> dict[str, Any]:
    text = option.title or Text(zh=value_of(option), en=value_of(option))
    note = {"value": value_of(option), "title": text.zh, "description": text.en}
    if option.clause:
        note["clause"] = option.clause
    return note | ({"needs_reason": True} if option.needs_reason else {})


def value_of(option: Option) -> str:
    """The value by which an option is chosen."""
    return option.key or option.clause or ""
