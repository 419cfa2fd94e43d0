"""Accountability cases: a kind that has them names its regime, its procedure comes to a decision, its settings are there."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City
from core.conformance.finding import Finding
from core.procedure import OF_MATTERS, CaseKind, Verb

_WANTED = (Verb.CHARGE, Verb.ESTABLISH, Verb.DECIDE)


def check_matters(city: City) -> Iterator[Finding]:
    """Steps of a matter and a regime go together; such cases are confidential, nobody brings them, and they are decided."""
    known = {regime.key: regime for regime in city.jurisdiction.hooks.provide_regimes()}
    for kind in city.kinds:
        place = f"kind {kind.key}"
        if kind.regime is None:
            used = sorted(step.key for step in kind.steps if step.verb in OF_MATTERS or step.copies)
            if used:
                yield Finding("matters.no-regime", place, f"has {', '.join(used)} and no regime; name one of the city's")
            continue
        regime = known.get(kind.regime)
        if regime is None or regime.instrument != kind.instrument:
            names = ", ".join(key for key, item in known.items() if item.instrument == kind.instrument) or "none"
            advice = f"{kind.regime!r} is no regime over {kind.instrument}; there: {names}"
            yield Finding("matters.regime-unknown", place, advice)
        yield from _check_kind(place, kind)
        yield from _check_settings(place, city, kind)


def _check_kind(place: str, kind: CaseKind) -> Iterator[Finding]:
    if kind.petitioner != "none" or not kind.confidential:
        advice = "is about people who are to answer for something; let petitioner be none and confidential true"
        yield Finding("matters.open", place, advice)
    verbs = {step.verb for step in kind.steps}
    for verb in _WANTED:
        if verb not in verbs:
            yield Finding("matters.step-missing", place, f"has no step with the verb {verb.value}; nothing could be decided")


def _check_settings(place: str, city: City, kind: CaseKind) -> Iterator[Finding]:
    for name, type_ in (("remedy_organ", "text"), ("retention", "text"), ("points", "decimal")):
        key: str | None = getattr(kind, name)
        setting = city.settings.get(key) if key else None
        if key and (setting is None or setting.type != type_):
            yield Finding("matters.setting", place, f"{name} {key!r} must be a declared setting of the type {type_}")
