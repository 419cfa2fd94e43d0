"""Rule tables on accountability: our own holds, and what is wrong with a row is said; what a row shows is what counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.law.check import check_rows, read_table
from core.sanctions.check import accountability_checkers
from tests.sanctions.proposals import cities

TABLE = Path(__file__).parents[1] / "vectors" / "accountability.json"
DECISION: dict[str, Any] = {
    "kind": "decision",
    "subject": "person",
    "grounds": ["baoding:accountability-2010#5.2"],
    "circumstances": [],
    "sanctions": ["baoding:accountability-2010#11.3/off-post-training"],
    "severity": "11.3",
    "expect": {"verdict": "accepted", "because": None},
}
SHARES: dict[str, Any] = {
    "kind": "responsibility",
    "instrument": "baoding:accountability-2010",
    "path": "approved",
    "people": {"h": {"role": "handler"}, "l": {"role": "leader-in-charge"}},
    "expect": {"h": "secondary", "l": "primary"},
}
TRIGGER: dict[str, Any] = {
    "kind": "trigger",
    "clause": "ganzhou:hotline-2022#11.1",
    "facts": {"reminders": 2, "overdue_working_days": 11},
    "expect": True,
}


def check(*rows: dict[str, Any]) -> list[str]:
    """What each row falls short of; empty where it passes."""
    checkers = accountability_checkers(cities().regimes_for, "en")
    return [checked.outcome.shortfall for checked in check_rows(list(rows), checkers)]


def test_our_own_table_holds() -> None:
    rows = read_table(TABLE)
    assert len(rows) > 50
    assert [f"{place}: {said}" for place, said in enumerate(check(*rows), 1) if said] == []


def test_the_reasoning_is_there_in_both_languages() -> None:
    for language, word in (("zh", "依"), ("en", "decision may be made")):
        checkers = accountability_checkers(cities().regimes_for, language)
        (checked,) = check_rows([DECISION], checkers)
        assert any(word in line for line in checked.outcome.reasoning)


@pytest.mark.parametrize(
    ("row", "change", "said"),
    [
        (DECISION, {"mood": "good"}, "facts that a decision does not have: mood"),
        (DECISION, {"subject": "city"}, "'city' is not a valid SubjectKind"),
        (DECISION, {"subject": None}, "subject must be unit or person"),
        (DECISION, {"role": "mayor"}, "role 'mayor' is neither"),
        (DECISION, {"gravity": "huge"}, "'huge' is not a valid Gravity"),
        (DECISION, {"share": "half"}, "'half' is not a valid Share"),
        (DECISION, {"grounds": ["nonsense"]}, "'nonsense' is not a citation"),
        (DECISION, {"grounds": "baoding:accountability-2010#5.2"}, "must be a list"),
        (DECISION, {"grounds": ["nowhere:rules-2010#1"]}, "There is no instrument nowhere:rules-2010"),
        (DECISION, {"grounds": ["baoding:tip-offs-2010#4.1"]}, "baoding:tip-offs-2010 is no accountability regime"),
        (DECISION, {"grounds": [], "sanctions": []}, "a decision names grounds"),
        (DECISION, {"expect": {}}, "expect.verdict must be"),
        (DECISION, {"expect": None}, "expect is missing"),
        (DECISION, {"expect": {"verdict": "refused"}}, "accepted (nothing), expected refused"),
        (DECISION, {"hearing": None}, "refused (baoding:accountability-2010#12), expected accepted"),
        (
            DECISION,
            {"hearing": None, "expect": {"verdict": "refused", "because": "baoding:accountability-2010#11"}},
            "cites",
        ),
        (DECISION, {"expect_circumstances": ["ankang:platform-2017#5.4"]}, "the system adds nothing, expected"),
        (SHARES, {"mood": "good"}, "facts that a responsibility does not have: mood"),
        (SHARES, {"people": {"h": "handler"}}, "h must be a role with facts"),
        (SHARES, {"people": {"h": {"role": "handler", "dissented": "yes"}}}, "h: dissented must be true or false"),
        (SHARES, {"instrument": None}, "There is no instrument None"),
        (SHARES, {"path": "collective"}, "refused (baoding:accountability-2010#10.3)"),
        (SHARES, {"expect": {"h": "sole", "l": "none"}}, "expected {'h': 'sole', 'l': 'none'}"),
        (SHARES, {"expect": {"h": "secondary"}}, "expected {'h': 'secondary'}"),
        (SHARES, {"expect": {"error": True}}, "expected an error"),
        (
            SHARES,
            {"path": "x", "expect": {"error": "baoding:accountability-2010#12"}},
            "expected baoding:accountability-2010#12",
        ),
        (TRIGGER, {"mood": "good"}, "facts that a trigger does not have: mood"),
        (TRIGGER, {"facts": {"mood": 1}}, "facts that this trigger does not have: mood"),
        (TRIGGER, {"facts": {"overdue_calendar_days": 11}}, "does not have: overdue_calendar_days"),
        (TRIGGER, {"facts": {"reminders": "two"}}, "reminders must be a whole number"),
        (TRIGGER, {"facts": {"reminders": True}}, "reminders must be a whole number"),
        (TRIGGER, {"facts": {"reminders": -1}}, "reminders must be a whole number"),
        (TRIGGER, {"facts": {"justified": "yes"}}, "justified must be true or false"),
        (TRIGGER, {"facts": None}, "a trigger needs facts"),
        (TRIGGER, {"expect": False}, "True, expected False"),
        (TRIGGER, {"expect": 1}, "True, expected 1"),
        (TRIGGER, {"clause": "ganzhou:hotline-2022#99"}, "is no clause"),
        (TRIGGER, {"clause": "ganzhou:hotline-2022#11.2", "facts": {"overdue": 3, "justified": 4}}, "more are justified"),
        (TRIGGER, {"clause": "jincheng:points-2017#17", "facts": {"ranks": {"2024": "11/10"}}}, "is no place in a group"),
        (TRIGGER, {"clause": "jincheng:points-2017#17", "facts": {"ranks": {"2024": "last"}}}, "invalid literal"),
        (TRIGGER, {"clause": "jincheng:points-2017#17", "facts": {"totals": {"2024": 99}}}, "must be given by year"),
        (
            TRIGGER,
            {"clause": "jincheng:points-2017#17", "facts": {"ranks": {"2024": "9/10"}, "totals": {"2025": 99}}},
            "the total of 2024 is missing",
        ),
    ],
)
def test_a_row_that_falls_short_says_why(row: dict[str, Any], change: dict[str, Any], said: str) -> None:
    assert check(row) == [""]
    (shortfall,) = check(row | change)
    assert said in shortfall


@pytest.mark.parametrize("because", ["11", "11.2", "11.2/no-awards"])
def test_who_cites_an_item_cites_its_clause(because: str) -> None:
    sanctions = [f"baoding:accountability-2010#11.2/{key}" for key in ("public-criticism", "written-self-examination")]
    expect = {"verdict": "refused", "because": f"baoding:accountability-2010#{because}"}
    assert check(DECISION | {"sanctions": sanctions, "severity": "11.2", "expect": expect}) == [""]


@pytest.mark.parametrize("error", [{"expect": "error"}, {"expect": None, "error": True}, {"expect": {"error": "two facts"}}])
def test_an_error_can_be_expected_in_several_words(error: dict[str, Any]) -> None:
    both = {"role": "handler", "knew_and_kept_silent": True, "right_advice_overruled": True}
    assert check(SHARES | {"people": SHARES["people"] | {"h": both}} | error) == [""]


@pytest.mark.parametrize(
    ("clause", "facts", "expected"),
    [
        ("11.3", {"overdue": True, "justified": True}, True),  # the text knows no justification here
        ("11.3", {"overdue": False}, False),
        ("11.4", {"overdue_working_days": 2}, True),
        ("11.4", {"overdue": True, "justified": True}, False),
        ("11.8", {"overdue": True}, True),
        ("6.3", {"overdue": True, "finished": True}, False),
        ("6.4", {}, True),
        ("5", {"overdue": 0}, False),
        ("11.1", {"reminders": 2, "overdue": 11}, True),
        ("11.2", {"month": "2026-04", "months": {"2026-03": 5, "2026-04": 4}}, False),
        ("11.2", {"overdue": 5, "justified": True}, False),
        ("11.2", {"overdue": 5, "justified": False}, True),
    ],
)
def test_facts_in_the_words_of_the_tables(clause: str, facts: dict[str, Any], expected: bool) -> None:
    assert check({"kind": "trigger", "clause": f"ganzhou:hotline-2022#{clause}", "facts": facts, "expect": expected}) == [""]


@pytest.mark.parametrize(
    ("subject", "role", "ground", "sanction", "verdict"),
    [
        ("unit", "centre", "10/untimely", "13.1", "accepted"),
        ("person", "centre", "10/untimely", "14.1", "accepted"),  # somebody of the centre
        ("person", "centre", "11.2", "14.1", "refused"),
        ("unit", "member", "11.2", "13.1", "accepted"),
        ("person", "member-unit", "9/attitude", "14.1", "refused"),
        ("person", "operator", "9/attitude", "14.1", "accepted"),
        ("unit", "operator", "11.2", "13.1", "refused"),
        ("unit", "outside-unit", "11.2", "13.1", "refused"),
        ("unit", "collective", "11.2", "13.1", "accepted"),
        ("unit", "individual", "11.2", "13.1", "refused"),
        ("person", "leadership", "11.2", "14.1", "accepted"),
        ("person", "handler", "11.2", "14.1", "accepted"),
    ],
)
def test_what_a_role_tells(subject: str, role: str, ground: str, sanction: str, verdict: str) -> None:
    said = {"subject": subject, "role": role, "circumstances": [], "expect": {"verdict": verdict, "because": None}}
    cited = {"grounds": [f"ganzhou:hotline-2022#{ground}"], "sanctions": [f"ganzhou:hotline-2022#{sanction}"]}
    assert check({"kind": "decision"} | said | cited) == [""]


def test_ranks_without_totals_are_in_order() -> None:
    facts = {"ranks": {"2024": "9/10", "2025": "9/10"}}
    row = {"kind": "trigger", "clause": "jincheng:accountability-2017#5.5", "facts": facts, "expect": "after consent"}
    assert check(row) == [""]
