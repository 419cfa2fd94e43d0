"""AK1: every ground, sanction and circumstance for both kinds of subject; what is counted; the hearing."""

from __future__ import annotations

import pytest

from core.sanctions.regime import Leniency
from tests.sanctions.proposals import AK1, PERSON, REASONED, UNIT, codes, judge, proposal, refusals

CATCH_ALL = ("4.1.5", "4.7.3", "4.9")
PLAIN = [f"4.{n}.{m}" for n, last in enumerate((5, 3, 3, 4, 3, 2, 3, 3), 1) for m in range(1, last + 1)]
GROUNDS = [*PLAIN, "4.9"]
UNIT_SANCTIONS = [f"7.{n}" for n in range(1, 6)]
PERSON_SANCTIONS = ["7.6", "7.7", "7.8/removal", "7.8/ordered-resignation", "7.9/dismissal", "7.9/termination"]


def test_there_are_twenty_seven_grounds_in_nine_categories() -> None:
    version = judge(AK1, proposal(AK1, UNIT, "4.1.1", "7.1"))
    assert version.accepted
    assert len(GROUNDS) == 27
    assert len({ground.rpartition(".")[0] if ground.count(".") > 1 else ground for ground in GROUNDS}) == 9


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_every_ground_with_the_lightest_sanction(ground: str, subject: object) -> None:
    bare = [("catch-all-bare", "wenze:readings#r8")] if ground in CATCH_ALL else []
    unreached = [("not-for-kind", ground)] if (ground, subject) == ("4.8.3", PERSON) else []
    assert refusals(AK1, subject, ground, "7.1") == [*unreached, *bare]
    assert refusals(AK1, subject, ground, "7.1", catch_all=REASONED) == unreached


@pytest.mark.parametrize("sanction", [*UNIT_SANCTIONS, *PERSON_SANCTIONS, "7.8", "7.9", "7.10"])
def test_a_person_can_be_given_every_sanction_and_a_unit_the_first_five(sanction: str) -> None:
    assert refusals(AK1, PERSON, "4.2.2", sanction, catch_all=REASONED) == []
    expected = [] if sanction in UNIT_SANCTIONS else [("sanction-not-for-kind", "7")]
    assert refusals(AK1, UNIT, "4.2.2", sanction, catch_all=REASONED) == expected


def test_sanctions_stand_alone_or_together() -> None:
    assert refusals(AK1, UNIT, "4.2.2", " ".join(UNIT_SANCTIONS)) == []
    assert refusals(AK1, PERSON, "4.2.2", " ".join([*UNIT_SANCTIONS, *PERSON_SANCTIONS])) == []
    assert refusals(AK1, PERSON, "4.2.2", "7.1 7.1") == [("sanction-twice", "7.1")]


def test_a_clause_of_two_sanctions_is_to_be_told_which() -> None:
    verdict = judge(AK1, proposal(AK1, PERSON, "4.2.2", "7.8"))
    assert verdict.accepted
    assert [remark.code for remark in verdict.remarks] == ["sanctions.choice-open"]
    assert judge(AK1, proposal(AK1, PERSON, "4.2.2", "7.8/removal")).remarks == ()


@pytest.mark.parametrize("reference", ["5.1", "5.2", "5.3", "5.5", "6.1", "6.2", "6.3"])
def test_circumstances_are_for_persons(reference: str) -> None:
    bare = [("catch-all-bare", "wenze:readings#r8")] if reference in {"5.5", "6.3"} else []
    assert refusals(AK1, PERSON, "4.2.2", "7.1", reference) == bare
    assert refusals(AK1, PERSON, "4.2.2", "7.1", reference, catch_all=REASONED) == []
    found = refusals(AK1, UNIT, "4.2.2", "7.1", reference, catch_all=REASONED)
    assert found == [("not-for-kind", reference.partition(".")[0])]


def test_mitigating_allows_lighter_and_reduced_and_no_waiver() -> None:
    verdict = judge(AK1, proposal(AK1, PERSON, "4.2.2", "7.1", "6.1"))
    assert verdict.allows == (Leniency.LIGHTER, Leniency.REDUCED)
    refused = judge(AK1, proposal(AK1, PERSON, "4.2.2", "", "6.1"))
    assert [reason.code for reason in refused.reasons] == ["sanctions.waiver-none"]
    assert {"wenze:readings#r9", f"{AK1}4.2.2", f"{AK1}6", f"{AK1}6.1"} <= {
        refused.reasons[0].clause,
        *refused.reasons[0].cites,
    }
    assert codes(AK1, UNIT, "4.2.2") == ["waiver-none"]


@pytest.mark.parametrize(
    ("grounds", "acts", "added"),
    [
        ("4.5.2", None, False),
        ("4.5.2 4.8.1", None, True),
        ("4.5.2 4.5.3", None, False),  # two items of one category: a human finding
        ("4.5.2 4.8.1", ["one", "one"], False),  # one act under two labels is one ground (R13)
        ("4.5.2 4.8.1 4.8.2", ["one", "one", "two"], True),
        ("4.5.2 4.5.3 4.8.1", ["one", "two", "one"], True),
        ("4.5.2 4.5.3 4.8.1", ["one", "one", "one"], False),
        ("4.1.1 4.9", None, True),
    ],
)
def test_two_categories_for_two_acts_are_counted_by_the_system(grounds: str, acts: list[str] | None, added: bool) -> None:
    for subject, expected in ((PERSON, added), (UNIT, False)):
        verdict = judge(AK1, proposal(AK1, subject, grounds, "7.3", acts=acts, catch_all=REASONED))
        assert verdict.accepted, verdict.reasons
        assert [item.clause for item in verdict.circumstances if item.added] == ([f"{AK1}5.4"] if expected else [])
        assert [item.binding for item in verdict.circumstances] == (["must"] if expected else [])


