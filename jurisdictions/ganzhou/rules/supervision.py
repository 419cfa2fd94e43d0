"""Which orders are supervised (ganzhou:hotline-2022#6)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

OVERDUE = "ganzhou:hotline-2022#6.3"
REDONE = "ganzhou:hotline-2022#6.4"


def check_overdue_matter(view: StepView) -> tuple[Objection, ...]:
    """'Overdue and not finished' is computed: a deadline has run out and its work is not done (#6.3)."""
    if view.data.get("matter") != OVERDUE or view.overdue:
        return ()
    text = Text(
        "该办件没有逾期未办结的期限，请按实际情况选择督办事由",
        "No deadline of the order has run out unfinished; choose the matter that it is",
    )
    return (Objection(OVERDUE, text, "/matter"),)


def check_redone_matter(view: StepView) -> tuple[Objection, ...]:
    """Sent back, redone and still unsatisfied: the redo is done, and the unit was found at fault (#6.4)."""
    if view.data.get("matter") != REDONE:
        return ()
    if "send-back" not in view.taken or view.state not in {"handled", "replied"}:
        text = Text(
            "该办件未经发回重办，或重办结果尚未反馈",
            "The order has not been sent back and redone yet",
        )
        return (Objection(REDONE, text, "/matter"),)
    if view.data.get("unit_at_fault") is not True:
        text = Text(
            "须先认定属于承办单位原因，方可以此督办",
            "It must first be found to be the fault of the handling unit",
        )
        return (Objection(REDONE, text, "/unit_at_fault"),)
    return ()
