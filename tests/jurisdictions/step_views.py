"""What the tables of the cities' rules are made of: a step as a rule sees it, and a row that a lawyer can read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

import msgspec

from core.procedure import Objection, StepView

Rule = Callable[[StepView], tuple[Objection, ...]]
RECEIVED = date(2026, 2, 12)
BLANK = StepView(
    kind="", step="", state=None, channel="", track=None, anonymous=False, data={}, facts={}, taken=(), overdue=False,
    occurred_on=RECEIVED, received_on=RECEIVED,
)  # fmt: skip


class Row(NamedTuple):
    """One row: a name, the rule, the facts, and the clause by which the step is refused (``None``: it passes)."""

    name: str
    rule: Rule
    facts: dict[str, Any]
    refused_by: str | None = None


def clauses_of(row: Row) -> list[str]:
    """The clauses under which the rule objects, given the facts of the row."""
    return [objection.clause for objection in row.rule(msgspec.structs.replace(BLANK, **row.facts))]


def rules_of(table: Iterable[Iterable[Rule]]) -> set[Rule]:
    """Every rule that a city asks at any step."""
    return {rule for rules in table for rule in rules}
