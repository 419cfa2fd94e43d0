"""What the data of Yunqi cannot say."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

SINKHOLE = "yunqi:hazards-2025#2/sinkhole"
DEEP_CM = 50


def check_grade(view: StepView) -> tuple[Objection, ...]:
    """A sinkhole of 50 cm or deeper is always graded red (#5.p2)."""
    deep = view.facts.get("depth_cm", 0) >= DEEP_CM
    if view.facts.get("hazard") != SINKHOLE or not deep or view.track == "red":
        return ()
    text = Text("深度五十厘米以上的塌陷须定为红色等级", "A sinkhole of 50 cm or deeper must be graded red")
    return (Objection("yunqi:hazards-2025#5.p2", text, "/track"),)
