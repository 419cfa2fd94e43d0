"""Ganzhou's rules on hotline orders, each with the facts that pass and those that do not, and the clause it rests on."""

from __future__ import annotations

import pytest

from jurisdictions.ganzhou.rules import RULES
from jurisdictions.ganzhou.rules.reminders import check_overdue_cause, check_reminded_units
from jurisdictions.ganzhou.rules.supervision import check_overdue_matter, check_redone_matter
from tests.jurisdictions.step_views import Row, clauses_of, rules_of

C = "ganzhou:hotline-2022#"
REDONE = ("dispatch", "report-result", "reply", "send-back")


def cause(key: str, *, overdue: bool) -> dict[str, object]:
    """An order that is reminded of for that cause."""
    return {"data": {"cause": key}, "overdue": overdue}


def matter(ref: str, *, overdue: bool = False) -> dict[str, object]:
    """An order that is supervised as that matter."""
    return {"data": {"matter": C + ref}, "overdue": overdue}


def redone(state: str, taken: tuple[str, ...], **data: object) -> dict[str, object]:
    """An order that is supervised as redone and still unsatisfied."""
    return {"data": {"matter": C + "6.4", **data}, "state": state, "taken": taken}


TABLE = [
    Row("overdue, while it is", check_overdue_cause, cause("overdue", overdue=True)),
    Row("overdue, while it is not", check_overdue_cause, cause("overdue", overdue=False), C + "5"),
    Row("shirking, in time", check_overdue_cause, cause("shirking", overdue=False)),
    Row("shirking, overdue", check_overdue_cause, cause("shirking", overdue=True)),
    Row("nobody in particular is reminded", check_reminded_units, {"units": ("a", "b")}),
    Row("one of the units", check_reminded_units, {"data": {"reminded_units": ["b"]}, "units": ("a", "b")}),
    Row(
        "a unit that has not the order",
        check_reminded_units,
        {"data": {"reminded_units": ["b", "c"]}, "units": ("a", "b")},
        "wenze:house#membership",
    ),
    Row("overdue and not finished", check_overdue_matter, matter("6.3", overdue=True)),
    Row("not overdue", check_overdue_matter, matter("6.3"), C + "6.3"),
    Row("a leader's, not overdue", check_overdue_matter, matter("6.1")),
    Row("hard, not overdue", check_overdue_matter, matter("6.2")),
    Row("redone, replied, at fault", check_redone_matter, redone("replied", REDONE, unit_at_fault=True)),
    Row("redone, reported, at fault", check_redone_matter, redone("handled", REDONE, unit_at_fault=True)),
    Row("redone, not at fault", check_redone_matter, redone("replied", REDONE, unit_at_fault=False), C + "6.4"),
    Row("redone, fault not found", check_redone_matter, redone("replied", REDONE), C + "6.4"),
    Row("sent back, not redone yet", check_redone_matter, redone("dispatched", REDONE, unit_at_fault=True), C + "6.4"),
    Row("never sent back", check_redone_matter, redone("replied", REDONE[:-1], unit_at_fault=True), C + "6.4"),
    Row("another matter", check_redone_matter, matter("6.5")),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.rule.__name__}: {row.name}")
def test_rule(row: Row) -> None:
    assert clauses_of(row) == ([row.refused_by] if row.refused_by else [])


def test_every_rule_has_a_row_that_passes_and_one_that_is_refused() -> None:
    assert {row.rule for row in TABLE if row.refused_by} == rules_of(RULES.values())
    assert {row.rule for row in TABLE if not row.refused_by} == rules_of(RULES.values())


def test_every_rule_cites_its_clause() -> None:
    assert [rule.__name__ for rule in rules_of(RULES.values()) if "#" not in (rule.__doc__ or "")] == []
