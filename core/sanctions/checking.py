"""What must hold before a step of an accountability case is taken: that it speaks of what is there, in its order. Pure.

What a decision may be is judged in :mod:`core.sanctions.judging`; here stands what holds of any regime.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from core.cases.case import Case
from core.cases.order import Capacity, Order
from core.cases.recusal_rules import RECUSAL
from core.cases.world import World
from core.errors import OutOfOrder, Refused
from core.procedure import CaseKind, Verb
from core.sanctions.charging import check_charge
from core.sanctions.following import find_appeal
from core.sanctions.holding import is_to_correct
from core.sanctions.judging import judge_apportionments, judge_decisions, judge_measure, judge_review
from core.sanctions.matter import NOTHING, AppealOutcome, Decision, Finding, HearingOutcome, Matter

Check = Callable[[Matter, Order, World], Order]


def check_matter(case: Case, order: Order, acting: Capacity, world: World) -> Order:
    """The order with all that the rules make of it; raises :class:`Refused`, :class:`OutOfOrder` and :class:`Invalid`."""
    if world.kind.regime is None:
        return order
    matter, verb = case.standing.matter or NOTHING, order.step.verb
    if verb is Verb.REVIEW:
        _check_review(matter, order, acting)
    if verb in _JUDGED:
        return _JUDGED[verb](matter, order, world, case.facts | order.data)
    check = _CHECKS.get(verb)
    return check(matter, order, world) if check else order


def _listed(order: Order, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(f"/{name}/{index}", item) for index, item in enumerate(order.data.get(name, ()))]


def need_subject(matter: Matter, place: str, ref: str, clause: str) -> None:
    """Raises :class:`Refused` for somebody whom the case is not about."""
    if matter.subject(ref) is None:
        raise Refused("matters.ref-unknown", field=place, clause=clause, ref=ref)


def _check_findings(matter: Matter, order: Order, _: World) -> Order:
    """Grounds and circumstances are there, and nobody against whom they stand has been decided about."""
    clause = order.step.clause
    found, others = _listed(order, "findings"), _listed(order, "circumstance_findings")
    if not found and not others:
        raise Refused("matters.nothing-said", clause=clause)
    grounds: dict[str, tuple[str, ...]] = {item.ref: item.subjects for item in matter.grounds}
    circumstances: dict[str, tuple[str, ...]] = {item.ref: (item.subject,) for item in matter.circumstances}
    for place, item in (*found, *others):
        name, known = ("ground", grounds) if "ground" in item else ("circumstance", circumstances)
        if item[name] not in known:
            raise Refused("matters.ref-unknown", field=f"{place}/{name}", clause=clause, ref=item[name])
        for subject in known[item[name]]:
            if matter.standing_decision(subject):
                raise OutOfOrder("matters.found-after-decision", field=place, clause=clause, subject=subject)
    return order


def _check_day(place: str, day: str | None, order: Order, world: World, first: date | None = None) -> None:
    if day is None:
        return
    if date.fromisoformat(day) > world.local_day(order.occurred_at):
        raise Refused("matters.day-in-future", field=place, clause=order.step.clause)
    if first is not None and date.fromisoformat(day) < first:
        raise Refused("matters.day-too-early", field=place, clause=order.step.clause, first=first.isoformat())


def _check_hearings(matter: Matter, order: Order, world: World) -> Order:
    """What was stated is on record with its answer, and nothing of what was not."""
    clause = order.step.clause
    for place, item in _listed(order, "hearings"):
        need_subject(matter, f"{place}/subject", item["subject"], clause)
        _check_day(f"{place}/offered_on", item["offered_on"], order, world)
        said = [name for name in ("statement", "answer") if item.get(name)]
        if item["outcome"] == HearingOutcome.STATED and len(said) < 2:
            missing = "answer" if said == ["statement"] else "statement"
            raise Refused("matters.statement-missing", field=f"{place}/{missing}", clause=clause)
        if item["outcome"] != HearingOutcome.STATED and "statement" in said:
            raise Refused("matters.statement-of-nobody", field=f"{place}/statement", clause=clause)
    return order


def need_decision(matter: Matter, place: str, ref: str, clause: str) -> Decision:
    """The decision about a subject that stands; raises :class:`Refused` and :class:`OutOfOrder`."""
    need_subject(matter, place, ref, clause)
    found = matter.standing_decision(ref)
    if found is None:
        raise OutOfOrder("matters.not-decided", field=place, clause=clause, subject=ref)
    return found


def _check_services(matter: Matter, order: Order, world: World) -> Order:
    """A notice tells a decision that stands, after it was made, and its service is proved."""
    for place, item in _listed(order, "services"):
        decision = need_decision(matter, f"{place}/subject", item["subject"], order.step.clause)
        _check_day(f"{place}/served_on", item.get("served_on"), order, world, world.local_day(decision.decided_at))
        if not order.attachments and not (item.get("proof") or "").strip():
            raise Refused("matters.proof-missing", field=f"{place}/proof", clause=order.step.clause)
    return order


def is_served(matter: Matter, decision: Decision) -> bool:
    """Whether the notice of a decision has been served."""
    return any(item.decision == decision.id for item in matter.services)


def _check_appeal(matter: Matter, order: Order, _: World) -> Order:
    """One appeal at a time, against a decision of which the subject knows."""
    subject, clause = order.data["subject"], order.step.clause
    decision = need_decision(matter, "/subject", subject, clause)
    if not is_served(matter, decision):
        raise OutOfOrder("matters.not-served", field="/subject", clause=clause, subject=subject)
    if matter.appeal_pending(subject):
        raise OutOfOrder("matters.appealed-already", field="/subject", clause=clause, subject=subject)
    return order


def _check_review(matter: Matter, order: Order, acting: Capacity) -> None:
    """Who made the decision does not hear the appeal, by whichever hand (R12); only a change has a decision instead."""
    clause, waiting = order.step.clause, [item for item in matter.appeals if item.outcome is None]
    appeal = find_appeal(matter, order)
    if appeal is None:
        if len(waiting) > 1 and "appeal_id" not in order.data:
            raise Refused("matters.appeal-unnamed", field="/appeal_id", clause=clause, count=len(waiting))
        raise OutOfOrder("matters.nothing-appealed", field="/appeal_id" if waiting else None, clause=clause)
    if any(acting.is_hand_of(item.decided_by) for item in matter.decisions if item.id == appeal.decision):
        raise Refused("matters.decider-hears", clause=RECUSAL)
    instead = order.data.get("decision")
    if order.data["outcome"] == AppealOutcome.CHANGED:
        if instead is None:
            raise Refused("matters.change-without-decision", field="/decision", clause=clause)
        if instead["subject"] != appeal.subject:
            raise Refused("matters.decision-of-others", field="/decision/subject", clause=clause, subject=appeal.subject)
    elif instead is not None:
        raise Refused("matters.decision-without-change", field="/decision", clause=clause)


def _check_referral(matter: Matter, order: Order, world: World) -> Order:
    for index, ref in enumerate(order.data["subjects"]):
        need_subject(matter, f"/subjects/{index}", ref, order.step.clause)
    _check_day("/referred_on", order.data.get("referred_on"), order, world)
    return order


def _check_copies(matter: Matter, order: Order, world: World) -> Order:
    """What was sent and received is one of the case's copies, and was sent before it was received."""
    known, clause = {item.ref: item for item in matter.copies}, order.step.clause
    for place, item in _listed(order, "copies"):
        copy = known.get(item["copy"])
        if copy is None:
            raise Refused("matters.copy-unknown", field=f"{place}/copy", clause=clause, copy=item["copy"])
        sent, received = item.get("sent_on"), item.get("received_on")
        if not sent and not received:
            raise Refused("matters.copy-without-day", field=f"{place}/sent_on", clause=clause)
        first = date.fromisoformat(sent) if sent else copy.sent_on
        if received and first is None:
            raise Refused("matters.copy-not-sent", field=f"{place}/sent_on", clause=clause)
        _check_day(f"{place}/sent_on", sent, order, world)
        _check_day(f"{place}/received_on", received, order, world, first)
    return order


