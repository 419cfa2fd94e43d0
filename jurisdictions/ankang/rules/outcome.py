"""What may come of a complaint when it is closed (ankang:complaints-2018#7, #8)."""

from __future__ import annotations

from core.procedure import Objection, StepView
from jurisdictions.ankang.rules.facts import INSTRUMENT, is_true, object_under

SERIOUS = frozenset(
    f"{INSTRUMENT}#7/{name}" for name in ("loss-of-qualification", "return-to-home-unit", "report-to-discipline")
)
"""The three measures of the serious case."""


def check_measures_need_substance(view: StepView) -> tuple[Objection, ...]:
    """Measures follow only from a complaint that was found true, in whole or in part (#7)."""
    if not view.data.get("measures") or view.data.get("substantiated") in {"yes", "partly"}:
        return ()
    return object_under(
        "7",
        "投诉不属实的，不能采取处理措施",
        "A complaint that was not substantiated has no measures; leave them out",
        "/measures",
    )


def check_serious_measures_together(view: StepView) -> tuple[Objection, ...]:
    """The three measures of the serious case go together (#7)."""
    chosen = SERIOUS & set(view.data.get("measures") or ())
    if not chosen or chosen == SERIOUS:
        return ()
    return object_under(
        "7",
        "情节严重的三项措施（取消窗口资格、退回派出单位、报纪检监察）须同时采取",
        "The three measures of the serious case go together: loss of qualification, return, report to discipline",
        "/measures",
    )


def check_measures_reach(view: StepView) -> tuple[Objection, ...]:
    """The measures reach windows and staff, not the centre itself (#7)."""
    if not view.data.get("measures") or view.facts.get("complained_of") != "centre":
        return ()
    return object_under(
        "7",
        "处理措施适用于被投诉的窗口和工作人员，不适用于中心本身",
        "The measures reach the window or the staff complained of, not the centre itself",
        "/measures",
    )


def check_fabrication(view: StepView) -> tuple[Objection, ...]:
    """What proved true was not made up; of what proved true in part, the rest may have been (#8)."""
    if not is_true(view.data.get("fabricated")) or view.data.get("substantiated") != "yes":
        return ()
    return object_under(
        "8",
        "属实的投诉不能认定为捏造",
        "A complaint that was substantiated is not a fabricated one",
        "/fabricated",
    )
