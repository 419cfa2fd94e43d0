"""How a complaint is answered (ankang:complaints-2018#6.1, #6.3)."""

from __future__ import annotations

from core.procedure import Objection, StepView
from jurisdictions.ankang.rules.facts import is_true, object_under


def check_day_of_answer(view: StepView) -> tuple[Objection, ...]:
    """On the spot is on the day of receipt (#6.1/on-the-spot)."""
    if view.occurred_on == view.received_on:
        return ()
    return object_under(
        "6.1/on-the-spot",
        "当场答复须在收到投诉当日作出；请先转为限期答复",
        "An answer on the spot is given on the day of receipt; record that it could not be, then reply in the term",
    )


def check_something_to_defer(view: StepView) -> tuple[Objection, ...]:
    """Only what was to be answered on the spot can turn into a reply in the term (#6.1)."""
    if is_true(view.facts.get("on_the_spot")):
        return ()
    return object_under("6.1", "该投诉已按限期答复处理", "The complaint is to be answered in the term already")


def check_deferred_before_reply(view: StepView) -> tuple[Objection, ...]:
    """What was to be answered on the spot gets another reply only after that was found impossible (#6.1/on-the-spot)."""
    if view.track != "on-site" or not is_true(view.facts.get("on_the_spot")):
        return ()
    return object_under(
        "6.1/on-the-spot",
        "该投诉拟当场答复：请当场答复，或先记录不能当场答复",
        "It is to be answered on the spot: do so, or first record that it cannot be",
    )


def check_reported_before_reply(view: StepView) -> tuple[Objection, ...]:
    """A specialist matter is answered from the report of the window that has it, not from one it was taken from (#6.2)."""
    if view.track != "specialist" or view.state == "handled":
        return ()
    return object_under(
        "6.2",
        "业务性较强的投诉，须待承办窗口单位反馈处理结果后答复",
        "A specialist complaint is answered after the window unit that has it has reported its result",
    )


def check_several_departments(view: StepView) -> tuple[Objection, ...]:
    """The coordination meeting brings at least two departments together (#6.3)."""
    present = {name.strip() for name in view.data.get("departments", ())}
    if len(present) > 1:
        return ()
    return object_under(
        "6.3",
        "协调会须有两个以上相关部门参加",
        "At least two of the departments concerned take part in the meeting",
        "/departments",
    )
