"""The deadlines: each arises, counts from something, has a term and a holder, and can be met."""

from __future__ import annotations

from collections.abc import Iterator

from core.cases.house_steps import ADD_PETITIONER, house_step
from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.graph import Graph
from core.deadlines.derive import NAMED_UNITS
from core.procedure import CO_HANDLER, CaseKind, DeadlineRule, Field, FieldType, Part, StepKind, Verb
from core.sanctions.holding import CORRECTION_TERM, EACH_SUBJECT, names_subjects

_UNIT_HOLDERS = {
    "lead-unit": {Part.LEAD},
    "cooperating-units": {Part.COOPERATING},
    "each-unit": {Part.LEAD, Part.COOPERATING},
    NAMED_UNITS: {Part.LEAD, Part.COOPERATING},
}


def check_deadlines(city: City) -> Iterator[Finding]:
    """Every deadline names steps, facts, offices and settings that exist, and somebody can meet it in time."""
    for kind in city.kinds:
        for rule in kind.deadlines:
            place = f"kind {kind.key}, deadline {rule.key}"
            yield from _check_names(place, kind, rule)
            yield from _check_start(place, kind, rule)
            yield from _check_holder(place, kind, rule)
            yield from _check_end(place, kind, rule)
            yield from _check_term(place, city, kind, rule)


def _check_names(place: str, kind: CaseKind, rule: DeadlineRule) -> Iterator[Finding]:
    steps = {step.key for step in kind.steps}
    arising = steps | ({ADD_PETITIONER} if _can_be_joined(kind) else set())
    named = (rule.arises_on, arising), (rule.met_by, steps), (rule.lapses_on, steps)
    for role, (keys, known) in zip(("arises_on", "met_by", "lapses_on"), named, strict=True):
        for key in sorted(set(keys) - known):
            yield Finding("deadlines.step-unknown", place, f"{role} names step {key!r}, which the kind does not have")
    if rule.replaces is not None and rule.replaces not in {other.key for other in kind.deadlines} - {rule.key}:
        yield Finding(
            "deadlines.replaces-unknown", place, f"replaces {rule.replaces!r}, which is no other deadline of the kind"
        )


def _check_start(place: str, kind: CaseKind, rule: DeadlineRule) -> Iterator[Finding]:
    if rule.starts in {"receipt", "step"}:
        return
    name = rule.starts.removeprefix("fact:")
    kept = {field.key for step in kind.steps for field in step.fields if field.keep and field.type is FieldType.INSTANT}
    if name == rule.starts or name not in kept:
        advice = f"starts {rule.starts!r}; it must be receipt, step, or fact: with a kept field of type instant"
        yield Finding("deadlines.start-unknown", place, advice)


def _check_holder(place: str, kind: CaseKind, rule: DeadlineRule) -> Iterator[Finding]:
    if rule.holder == EACH_SUBJECT:
        if kind.regime is None or not all(names_subjects(step) for step in _steps(kind, rule.arises_on)):
            advice = "is held by each subject; let it arise on steps of an accountability case that name subjects"
            yield Finding("deadlines.holder-without-subjects", place, advice)
        return
    scheme, _, name = rule.holder.partition(":")
    if rule.holder in _UNIT_HOLDERS:
        if not any(step.verb is Verb.DISPATCH for step in kind.steps):
            advice = f"is held by {rule.holder}, and no step dispatches a case to units; add one with the verb dispatch"
            yield Finding("deadlines.holder-without-dispatch", place, advice)
        for step in _steps(kind, rule.arises_on) if rule.holder == NAMED_UNITS else ():
            if not any(field.type is FieldType.UNITS for field in step.fields):
                advice = f"is held by {NAMED_UNITS}, and {step.key} has no field of type units that names any; add one"
                yield Finding("deadlines.holder-never-named", place, advice)
    elif scheme == "fact" and name not in {field.key for field in _office_fields(kind)}:
        advice = f"holder {rule.holder!r} must name a kept enum, whose options have the keys of offices"
        yield Finding("deadlines.holder-unknown", place, advice)
    elif scheme not in {"office", "fact"} or not name:
        advice = f"holder {rule.holder!r} must be office:<key>, fact:<field> or one of {', '.join(sorted(_UNIT_HOLDERS))}"
        yield Finding("deadlines.holder-unknown", place, advice)


