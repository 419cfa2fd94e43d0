"""A kind of case as a graph of states: what follows from what."""

from __future__ import annotations

from collections.abc import Iterable

from core.procedure import CaseKind, StepKind, Verb


class Graph:
    """The moves from state to state that the steps of a kind allow, whatever their conditions."""

    def __init__(self, kind: CaseKind) -> None:
        self.kind = kind
        self.final = kind.final_states
        self.moves = {(start, end) for step in kind.steps for start in step.after for end in _ends(step, start)}

    @property
    def initial(self) -> str:
        """The state in which a case begins."""
        begins = next((step.to for step in self.kind.steps if step.verb is Verb.REGISTER), None)
        return begins or self.kind.states[0].key

    def reach(self, starts: Iterable[str]) -> set[str]:
        """The states that can be reached from some, themselves included."""
        reached: set[str] = set()
        waiting = set(starts)
        while waiting:
            reached |= waiting
            waiting = {end for start, end in self.moves if start in reached} - reached
        return reached

    def results(self, step: StepKind) -> set[str]:
        """The states that a case can be in right after a step."""
        if step.verb is Verb.REGISTER:
            return {self.initial}
        return {end for start in step.after for end in _ends(step, start)}

    def follows(self, later: StepKind, earlier: StepKind) -> bool:
        """Whether ``later`` can be taken at some time after ``earlier``."""
        return not self.reach(self.results(earlier)).isdisjoint(later.after)


def _ends(step: StepKind, start: str) -> set[str]:
    """The states to which a step can lead from one."""
    return {step.to or start, *([step.to_vacant] if step.to_vacant else [])}
