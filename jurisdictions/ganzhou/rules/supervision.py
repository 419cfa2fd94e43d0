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


def is_redone_in_vain(view: StepView) -> bool:
    """Sent back because the petitioner was not satisfied, redone, and they still are not (#6.4)."""
    return view.facts.get("sent_back") is True and view.facts.get("satisfaction") == "unsatisfied"


def check_redone_matter(view: StepView) -> tuple[Objection, ...]:
    """Sent back, redone and still unsatisfied, and the unit was found at fault (#6.4)."""
    if view.data.get("matter") != REDONE:
        return ()
    if not is_redone_in_vain(view):
        text = Text(
            "该办件未因不满意发回重办，或重办回复后诉求人未表示仍不满意",
            "The order was not sent back for want of satisfaction, or its petitioner has not said so again since",
        )
        return (Objection(REDONE, text, "/matter"),)
    if view.data.get("unit_at_fault") is not True:
        text = Text(
            "须先认定属于承办单位原因，方可以此督办",
            "It must first be found to be the fault of the handling unit",
        )
        return (Objection(REDONE, text, "/unit_at_fault"),)
    return ()
