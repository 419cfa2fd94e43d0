"""When the centre reminds a unit (ganzhou:hotline-2022#5)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

MEMBERSHIP = "wenze:house#membership"


def check_reminded_units(view: StepView) -> tuple[Objection, ...]:
    """Only a unit that has the order is reminded of it, so that reminders can be counted (#5, #11.1)."""
    if set(view.data.get("reminded_units", ())) <= set(view.units):
        return ()
    text = Text("被提醒的单位不是该办件的承办单位", "A unit that is to be reminded does not have the order")
    return (Objection(MEMBERSHIP, text, "/reminded_units"),)


def check_overdue_cause(view: StepView) -> tuple[Objection, ...]:
    """Being late is a cause only while a deadline has run out and its work is not done (#5)."""
    if view.data.get("cause") != "overdue" or view.overdue:
        return ()
    text = Text(
        "该办件尚未逾期，不能以逾期为由提醒；确有推诿的，请选择“推诿”",
        "The order is not overdue, so that this cannot be the cause; where a unit shirks, choose shirking",
    )
    return (Objection("ganzhou:hotline-2022#5", text, "/cause"),)
