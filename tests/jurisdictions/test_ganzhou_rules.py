"""Ganzhou's rules on hotline orders, each with the facts that pass and those that do not, and the clause it rests on."""

from __future__ import annotations

import pytest

from jurisdictions.ganzhou.rules import RULES
from jurisdictions.ganzhou.rules.membership import check_reminded, check_supervised, check_told_of
from jurisdictions.ganzhou.rules.redoing import check_fault_supervised, check_sent_back_once
from jurisdictions.ganzhou.rules.reminders import check_named_units, check_overdue_cause
from jurisdictions.ganzhou.rules.supervision import check_nothing_left_late, check_overdue_matter, check_redone_matter
from tests.jurisdictions.step_views import Row, clauses_of, rules_of

C = "ganzhou:hotline-2022#"


def cause(key: str, *, overdue: bool) -> dict[str, object]:
    """An order that is reminded of for that cause."""
    return {"data": {"cause": key}, "overdue": overdue}


def matter(ref: str, *, overdue: bool = False) -> dict[str, object]:
    """An order that is supervised as that matter."""
    return {"data": {"matter": C + ref}, "overdue": overdue}


def late_of(*units: str, **data: object) -> dict[str, object]:
    """An order that a leads and b cooperates in, of which these units are late."""
    return {"data": data, "overdue": bool(units), "units": ("a", "b"), "lead": "a", "late_units": units}


def said(satisfaction: str | None, *, sent_back: bool, supervised: str | None = None, **data: object) -> dict[str, object]:
    """An order with what its petitioner said, that may have been sent back for it, and supervised after the redo."""
    told = {"satisfaction": satisfaction, "sent_back": sent_back or None, "redo_supervised": supervised}
    facts = {name: value for name, value in told.items() if value is not None}
    return {"data": data, "facts": facts, "state": "replied"}


def redone(satisfaction: str | None, *, sent_back: bool = True, **data: object) -> dict[str, object]:
    """An order that is supervised as redone and still unsatisfied."""
    return said(satisfaction, sent_back=sent_back) | {"data": {"matter": C + "6.4", **data}}


def told(present: str) -> dict[str, object]:
    """An order of which the provincial company was told: of its present units, or (``no``) of those before."""
    return {"taken": ("tell-superior",), "facts": {"superior": "省公司", "superior_told": present}}


