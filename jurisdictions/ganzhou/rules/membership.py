"""Whom the centre supervises itself: members; of others it tells their superior unit (ganzhou:hotline-2022#17)."""

from __future__ import annotations

from core.law.instrument import Text
from core.procedure import Objection, StepView

OUTSIDE = "ganzhou:hotline-2022#17"


def check_supervised(view: StepView) -> tuple[Objection, ...]:
    """#7 is for members; of another unit that is to be supervised, the superior is told first, then they apply (#17)."""
    outsiders = find_supervised(view) & set(view.outsiders)
    if not outsiders or _is_told(view) or (outsiders == {view.lead} and _is_superior_of_lead_told(view)):
        return ()
    known = view.lead_superior if outsiders == {view.lead} else None
    zh, en = (f"（{known}）", f" ({known})") if known else ("", "")
    text = Text(
        f"被督办的单位不是热线成员单位：督办情况须先反馈其上级单位{zh}，再视情况参照本办法督办",
        f"The unit to be supervised is not a member: tell its superior unit{en} first, then supervise it as the case may be",
    )
    return (Objection(OUTSIDE, text),)


def find_supervised(view: StepView) -> set[str]:
    """The units that are supervised by a step (#7): those that it names, else the one that leads."""
    return set(view.data.get("supervised_units") or ([view.lead] if view.lead else []))


def check_reminded(view: StepView) -> tuple[Objection, ...]:
    """#5 reminds members; of another unit that is to be reminded, whatever its part, the superior is told first (#17)."""
    reminded = set(view.data.get("reminded_units") or view.units)
    outsiders = reminded & set(view.outsiders)
    if not outsiders or _is_told(view) or (outsiders == {view.lead} and _is_superior_of_lead_told(view)):
        return ()
    text = Text(
        "被提醒的单位中有非热线成员单位：须先向其上级单位反馈，再视情况参照本办法提醒",
        "One of the units that would be reminded is not a member: tell its superior unit first",
    )
    return (Objection(OUTSIDE, text, "/reminded_units"),)


def _is_told(view: StepView) -> bool:
    """Whether a superior was told since the order was last dispatched: what was told before was about other units."""
    return "tell-superior" in view.taken and view.facts.get("superior_told") == "yes"


def _is_superior_of_lead_told(view: StepView) -> bool:
    """Whether it was this very superior that was told, though of an earlier dispatch of this order."""
    told = view.facts.get("superior") if "tell-superior" in view.taken else None
    return told is not None and told == view.lead_superior


def check_told_of(view: StepView) -> tuple[Objection, ...]:
    """There is a superior to be told only of a unit that is not a member (#17)."""
    if view.outsiders:
        return ()
    text = Text(
        "承办单位均为热线成员单位，由中心直接提醒、督办",
        "All units that have the order are members, whom the centre reminds and supervises itself",
    )
    return (Objection(OUTSIDE, text),)
