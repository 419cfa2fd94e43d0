"""A sound city that asks whether its petitioners are satisfied, broken in one place each: what, the finding, its place."""

from __future__ import annotations

from typing import Any

from core.procedure import Field, FieldType, Role, StepKind, Verb
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi

_SOUND = load_yunqi()
_KIND = _SOUND.kinds[0]
_PLAIN: StepKind = change(_KIND.steps[1], after=("repaired",), to=None, fields=(), requires=())
_REPLY: StepKind = change(_PLAIN, key="tell", verb=Verb.REPLY)
_ASK: StepKind = change(_PLAIN, key="call-back", verb=Verb.FEEDBACK)


def asking(*more: StepKind, kind: dict[str, Any] | None = None, **changes: Any) -> Yunqi:
    """The city with a reply and a call-back after it, the latter changed."""
    brought = {"petitioner": "optional"} | (kind or {})
    return _SOUND.kind(steps=(*_KIND.steps, _REPLY, change(_ASK, **changes), *more), **brought)


ASKING = asking()
_CLOSE = next(step for step in _KIND.steps if step.verb is Verb.CLOSE)
_MARK = Field(key="satisfaction", type=FieldType.TEXT, title=_CLOSE.title, example="例")
ANSWER_BREAKS: list[tuple[str, str, str, Yunqi]] = [
    ("two ways of asking", "feedback.twice", "kind hazard", asking(change(_ASK, key="visit"))),
    ("nobody to ask", "feedback.nobody", "kind hazard", asking(kind={"petitioner": "none"})),
    ("a unit asks", "feedback.by-whom", "step call-back", asking(by=(Role.DISPATCHER, Role.UNIT_OFFICER))),
    ("an answer that ends the case", "feedback.moves", "step call-back", asking(to="closed")),
    ("asked before the reply", "feedback.unasked", "step call-back", asking(after=("repaired", "accepted"))),
    ("a fact that is computed", "feedback.computed", "step note", asking(change(_PLAIN, key="note", fields=(_MARK,)))),
    (
        "satisfaction that nobody is asked for",
        "conditions.fact-unknown",
        "step close",
        _SOUND.step("close", fields=(change(_MARK, key="why", required_when={"satisfaction": "unsatisfied"}),)),
    ),
    (
        "satisfaction that cannot be",
        "conditions.value-unknown",
        "step note",
        asking(change(_PLAIN, key="note", when={"satisfaction": "delighted"})),
    ),
]
