"""BD1: eighteen grounds, three tiers with what goes together, the corrupt source of 11.3, what article 12 asks for."""

from __future__ import annotations

from datetime import date
from itertools import chain, combinations

import pytest

from core.sanctions.regime import Share
from tests.sanctions.proposals import BD1, PERSON, REASONED, UNIT, codes, judge, proposal, refusals

GROUNDS = [f"{article}.{n}" for article, last in ((5, 4), (6, 4), (7, 3), (8, 2), (9, 5)) for n in range(1, last + 1)]
CONFIRMED = "accountability.removal-reading-confirmed"
ALL_OF_11_2 = "11.2/public-criticism 11.2/written-self-examination 11.2/no-awards"
ALL_OF_11_3 = "11.3/public-criticism 11.3/correction 11.3/no-awards"
BARE = [("catch-all-bare", "wenze:readings#r8")]
NAMED = {
    UNIT: ["11.2/criticism", "11.3/public-criticism", "11.3/correction", "11.3/no-awards"],
    PERSON: [
        "11.1/oral-admonition",
        "11.1/criticism-education",
        "11.1/correction",
        "11.2/public-criticism",
        "11.2/written-self-examination",
        "11.2/no-awards",
        "11.3/removal",
        "11.3/transfer",
        "11.3/off-post-training",
    ],
}
LAWFUL = {
    (UNIT, "11.1"): [],
    (UNIT, "11.2"): [{"11.2/criticism"}],
    (UNIT, "11.3"): [set(ALL_OF_11_3.split())],
    (PERSON, "11.1"): [{"11.1/oral-admonition", "11.1/correction"}, {"11.1/criticism-education", "11.1/correction"}],
    (PERSON, "11.2"): [set(ALL_OF_11_2.split())],
    (PERSON, "11.3"): [{"11.3/removal"}, {"11.3/transfer"}, {"11.3/removal", "11.3/transfer"}, {"11.3/off-post-training"}],
}
"""Read from the article by hand: what a decision of that tier can be."""


def test_there_are_eighteen_grounds() -> None:
    assert len(GROUNDS) == 18


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_ground_for_units_and_persons(ground: str) -> None:
    for subject, sanctions in ((UNIT, "11.2/criticism"), (PERSON, ALL_OF_11_2)):
        assert refusals(BD1, subject, ground, sanctions, severity="11.2") == (BARE if ground == "5.4" else [])
        assert refusals(BD1, subject, ground, sanctions, severity="11.2", catch_all=REASONED) == []


@pytest.mark.parametrize("severity", ["11.1", "11.2", "11.3"])
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_every_selection_of_sanctions_under_every_tier(subject: object, severity: str) -> None:
    named = NAMED[subject]
    for chosen in chain.from_iterable(combinations(named, size) for size in range(1, len(named) + 1)):
        verdict = judge(BD1, proposal(BD1, subject, "5.2", " ".join(chosen), severity=severity), CONFIRMED)
        assert verdict.accepted == (set(chosen) in LAWFUL[subject, severity]), (chosen, verdict.reasons)
        if not verdict.accepted:
            assert f"{BD1}{severity}" in {clause for reason in verdict.reasons for clause in (reason.clause, *reason.cites)}


@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_nothing_is_waived_and_there_are_no_circumstances(subject: object) -> None:
    assert codes(BD1, subject, "5.2", "", severity="11.2") == ["waiver-none"]
    assert codes(BD1, subject, "5.2", "", "10.2", severity="11.2") == ["circumstances-none", "waiver-none"]


@pytest.mark.parametrize("sanction", NAMED[PERSON])
def test_what_is_for_persons_is_not_for_units(sanction: str) -> None:
    assert ("sanction-not-for-kind", "11") in refusals(BD1, UNIT, "5.2", sanction, severity=sanction.partition("/")[0])


def test_a_decision_names_its_tier() -> None:
    assert refusals(BD1, UNIT, "5.2", "11.2/criticism", in_order=False, share=Share.SOLE) == [("severity-missing", "11")]
    assert codes(BD1, UNIT, "5.2", "11.2/criticism", severity="11.4") == ["severity-unknown"]
    assert codes(BD1, UNIT, "5.2", "11.2/criticism 11.3/public-criticism 11.3/correction 11.3/no-awards") == [
        "severity-missing"
    ]
    assert codes(BD1, UNIT, "5.2", "11.2/criticism") == [], "what a table leaves unsaid is in order"


