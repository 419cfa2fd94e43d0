"""A city that is none of the four has a regime of its own, under two versions of its regulation (R7)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from core.errors import Refused
from core.law.instrument import Instrument, Value
from core.law.rulebook import Rulebook
from core.sanctions.decision import decide
from core.sanctions.proposal import EstablishedGround, Proposal, Verdict
from core.sanctions.regime import Share, SubjectKind
from core.sanctions.responsibility import Participant, apportion
from core.sanctions.triggers import Facts, Firing, evaluate, find_trigger
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi

LAW = "yunqi:hazards-2025#"
BEFORE, FIRST, LAST_OLD, NEW = date(2025, 2, 28), date(2025, 3, 1), date(2025, 12, 31), date(2026, 1, 1)


@cache
def city() -> Yunqi:
    """The city, from its package."""
    return load_yunqi()


def judge(subject: SubjectKind, sanction: str, conduct_on: date | None, **said: Any) -> Verdict:
    """What comes of one sanction for coming late."""
    proposed = Proposal(
        subject=subject,
        grounds=(EstablishedGround(f"{LAW}13/late", "a"),),
        sanctions=(f"{LAW}15/{sanction}",) if sanction else (),
        conduct_on=conduct_on,
        **{"in_order": True, "done": frozenset({"talk"})} | said,
    )
    return decide(proposed, city().regimes[0], Rulebook(city().instruments))


def codes(verdict: Verdict) -> list[str]:
    """The codes of its reasons."""
    return [reason.code.removeprefix("sanctions.") for reason in verdict.reasons]


@pytest.mark.parametrize(
    ("conduct_on", "version", "accepted"),
    [(FIRST, "2025", True), (LAST_OLD, "2025", True), (NEW, "2026", False), (None, "2026", False)],
)
def test_the_version_of_the_conduct_decides(conduct_on: date | None, version: str, accepted: bool) -> None:
    verdict = judge(SubjectKind.UNIT, "licence", conduct_on)
    assert (verdict.version, verdict.accepted) == (version, accepted)
    assert codes(verdict) == ([] if accepted else ["sanction-unknown"])


def test_conduct_before_the_first_version_is_refused() -> None:
    verdict = judge(SubjectKind.UNIT, "notice", BEFORE)
    assert (verdict.accepted, verdict.version) == (False, None)
    assert [(reason.code, reason.clause) for reason in verdict.reasons] == [
        ("law.before-first-version", "wenze:readings#r7")
    ]


def test_a_later_version_is_applied_where_it_is_lighter_and_why() -> None:
    on = {"effective_on": date(2026, 2, 1)}
    assert judge(SubjectKind.PERSON, "lessons", FIRST, **on).effects[0].ends_on == date(2026, 2, 11)
    lighter = judge(SubjectKind.PERSON, "lessons", FIRST, version="2026", lighter_reason="学习期限缩短", **on)
    assert (lighter.accepted, lighter.version, lighter.effects[0].ends_on) == (True, "2026", date(2026, 2, 6))
    assert codes(judge(SubjectKind.PERSON, "lessons", FIRST, version="2026")) == ["version-bare"]
    assert codes(judge(SubjectKind.PERSON, "notice", NEW, version="2025")) == ["version-not-in-force"]
    assert codes(judge(SubjectKind.PERSON, "notice", FIRST, version="1999")) == ["version-not-in-force"]
    assert codes(judge(SubjectKind.PERSON, "notice", NEW, version="2026")) == []


def test_an_instrument_of_which_only_the_year_is_known_waits_for_its_day() -> None:
    first, *others = city().instruments[0].versions
    late: Instrument = change(city().instruments[0], versions=(change(first, in_force_from=LAST_OLD), *others))
    for day, accepted in ((date(2025, 12, 30), False), (LAST_OLD, True)):
        proposed = Proposal(
            subject=SubjectKind.UNIT,
            grounds=(EstablishedGround(f"{LAW}13/late", "a"),),
            sanctions=(f"{LAW}15/notice",),
            conduct_on=day,
            done=frozenset({"talk"}),
            in_order=True,
        )
        assert decide(proposed, city().regimes[0], Rulebook((late,))).accepted == accepted


def test_its_own_grounds_circumstances_and_prerequisites() -> None:
    assert codes(judge(SubjectKind.PERSON, "licence", FIRST)) == ["sanction-not-for-kind"]
    assert codes(judge(SubjectKind.UNIT, "notice", FIRST, done=frozenset())) == ["before-missing"]
    assert codes(judge(SubjectKind.UNIT, "", FIRST)) == ["waiver-without-circumstance"]
    assert codes(judge(SubjectKind.UNIT, "", FIRST, circumstances=(f"{LAW}14/storm",))) == []
    assert codes(judge(SubjectKind.UNIT, "licence", FIRST, subject_class="office")) == ["not-for-class"]
    assert judge(SubjectKind.UNIT, "licence", FIRST).documents == (f"{LAW}15/licence",)


def test_its_own_path() -> None:
    people = (
        Participant("d", "driver"),
        Participant("e", "driver"),
        Participant("f", "foreman", frozenset({"warned_of_ice"})),
    )
    found = apportion(city().regimes[0], Rulebook(city().instruments), "driven", people)
    assert [item.share for item in found.shares] == [Share.PRIMARY, Share.PRIMARY, Share.NONE]
    with pytest.raises(Refused):
        apportion(city().regimes[0], Rulebook(city().instruments), "driven", people, BEFORE)


def fires(instruments: tuple[Instrument, ...], on: date | None = None, **counts: int) -> bool:
    """Whether its trigger fires."""
    rulebook = Rulebook(instruments)
    trigger = find_trigger(city().regimes, rulebook, f"{LAW}13", on)
    assert trigger is not None
    return evaluate(trigger, rulebook, Facts(counts=counts), on).fires is Firing.YES


def test_thresholds_are_those_of_the_version_of_the_day() -> None:
    assert fires(city().instruments, minutes_late=31, hazards=3)
    assert not fires(city().instruments, minutes_late=30, hazards=3)
    assert not fires(city().instruments, minutes_late=31, hazards=2)
    clause = next(item for item in city().instruments[0].versions[-1].clauses if item.ref == "13")
    figures = (clause.values[0], Value("hazards-min", Decimal(4), "hazard"))
    stricter = city().clause("13", values=figures).instruments
    assert fires(stricter, LAST_OLD, minutes_late=31, hazards=3)
    assert not fires(stricter, NEW, minutes_late=31, hazards=3)
    with pytest.raises(Refused):
        fires(stricter, BEFORE, minutes_late=31, hazards=3)
