"""The conditions of Ankang's regulations that data cannot say: for each step, the rules it must pass."""

from __future__ import annotations

from collections.abc import Callable

from core.procedure import Objection, StepView
from jurisdictions.ankang.rules import answers, intake, outcome, tracks

COMPLAINT = "complaint"
Rule = Callable[[StepView], tuple[Objection, ...]]
_TRACK: tuple[Rule, ...] = (
    tracks.check_channel_of_track,
    tracks.check_answered_at_once,
    tracks.check_marks_of_track,
    tracks.check_stated_term,
)
RULES: dict[str, tuple[Rule, ...]] = {
    "register": (intake.check_receiving_office,),
    "classify": _TRACK,
    "reclassify": (tracks.check_no_term_run_out, *_TRACK),
    "mark-complex": (tracks.check_complex_in_time,),
    "answer-on-the-spot": (answers.check_day_of_answer,),
    "defer-answer": (answers.check_something_to_defer,),
    "hold-meeting": (answers.check_several_departments,),
    "reply": (answers.check_deferred_before_reply, answers.check_reported_before_reply),
    "reply-by-duty-office": (answers.check_deferred_before_reply,),
    "close": (
        outcome.check_measures_need_substance,
        outcome.check_serious_measures_together,
        outcome.check_measures_reach,
        outcome.check_fabrication,
    ),
}


def find_objections(view: StepView) -> tuple[Objection, ...]:
    """Everything that the rules object to in a step, in the order of the rules."""
    rules = RULES.get(view.step, ()) if view.kind == COMPLAINT else ()
    return tuple(objection for rule in rules for objection in rule(view))
