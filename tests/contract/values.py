"""Which values of a step's fields are worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.cases.bodies import value_of
from core.procedure import CaseKind, Field, FieldType


def decisive_facts(kind: CaseKind) -> frozenset[str]:
    """The facts on which anything in the procedure turns."""
    conditions = [
        *(step.when for step in kind.steps),
        *(need.when for step in kind.steps for need in step.requires),
        *(field.required_when for step in kind.steps for field in step.fields),
        *(rule.when for rule in kind.deadlines),
    ]
    return frozenset(key for condition in conditions for key in condition)


def values_of(item: Field, *, all_of_them: bool) -> Iterator[Any]:
    """Values of a field: each choice of a fact that decides something; else the first that is not in the example."""
    if item.type is FieldType.BOOLEAN:
        yield from (True, False)
    options = [value_of(option) for option in item.options if not option.needs_reason]
    for value in options if all_of_them else options[1:2]:
        yield [value] if item.type is FieldType.ENUMS else value
