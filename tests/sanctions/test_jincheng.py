"""JC1: sanctions by gravity, alone or combined; the circular with its talk; opinion, reviews, consent; the short way."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from core.sanctions.regime import Gravity
from tests.sanctions.proposals import JC1, PERSON, REASONED, UNIT, codes, judge, proposal, refusals

GROUNDS = [f"5.{n}" for n in range(1, 7)]
UNIT_SANCTIONS = ["6.1", "6.2", "6.2/talk"]
PERSON_SANCTIONS = [
    "7.1",
    "7.2",
    "7.3",
    "7.4/suspension",
    "7.4/transfer",
    "7.4/ordered-resignation",
    "7.4/demotion",
    "7.4/removal",
    "7.5",
]
BARE = [("catch-all-bare", "wenze:readings#r8")]
SANCTION = {UNIT: "6.1", PERSON: "7.1"}
HEAVY = frozenset(PERSON_SANCTIONS[2:])


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_every_ground(ground: str, subject: object) -> None:
    assert refusals(JC1, subject, ground, SANCTION[subject]) == (BARE if ground == "5.6" else [])
    assert refusals(JC1, subject, ground, SANCTION[subject], catch_all=REASONED) == []


@pytest.mark.parametrize("sanction", [*UNIT_SANCTIONS, *PERSON_SANCTIONS])
def test_sanctions_of_units_and_of_persons(sanction: str) -> None:
    if sanction in UNIT_SANCTIONS:
        assert codes(JC1, PERSON, "5.1", sanction)[0] == "sanction-not-for-kind"
        assert refusals(JC1, PERSON, "5.1", sanction)[0][1] == "7"
    else:
        assert refusals(JC1, PERSON, "5.1", sanction) == []
        assert refusals(JC1, UNIT, "5.1", sanction) == [("sanction-not-for-kind", "6")]


@pytest.mark.parametrize("gravity", [*Gravity, None])
def test_every_selection_for_a_unit(gravity: Gravity | None) -> None:
    light, heavier = {"6.1"}, {"6.2", "6.2/talk"}
    lawful = {None: [light, heavier, light | heavier], Gravity.LIGHT: [light]}.get(gravity, [heavier, light | heavier])
    for chosen in chain.from_iterable(combinations(UNIT_SANCTIONS, size) for size in (1, 2, 3)):
        verdict = judge(JC1, proposal(JC1, UNIT, "5.1", " ".join(chosen), gravity=gravity))
        assert verdict.accepted == (set(chosen) in lawful), (chosen, verdict.reasons)


@pytest.mark.parametrize("gravity", Gravity)
def test_every_selection_for_a_person(gravity: Gravity) -> None:
    for chosen in chain.from_iterable(combinations(PERSON_SANCTIONS, size) for size in range(1, 10)):
        graver = not HEAVY.isdisjoint(chosen)
        lawful = not graver if gravity is Gravity.LIGHT else graver or "7.2" in chosen
        verdict = judge(JC1, proposal(JC1, PERSON, "5.1", " ".join(chosen), gravity=gravity))
        assert verdict.accepted == lawful, (chosen, verdict.reasons)


@pytest.mark.parametrize(
    ("subject", "sanctions", "gravity", "expected"),
    [
        (UNIT, "6.2", None, [("sanction-left-out", "6.2")]),
        (UNIT, "6.2/talk", None, [("sanction-left-out", "6.2")]),
        (UNIT, "6.2 6.2/talk", Gravity.LIGHT, [("gravity-too-light", "6.2"), ("gravity-too-light", "6.2/talk")]),
        (UNIT, "6.1", Gravity.HEAVIER, [("gravity-too-grave", "6.1")]),
        (PERSON, "7.3", Gravity.LIGHT, [("gravity-too-light", "7.3")]),
        (PERSON, "7.1", Gravity.HEAVIER, [("gravity-too-grave", "7.1")]),
        (PERSON, "7.1 7.3", Gravity.HEAVIER, []),
        (PERSON, "7.4", Gravity.HEAVIER, BARE),
    ],
)
def test_reasons_name_the_clause(subject: object, sanctions: str, gravity: Gravity | None, expected: list[object]) -> None:
    assert refusals(JC1, subject, "5.1", sanctions, gravity=gravity) == expected


def test_a_measure_that_the_open_list_does_not_name() -> None:
    assert refusals(JC1, PERSON, "5.1", "7.4", catch_all=REASONED) == []


@pytest.mark.parametrize(("subject", "clause"), [(UNIT, "6"), (PERSON, "7")])
def test_gravity_is_named(subject: object, clause: str) -> None:
    assert refusals(JC1, subject, "5.1", SANCTION[subject], in_order=False) == [("gravity-missing", clause)]


@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_nothing_is_waived_and_there_are_no_circumstances(subject: object) -> None:
    assert codes(JC1, subject, "5.1") == ["waiver-none"]
    assert codes(JC1, subject, "5.1", SANCTION[subject], "5.4") == ["circumstances-none"]


@pytest.mark.parametrize(
    ("missing", "clause"),
    [("harm", "2"), ("verification", "9.1"), ("review", "9.3"), ("re-review", "9.3")],
)
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_what_goes_before_every_decision(missing: str, clause: str, subject: object) -> None:
    assert refusals(JC1, subject, "5.1", SANCTION[subject], missing=missing) == [("before-missing", clause)]


@pytest.mark.parametrize("sanction", PERSON_SANCTIONS)
def test_admonition_and_reorganisation_need_an_opinion(sanction: str) -> None:
    expected = [("before-missing", "9.2")] if sanction.startswith(("7.3", "7.4")) else []
    assert refusals(JC1, PERSON, "5.1", sanction, missing="opinion") == expected
    unfit = [("before-missing", "7.4")] if sanction.startswith("7.4") else []
    assert refusals(JC1, PERSON, "5.1", sanction, missing="unfit") == unfit


def test_units_need_no_opinion() -> None:
    assert refusals(JC1, UNIT, "5.1", "6.2 6.2/talk", missing="opinion") == []


def test_points_need_the_city_governments_consent_by_their_own_measures_too() -> None:
    assert refusals(JC1, UNIT, "5.5", "6.1", missing="consent") == [("before-missing", "jincheng:points-2017#17")]
    assert refusals(JC1, UNIT, "5.2", "6.1", missing="consent") == []


@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_the_result_is_used_after_the_governments_consent(subject: object) -> None:
    said = {"missing": "consent-to-result", "gravity": Gravity.LIGHT}
    assert refusals(JC1, subject, "5.1", SANCTION[subject], **said, result_used=True) == [("before-missing", "9.5")]
    verdict = judge(JC1, proposal(JC1, subject, "5.1", SANCTION[subject], **said, in_order=False))
    assert verdict.accepted, "the decision itself comes before"
    assert [(remark.code, remark.clause) for remark in verdict.remarks] == [("sanctions.before-use", f"{JC1}9.5")]


def test_the_short_way_goes_past_verification_alone_and_says_why() -> None:
    way = {"short_way": True, "short_way_reason": "事实清楚、证据确凿"}
    assert refusals(JC1, UNIT, "5.1", "6.1", missing="verification", **way) == []
    assert refusals(JC1, UNIT, "5.1", "6.1", missing="verification", short_way=True) == [("short-way-bare", "10")]
    assert refusals(JC1, PERSON, "5.1", "7.3", missing="verification opinion", **way) == [("before-missing", "9.2")]


def test_posts_and_discipline_rest_on_the_organs_document() -> None:
    verdict = judge(JC1, proposal(JC1, PERSON, "5.1", " ".join(PERSON_SANCTIONS)))
    assert verdict.documents == tuple(JC1 + item for item in PERSON_SANCTIONS[3:])
