"""Pauses and extensions: what steps move is there to be moved, goes on again, and has its figure from somebody."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City, steps_of
from core.conformance.finding import Finding
from core.conformance.graph import Graph
from core.deadlines.moving import entry_kind
from core.procedure import EXTENSION, CaseKind, StepKind, Verb


def check_moves(city: City) -> Iterator[Finding]:
    """Steps that pause, resume and extend name deadlines, each pause can end, and the settings they rest on are declared."""
    for place, kind, step in steps_of(city.kinds):
        yield from _check_moved(place, kind, step)
        if step.verb is Verb.PAUSE:
            yield from _check_resumed(place, kind, step)
        for name, key, wanted in (("permitted_by", step.permitted_by, "boolean"), ("limit", step.limit, "term")):
            yield from _check_setting(place, city, name, key, wanted)
    for kind in city.kinds:
        for rule in kind.deadlines:
            if rule.optional and (rule.setting is None or rule.window):
                advice = "is optional and needs the setting by which a tenant makes it arise; a window is so by itself"
                yield Finding("moves.optional", f"kind {kind.key}, deadline {rule.key}", advice)


def _check_moved(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    moving = entry_kind(step) is not None or step.asks == EXTENSION
    if moving != bool(step.moves):
        advice = "the verbs pause, resume and extend, and asking for an extension and granting it, go with moves; no others"
        yield Finding("moves.verb", place, advice)
    duties = {rule.key for rule in kind.deadlines if not rule.window}
    for key in sorted(set(step.moves) - duties):
        yield Finding(
            "moves.unknown", place, f"moves {key!r}, which is no deadline of the kind that anybody can be late for"
        )
    if (step.limit or step.beyond_limit) and not moving:
        yield Finding("moves.limit", place, "has a limit of extensions and extends nothing; leave it out")


def _check_resumed(place: str, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    states = Graph(kind).results(step)
    resuming = [other for other in kind.steps if other.verb is Verb.RESUME]
    for key in step.moves:
        if states <= {state for other in resuming if key in other.moves for state in other.after}:
            continue
        yield Finding(
            "moves.never-resumed", place, f"pauses {key}, and no step with the verb resume can let it go on; add one"
        )


def _check_setting(place: str, city: City, name: str, key: str | None, wanted: str) -> Iterator[Finding]:
    if key is None:
        return
    setting = city.settings.get(key)
    if setting is None:
        yield Finding("moves.setting", place, f"{name} {key!r} is not declared; add it to the settings")
    elif setting.type != wanted:
        yield Finding("moves.setting", place, f"{name} {key!r} is a {setting.type}; declare it as {wanted}")