def _check_report(matter: Matter, order: Order, world: World) -> Order:
    """Who reports on a correction is somebody on whom something was imposed."""
    subject, clause = order.data["subject"], order.step.clause
    decision = need_decision(matter, "/subject", subject, clause)
    if not is_to_correct(world.kind, decision.sanctions):
        raise Refused("matters.nothing-imposed", field="/subject", clause=clause, subject=subject)
    return order


def _check_record(matter: Matter, order: Order, _: World) -> Order:
    """What a city records of a subject is of one whom the case is about."""
    ref = order.data.get("subject")
    if isinstance(ref, str):
        need_subject(matter, "/subject", ref, order.step.clause)
    return order


def _check_lifting(matter: Matter, order: Order, world: World) -> Order:
    clause, number = order.step.clause, order.data["effect"]
    effect = next((item for item in matter.effects if item.number == number), None)
    if effect is None:
        raise Refused("matters.effect-unknown", field="/effect", clause=clause, number=number)
    day = world.local_day(order.occurred_at)
    if effect.lifted_on or (effect.until_on and effect.until_on < day):
        raise OutOfOrder("matters.effect-over", field="/effect", clause=clause)
    return order


def _check_closing(matter: Matter, order: Order, world: World) -> Order:
    """Nothing is left undone: who is to be decided about is, knows of it, and has reported what was put right (R9)."""
    for subject in (item.ref for item in matter.subjects):
        _check_done_with(matter, subject, order, world.kind)
    for copy in matter.copies:
        if copy.sent_on is None:
            raise OutOfOrder("matters.copy-missing", clause=copy.clause, copy=copy.ref, to=copy.to)
    return order


