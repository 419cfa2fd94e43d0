"""The 0 of 13710: nothing is left open."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

CLAUSES = {"inspection-matter": "jincheng:accountability-2017#5.2", "finding": "jincheng:rapid-2017#3.3"}
_LEFT_OPEN = Text(
    zh="仍有承办单位的时限未完成：请待其报告后再办，或写明理由（left_open_reason）",
    en="a unit still has a term to meet: wait for its report, or say why it is closed all the same (left_open_reason)",
)


def require_nothing_left_open(view: StepView) -> tuple[Objection, ...]:
    """With a unit's term still open a case is closed for a recorded reason only (accountability 5.2; rapid 3.3; R9)."""
    if not view.open_deadlines or view.data.get("left_open_reason"):
        return ()
    return (Objection(CLAUSES[view.kind], _LEFT_OPEN, "/left_open_reason"),)
