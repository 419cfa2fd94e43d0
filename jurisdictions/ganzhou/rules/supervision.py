"""Which orders are supervised (ganzhou:hotline-2022#6)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView
from jurisdictions.ganzhou.rules.membership import find_supervised

OVERDUE = "ganzhou:hotline-2022#6.3"
REDONE = "ganzhou:hotline-2022#6.4"


def check_overdue_matter(view: StepView) -> tuple[Objection, ...]:
    """'Overdue and not finished' is computed: each unit that is supervised for it has let a deadline run out (#6.3)."""
    if view.data.get("matter") != OVERDUE:
        return ()
    if view.overdue and find_supervised(view) <= set(view.late_units):
        return ()
    if view.overdue:
        other = Text(
            "被督办的单位没有逾期；逾期的是其他承办单位，请在 supervised_units 中列明（不填即牵头单位）",
            "A unit to be supervised is not late, another one is: name that in supervised_units (else the lead is meant)",
        )
        return (Objection(OVERDUE, other, "/supervised_units"),)
    text = Text(
        "该办件没有逾期未办结的期限，请按实际情况选择督办事由",
        "No deadline of the order has run out unfinished; choose the matter that it is",
    )
    return (Objection(OVERDUE, text, "/matter"),)


def is_redone_in_vain(view: StepView) -> bool:
    """Sent back because the petitioner was not satisfied, redone, and they still are not (#6.4)."""
    return view.facts.get("sent_back") is True and view.facts.get("satisfaction") == "unsatisfied"


def check_redone_matter(view: StepView) -> tuple[Objection, ...]:
    """Sent back, redone and still unsatisfied, the unit was found at fault, and the lead is to report anew (#6.4)."""
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
    if view.lead and view.lead not in find_supervised(view):
        text = Text(
            "重办须由牵头单位重新反馈后回复诉求人，被督办的单位中须包括牵头单位",
            "What is redone is reported by the lead and told to the petitioner anew: name the lead among these units",
        )
        return (Objection(REDONE, text, "/supervised_units"),)
    return ()


def check_nothing_left_late(view: StepView) -> tuple[Objection, ...]:
    """What is overdue, or supervised, and not done is filed only for a reason on record (#6.3, #7; R9)."""
    waits = bool(view.late_units) or any(key.startswith("supervision-") for key in view.open_deadlines)
    if not waits or view.data.get("left_open_reason"):
        return ()
    text = Text(
        "仍有承办单位逾期或督办事项未办结：请待其反馈后归档，或写明理由（left_open_reason）",
        "A unit is late, or supervised and not done: wait for its report, or say why it is filed (left_open_reason)",
    )
    return (Objection(OVERDUE, text, "/left_open_reason"),)
