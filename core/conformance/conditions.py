"""Conditions read facts that can be there, and compare them with values that they can have."""

from __future__ import annotations

from collections.abc import Iterator

from core.cases.bodies import value_of
from core.cases.conditions import as_text
from core.cases.house_steps import ADD_PETITIONER, JOINED_BY_NAME
from core.conformance.city import City
from core.conformance.finding import Finding
from core.facts import CHOICES, establishable
from core.feedback.forms import COMPUTED
from core.procedure import CaseKind, Condition, Field, FieldType, Verb

Values = frozenset[str] | None
"""The values that a fact can have; ``None`` where they are not counted (texts, figures)."""
_YES_OR_NO = frozenset({"true", "false"})


def check_conditions(city: City) -> Iterator[Finding]:
    """Every condition of a step, a prerequisite, a field, a deadline and a supervision can hold."""
    for kind in city.completed:
        facts = known_facts(kind)
        yield from _check_options(kind)
        for place, condition in _conditions(kind):
            yield from _check(place, condition, facts, _evidence(kind))
        for rule in kind.deadlines:
            joining: dict[str, Values] = {JOINED_BY_NAME: _YES_OR_NO} if ADD_PETITIONER in rule.arises_on else {}
            yield from _check(f"kind {kind.key}, deadline {rule.key}", rule.when, facts | joining, _evidence(kind))
        for found in kind.supervisions:
            yield from _check(f"kind {kind.key}, supervision {found.key}", found.when, facts, _evidence(kind))


def _check_options(kind: CaseKind) -> Iterator[Finding]:
    """Only an option that is chosen in a step establishes something."""
    beside = [
        option for step in kind.steps for field in step.fields if field.type not in CHOICES for option in field.options
    ]
    for option in (*kind.channels, *kind.tracks, *beside):
        if option.sets:
            advice = (
                f"option {value_of(option)!r} sets facts and is chosen in no enumeration of a step; let the step set them"
            )
            yield Finding("conditions.sets-idle", f"kind {kind.key}", advice)


def known_facts(kind: CaseKind) -> dict[str, Values]:
    """Every fact that a case of the kind can have, with its values where they are counted."""
    facts: dict[str, Values] = {
        "channel": frozenset(value_of(option) for option in kind.channels),
        "track": frozenset(value_of(option) for option in kind.tracks),
        "state": frozenset(state.key for state in kind.states),
        "anonymous": _YES_OR_NO,
        "overdue": _YES_OR_NO,
        "category": None,
    }
    if any(step.verb is Verb.FEEDBACK for step in kind.steps):
        facts |= COMPUTED
    for step in kind.steps:
        for field in step.fields:
            if field.keep:
                facts[field.key] = _either(facts.get(field.key, frozenset()), values_of(field))
        for name, value in establishable(step):
            facts[name] = _either(facts.get(name, frozenset()), frozenset({as_text(value)}))
    return facts


def values_of(field: Field) -> Values:
    """The values that a field can have, as conditions write them."""
    if field.type is FieldType.BOOLEAN:
        return _YES_OR_NO
    if field.type in {FieldType.ENUM, FieldType.ENUMS}:
        return frozenset(value_of(option) for option in field.options)
    return None


def _either(one: Values, other: Values) -> Values:
    return None if one is None or other is None else one | other


def _evidence(kind: CaseKind) -> set[str]:
    return {field.key for step in kind.steps for field in step.fields if not field.keep}


def _conditions(kind: CaseKind) -> Iterator[tuple[str, Condition]]:
    for step in kind.steps:
        place = f"kind {kind.key}, step {step.key}"
        yield f"{place}, when", step.when
        for needed in step.requires:
            yield f"{place}, requires {needed.step}", needed.when
        for field in step.fields:
            yield f"{place}, field {field.key}", field.required_when


def _check(place: str, condition: Condition, facts: dict[str, Values], evidence: set[str]) -> Iterator[Finding]:
    for name, expected in condition.items():
        if name not in facts:
            kept = "is evidence and no fact of the case; set keep to true" if name in evidence else "is no fact of the kind"
            yield Finding("conditions.fact-unknown", place, f"asks for {name!r}, which {kept}")
            continue
        known = facts[name]
        wanted = {expected} if isinstance(expected, str) else set(expected)
        for value in sorted(wanted - known - {""} if known is not None else ()):
            advice = f"compares {name!r} with {value!r}, which it never is; it can be {', '.join(sorted(known or ()))}"
            yield Finding("conditions.value-unknown", place, advice)
