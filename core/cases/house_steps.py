"""Steps that every kind of case has by the rules of the house, beside those of its city.

They stand in a case's history like any other; of themselves they leave the state as it is. What merging does to it stands
in :mod:`core.cases.merging`. Of their own they make no deadline arise; what a city owes to who joins later, its data says.
"""

from __future__ import annotations

from collections.abc import Callable

from core.cases.rendition import RENDITION
from core.law.instrument import Text
from core.procedure import CaseKind, Role, State, StepKind, Verb

JOINT = "wenze:house#joint"
MERGING = "wenze:house#merging"
CONFIRM_RENDITION = "confirm-rendition"
ADD_PETITIONER = "add-petitioner"
JOINED_BY_NAME = "joined_by_name"
"""What conditions read when somebody joins: whether by name. Of the case it is no fact."""
MERGE, UNMERGE = "merge", "unmerge"
TAKE_IN, LET_GO = "take-in", "let-go"
MERGED = State(key="merged", title=Text(zh="已并案", en="Merged into another case"), final=True)
"""The state of a case that was merged into another (并案). Every kind has it, and no city's data names it."""
_TITLES = {
    CONFIRM_RENDITION: (RENDITION, Text(zh="确认脱敏文本", en="Confirm the rendition")),
    ADD_PETITIONER: (JOINT, Text(zh="增加诉求人", en="Add a petitioner")),
    MERGE: (MERGING, Text(zh="并案", en="Merge into another case")),
    UNMERGE: (MERGING, Text(zh="撤销并案", en="Take out of the other case again")),
    TAKE_IN: (MERGING, Text(zh="并入其他事项", en="Take in a duplicate")),
    LET_GO: (MERGING, Text(zh="并入的事项撤出", en="Let a duplicate go again")),
}
HOUSE_STEPS = frozenset(_TITLES)
"""The keys of these steps."""


def _all_states(kind: CaseKind) -> tuple[str, ...]:
    return tuple(state.key for state in kind.states)


_STATES: dict[str, Callable[[CaseKind], tuple[str, ...]]] = {UNMERGE: lambda _: (MERGED.key,), LET_GO: _all_states}
"""The states in which the other steps are possible: out of a merger, whatever has become of the other case."""


def house_step(kind: CaseKind, key: str) -> StepKind:
    """The step for cases of this kind; unless said otherwise, possible in every state that is not final."""
    clause, title = _TITLES[key]
    states = _STATES[key](kind) if key in _STATES else tuple(state.key for state in kind.states if not state.final)
    by = merging_roles(kind) if clause == MERGING else sorting_roles(kind)
    return StepKind(key=key, verb=Verb.RECORD, title=title, clause=clause, by=by, after=states)


def sorting_roles(kind: CaseKind) -> tuple[Role, ...]:
    """Who registers or dispatches cases of this kind."""
    steps = (step for step in kind.steps if step.verb in {Verb.REGISTER, Verb.DISPATCH})
    roles = dict.fromkeys(role for step in steps for role in step.by)
    return tuple(role for role in roles if role is not Role.UNIT_OFFICER)


def merging_roles(kind: CaseKind) -> tuple[Role, ...]:
    """Who dispatches cases of this kind, and its supervisors."""
    roles = dict.fromkeys(role for step in kind.steps if step.verb is Verb.DISPATCH for role in step.by)
    supervising = [Role.SUPERVISOR] if Role.SUPERVISOR in kind.workers else []
    return tuple(role for role in dict.fromkeys([*roles, *supervising]) if role is not Role.UNIT_OFFICER)
