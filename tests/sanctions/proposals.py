"""Proposals of decisions in short: everything unsaid is in order, and each ground is about an act of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from core.jurisdictions import Jurisdiction, Jurisdictions
from core.sanctions.decision import decide
from core.sanctions.proposal import CatchAll, EstablishedGround, Proposal, Verdict
from core.sanctions.regime import Regime, SubjectKind

UNIT, PERSON = SubjectKind.UNIT, SubjectKind.PERSON
REASONED = CatchAll("规范另有规定", "某规定第三条")
AK1, AK3 = "ankang:platform-2017#", "ankang:centre-2018#"
BD1, GZ, JC1 = "baoding:accountability-2010#", "ganzhou:hotline-2022#", "jincheng:accountability-2017#"


@cache
def cities() -> Jurisdictions:
    """The installed cities."""
    return Jurisdictions.discover()


def city_with(instrument: str) -> Jurisdiction:
    """The city that has an instrument (``ankang:platform-2017#`` will do)."""
    return cities().city_of(instrument.rstrip("#"))


def regime_of(instrument: str) -> Regime:
    """The regime over an instrument."""
    return next(item for item in city_with(instrument).regimes.values() if item.instrument == instrument.rstrip("#"))


def proposal(
    instrument: str, subject: SubjectKind, grounds: str = "", sanctions: str = "", circumstances: str = "", **said: Any
) -> Proposal:
    """A proposal by clause numbers with blanks between them (``4.1.2 4.5.1``); ``missing`` names prerequisites not there."""
    missing = set(str(said.pop("missing", "")).split())
    done = frozenset(item.key for item in regime_of(instrument).versions[-1].before) - missing
    acts = said.pop("acts", None) or grounds.split()
    severity = said.pop("severity", None)
    documented = frozenset(instrument + item for item in sanctions.split())
    return Proposal(
        subject=subject,
        grounds=tuple(
            EstablishedGround(_cite(instrument, ref), act) for ref, act in zip(grounds.split(), acts, strict=True)
        ),
        sanctions=tuple(_cite(instrument, ref) for ref in sanctions.split()),
        circumstances=tuple(_cite(instrument, ref) for ref in circumstances.split()),
        severity=instrument + severity if severity else None,
        responsibility=tuple(instrument + item for item in said.pop("responsibility", "").split()),
        **{"done": done, "documented": documented, "in_order": True} | said,
    )


def judge(instrument: str, proposed: Proposal, *confirmed: str) -> Verdict:
    """What comes of it under the regime over the instrument."""
    return decide(proposed, regime_of(instrument), city_with(instrument).rulebook, frozenset(confirmed))


def refusals(instrument: str, subject: SubjectKind, *words: str, **said: Any) -> list[tuple[str, str]]:
    """Why it is refused: code and clause (without its instrument) of each reason; empty where it is accepted."""
    verdict = judge(instrument, proposal(instrument, subject, *words, **said))
    assert verdict.accepted == (not verdict.reasons)
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict
    return [(reason.code.removeprefix("sanctions."), reason.clause.removeprefix(instrument)) for reason in verdict.reasons]


def codes(*args: Any, **said: Any) -> list[str]:
    """The codes alone."""
    return [code for code, _ in refusals(*args, **said)]


def _cite(instrument: str, ref: str) -> str:
    return ref if ":" in ref else instrument + ref
