"""When the centre reminds a unit (ganzhou:hotline-2022#5)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView


def check_overdue_cause(view: StepView) -> tuple[Objection, ...]:
    """Being late is a cause only while a deadline has run out and its work is not done (#5)."""
    if view.data.get("cause") != "overdue" or view.overdue:
        return ()
    text = Text(
        "该办件尚未逾期，不能以逾期为由提醒；确有推诿的，请选择“推诿”",
        "The order is not overdue, so that this cannot be the cause; where a unit shirks, choose shirking",
    )
    return (Objection("ganzhou:hotline-2022#5", text, "/cause"),)
