"""Which facts a step establishes by being taken: its own, and those of the options that were chosen in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.cases.bodies import value_of
from core.procedure import FieldType, StepKind

Value = str | bool
CHOICES = frozenset({FieldType.ENUM, FieldType.ENUMS})
"""The fields of which an option is chosen."""


def established(step: StepKind, data: Mapping[str, Any]) -> dict[str, Value]:
    """The facts that the step establishes, taken with these data."""
    found = dict(step.sets)
    for field in step.fields:
        given = data.get(field.key) if field.type in CHOICES else None
        chosen = {given} if isinstance(given, str) else set(given or ())
        for option in field.options:
            if value_of(option) in chosen:
                found |= option.sets
    return found


def establishable(step: StepKind) -> Iterator[tuple[str, Value]]:
    """Every fact that the step can establish, with each value that it can give it."""
    yield from step.sets.items()
    for field in step.fields:
        for option in field.options:
            yield from option.sets.items()
