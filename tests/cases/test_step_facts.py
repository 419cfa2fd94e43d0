"""The facts of a step: what a condition makes required, nothing twice, and catch-alls with reason and basis (R8)."""

from __future__ import annotations

import pytest

from core.errors import Invalid, Refused
from tests.support.matters import CLERK, DISPATCHER, RULES, WORDS, in_state, paper, refusal, registered

GROUND = {"grounds": [f"{RULES}#2.1"]}
SEEN = {"grounds": [f"{RULES}#2.2"]}
CATCH_ALL = {"grounds": [f"{RULES}#2.3"]}
REASONED = {"catch_all_reason": "why", "catch_all_basis": "basis"}

FACTS = [
    ("required under its condition", SEEN, Refused, "cases.fact-missing", "/witness", f"{RULES}#2.2"),
    ("given", SEEN | {"witness": "Li"}, None, "", "", ""),
    ("not required otherwise", GROUND, None, "", "", ""),
    ("named twice", {"grounds": [f"{RULES}#2.1", f"{RULES}#2.1"]}, Invalid, "cases.value-twice", "/grounds", None),
    ("a bare catch-all", CATCH_ALL, Refused, "cases.catch-all-bare", "/catch_all_reason", "wenze:readings#r8"),
    (
        "a catch-all without its basis",
        CATCH_ALL | {"catch_all_reason": "why"},
        Refused, "cases.catch-all-bare", "/catch_all_basis", "wenze:readings#r8",
    ),
    (
        "a catch-all whose reason is blank",
        CATCH_ALL | REASONED | {"catch_all_reason": " \n"},
        Refused, "cases.catch-all-bare", "/catch_all_reason", "wenze:readings#r8",
    ),
    ("a catch-all with reason and basis", CATCH_ALL | REASONED, None, "", "", ""),
    (
        "a catch-all among others",
        {"grounds": [f"{RULES}#2.1", f"{RULES}#2.3"]},
        Refused, "cases.catch-all-bare", "/catch_all_reason", "wenze:readings#r8",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "kind", "code", "field", "clause"), FACTS, ids=[row[0] for row in FACTS])
def test_facts_of_a_step(name, body, kind, code, field, clause):
    found = registered()
    if kind is None:
        assert found.take(CLERK, "accept", body).state == "accepted"
        return
    error = refusal(found, CLERK, "accept", body)
    assert type(error) is kind
    assert (error.code, error.field, error.clause) == (code, field, clause)


def test_what_a_track_makes_required_is_asked_for_in_the_step_that_chooses_it():
    found = in_state("accepted")
    error = refusal(found, DISPATCHER, "classify", {"track": "plain"})
    assert (error.code, error.field, error.clause) == ("cases.fact-missing", "/complex", f"{RULES}#3")
    assert (error.params["zh"], error.params["en"]) == ("复杂", "Complex")


def test_a_channel_and_a_track_can_be_catch_alls_too():
    found = paper()
    with pytest.raises(Refused, match=r"cases\.catch-all-bare"):
        found.register(CLERK, {"channel": "other", **WORDS})
    found.register(CLERK, {"channel": "other", **WORDS, **REASONED})
    found.take(CLERK, "accept", GROUND)
    assert refusal(found, DISPATCHER, "classify", {"track": "odd"}).code == "cases.catch-all-bare"
