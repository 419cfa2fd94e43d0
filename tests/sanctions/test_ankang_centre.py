"""AK3: fifteen grounds, eight sanctions and an open list, four circumstances that allow a waiver, the remit."""

from __future__ import annotations

import pytest

from core.sanctions.regime import Gravity, Leniency, Share
from tests.sanctions.proposals import AK1, AK3, PERSON, REASONED, UNIT, codes, judge, proposal, refusals

GROUNDS = [f"5.{n}" for n in range(1, 16)]
SANCTIONS = [
    "4/criticism-education",
    "4/admonition-talk",
    "4/written-self-examination",
    "4/points",
    "4/no-awards",
    "4/public-criticism",
    "4/loss-of-qualification",
    "4/refer-to-discipline",
]
BARE = [("catch-all-bare", "wenze:readings#r8")]
BOTH = pytest.mark.parametrize("subject", [UNIT, PERSON])


@BOTH
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ground(ground: str, subject: object) -> None:
    assert refusals(AK3, subject, ground, "4/points") == (BARE if ground == "5.15" else [])
    assert refusals(AK3, subject, ground, "4/points", catch_all=REASONED) == []


@BOTH
@pytest.mark.parametrize("sanction", SANCTIONS)
def test_every_sanction_is_for_units_and_persons(sanction: str, subject: object) -> None:
    assert refusals(AK3, subject, "5.1", sanction) == []


@BOTH
def test_all_at_once_and_one_that_is_not_named(subject: object) -> None:
    assert refusals(AK3, subject, "5.1", " ".join(SANCTIONS)) == []
    assert refusals(AK3, subject, "5.1", "4") == BARE
    assert refusals(AK3, subject, "5.1", "4", catch_all=REASONED) == []
    assert codes(AK3, subject, "5.1", "4/fine", catch_all=REASONED) == ["sanction-unknown"]
    assert codes(AK3, subject, "5.1", f"{AK1}7.1") == ["sanction-unknown"]


@BOTH
@pytest.mark.parametrize("circumstance", ["7.1", "7.2", "7.3", "7.4"])
def test_every_circumstance_allows_that_nothing_is_imposed(circumstance: str, subject: object) -> None:
    said = {"catch_all": REASONED} if circumstance == "7.4" else {}
    for sanctions in ("4/criticism-education", ""):
        assert refusals(AK3, subject, "5.1", sanctions, circumstance, **said) == []
    verdict = judge(AK3, proposal(AK3, subject, "5.1", "", circumstance, **said))
    assert verdict.allows == (Leniency.LIGHTER, Leniency.REDUCED, Leniency.WAIVED)
    assert [item.binding for item in verdict.circumstances] == ["may"]
    assert refusals(AK3, subject, "5.1", "", "7.4") == BARE


@BOTH
def test_without_a_circumstance_nothing_is_waived(subject: object) -> None:
    assert refusals(AK3, subject, "5.1") == [("waiver-without-circumstance", "wenze:readings#r9")]


@BOTH
def test_points_follow_beside_the_sanctions(subject: object) -> None:
    verdict = judge(AK3, proposal(AK3, subject, "5.1", "4/points"))
    assert [(remark.code, remark.clause) for remark in verdict.remarks] == [("sanctions.consequence", f"{AK3}5")]


@BOTH
def test_the_matter_lies_within_the_remit_and_a_missing_self_report_blocks_nothing(subject: object) -> None:
    assert refusals(AK3, subject, "5.1", "4/points", missing="remit") == [("before-missing", "6.2/decide")]
    said = {"in_order": False, "gravity": Gravity.LIGHT, "missing": "self-report"}
    verdict = judge(AK3, proposal(AK3, subject, "5.1", "4/points", **said))
    assert verdict.accepted
    assert ("sanctions.before-tracked", f"{AK3}6.1") in [(remark.code, remark.clause) for remark in verdict.remarks]


@BOTH
def test_gravity_is_named(subject: object) -> None:
    assert refusals(AK3, subject, "5.1", "4/points", in_order=False) == [("gravity-missing", "5")]
    for gravity in Gravity:
        assert refusals(AK3, subject, "5.1", "4/points", in_order=False, gravity=gravity) == []


@pytest.mark.parametrize(
    ("subject", "class_", "reached"),
    [
        (UNIT, "window-department", True),
        (PERSON, "window-staff", True),
        (UNIT, "centre", False),
        (PERSON, "centre-staff", False),
    ],
)
def test_the_centre_is_not_reached(subject: object, class_: str, reached: bool) -> None:
    assert refusals(AK3, subject, "5.1", "4/points", subject_class=class_) == ([] if reached else [("not-for-class", "5.1")])


def test_referral_to_discipline_rests_on_its_document() -> None:
    assert judge(AK3, proposal(AK3, PERSON, "5.14", "4/points 4/refer-to-discipline")).documents == (
        f"{AK3}4/refer-to-discipline",
    )


def test_who_bears_no_share_is_not_sanctioned() -> None:
    assert codes(AK3, PERSON, "5.1", "4/points", share=Share.NONE) == ["share-none"]
    assert codes(AK3, PERSON, "5.1", "4/points", share=Share.PRIMARY) == []


def test_grounds_of_the_other_regime_are_refused_as_of_another_instrument() -> None:
    (reason,) = judge(AK3, proposal(AK3, PERSON, f"5.1 {AK1}4.5.2", "4/points")).reasons
    assert reason.code == "sanctions.ground-unknown"
    assert {"wenze:readings#r13", f"{AK1}4.5.2", f"{AK3}5"} <= {reason.clause, *reason.cites}
