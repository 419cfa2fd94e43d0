"""Requests: what is asked can be granted and declined, by somebody who is not the one that asks."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.finding import Finding
from core.conformance.graph import Graph
from core.procedure import JUSTIFICATION, RETURN, CaseKind, Role, StepKind, Verb

_WANTED = {Verb.ASK: "asks", Verb.GRANT: "decides", Verb.DECLINE: "decides"}


def check_request(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    """Steps that ask and decide name their request, every request is decided both ways, and windows are there."""
    wanted = _WANTED.get(step.verb)
    for name in ("asks", "decides"):
        if (name == wanted) != (getattr(step, name) is not None):
            advice = f"the verb {step.verb.value} and {name} do not fit; ask goes with asks, grant and decline with decides"
            yield Finding("requests.verb", place, advice)
    if step.asks is not None:
        yield from _check_decided(place, kind, step)
    if step.decides == RETURN and step.verb is Verb.GRANT and step.to_vacant is None:
        advice = "can leave the case without a lead unit; name the state in which it is dispatched anew under to_vacant"
        yield Finding("requests.vacant", place, advice)
    yield from _check_lateness(place, kind, step)
    if step.within is not None and step.within not in {rule.key for rule in kind.deadlines if rule.window}:
        yield Finding("requests.window", place, f"is taken within {step.within!r}, which is no window of the kind")


def _check_lateness(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    """What is found of a lateness can be taken back, and no unit decides what units, or offices, are late with."""
    if step.revokes is not None and (step.revokes != JUSTIFICATION or step.verb is not Verb.RECORD):
        advice = "a step that takes back (revokes) has the verb record, and a justification is all that can be taken back"
        yield Finding("requests.revokes", place, advice)
    if step.asks == JUSTIFICATION and not any(other.revokes == JUSTIFICATION for other in kind.steps):
        advice = "asks for a justification, and no step takes back one that was granted; use withdraw-justification, too"
        yield Finding("requests.never-revoked", place, advice)
    if step.is_about_lateness and step.asks is None and Role.UNIT_OFFICER in step.by:
        advice = "decides whether lateness is justified, and no unit decides what units are late with; take unit-officer out"
        yield Finding("requests.lateness-by-unit", place, advice)


def _check_decided(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    graph = Graph(kind)
    for verb in (Verb.GRANT, Verb.DECLINE):
        deciding = [other for other in kind.steps if other.verb is verb and other.decides == step.asks]
        if not any(graph.results(step).intersection(other.after) for other in deciding):
            advice = f"asks for {step.asks}, and no step with the verb {verb.value} can decide it right after; add one"
            yield Finding("requests.undecided", place, advice)
