"""What units do with the orders of the hall, and what is decided on what they ask."""

from __future__ import annotations

from typing import Any

from tests.story.hall import OFFICERS, Hall
from tests.story.hall_orders import Order, begin_at, step

_MEETS = {
    "sign": ("urgent-response",),
    "report-interim": ("urgent-response",),
    "report-part": ("urgent-response", "handling"),
    "report-result": ("urgent-response", "handling", "redo-handling", "supervision-by-message"),
}
"""The terms of a unit that a step of its officer meets."""


def officer_step(hall: Hall, order: Order, unit: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """A step of a unit's officer, who signs for the order by whatever is done first."""
    with order.turn:
        view = step(hall, order, OFFICERS[unit], key, body)
        order.meet(hall.now, _MEETS.get(key, ()), unit)
        if unit in (order.lead, *order.others):
            order.signed.setdefault(unit, OFFICERS[unit])
        return view


def sign(hall: Hall, order: Order) -> None:
    """The lead unit reads it and signs."""
    assert order.lead is not None
    who = OFFICERS[order.lead]
    assert hall.read(who, order.path)["narrative"]
    officer_step(hall, order, order.lead, "sign")


def report(hall: Hall, order: Order, *, shown: bool = False) -> None:
    """The lead unit is done: with a picture, or with the reason why there is none."""
    assert order.lead is not None
    evidence: dict[str, Any] = {"evidence_note": "现场由来访人当面确认，未留影像。"}
    if shown:
        evidence = {"attachments": [hall.upload(OFFICERS[order.lead], "办结照片.png")]}
        order.files += 1
        hall.changed("attachment.attached")
    officer_step(hall, order, order.lead, "report-result", {"result": f"{order.key}已处理完毕。"} | evidence)


def ask_return(hall: Hall, order: Order, proposed: str | None = None) -> None:
    """The unit asks to give it back."""
    assert order.lead is not None
    why = {"return_ground": "not-our-duty", "reason": "不属本单位职责。"}
    officer_step(hall, order, order.lead, "return", why | ({"proposed_unit_id": f"@{proposed}"} if proposed else {}))
    hall.count("request", "return", "asked")


def grant_return(hall: Hall, order: Order, *, followed: str | None = None) -> None:
    """The dispatcher takes it back; ``followed`` is the rule that had proposed the unit."""
    view = step(hall, order, order.dispatcher, "grant-return")
    assert view["state"] == "accepted"
    order.state, order.lead, order.others, order.signed = "accepted", None, [], {}
    order.returns += 1
    order.end_terms("released")
    hall.count("request", "return", "granted")
    if followed:
        hall.count("routing", followed, "returned")


def decline_return(hall: Hall, order: Order) -> None:
    """The unit keeps it."""
    step(hall, order, order.dispatcher, "decline-return", {"reason": "经核实属本单位职责。"})
    hall.count("request", "return", "declined")


def pass_on(hall: Hall, order: Order, below: str) -> None:
    """The lead unit passes it to one below it; the clock runs on."""
    above = order.lead
    assert above is not None
    officer_step(hall, order, above, "pass-on", {"unit_id": f"@{below}"})
    order.via.append(above)
    _hand_over(order, above, below, "passed-on")


def give_back_up(hall: Hall, order: Order) -> None:
    """The unit below asks to return it, and the one above takes it back."""
    below = order.lead
    assert below is not None
    ask_return(hall, order)
    above = order.via.pop()
    step(hall, order, OFFICERS[above], "grant-return")
    _hand_over(order, below, above, "released")
    order.signed[above] = OFFICERS[above]
    hall.count("request", "return", "granted")


def _hand_over(order: Order, giver: str, taker: str, state: str) -> None:
    order.lead = taker
    order.signed.pop(giver, None)
    for (key, unit), due in list(order.dues.items()):
        if unit == giver:
            order.ended[key, state] += 1
            del order.dues[key, unit]
            order.dues[key, taker] = due


def ask_co_handler(hall: Hall, order: Order, unit: str, *, granted: bool) -> None:
    """The lead unit asks for another one beside it."""
    assert order.lead is not None
    officer_step(hall, order, order.lead, "ask-co-handler", {"unit_id": f"@{unit}", "reason": "需共同处置。"})
    hall.count("request", "co-handler", "asked")
    if granted:
        step(hall, order, order.dispatcher, "grant-co-handler")
        order.others.append(unit)
        begin_at(hall, order, unit)
    else:
        step(hall, order, order.dispatcher, "decline-co-handler", {"reason": "无需其他单位参与。"})
    hall.count("request", "co-handler", "granted" if granted else "declined")