def test_referrals_are_no_sanctions() -> None:
    for referral in ("11.4", "11.5"):
        assert "sanction-is-referral" in codes(BD1, PERSON, "5.2", f"{ALL_OF_11_2} {referral}", severity="11.2")


@pytest.mark.parametrize("sanction", ["11.3/removal", "11.3/transfer", "11.3/removal 11.3/transfer"])
def test_removal_and_transfer_wait_for_the_confirmed_reading(sanction: str) -> None:
    expected = [("reading-unconfirmed", item) for item in sanction.split()]
    assert refusals(BD1, PERSON, "5.2", sanction, severity="11.3") == expected
    proposed = proposal(BD1, PERSON, "5.2", sanction, severity="11.3")
    confirmed = judge(BD1, proposed, CONFIRMED)
    assert confirmed.accepted
    assert confirmed.documents == tuple(BD1 + item for item in sanction.split())
    assert not judge(BD1, proposed, "another.setting").accepted


@pytest.mark.parametrize("key", ["investigation", "hearing"])
@pytest.mark.parametrize("subject", [UNIT, PERSON])
def test_what_must_be_done_before(key: str, subject: object) -> None:
    sanctions = "11.2/criticism" if subject is UNIT else ALL_OF_11_2
    assert refusals(BD1, subject, "5.2", sanctions, severity="11.2", missing=key) == [("before-missing", "12")]


def test_the_minor_tier_is_for_the_directly_responsible() -> None:
    minor = "11.1/oral-admonition 11.1/correction"
    assert refusals(BD1, PERSON, "5.2", minor, severity="11.1", missing="directly-responsible") == [
        ("before-missing", "11.1")
    ]
    assert refusals(BD1, PERSON, "5.2", ALL_OF_11_2, severity="11.2", missing="directly-responsible") == []


@pytest.mark.parametrize("subject", [UNIT, PERSON])
@pytest.mark.parametrize("share", Share)
def test_who_bears_no_share_cannot_be_sanctioned(subject: object, share: Share) -> None:
    sanctions = "11.2/criticism" if subject is UNIT else ALL_OF_11_2
    expected = [("share-none", "10")] if share is Share.NONE else []
    assert refusals(BD1, subject, "5.2", sanctions, severity="11.2", share=share) == expected


def test_nothing_is_to_be_imposed_on_who_bears_no_share() -> None:
    assert refusals(BD1, PERSON, "5.2", "", severity="11.2", share=Share.NONE) == []
    assert codes(BD1, PERSON, "5.2", "", severity="11.2", share=Share.SECONDARY) == ["waiver-none"]


def test_responsibility_is_apportioned_before() -> None:
    bare = {"severity": "11.2", "in_order": False}
    assert refusals(BD1, PERSON, "5.2", ALL_OF_11_2, **bare) == [("share-missing", "12")]
    assert refusals(BD1, PERSON, "5.2", ALL_OF_11_2, **bare, share=Share.SECONDARY) == []


@pytest.mark.parametrize(
    ("sanction", "severity", "effective_on", "ends", "ends_on"),
    [
        ("11.2/no-awards", "11.2", date(2026, 1, 1), "year", date(2026, 12, 31)),
        ("11.2/no-awards", "11.2", date(2026, 12, 31), "year", date(2026, 12, 31)),
        ("11.3/off-post-training", "11.3", date(2026, 3, 15), "term", date(2026, 6, 15)),
        ("11.3/off-post-training", "11.3", date(2026, 11, 30), "term", date(2027, 2, 28)),  # no such day: the month's last
        ("11.3/off-post-training", "11.3", date(2027, 11, 30), "term", date(2028, 2, 29)),
        ("11.3/off-post-training", "11.3", date(2026, 7, 1), "term", date(2026, 10, 1)),  # a holiday: nothing is rolled
        ("11.3/off-post-training", "11.3", None, "term", None),
        ("11.1/correction", "11.1", date(2026, 3, 15), "setting", None),
    ],
)
def test_effects_end(sanction: str, severity: str, effective_on: date | None, ends: str, ends_on: date | None) -> None:
    proposed = proposal(BD1, PERSON, "5.2", sanction, severity=severity, effective_on=effective_on)
    (effect,) = judge(BD1, proposed).effects
    assert (effect.sanction, effect.ends, effect.begins_on, effect.ends_on) == (BD1 + sanction, ends, effective_on, ends_on)
    assert effect.setting == ("accountability.correction-term" if ends == "setting" else None)
