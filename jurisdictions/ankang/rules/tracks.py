"""Which track a complaint may take, and what belongs to each (ankang:complaints-2018#6)."""

from __future__ import annotations

from core.procedure import Objection, StepView
from jurisdictions.ankang.rules.facts import is_true, object_under

_CLAUSE_OF_TRACK = {"on-site": "6.1", "specialist": "6.2", "joint": "6.3"}


def check_channel_of_track(view: StepView) -> tuple[Objection, ...]:
    """The on-site track is for complaints made on site, and the plain one for all others (#6.1)."""
    on_site = view.channel == "on-site"
    if view.track == "on-site" and not on_site:
        return object_under(
            "6.1",
            "现场投诉的处理方式仅适用于在中心大厅内提出的投诉",
            "The on-site track is for complaints made in the hall; choose specialist, joint or plain",
            "/track",
        )
    if view.track == "plain" and on_site:
        return object_under(
            "6.1",
            "现场投诉须当场答复或限期答复，不能按一般投诉处理",
            "A complaint made on site is answered on the spot or in the term of 6.1; choose the on-site track",
            "/track",
        )
    return ()


def check_answered_at_once(view: StepView) -> tuple[Objection, ...]:
    """On the spot is on the day of receipt: later it can only be answered in the term (#6.1/on-the-spot)."""
    at_once = view.track == "on-site" and is_true(view.data.get("on_the_spot"))
    if not at_once or view.occurred_on == view.received_on:
        return ()
    return object_under(
        "6.1/on-the-spot",
        "收到投诉当日之后，不能再按当场答复处理，请按限期答复",
        "After the day of receipt it cannot be answered on the spot any more; choose the reply in the term",
        "/on_the_spot",
    )


def check_marks_of_track(view: StepView) -> tuple[Objection, ...]:
    """Only an on-site complaint is answered on the spot (#6.1), only a specialist one is complex (#6.2)."""
    if is_true(view.data.get("on_the_spot")) and view.track != "on-site":
        return object_under(
            "6.1/on-the-spot",
            "只有现场投诉可以当场答复",
            "Only an on-site complaint is answered on the spot",
            "/on_the_spot",
        )
    if is_true(view.data.get("complex")) and view.track != "specialist":
        return object_under(
            "6.2/complex",
            "情况复杂仅适用于业务性较强的投诉",
            "Only a specialist complaint can be marked as complex",
            "/complex",
        )
    return ()


def check_stated_term(view: StepView) -> tuple[Objection, ...]:
    """Where the text gives the term (#6.1, #6.2, #6.3), nobody states another."""
    clause = _CLAUSE_OF_TRACK.get(view.track or "")
    if clause is None or view.data.get("term") is None:
        return ()
    return object_under(
        clause,
        "该处理方式的期限由办法规定，不能另行确定",
        "The measures give the term of this track; leave the term out",
        "/term",
    )


def check_no_term_run_out(view: StepView) -> tuple[Objection, ...]:
    """Another track does not cure a term that has run out: the matter is finished on its own, and late (#6)."""
    if not view.overdue:
        return ()
    return object_under(
        "6",
        "已有期限逾期，不能以改变处理方式消除；请按原方式办结，逾期情况如实记录",
        "A term has run out, and another track does not cure that; finish it on its own track, and late",
    )


def check_complex_in_time(view: StepView) -> tuple[Objection, ...]:
    """A matter is marked as complex once, before any window unit has reported (#6.2/complex)."""
    if is_true(view.facts.get("complex")):
        return object_under("6.2/complex", "该投诉已认定为情况复杂", "The complaint is marked as complex already")
    if {"report-result", "report-part"} & set(view.taken):
        return object_under(
            "6.2/complex",
            "窗口单位已反馈处理结果，不能再认定为情况复杂；需重办的，请在退回时另定期限",
            "A window unit has reported already; to have it done again, send the report back with a term",
        )
    return ()