TABLE = [
    Row("overdue, while it is", check_overdue_cause, cause("overdue", overdue=True)),
    Row("overdue, while it is not", check_overdue_cause, cause("overdue", overdue=False), C + "5"),
    Row("shirking, in time", check_overdue_cause, cause("shirking", overdue=False)),
    Row("shirking, overdue", check_overdue_cause, cause("shirking", overdue=True)),
    Row("one is late and reminded as late", check_overdue_cause, late_of("b", cause="overdue", reminded_units=["b"])),
    Row(
        "one is reminded as late, another is",
        check_overdue_cause,
        late_of("b", cause="overdue", reminded_units=["a"]),
        C + "5",
    ),
    Row(
        "two are reminded, one is late",
        check_overdue_cause,
        late_of("b", cause="overdue", reminded_units=["a", "b"]),
        C + "5",
    ),
    Row("one shirks, another is late", check_overdue_cause, late_of("b", cause="shirking", reminded_units=["a"])),
    Row("nobody in particular is reminded", check_named_units, {"step": "remind", "units": ("a", "b")}),
    Row("one of the units", check_named_units, {"step": "remind", "data": {"reminded_units": ["b"]}, "units": ("a", "b")}),
    Row(
        "a unit that has not the order",
        check_named_units,
        {"step": "remind", "data": {"reminded_units": ["b", "c"]}, "units": ("a", "b")},
        "wenze:house#membership",
    ),
    Row(
        "one of the units is supervised",
        check_named_units,
        {"step": "supervise-in-writing", "data": {"supervised_units": ["b"]}, "units": ("a", "b")},
    ),
    Row(
        "a unit that has not the order is supervised",
        check_named_units,
        {"step": "supervise-in-writing", "data": {"supervised_units": ["c"]}, "units": ("a", "b")},
        "wenze:house#membership",
    ),
    Row("the lead is late", check_overdue_matter, late_of("a", matter=C + "6.3")),
    Row("another is late, the lead is meant", check_overdue_matter, late_of("b", matter=C + "6.3"), C + "6.3"),
    Row("another is late, and named", check_overdue_matter, late_of("b", matter=C + "6.3", supervised_units=["b"])),
    Row(
        "both are named, one is late",
        check_overdue_matter,
        late_of("b", matter=C + "6.3", supervised_units=["a", "b"]),
        C + "6.3",
    ),
    Row("filed, nobody late", check_nothing_left_late, {"open_deadlines": ("handling",)}),
    Row("filed, a unit late", check_nothing_left_late, late_of("b"), C + "6.3"),
    Row("filed, a unit late, with the reason", check_nothing_left_late, late_of("b", left_open_reason="已并办")),
    Row("filed, a unit supervised", check_nothing_left_late, {"open_deadlines": ("supervision-in-writing",)}, C + "6.3"),
    Row("not overdue", check_overdue_matter, matter("6.3"), C + "6.3"),
    Row("a leader's, not overdue", check_overdue_matter, matter("6.1")),
    Row("hard, not overdue", check_overdue_matter, matter("6.2")),
    Row("redone in vain, at fault", check_redone_matter, redone("unsatisfied", unit_at_fault=True)),
    Row("redone in vain, not at fault", check_redone_matter, redone("unsatisfied", unit_at_fault=False), C + "6.4"),
    Row("redone in vain, fault not found", check_redone_matter, redone("unsatisfied"), C + "6.4"),
    Row(
        "redone in vain, another is at fault, too",
        check_redone_matter,
        redone("unsatisfied", unit_at_fault=True, supervised_units=["a", "b"]) | {"lead": "a"},
    ),
    Row(
        "redone in vain, and nobody would report anew",
        check_redone_matter,
        redone("unsatisfied", unit_at_fault=True, supervised_units=["b"]) | {"lead": "a"},
        C + "6.4",
    ),
    Row("redone, not answered yet", check_redone_matter, redone(None, unit_at_fault=True), C + "6.4"),
    Row("redone, satisfied", check_redone_matter, redone("satisfied", unit_at_fault=True), C + "6.4"),
    Row("never sent back", check_redone_matter, redone("unsatisfied", sent_back=False, unit_at_fault=True), C + "6.4"),
    Row("sent back a first time", check_sent_back_once, said("unsatisfied", sent_back=False)),
    Row("sent back by the centre's own check", check_sent_back_once, said(None, sent_back=False)),
    Row("sent back again, satisfied now", check_sent_back_once, said("satisfied", sent_back=True)),
    Row("sent back a second time", check_sent_back_once, said("unsatisfied", sent_back=True), C + "6.4"),
    Row("sent back before the reply", check_sent_back_once, said("unsatisfied", sent_back=True) | {"state": "handled"}),
    Row("filed, nobody's fault", check_fault_supervised, said("unsatisfied", sent_back=True, unit_at_fault=False)),
    Row(
        "filed, the unit's fault", check_fault_supervised, said("unsatisfied", sent_back=True, unit_at_fault=True), C + "6.4"
    ),
    Row(
        "filed, supervised for it",
        check_fault_supervised,
        said("unsatisfied", sent_back=True, supervised="yes", unit_at_fault=True),
    ),
    Row(
        "filed, supervised for it before it was reopened",
        check_fault_supervised,
        said("unsatisfied", sent_back=True, supervised="no", unit_at_fault=True),
        C + "6.4",
    ),
    Row("members are reminded", check_reminded, {"units": ("a", "b")}),
    Row("all are reminded, one is no member", check_reminded, {"units": ("a", "b"), "outsiders": ("b",)}, C + "17"),
    Row(
        "a member is reminded, beside one that is none",
        check_reminded,
        {"data": {"reminded_units": ["a"]}, "units": ("a", "b"), "outsiders": ("b",)},
    ),
    Row(
        "one is reminded that is no member",
        check_reminded,
        {"data": {"reminded_units": ["b"]}, "units": ("a", "b"), "outsiders": ("b",)},
        C + "17",
    ),
    Row("a member leads", check_supervised, {"lead": "a", "outsiders": ("b",)}),
    Row(
        "one that is no member is supervised beside a member that leads",
        check_supervised,
        {"data": {"supervised_units": ["b"]}, "lead": "a", "lead_superior": "市政府", "outsiders": ("b",)},
        C + "17",
    ),
    Row(
        "a member is supervised beside another that leads",
        check_supervised,
        {"data": {"supervised_units": ["b"]}, "lead": "a", "outsiders": ("a",)},
    ),
    Row("another unit leads", check_supervised, {"lead": "a", "outsiders": ("a",), "lead_superior": "省公司"}, C + "17"),
    Row("another unit leads, superior unknown", check_supervised, {"lead": "a", "outsiders": ("a",)}, C + "17"),
    Row("its superior was told", check_supervised, {"lead": "a", "outsiders": ("a",)} | told("yes")),
    Row(
        "the superior of an earlier lead was told",
        check_supervised,
        {"lead": "a", "outsiders": ("a",)} | told("no"),
        C + "17",
    ),
    Row(
        "told of an earlier lead, of another superior",
        check_supervised,
        {"lead": "a", "outsiders": ("a",), "lead_superior": "国家某集团"} | told("no"),
        C + "17",
    ),
    Row(
        "dispatched anew, the same superior",
        check_supervised,
        {"lead": "a", "outsiders": ("a",), "lead_superior": "省公司"} | told("no"),
    ),
    Row(
        "told before it was reopened",
        check_supervised,
        {"lead": "a", "outsiders": ("a",), "lead_superior": "省公司"} | told("yes") | {"taken": ("reopen",)},
        C + "17",
    ),
    Row("one that is no member is reminded, told of", check_reminded, {"units": ("b",), "outsiders": ("b",)} | told("yes")),
    Row(
        "one that is no member is reminded, told of an earlier one",
        check_reminded,
        {"units": ("b",), "outsiders": ("b",), "lead": "b"} | told("no"),
        C + "17",
    ),
    Row(
        "the lead is reminded, the same superior",
        check_reminded,
        {"units": ("b",), "outsiders": ("b",), "lead": "b", "lead_superior": "省公司"} | told("no"),
    ),
    Row(
        "a cooperating one is reminded, its lead's superior told",
        check_reminded,
        {"units": ("b", "c"), "outsiders": ("b", "c"), "lead": "b", "lead_superior": "省公司"} | told("no"),
        C + "17",
    ),
    Row("a unit that is no member", check_told_of, {"outsiders": ("a",)}),
    Row("members only", check_told_of, {"units": ("a",)}, C + "17"),
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
