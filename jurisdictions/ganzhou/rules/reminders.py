"""When the centre reminds or supervises a unit, and which (ganzhou:hotline-2022#5, #7)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

MEMBERSHIP = "wenze:house#membership"


def check_named_units(view: StepView) -> tuple[Objection, ...]:
    """Only a unit that has the order is reminded of it or supervised, so that this can be counted (#5, #7, #11.1)."""
    name = _naming(view)
    if set(view.data.get(name, ())) <= set(view.units):
        return ()
    text = Text("被点名的单位不是该办件的承办单位", "A unit that is named does not have the order")
    return (Objection(MEMBERSHIP, text, f"/{name}"),)


def _naming(view: StepView) -> str:
    return "reminded_units" if view.step == "remind" else "supervised_units"


def check_overdue_cause(view: StepView) -> tuple[Objection, ...]:
    """Being late is a cause only while a deadline has run out and its work is not done, by each unit that is named (#5)."""
    if view.data.get("cause") != "overdue":
        return ()
    if view.overdue and set(view.data.get("reminded_units", ())) <= set(view.late_units):
        return ()
    if view.overdue:
        other = Text(
            "被点名的单位中有未逾期的，不能以逾期为由提醒；请只列逾期的单位",
            "A unit that is named is not late, so that this cannot be its cause; name those that are",
        )
        return (Objection("ganzhou:hotline-2022#5", other, "/reminded_units"),)
    text = Text(
        "该办件尚未逾期，不能以逾期为由提醒；确有推诿的，请选择“推诿”",
        "The order is not overdue, so that this cannot be the cause; where a unit shirks, choose shirking",
    )
    return (Objection("ganzhou:hotline-2022#5", text, "/cause"),)
