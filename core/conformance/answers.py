"""Feedback: somebody is asked who was told something, by somebody who is no unit, and the case does not move by it."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.finding import Finding
from core.conformance.graph import Graph
from core.facts import establishable
from core.feedback.forms import COMPUTED
from core.procedure import CaseKind, Role, StepKind, Verb


def check_answers(place: str, kind: CaseKind) -> Iterator[Finding]:
    """A kind asks its petitioners in one way at most, and leaves to the core what follows from their answers."""
    asking = [step for step in kind.steps if step.verb is Verb.FEEDBACK]
    if len(asking) > 1:
        names = ", ".join(step.key for step in asking)
        yield Finding("feedback.twice", place, f"has {names}; an answer by receipt is a step of one of them, so leave one")
    if asking and kind.petitioner == "none":
        yield Finding("feedback.nobody", place, "asks for an answer, and nobody brings such a case; take the step out")
    for step in kind.steps if asking else ():
        for name in sorted(COMPUTED.keys() & {*dict(establishable(step)), *(field.key for field in step.fields)}):
            advice = f"states {name!r}, which follows from what petitioners answer; call it something else"
            yield Finding("feedback.computed", f"{place}, step {step.key}", advice)


def check_answer_step(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    """An answer comes after a reply, to somebody who does not work for a unit, and leaves the case where it is."""
    if step.verb is not Verb.FEEDBACK:
        return
    if not {Role.UNIT_OFFICER, Role.PETITIONER}.isdisjoint(step.by):
        advice = "a unit never learns who said what, and petitioners answer by receipt; take unit-officer and petitioner out"
        yield Finding("feedback.by-whom", place, advice)
    if step.to is not None:
        advice = f"leads to {step.to!r}, where nobody else could answer any more; leave out to"
        yield Finding("feedback.moves", place, advice)
    graph = Graph(kind)
    replied = {state for other in kind.steps if other.verb is Verb.REPLY for state in graph.results(other)}
    for state in sorted(set(step.after) - replied):
        yield Finding("feedback.unasked", place, f"can be taken in {state!r}, to which no step with the verb reply leads")
