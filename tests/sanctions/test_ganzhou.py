"""GZ: grounds of operators, the centre and members; sanctions of units and persons; the talk; kinds of responsibility."""

from __future__ import annotations

import pytest

from core.sanctions.regime import Gravity, Leniency
from tests.sanctions.proposals import GZ, PERSON, REASONED, UNIT, codes, judge, proposal, refusals

OPERATORS = [f"9/{key}" for key in ("attitude", "language", "intake-duty", "confidentiality", "unreported-emergency")]
CENTRE = [f"10/{key}" for key in ("untimely", "supervision-failure", "unreported-emergency", "abuse-of-office")]
MEMBERS = [f"11.{n}" for n in range(1, 13)]
UNIT_SANCTIONS = ["13.1", "13.2", "13.3"]
PERSON_SANCTIONS = [*(f"14.{n}" for n in range(1, 10)), "14.10/termination", "14.10/dismissal", "14.10"]
BARE = [("catch-all-bare", "wenze:readings#r8")]
SANCTION = {UNIT: "13.1", PERSON: "14.1"}


@pytest.mark.parametrize("ground", [*OPERATORS, *CENTRE, "10", *MEMBERS])
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_every_ground(ground: str, subject: object) -> None:
    expected = [("not-for-kind", ground)] if ground in OPERATORS and subject is UNIT else []
    bare = BARE if ground in {"10", "11.12"} else []
    assert refusals(GZ, subject, ground, SANCTION[subject]) == [*expected, *bare]
    assert refusals(GZ, subject, ground, SANCTION[subject], catch_all=REASONED) == expected


@pytest.mark.parametrize(
    ("subject", "class_", "reached"),
    [
        (PERSON, "operator", OPERATORS),
        (UNIT, "centre", CENTRE),
        (PERSON, "centre-staff", CENTRE),
        (UNIT, "member-unit", MEMBERS),
        (PERSON, "member-staff", MEMBERS),
    ],
)
def test_each_class_has_grounds_of_its_own(subject: object, class_: str, reached: list[str]) -> None:
    for ground in [*OPERATORS, *CENTRE, *MEMBERS]:
        found = codes(GZ, subject, ground, SANCTION[subject], subject_class=class_, catch_all=REASONED)
        assert (found == []) == (ground in reached), ground


def test_a_unit_that_is_no_member_goes_to_its_superior() -> None:
    first, *others = judge(GZ, proposal(GZ, UNIT, "11.2", "13.1", subject_class="outside-unit")).reasons
    assert f"{GZ}17" in first.cites
    assert [reason.clause for reason in others] == [f"{GZ}13"]


def test_nobody_is_of_two_classes() -> None:
    assert refusals(GZ, UNIT, "10/untimely 11.2", "13.1") == [("grounds-apart", "10/untimely")]
    assert refusals(GZ, PERSON, "9/attitude 10/untimely 11.2", "14.1") == [("grounds-apart", "9/attitude")]


@pytest.mark.parametrize("sanction", [*UNIT_SANCTIONS, *PERSON_SANCTIONS])
def test_every_sanction_for_units_and_persons(sanction: str) -> None:
    own = UNIT if sanction in UNIT_SANCTIONS else PERSON
    assert refusals(GZ, own, "11.2", sanction) == []
    other, listed = (PERSON, "14") if own is UNIT else (UNIT, "13")
    assert refusals(GZ, other, "11.2", sanction) == [("sanction-not-for-kind", listed)]


def test_alone_or_together() -> None:
    assert refusals(GZ, UNIT, "11.2", " ".join(UNIT_SANCTIONS)) == []
    assert refusals(GZ, PERSON, "11.2", " ".join(PERSON_SANCTIONS)) == []


@pytest.mark.parametrize("circumstance", ["12.1", "12.2", "12.3", "12.4"])
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_every_circumstance(circumstance: str, subject: object) -> None:
    said = {"catch_all": REASONED} if circumstance == "12.4" else {}
    expected = [("not-for-kind", "12")] if (circumstance, subject) == ("12.2", UNIT) else []
    assert refusals(GZ, subject, "11.2", SANCTION[subject], circumstance, **said) == expected
    waived = refusals(GZ, subject, "11.2", "", circumstance, **said)
    assert waived == ([*expected, ("waiver-without-circumstance", "wenze:readings#r9")] if expected else [])


def test_a_catch_all_circumstance_needs_its_reason() -> None:
    assert refusals(GZ, UNIT, "11.2", "13.1", "12.4") == BARE
    verdict = judge(GZ, proposal(GZ, UNIT, "11.2", "13.1", "12.1"))
    assert verdict.allows == tuple(Leniency)


@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_a_talk_precedes_and_is_due_where_nothing_is_imposed(subject: object) -> None:
    for words in (("11.2", SANCTION[subject]), ("11.2", "", "12.3")):
        assert refusals(GZ, subject, *words, missing="prior-talk") == [("before-missing", "15.p3")]
    assert refusals(GZ, subject, "11.2", "") == [("waiver-without-circumstance", "wenze:readings#r9")]


@pytest.mark.parametrize(
    ("subject", "labels", "expected"),
    [
        (UNIT, "15.p2/collective 15.p2/direct", []),
        (PERSON, "15.p2/individual 15.p2/leadership", []),
        (PERSON, "15.p2/collective 15.p2/direct", [("not-for-kind", "15.p2/collective")]),
        (UNIT, "15.p2/individual 15.p2/direct", [("not-for-kind", "15.p2/individual")]),
        (PERSON, "15.p2/individual", [("label-one-of", "15.p2")]),
        (PERSON, "", [("label-one-of", "15.p2"), ("label-one-of", "15.p2")]),
        (PERSON, "15.p2/individual 15.p2/direct 15.p2/leadership", [("label-one-of", "15.p2")]),
        (PERSON, "15.p2/individual 15.p2/direct 15.p3/talk", [("label-unknown", "15.p2")]),
    ],
)
def test_kinds_of_responsibility_are_told_apart(subject: object, labels: str, expected: list[tuple[str, str]]) -> None:
    said = {"responsibility": labels, "in_order": False, "gravity": Gravity.LIGHT}
    assert refusals(GZ, subject, "11.2", SANCTION[subject], **said) == expected


@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_sanctions_follow_from_gravity(subject: object) -> None:
    labels = "15.p2/collective" if subject is UNIT else "15.p2/individual"
    said = {"responsibility": f"{labels} 15.p2/direct", "in_order": False}
    assert refusals(GZ, subject, "11.2", SANCTION[subject], **said) == [("gravity-missing", "15")]
    for gravity in Gravity:
        assert refusals(GZ, subject, "11.2", SANCTION[subject], **said, gravity=gravity) == []


def test_posts_and_employment_rest_on_the_organs_document() -> None:
    named = [*(f"14.{n}" for n in range(1, 10)), "14.10/termination"]
    verdict = judge(GZ, proposal(GZ, PERSON, "11.2", " ".join(named)))
    assert verdict.documents == tuple(GZ + item for item in named[4:])