def _check_done_with(matter: Matter, ref: str, order: Order, kind: CaseKind) -> None:
    decision, clause = matter.standing_decision(ref), order.step.clause
    grounds = [item for item in matter.grounds if ref in item.subjects]
    if any(item.finding is Finding.ALLEGED for item in grounds):
        open_ = next(item.ref for item in grounds if item.finding is Finding.ALLEGED)
        raise OutOfOrder("matters.ground-open", clause=clause, subject=ref, ground=open_)
    if matter.established(ref) and decision is None and not any(it.subject == ref for it in matter.decisions):
        raise OutOfOrder("matters.undecided", clause=_clause_of(kind, Verb.DECIDE, clause), subject=ref)
    if matter.appeal_pending(ref):
        raise OutOfOrder("matters.appeal-open", clause=_clause_of(kind, Verb.APPEAL, clause), subject=ref)
    if decision is None:
        return
    if _has(kind, Verb.SERVE) and not is_served(matter, decision):
        raise OutOfOrder("matters.not-served", clause=_clause_of(kind, Verb.SERVE, clause), subject=ref)
    reported = any(item.subject == ref for item in matter.corrections)
    if is_to_correct(kind, decision.sanctions) and not reported:
        raise OutOfOrder("matters.correction-open", clause=_clause_of(kind, Verb.REPORT_BACK, clause), subject=ref)


def _has(kind: CaseKind, verb: Verb) -> bool:
    return any(step.verb is verb for step in kind.steps)


def _clause_of(kind: CaseKind, verb: Verb, otherwise: str) -> str:
    """The clause of the procedure on which the first step of that verb rests."""
    return next((step.clause for step in kind.steps if step.verb is verb), otherwise)


_CHECKS: dict[Verb, Check] = {
    Verb.CHARGE: check_charge,
    Verb.ESTABLISH: _check_findings,
    Verb.APPORTION: judge_apportionments,
    Verb.HEAR: _check_hearings,
    Verb.SERVE: _check_services,
    Verb.APPEAL: _check_appeal,
    Verb.REFER: _check_referral,
    Verb.COPY: _check_copies,
    Verb.MEASURE: judge_measure,
    Verb.REPORT_BACK: _check_report,
    Verb.LIFT: _check_lifting,
    Verb.CLOSE: _check_closing,
    Verb.RECORD: _check_record,
}
_JUDGED = {Verb.DECIDE: judge_decisions, Verb.REVIEW: judge_review}
