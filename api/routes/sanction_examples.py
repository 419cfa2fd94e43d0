"""Examples of questions about accountability, from the city's own data: each is a sound one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.jurisdictions import Jurisdiction
from core.law.instrument import Version
from core.sanctions.dating import law_on, regime_on
from core.sanctions.grounds import leaves_open
from core.sanctions.reach import kinds_reached
from core.sanctions.regime import Bound, DecisionPath, Gravity, Regime, RegimeVersion, Responsibility, SubjectKind, Trigger

_DAY = "2026-09-18"
_NAMES = "甲乙丙丁戊己庚辛"


def decision_examples(city: Jurisdiction) -> Mapping[str, Any]:
    """A decision under each regime that may be as it is proposed."""
    return {regime.key: _decision(city, regime) for regime in city.regimes.values()}


def responsibility_examples(city: Jurisdiction) -> Mapping[str, Any]:
    """A question about shares under each regime."""
    return {regime.key: _responsibility(city, regime) for regime in city.regimes.values()}


def trigger_examples(city: Jurisdiction) -> Mapping[str, Any]:
    """One question about every clause with a computed limb."""
    triggers = [item for regime in city.regimes.values() for item in regime_on(regime, city.rulebook).triggers]
    return {"facts": {"questions": [_facts(item) for item in triggers], "on": _DAY}}


def _decision(city: Jurisdiction, regime: Regime) -> dict[str, Any]:
    version, law = regime_on(regime, city.rulebook), law_on(city.rulebook, regime.instrument, None)
    kind = SubjectKind.UNIT if SubjectKind.UNIT in version.sanctions else SubjectKind.PERSON
    sanctions, severity = _sanctions(version, law, kind)
    question: dict[str, Any] = {
        "regime": regime.key,
        "subject": kind.value,
        "grounds": [{"clause": _ground(version, law, kind), "act": "三月办件"}],
        "sanctions": sanctions,
        "conduct_on": _DAY,
        "effective_on": "2026-10-12",
        "share": "sole",
    }
    question |= {"severity": severity} if severity else {}
    question |= {"gravity": _gravity(version, kind, sanctions)} if version.gravity else {}
    labels = _labels(version.responsibility, law, kind)
    question |= {"responsibility": labels} if labels else {}
    return question | ({"done": list(dict.fromkeys(item.key for item in version.before))} if version.before else {})


def _ground(version: RegimeVersion, law: Version, kind: SubjectKind) -> str:
    fitting = (item for item in version.categories if kind in kinds_reached(law, item))
    return next(item for item in fitting if not leaves_open(version, law, item))


def _sanctions(version: RegimeVersion, law: Version, kind: SubjectKind) -> tuple[list[str], str | None]:
    """What can be imposed by itself: a tier's, or the first that nobody else decides."""
    for tier in version.tiers:
        if kind in tier.measures:
            measures = tier.measures[kind]
            return [*measures.all, *(measures.one[0][:1] if measures.one else ())], tier.clause
    tied = {item for group in version.together for item in group}
    items = (item for item in version.sanctions[kind].items if not item.organ and item.clause not in tied)
    return [next(item.clause for item in items if not leaves_open(version, law, item.clause))], None


def _gravity(version: RegimeVersion, kind: SubjectKind, sanctions: list[str]) -> str:
    sanction = version.sanction(kind, sanctions[0])
    return (sanction.gravities[0] if sanction and sanction.gravities else Gravity.LIGHT).value


def _labels(told: Responsibility | None, law: Version, kind: SubjectKind) -> list[str]:
    groups = told.distinctions if told else ()
    return [next(label for label in group if kind in kinds_reached(law, label)) for group in groups]


def _responsibility(city: Jurisdiction, regime: Regime) -> dict[str, Any]:
    version, law = regime_on(regime, city.rulebook), law_on(city.rulebook, regime.instrument, None)
    told = version.responsibility
    if told and told.paths:
        way = told.paths[-1]
        return {"regime": regime.key, "path": way.key, "people": _people(way), "conduct_on": _DAY}
    person: dict[str, Any] = {"name": _NAMES[0], "share": "sole"}
    labels = _labels(told, law, SubjectKind.PERSON)
    people = [person | ({"labels": labels} if labels else {})]
    return {"regime": regime.key, "people": people, "reason": "事项由其一人经办。", "conduct_on": _DAY}


def _people(way: DecisionPath) -> list[dict[str, Any]]:
    return [{"name": name, "role": part.role} for name, part in zip(_NAMES, way.parts, strict=False)]


def _facts(trigger: Trigger) -> dict[str, Any]:
    values: dict[Bound, Any] = {Bound.TRUE: True, Bound.FALSE: False, Bound.AT_LEAST: 5, Bound.ABOVE: 11}
    facts = {item.fact: [{"month": "2026-09", "count": 5}] if item.by_month else values[item.bound] for item in trigger.when}
    years = [{"year": year, "higher": 9, "lower": 0, "total": "96.5"} for year in (2024, 2025)]
    return {"clause": trigger.clause} | facts | ({"years": years} if trigger.run else {})
