"""What follows where the petitioner is not satisfied: sent back once, then supervised (ganzhou:hotline-2022#6.4)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView
from jurisdictions.ganzhou.rules.supervision import REDONE, is_redone_in_vain


def check_sent_back_once(view: StepView) -> tuple[Objection, ...]:
    """Who is still not satisfied after a redo is helped by supervision, not by another redo (#6.4).

    Work that is sent back before it was told to the petitioner is sent back for something else.
    """
    if view.state != "replied" or not is_redone_in_vain(view):
        return ()
    text = Text(
        "发回重办后诉求人仍不满意的，不再发回：认定属于承办单位原因的，转入督办",
        "It was sent back once and the petitioner is still not satisfied: where the unit is at fault, supervise it",
    )
    return (Objection(REDONE, text),)


def check_fault_supervised(view: StepView) -> tuple[Objection, ...]:
    """What is the unit's fault after a redo in vain is a matter to be supervised before the order is filed (#6.4)."""
    found = view.data.get("unit_at_fault") is True and is_redone_in_vain(view)
    supervised = view.facts.get("redo_supervised") == "yes"
    if not found or supervised:
        return ()
    text = Text(
        "已认定属于承办单位原因，须先以此事由督办，方可归档",
        "It was found to be the unit's fault: supervise it for that before it is filed",
    )
    return (Objection(REDONE, text, "/unit_at_fault"),)