def test_a_person_can_find_it_for_two_acts_of_one_category_and_never_for_one() -> None:
    found = judge(AK1, proposal(AK1, PERSON, "4.5.2 4.5.3", "7.3", "5.4"))
    assert [(item.clause, item.added) for item in found.circumstances] == [(f"{AK1}5.4", False)]
    assert refusals(AK1, PERSON, "4.5.2", "7.3", "5.4") == [("circumstance-uncounted", "5.4")]
    assert refusals(AK1, PERSON, "4.5.2 4.8.1", "7.3", "5.4", acts=["a", "a"]) == [("circumstance-uncounted", "5.4")]
    assert refusals(AK1, UNIT, "4.5.2 4.8.1", "7.3", "5.4") == [("not-for-kind", "5")]


def test_naming_what_the_system_adds_adds_it_once() -> None:
    found = judge(AK1, proposal(AK1, PERSON, "4.5.2 4.8.1", "7.3", "5.4"))
    assert [(item.clause, item.added) for item in found.circumstances] == [(f"{AK1}5.4", True)]


@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_no_decision_without_statement_and_defence(subject: object) -> None:
    assert refusals(AK1, subject, "4.2.2", "7.1", missing="hearing") == [("before-missing", "8")]


@pytest.mark.parametrize(
    ("subject", "class_", "ground", "expected"),
    [
        (UNIT, "stationed-unit", "4.8.2", []),
        (PERSON, "stationed-staff", "4.8.2", []),
        (UNIT, "centre", "4.8.2", [("not-for-class", "4.8.2")]),
        (PERSON, "managing-staff", "4.8.2", [("not-for-class", "4.8.2")]),
        (UNIT, "centre", "4.8.3", []),
        (UNIT, "required-unit", "4.8.3", [("not-for-class", "4.8.3")]),
        (PERSON, "external-hire", "4.1.1", []),
        (PERSON, "required-unit", "4.1.1", [("class-of-other-kind", "2.2")]),
        (UNIT, "operator", "4.1.1", [("class-unknown", AK1.rstrip("#"))]),
    ],
)
def test_classes_of_subjects(subject: object, class_: str, ground: str, expected: list[tuple[str, str]]) -> None:
    assert refusals(AK1, subject, ground, "7.1", subject_class=class_) == expected


def test_no_unit_is_both_stationed_and_the_centre() -> None:
    assert refusals(AK1, UNIT, "4.8.2 4.8.3", "7.1") == [("grounds-apart", "4.8.2")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("4.2", "7.1"), ["ground-unknown"]),
        (("4.2.9", "7.1"), ["ground-unknown"]),
        (("ankang:centre-2018#5.1", "7.1"), ["ground-unknown"]),
        (("4.2.2", "7"), ["sanction-unknown"]),
        (("4.2.2", "ankang:centre-2018#4/points"), ["sanction-unknown"]),
        (("4.2.2", "7.p2/refer-to-discipline"), ["sanction-is-referral"]),
        (("4.2.2", "7.1", "ankang:centre-2018#7.1"), ["circumstance-unknown"]),
        (("4.2.2", "7.1", "4.2.2"), ["circumstance-unknown"]),
        (("4.2.2 4.2.2", "7.1"), ["ground-twice"]),
        (("", "7.1"), ["ground-missing"]),
        (("4.2.2", "7.1", "5.1 5.1"), ["circumstance-twice"]),
    ],
)
def test_lists_are_the_instruments_own(words: tuple[str, ...], expected: list[str]) -> None:
    assert codes(AK1, PERSON, *words) == expected


def test_a_catch_all_needs_reason_and_basis() -> None:
    from core.sanctions.proposal import CatchAll

    for given in (CatchAll("理由", ""), CatchAll("", "依据"), CatchAll(" ", "\t")):
        assert codes(AK1, PERSON, "4.9", "7.10", "5.5", catch_all=given) == ["catch-all-bare"] * 3


def test_an_act_that_was_sanctioned_is_not_sanctioned_again() -> None:
    acts = frozenset({"拒不接入"})
    assert codes(AK1, UNIT, "4.1.4", "7.5", acts=["拒不接入"], sanctioned_acts=acts) == ["act-sanctioned"]
    assert codes(AK1, UNIT, "4.1.4", "7.5", acts=["另一行为"], sanctioned_acts=acts) == []


def test_posts_are_changed_by_who_appoints() -> None:
    named = "7.5 7.6 7.8/removal"
    verdict = judge(AK1, proposal(AK1, PERSON, "4.2.2", named))
    assert verdict.documents == (f"{AK1}7.6", f"{AK1}7.8/removal")
    bare = {"in_order": False, "documented": frozenset({f"{AK1}7.6"})}
    assert refusals(AK1, PERSON, "4.2.2", named, **bare) == [("document-missing", "wenze:readings#r14")]


def test_there_is_no_short_way_here() -> None:
    assert codes(AK1, UNIT, "4.2.2", "7.1", short_way=True, short_way_reason="事实清楚") == ["short-way-none"]
