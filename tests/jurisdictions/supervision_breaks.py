"""The sound city with matters that must be supervised, broken in one place each: what, the finding, a word of its place."""

from __future__ import annotations

from typing import Any

from core.law.instrument import TermFigure, Unit
from core.procedure import Field, FieldType, Option
from core.rungs import LawfulRung, Level
from core.supervisions import Outside, Reminding, SupervisionRule
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi

_TITLE = load_yunqi().kinds[0].title
_WHY = Field(
    key="matter",
    type=FieldType.ENUM,
    title=_TITLE,
    options=(Option(key="late", title=_TITLE), Option(key="other", title=_TITLE)),
)
_SOON = LawfulRung("soon", Level.DUE_SOON, TermFigure(Unit.CALENDAR_DAY, 1), clause="#6")
_CITY = load_yunqi().add_field("remind", _WHY).kind(warnings=(_SOON,))
_LATE = SupervisionRule(
    "late",
    "#6",
    rung="breach",
    deadlines=("repair",),
    steps=("remind",),
    chosen={"matter": "late"},
    finding="matter",
    reminding=Reminding("remind", "send-back", {"matter": "other"}),
)
_ARRIVED = SupervisionRule("arrived", "#7", on=("arrive",), when={"on_the_spot": "true"})


def supervising(**changes: Any) -> Yunqi:
    """The city with one of its rules changed."""
    return _CITY.kind(supervisions=(change(_LATE, **changes), _ARRIVED))


def _arriving(**changes: Any) -> Yunqi:
    return _CITY.kind(supervisions=(_LATE, change(_ARRIVED, **changes)))


SUPERVISING = supervising()
SUPERVISION_BREAKS: list[tuple[str, str, str, Yunqi]] = [
    ("two rules of one name", "supervisions.key-twice", "late", _CITY.kind(supervisions=(_LATE, _LATE))),
    ("a rule of no clause", "citations.unknown", "late", supervising(clause="#66")),
    ("found in no way", "supervisions.how-found", "supervision late", supervising(rung=None)),
    ("found in two ways", "supervisions.how-found", "supervision late", supervising(on=("arrive",), when={"track": "red"})),
    ("a rung that is not there", "supervisions.rung-unknown", "supervision late", supervising(rung="key")),
    ("a rung before it is late", "supervisions.rung-unknown", "supervision late", supervising(rung="soon")),
    ("found whatever comes of it", "supervisions.no-facts", "supervision arrived", _arriving(when={})),
    ("a fact that is none", "conditions.fact-unknown", "supervision arrived", _arriving(when={"mood": "good"})),
    ("a deadline that is not there", "supervisions.deadline-unknown", "supervision late", supervising(deadlines=("nap",))),
    ("a way that is not there", "supervisions.step-unknown", "supervision late", supervising(steps=("scold",))),
    ("found on nothing", "supervisions.step-unknown", "supervision arrived", _arriving(on=("fly",))),
    (
        "nothing after the reminder",
        "supervisions.step-unknown",
        "supervision late",
        supervising(reminding=Reminding("remind", "tell-mayor")),
    ),
    (
        "nobody tells the superior",
        "supervisions.step-unknown",
        "supervision late",
        supervising(outside=Outside("write-home", "#6", {"told": "yes"})),
    ),
    (
        "told, and nothing says so",
        "supervisions.never-told",
        "supervision late",
        supervising(outside=Outside("remind", "#6")),
    ),
    (
        "told, and something else is said",
        "supervisions.never-told",
        "supervision late",
        supervising(outside=Outside("remind", "#6", {"told": "yes"})),
    ),
    (
        "told whom nobody keeps",
        "supervisions.never-told",
        "supervision late",
        supervising(outside=Outside("remind", "#6", {}, "superior")),
    ),
    ("told under no clause", "citations.unknown", "late", supervising(outside=Outside("remind", "#66", {"told": "yes"}))),
    ("never said", "supervisions.never-said", "supervision late", supervising(chosen={"matter": "lost"})),
    ("said in no field", "supervisions.never-said", "supervision late", supervising(chosen={"mood": "good"})),
    (
        "a reminder that never says so",
        "supervisions.never-said",
        "supervision late",
        supervising(reminding=Reminding("remind", "send-back", {"matter": "lost"})),
    ),
    ("found in no field", "supervisions.finding-unknown", "supervision late", supervising(finding="fault")),
]
