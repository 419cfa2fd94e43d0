"""Deadlines that the subjects of an accountability case hold: whose they are, whose step meets them, with which term."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.cases.order import Order
from core.law.instrument import Term
from core.procedure import CaseKind, DeadlineRule, StepKind, Verb
from core.sanctions.matter import Matter

EACH_SUBJECT = "each-subject"
"""The holder in a city's data: the subjects that the step is about."""
SUBJECT = "subject:"
"""The beginning of the holder as the case carries it; behind it stands the subject's ref."""
CORRECTION_TERM = "correction_term"
"""What a rule is ``given_by`` when each decision states its own."""
SUBJECT_STEPS = frozenset({Verb.HEAR, Verb.DECIDE, Verb.SERVE, Verb.APPEAL, Verb.REPORT_BACK})
"""The steps that say which subjects they are about."""
_LISTS = ("services", "decisions", "hearings")


def reports(kind: CaseKind, rule: DeadlineRule) -> bool:
    """Whether the deadline is that of a report on a correction."""
    return any(step.verb is Verb.REPORT_BACK and step.key in rule.met_by for step in kind.steps)


def is_to_correct(kind: CaseKind, sanctions: Iterable[str]) -> bool:
    """Whether who is sanctioned so has to report on a correction."""
    imposed = set(sanctions)
    wanted = [step for step in kind.steps if step.verb is Verb.REPORT_BACK]
    return bool(imposed) and any(not step.sanctions or imposed.intersection(step.sanctions) for step in wanted)


def holding_subjects(
    matter: Matter | None, order: Order, rule: DeadlineRule, kind: CaseKind
) -> list[tuple[str, UUID | None]]:
    """Those to whom the step imposes a deadline, each with its unit; where the step serves, those on whom something was
    imposed."""
    if matter is None:
        return []
    found = list[tuple[str, UUID | None]]()
    for ref in dict.fromkeys(_named(order)):
        subject, decision = matter.subject(ref), matter.standing_decision(ref)
        if subject is None or (order.step.verb is Verb.SERVE and not (decision and decision.sanctions)):
            continue
        if rule.met_by and decision and reports(kind, rule) and not is_to_correct(kind, decision.sanctions):
            continue
        found.append((f"{SUBJECT}{ref}", subject.unit_id))
    return found


def _named(order: Order) -> list[str]:
    """The refs of the subjects that a step is about."""
    listed = [item["subject"] for name in _LISTS for item in order.data.get(name, ())]
    own = order.data.get("subject")
    return [*listed, *([own] if isinstance(own, str) else [])]


def names_subjects(step: StepKind) -> bool:
    """Whether a step says which subjects it is about: by its verb, or by a field of the city's."""
    return step.verb in SUBJECT_STEPS or any(field.key == "subject" for field in step.fields)


def is_about(holder: str, order: Order) -> bool:
    """Whether a step is the one of the subject that holds a deadline."""
    return holder.removeprefix(SUBJECT) in _named(order)


def is_void(holder: str, matter: Matter | None) -> bool:
    """Whether nothing stands any more of what was decided about the subject that holds a deadline."""
    if matter is None or not holder.startswith(SUBJECT):
        return False
    ref = holder.removeprefix(SUBJECT)
    return matter.standing_decision(ref) is None and any(item.subject == ref for item in matter.decisions)


def stated_for(matter: Matter | None, holder: str) -> tuple[Term, str] | None:
    """The term that the decision about a subject states, and why."""
    decision = matter.standing_decision(holder.removeprefix(SUBJECT)) if matter else None
    if decision is None or decision.correction_term is None:
        return None
    figure = decision.correction_term
    return Term(unit=figure.unit, length=figure.length), decision.correction_term_reason or ""
