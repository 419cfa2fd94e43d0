"""Conditions of a city's data, read over the facts of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.procedure import Condition


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Whether every fact named has the value, or one of the values, that the condition asks for."""
    return all(_matches(expected, facts.get(name)) for name, expected in condition.items())


def as_text(value: object) -> str:
    """A fact as conditions write it: ``true`` and ``false`` for yes and no, the empty text for what is not there."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def describe(condition: Condition) -> str:
    """A condition in one line, for refusals: ``track=joint|plain, complex=true``."""
    return ", ".join(f"{name}={'|'.join(_wanted(expected))}" for name, expected in condition.items())


def _wanted(expected: str | list[str]) -> list[str]:
    return [expected] if isinstance(expected, str) else expected


def _matches(expected: str | list[str], value: object) -> bool:
    given = {as_text(item) for item in value or [None]} if isinstance(value, list | tuple) else {as_text(value)}
    return not given.isdisjoint(_wanted(expected))
