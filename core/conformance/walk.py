"""Walks through every part of a city's values, for the checks that hold wherever a text or a citation stands."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


def walk(value: object, place: str) -> Iterator[tuple[str, str, object]]:
    """Every part of ``value`` below structs and sequences: where it stands, the name of its field, and the part."""
    if isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from walk(item, f"{place} {_name(item, index)}")
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            part = getattr(value, name)
            yield place, name, part
            yield from walk(part, f"{place}, {name}" if isinstance(part, Struct | tuple | list) else place)


def repeated(names: list[str]) -> list[str]:
    """The names that stand more than once, each told once."""
    return sorted({name for name in names if names.count(name) > 1})


def _name(item: object, index: int) -> str:
    for name in ("key", "ref", "id"):
        found = getattr(item, name, None)
        if isinstance(found, str):
            return found
    return str(index + 1)
