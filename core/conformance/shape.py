"""The shape of each kind of case: one registration, names that stand once, and references to what exists."""

from __future__ import annotations

from collections.abc import Iterator

from core.cases.house_steps import MERGED
from core.conformance.answers import check_answer_step, check_answers
from core.conformance.city import City, steps_of
from core.conformance.finding import Finding
from core.conformance.requests import check_request
from core.conformance.walk import repeated
from core.procedure import CaseKind, Role, StepKind, Verb


def check_kinds(city: City) -> Iterator[Finding]:
    """There are kinds; their keys and number prefixes stand once; each has an instrument and one registration."""
    if not city.kinds:
        yield Finding("kinds.none", "kinds", "there is none; a city needs at least one kind of case")
    for key in repeated([kind.key for kind in city.kinds]):
        yield Finding("kinds.key-twice", f"kind {key}", "stands twice; give each kind a key of its own")
    for prefix in repeated([kind.number_prefix for kind in city.kinds]):
        advice = f"number prefix {prefix} stands twice; case numbers would be given twice"
        yield Finding("kinds.prefix-twice", "kinds", advice)
    for kind in city.kinds:
        yield from _check_kind(city, kind)


def _check_kind(city: City, kind: CaseKind) -> Iterator[Finding]:
    place = f"kind {kind.key}"
    if kind.instrument not in city.rulebook.instruments:
        advice = f"rests on {kind.instrument!r}, which is not loaded; name one of the city's instruments"
        yield Finding("kinds.instrument-unknown", place, advice)
    if kind.petitioner not in {"optional", "none"}:
        yield Finding("kinds.petitioner-unknown", place, f"petitioner {kind.petitioner!r} must be optional or none")
    registrations = [step.key for step in kind.steps if step.verb is Verb.REGISTER]
    if registrations != ["register"]:
        advice = f"has {registrations or 'no step'} to register it; it needs exactly one, with the key register"
        yield Finding("kinds.registration-count", place, advice)
    names = {
        "state": [state.key for state in kind.states],
        "step": [step.key for step in kind.steps],
        "deadline": [rule.key for rule in kind.deadlines],
        "channel": [option.key or option.clause or "" for option in kind.channels],
        "track": [option.key or option.clause or "" for option in kind.tracks],
    }
    for what, keys in names.items():
        for key in repeated(keys):
            yield Finding(f"{what}s.key-twice", f"{place}, {what} {key}", f"stands twice; give each {what} a key of its own")
    if MERGED.key in names["state"]:
        advice = "is the state of the house for a case that was merged into another; give the city's own another key"
        yield Finding("states.of-the-house", f"{place}, state {MERGED.key}", advice)
    classified = any(step.verb is Verb.CLASSIFY for step in kind.steps)
    if classified != bool(kind.tracks):
        yield Finding("tracks.unmatched", place, "tracks and a step with the verb classify go together; add what is missing")
    yield from check_answers(place, kind)


def check_steps(city: City) -> Iterator[Finding]:
    """Every step names states and steps that exist, and can be taken from somewhere."""
    for place, kind, step in steps_of(city.kinds):
        yield from _check_states(place, kind, step)
        known = {other.key for other in kind.steps}
        for needed in step.requires:
            if needed.step not in known:
                yield Finding("steps.requires-unknown", place, f"requires step {needed.step!r}, which does not exist")
        if step.part is not None and Role.UNIT_OFFICER not in step.by:
            advice = f"asks for the {step.part.value} unit's part, and no unit officer takes it; add unit-officer to by"
            yield Finding("steps.part-without-officer", place, advice)
        yield from check_request(place, kind, step)
        yield from check_answer_step(place, kind, step)
        if (step.verb is Verb.SPLIT) != (step.parts_begin is not None) or (step.verb is Verb.SPLIT and step.to is None):
            advice = "a split leads to a state in which the case waits (to), and names that in which its parts begin"
            yield Finding("steps.split", place, advice)


def _check_states(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    known = {state.key for state in kind.states}
    for key in sorted({*step.after, *(key for key in (step.to, step.to_vacant, step.parts_begin) if key)} - known):
        yield Finding("steps.state-unknown", place, f"names state {key!r}, which the kind does not have")
    if step.verb is Verb.REGISTER and step.after:
        yield Finding("steps.registration-after", place, "nothing comes before the registration; leave out after")
    if step.verb is not Verb.REGISTER and not step.after:
        yield Finding("steps.after-missing", place, "can never be taken; name the states that it follows under after")