def _office_fields(kind: CaseKind) -> list[Field]:
    fields = [field for step in kind.steps for field in step.fields]
    enums = [field for field in fields if field.type is FieldType.ENUM and field.keep]
    return [field for field in enums if all(option.key for option in field.options)]


def _check_end(place: str, kind: CaseKind, rule: DeadlineRule) -> Iterator[Finding]:
    graph = Graph(kind)
    meeting = _steps(kind, rule.met_by)
    for arising in _steps(kind, rule.arises_on):
        if arising.verb is Verb.SPLIT:
            advice = f"arises on {arising.key}, which ends the case's own work; let it arise in its parts"
            yield Finding("deadlines.on-split", place, advice)
        elif arising.to in graph.final or (arising.to is None and graph.final.intersection(arising.after)):
            advice = f"arises on {arising.key}, when the case is in a final state already; nothing would ever end it"
            yield Finding("deadlines.in-final-state", place, advice)
        elif meeting and not any(graph.follows(step, arising) for step in meeting):
            advice = f"none of {', '.join(rule.met_by)} can be taken after {arising.key}; name a step that can"
            yield Finding("deadlines.met-out-of-reach", place, advice)
    if not rule.met_by and not rule.window:
        yield Finding("deadlines.never-met", place, "no step meets it; name one under met_by")
    wanted = _UNIT_HOLDERS.get(rule.holder, set())
    served = {part for step in meeting for part in ({step.part} if step.part else set(Part))}
    if meeting and not wanted <= served:
        missing = ", ".join(sorted(part.value for part in wanted - served))
        yield Finding("deadlines.part-cannot-meet", place, f"is held by {missing} units too, whose step is not under met_by")


def _check_term(place: str, city: City, kind: CaseKind, rule: DeadlineRule) -> Iterator[Finding]:
    setting = city.settings.get(rule.setting) if rule.setting else None
    if rule.setting and setting is None:
        yield Finding(
            "deadlines.setting-unknown", place, f"setting {rule.setting!r} is not declared; add it to the settings"
        )
    if setting is not None and setting.type != "term":
        yield Finding(
            "deadlines.setting-no-term", place, f"setting {rule.setting!r} is a {setting.type}; declare it as term"
        )
    if rule.category_limit is not None and rule.setting is None:
        advice = "takes the category's limit and names no setting; only a figure that the text leaves open is a category's"
        yield Finding("deadlines.category-limit-bound", place, advice)
    arising = _steps(kind, rule.arises_on)
    given = [step for step in arising if rule.given_by and _states_term(step, rule.given_by)]
    if rule.given_by and arising and not given:
        advice = f"given_by {rule.given_by!r}: no step it arises on dispatches, or has a field of that name and type term"
        yield Finding("deadlines.given-by-unknown", place, advice)
    passage = city.passage(kind.instrument, rule.clause)
    if rule.window and not any(step.within == rule.key for step in kind.steps):
        yield Finding("deadlines.window-unused", place, "is a window, and no step is taken within it; name it under within")
    if passage is not None and passage.term is None and rule.setting is None and len(given) < len(arising):
        advice = f"{passage.citation} has no term; name a setting (R11), or let each step it arises on state one (given_by)"
        yield Finding("deadlines.no-term", place, advice)


def _states_term(step: StepKind, name: str) -> bool:
    stated = any(field.key == name and field.type is FieldType.TERM for field in step.fields)
    joins = step.verb is Verb.GRANT and step.decides == CO_HANDLER and name == "term"
    decided = step.verb is Verb.SERVE and name == CORRECTION_TERM
    return stated or joins or decided or step.verb is Verb.DISPATCH


def _steps(kind: CaseKind, keys: tuple[str, ...]) -> list[StepKind]:
    joining = [house_step(kind, ADD_PETITIONER)] if ADD_PETITIONER in keys and _can_be_joined(kind) else []
    return [*(step for step in kind.steps if step.key in keys), *joining]


def _can_be_joined(kind: CaseKind) -> bool:
    return kind.petitioner != "none"
