"""What must be supervised: each rule can find something, and what it names of the kind is there."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City
from core.conformance.conditions import values_of
from core.conformance.finding import Finding
from core.conformance.walk import repeated
from core.procedure import CaseKind, Field, StepKind
from core.rungs import BREACH, Level
from core.supervisions import Facts, Outside, SupervisionRule


def check_supervisions(city: City) -> Iterator[Finding]:
    """Each rule stands once, is found in one way, by what the kind has, and its steps can say that it is this matter."""
    for kind in city.completed:
        for key in repeated([rule.key for rule in kind.supervisions]):
            yield Finding("supervisions.key-twice", f"kind {kind.key}, supervision {key}", "stands twice; give each a key")
        for rule in kind.supervisions:
            place = f"kind {kind.key}, supervision {rule.key}"
            yield from _check_found(place, kind, rule)
            yield from _check_steps(place, kind, rule)
            yield from _check_outside(place, kind, rule.outside)


def _check_found(place: str, kind: CaseKind, rule: SupervisionRule) -> Iterator[Finding]:
    if (rule.rung is None) == (not rule.on):
        yield Finding(
            "supervisions.how-found", place, "is found either on a rung of deadlines or on steps; give one of both"
        )
    rungs = {BREACH, *(rung.key for rung in kind.warnings if rung.level is not Level.DUE_SOON)}
    if rule.rung is not None and rule.rung not in rungs:
        advice = (
            f"names rung {rule.rung!r}; a rung that the tenant sets finds nothing for the law: {', '.join(sorted(rungs))}"
        )
        yield Finding("supervisions.rung-unknown", place, advice)
    if rule.on and not rule.when:
        yield Finding("supervisions.no-facts", place, "is found on a step whatever comes of it; say which facts must hold")
    duties = {item.key for item in kind.deadlines if not item.window}
    for key in sorted(set(rule.deadlines) - duties):
        yield Finding("supervisions.deadline-unknown", place, f"names {key!r}, which is no deadline that one is late for")


def _check_steps(place: str, kind: CaseKind, rule: SupervisionRule) -> Iterator[Finding]:
    told = (rule.reminding.step, rule.reminding.then) if rule.reminding else ()
    for key in sorted({*rule.on, *rule.steps, *told} - {step.key for step in kind.steps}):
        yield Finding("supervisions.step-unknown", place, f"names step {key!r}, which the kind does not have")
    ways = [step for step in kind.steps if step.key in rule.steps]
    said = [(step, rule.chosen) for step in ways]
    said += [(step, rule.reminding.when) for step in kind.steps if rule.reminding and step.key == rule.reminding.step]
    for step, chosen in said:
        yield from _check_said(place, step, chosen)
    if rule.finding is not None and any(rule.finding not in _fields(step) for step in ways):
        yield Finding("supervisions.finding-unknown", place, f"{rule.finding!r} must be a field of each supervising step")


def _check_outside(place: str, kind: CaseKind, outside: Outside | None) -> Iterator[Finding]:
    """What goes before supervising a unit that is no member can be done, and says so."""
    step = kind.step(outside.step) if outside else None
    if outside is None:
        return
    if step is None:
        yield Finding("supervisions.step-unknown", place, f"names step {outside.step!r}, which the kind does not have")
        return
    if not outside.told or any(step.sets.get(name) != value for name, value in outside.told.items()):
        yield Finding("supervisions.never-told", place, f"asks for facts that step {step.key} does not set; set them there")
    if outside.names is not None and not _keeps(step, outside.names):
        yield Finding("supervisions.never-told", place, f"{outside.names!r} is no kept field of step {step.key}")


def _keeps(step: StepKind, name: str) -> bool:
    field = _fields(step).get(name)
    return field is not None and field.keep


def _check_said(place: str, step: StepKind, chosen: Facts) -> Iterator[Finding]:
    """What a step must say, it can say."""
    for name, expected in chosen.items():
        field = _fields(step).get(name)
        known = values_of(field) if field else frozenset()
        wanted = {expected} if isinstance(expected, str) else set(expected)
        if known is not None and not wanted <= known:
            advice = f"asks that step {step.key} says {name}={'|'.join(sorted(wanted))}, which it never does"
            yield Finding("supervisions.never-said", place, advice)


def _fields(step: StepKind) -> dict[str, Field]:
    return {field.key: field for field in step.fields}
