"""The naive model of what petitioners say of a reply, and of what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.procedure import StepKind, Verb
from tests.support.naive_reading import Body

if TYPE_CHECKING:
    from tests.support.case_model import CaseModel


def refused_answer(model: CaseModel, step: StepKind, body: Body) -> set[str]:
    """Why an answer is not taken."""
    if step.verb is not Verb.FEEDBACK:
        return set()
    codes = set() if model.asking else {"feedback.not-replied"}
    reached, satisfied, why = body["reached"] == "reached", body.get("satisfied"), body.get("dissatisfaction")
    if reached and satisfied is None:
        codes.add("feedback.satisfied-missing")
    if not reached and satisfied is not None:
        codes.add("feedback.satisfied-untold")
    if satisfied is False and why is None:
        codes.add("feedback.reason-missing")
    if satisfied is not False and why is not None:
        codes.add("feedback.reason-untold")
    if why == "other" and "words" not in body:
        codes.add("feedback.words-missing")
    if body.get("petitioner_number", 1) in model.heard and "note" not in body:
        codes.add("feedback.answered-before")
    return codes


def follow(model: CaseModel, step: StepKind, body: Body, before: str | None) -> None:
    """The step was taken in the state ``before``, and the model stands in the one after it."""
    said = model.facts.get("satisfaction")
    sent_back = step.verb is Verb.SEND_BACK and model.asking
    if sent_back or step.verb in {Verb.REPLY, Verb.REOPEN}:
        model.facts.pop("satisfaction", None)
    if sent_back and said == "unsatisfied":
        model.facts["sent_back"] = True
    if step.verb is Verb.REOPEN:
        model.facts.pop("sent_back", None)
    if step.verb is Verb.REPLY:
        model.asking, model.heard = not model.final, {}
    elif model.state != before:
        model.asking = False
    if step.verb is Verb.FEEDBACK:
        if body.get("satisfied") is not None:
            model.heard[body.get("petitioner_number", 1)] = body["satisfied"]
        answers = set(model.heard.values())
        model.facts["satisfaction"] = "not-asked" if not answers else "satisfied" if answers == {True} else "unsatisfied"
