"""A sound city that uses the steps of daily work, broken in one place each: what, the finding, a word of its place."""

from __future__ import annotations

from typing import Any

from core.procedure import DeadlineRule, Role, StepKind, UsedStep, Verb
from core.shared_steps import expand_kind
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi

_SOUND = load_yunqi()
_OUT = ("crew-out",)
USES = (
    UsedStep(step="sign", after=_OUT),
    UsedStep(step="return", after=_OUT, within="second-thoughts"),
    UsedStep(step="grant-return", after=_OUT, by=("supervisor",), to_vacant="graded"),
    UsedStep(step="decline-return", after=_OUT, by=("supervisor",)),
)
LATENESS = tuple(
    UsedStep(step=key)
    for key in ("ask-justification", "grant-justification", "decline-justification", "withdraw-justification")
)
_WATCH = next(rule for rule in _SOUND.kinds[0].deadlines if rule.key == "watch")
WINDOW: DeadlineRule = change(
    _WATCH, key="second-thoughts", arises_on=("send-crew",), starts="step", holder="each-unit", met_by=("return",),
    lapses_on=(), when={}, window=True,
)  # fmt: skip


def using(*uses: UsedStep, **changes: Any) -> Yunqi:
    """The city with these steps of the house, and the window of returning."""
    return _SOUND.kind(uses=uses, deadlines=(*_SOUND.kinds[0].deadlines, WINDOW), **changes)


DAILY = using(*USES, *LATENESS)


def with_step(key: str, **changes: Any) -> Yunqi:
    """The city with one of the shared steps changed, as if it were its own."""
    whole = expand_kind(DAILY.kinds[0])
    steps = tuple(change(step, **changes) if step.key == key else step for step in whole.steps)
    return DAILY.but(kinds=(change(whole, steps=steps),))


def split(to: str | None = "graded", begin: str | None = "accepted", arises: bool = False) -> Yunqi:
    """The city with a step that splits a case."""
    kind = _SOUND.kinds[0]
    first = kind.steps[1]
    step: StepKind = change(
        first, key="split", verb=Verb.SPLIT, after=("accepted",), to=to, parts_begin=begin, fields=(), requires=()
    )
    rules = (*kind.deadlines, change(_WATCH, key="on-split", arises_on=("split",))) if arises else kind.deadlines
    return _SOUND.kind(steps=(*kind.steps, step), deadlines=rules)


BREAKS: list[tuple[str, str, str, Yunqi]] = [
    ("step that the house has not", "kinds.shared-step-unknown", "yunqi", using(UsedStep(step="dance", after=_OUT))),
    ("asking for nothing", "requests.verb", "step return", with_step("return", asks=None)),
    ("signing that decides", "requests.verb", "step sign", with_step("sign", decides="return")),
    ("nobody can decline", "requests.undecided", "step return", using(*USES[:3])),
    ("decided elsewhere alone", "requests.undecided", "step return", with_step("grant-return", after=("repaired",))),
    ("no state without units", "requests.vacant", "step grant-return", with_step("grant-return", to_vacant=None)),
    ("no states", "kinds.shared-step-unknown", "yunqi", using(UsedStep(step="sign"))),
    ("nobody decides on lateness", "requests.undecided", "step ask-justification", using(*USES, LATENESS[0], LATENESS[3])),
    ("justified for ever", "requests.never-revoked", "step ask-justification", using(*USES, *LATENESS[:3])),
    (
        "taking back a return",
        "requests.revokes",
        "step withdraw-justification",
        with_step("withdraw-justification", revokes="return"),
    ),
    (
        "taking back by closing",
        "requests.revokes",
        "step withdraw-justification",
        with_step("withdraw-justification", verb=Verb.CLOSE),
    ),
    (
        "a unit finds itself justified",
        "requests.lateness-by-unit",
        "step grant-justification",
        with_step("grant-justification", by=(Role.UNIT_OFFICER,)),
    ),
    ("no such window", "requests.window", "step return", with_step("return", within="watch")),
    ("window that nothing uses", "deadlines.window-unused", "second-thoughts", with_step("return", within=None)),
    ("split that leads nowhere", "steps.split", "step split", split(to=None)),
    ("split without parts", "steps.split", "step split", split(begin=None)),
    ("deadline on a split", "deadlines.on-split", "on-split", split(arises=True)),
]
