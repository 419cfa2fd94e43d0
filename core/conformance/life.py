"""The life of each kind of case: every state is reached, and from every state there is a way to an end."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City, steps_of
from core.conformance.finding import Finding
from core.conformance.graph import Graph
from core.procedure import CaseKind, Verb


def check_states(city: City) -> Iterator[Finding]:
    """No state is out of reach or without a way to a final state, and a case leaves a final state by reopening alone."""
    for kind in city.kinds:
        yield from _check_reach(kind, Graph(kind))
    for place, kind, step in steps_of(city.kinds):
        left = kind.final_states.intersection(step.after)
        if left and step.to not in {None, *kind.final_states} and step.verb is not Verb.REOPEN:
            advice = f"leads out of the final state {', '.join(sorted(left))}; only a step with the verb reopen may"
            yield Finding("states.final-left", place, advice)


def _check_reach(kind: CaseKind, graph: Graph) -> Iterator[Finding]:
    place = f"kind {kind.key}"
    if not graph.final:
        yield Finding("states.none-final", place, "no state is final; mark those in which nothing is due any more")
    for state in kind.states:
        where = f"{place}, state {state.key}"
        if state.key not in graph.reach({graph.initial}):
            yield Finding("states.unreachable", where, "no step leads here; add one, or drop the state")
        if state.final:
            continue
        if not any(start == state.key != end for start, end in graph.moves):
            yield Finding("states.dead-end", where, "no step leads away; add one, or mark the state as final")
        elif graph.final and graph.reach({state.key}).isdisjoint(graph.final):
            yield Finding("states.no-end", where, "a case can get here and never end; add a way to a final state")


def check_prerequisites(city: City) -> Iterator[Finding]:
    """What a step requires can have been done before it."""
    for place, kind, step in steps_of(city.kinds):
        graph = Graph(kind)
        for needed in step.requires:
            earlier = kind.step(needed.step)
            if earlier is not None and not graph.follows(step, earlier):
                advice = f"requires {needed.step}, after which it cannot be taken any more; let {needed.step} come earlier"
                yield Finding("steps.requires-out-of-reach", place, advice)
