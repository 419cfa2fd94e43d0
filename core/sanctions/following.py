"""What each step makes of an accountability case's matter. Pure; whether the step may be taken is not asked here.

All that had to be looked up or computed (versions of the law, frozen evidence, shares, verdicts) stands in the step's facts
already, so that a case that is followed once more comes to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import msgspec

from core.cases.conditions import holds
from core.cases.order import Capacity, Order
from core.procedure import Verb
from core.sanctions.matter import (
    NOTHING,
    Appeal,
    AppealOutcome,
    Consent,
    Copy,
    CorrectionReport,
    Decision,
    DecisionState,
    Finding,
    Hearing,
    Matter,
    MatterAct,
    MatterApportionment,
    MatterCircumstance,
    MatterEffect,
    MatterEvidence,
    MatterGround,
    MatterSubject,
    Measure,
    Referral,
    Service,
)

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: in which capacity, and on which local day."""

    order: Order
    acting: Capacity
    day: date


def follow_matter(matter: Matter | None, taken: Taken, facts: Facts) -> Matter | None:
    """The matter after a step; ``None`` of a case that has none. ``facts`` are those that conditions read."""
    order = taken.order
    effect = _EFFECTS.get(order.step.verb)
    after = effect(matter or NOTHING, taken) if effect else matter
    copies = [rule for rule in order.step.copies if holds(rule.when, facts)]
    if not copies:
        return after
    known = after or NOTHING
    for rule in copies:
        made = Copy(
            ref=_free(rule.key, known.copies),
            clause=rule.clause,
            to=rule.to.zh,
            step=order.step.key,
            arose_at=order.occurred_at,
        )
        known = known.but(copies=(*known.copies, made))
    return known


def _free(key: str, copies: tuple[Copy, ...]) -> str:
    """The key, or with a number behind it where the case has had such a copy."""
    count = sum(item.ref == key or item.ref.startswith(f"{key}-") for item in copies)
    return f"{key}-{count + 1}" if count else key


def _charge(matter: Matter, taken: Taken) -> Matter:
    at = {"taken_at": taken.order.occurred_at.isoformat()}
    return matter.but(
        subjects=(*matter.subjects, *_read(taken.order, "subjects", MatterSubject)),
        acts=(*matter.acts, *_read(taken.order, "acts", MatterAct)),
        grounds=(*matter.grounds, *_read(taken.order, "grounds", MatterGround)),
        circumstances=(*matter.circumstances, *_read(taken.order, "circumstances", MatterCircumstance)),
        evidence=(*matter.evidence, *_read(taken.order, "evidence", MatterEvidence, **at)),
    )


def _said(order: Order, name: str) -> list[Facts]:
    found: list[Facts] = order.data.get(name, [])
    return found


def _read(order: Order, name: str, type_: Any, **more: Any) -> Iterator[Any]:
    return (msgspec.convert(item | more, type_) for item in _said(order, name))


def _establish(matter: Matter, taken: Taken) -> Matter:
    grounds = {item["ground"]: item for item in _said(taken.order, "findings")}
    others = {item["circumstance"]: item for item in _said(taken.order, "circumstance_findings")}
    return matter.but(
        grounds=tuple(_find(item, grounds.get(item.ref)) for item in matter.grounds),
        circumstances=tuple(_find(item, others.get(item.ref)) for item in matter.circumstances),
    )


def _find(item: Any, found: Facts | None) -> Any:
    if found is None:
        return item
    finding = Finding.ESTABLISHED if found["established"] else Finding.NOT_ESTABLISHED
    return msgspec.structs.replace(item, finding=finding, reason=found["reason"])


def _apportion(matter: Matter, taken: Taken) -> Matter:
    return matter.but(apportionments=(*matter.apportionments, *_read(taken.order, "apportionments", MatterApportionment)))


def _hear(matter: Matter, taken: Taken) -> Matter:
    return matter.but(hearings=(*matter.hearings, *_read(taken.order, "hearings", Hearing)))


def _decide(matter: Matter, taken: Taken) -> Matter:
    for item in _said(taken.order, "decisions"):
        matter = _add_decision(matter, taken, item)
    return matter


def _add_decision(matter: Matter, taken: Taken, item: Facts, replaces: UUID | None = None) -> Matter:
    own = {
        "id": str(uuid5(taken.order.id, item["subject"])),
        "number": len(matter.decisions) + 1,
        "decided_at": taken.order.occurred_at.isoformat(),
        "decided_by": str(taken.acting.person_id) if taken.acting.person_id else None,
        "role": taken.acting.role.value,
        "effective_on": item.get("effective_on") or taken.day.isoformat(),
        "replaces": str(replaces) if replaces else None,
    }
    made = msgspec.convert(item | own, Decision)
    effects = tuple(
        msgspec.convert(
            found | {"number": len(matter.effects) + place, "decision": str(made.id), "subject": made.subject}, MatterEffect
        )
        for place, found in enumerate(item.get("effects", ()), 1)
    )
    return matter.but(decisions=(*matter.decisions, made), effects=(*matter.effects, *effects))


def _serve(matter: Matter, taken: Taken) -> Matter:
    made = list[Service]()
    for item in _said(taken.order, "services"):
        decision = matter.standing_decision(item["subject"])
        if decision is not None:
            own = {"served_on": item.get("served_on") or taken.day.isoformat(), "decision": str(decision.id)}
            made.append(msgspec.convert(item | own, Service))
    return matter.but(services=(*matter.services, *made))


def _appeal(matter: Matter, taken: Taken) -> Matter:
    decision = matter.standing_decision(taken.order.data["subject"])
    if decision is None:
        return matter
    made = Appeal(
        id=taken.order.id,
        subject=decision.subject,
        decision=decision.id,
        step=taken.order.step.key,
        clause=taken.order.step.clause,
        filed_at=taken.order.occurred_at,
        reasons=taken.order.data["reasons"],
    )
    return matter.but(appeals=(*matter.appeals, made))


def find_appeal(matter: Matter, order: Order) -> Appeal | None:
    """The appeal that a review is of: the one that it names, or the only one that waits."""
    waiting = [item for item in matter.appeals if item.outcome is None]
    named = order.data.get("appeal_id")
    found = [item for item in waiting if named in {None, str(item.id)}]
    return found[0] if len(found) == 1 else None


def _review(matter: Matter, taken: Taken) -> Matter:
    appeal = find_appeal(matter, taken.order)
    if appeal is None:
        return matter
    outcome = AppealOutcome(taken.order.data["outcome"])
    answered = msgspec.structs.replace(
        appeal,
        outcome=outcome,
        answered_at=taken.order.occurred_at,
        answered_by=taken.acting.person_id,
        answer=taken.order.data["answer"],
    )
    matter = matter.but(appeals=tuple(answered if item.id == appeal.id else item for item in matter.appeals))
    if outcome is AppealOutcome.UPHELD:
        return matter
    matter = _set_aside(matter, appeal.decision, DecisionState(outcome.value), taken)
    instead = taken.order.data.get("decision")
    return _add_decision(matter, taken, instead, appeal.decision) if instead else matter


def _set_aside(matter: Matter, decision: UUID, state: DecisionState, taken: Taken) -> Matter:
    """The decision stands no more, and what it brought for a time ends with it."""
    decisions = tuple(msgspec.structs.replace(it, state=state) if it.id == decision else it for it in matter.decisions)
    why, day = taken.order.data["answer"], taken.day
    effects = tuple(
        msgspec.structs.replace(it, lifted_on=day, lifted_why=why) if it.decision == decision and not it.lifted_on else it
        for it in matter.effects
    )
    return matter.but(decisions=decisions, effects=effects)


def _refer(matter: Matter, taken: Taken) -> Matter:
    ref, on = _free(taken.order.step.key, matter.copies), taken.order.data.get("referred_on") or taken.day.isoformat()
    own = {"ref": ref, "step": taken.order.step.key, "clause": taken.order.step.clause, "referred_on": on}
    made = msgspec.convert(taken.order.data | own, Referral)
    receipt = Copy(
        ref=ref, clause=made.clause, to=made.receiver, step=made.step, arose_at=taken.order.occurred_at,
        sent_on=made.referred_on, reference=made.reference,
    )  # fmt: skip
    return matter.but(referrals=(*matter.referrals, made), copies=(*matter.copies, receipt))


def _copy(matter: Matter, taken: Taken) -> Matter:
    told = {item["copy"]: item for item in _said(taken.order, "copies")}
    return matter.but(copies=tuple(_mark(item, told.get(item.ref)) for item in matter.copies))


def _mark(copy: Copy, told: Facts | None) -> Copy:
    if told is None:
        return copy
    days = {name: date.fromisoformat(told[name]) for name in ("sent_on", "received_on") if told.get(name)}
    return msgspec.structs.replace(copy, **days, reference=told.get("reference") or copy.reference)


def _measure(matter: Matter, taken: Taken) -> Matter:
    return matter.but(measures=(*matter.measures, msgspec.convert(taken.order.data, Measure)))


def _report_back(matter: Matter, taken: Taken) -> Matter:
    made = CorrectionReport(subject=taken.order.data["subject"], report=taken.order.data["report"], reported_on=taken.day)
    return matter.but(corrections=(*matter.corrections, made))


def _lift(matter: Matter, taken: Taken) -> Matter:
    ended = {"lifted_on": taken.day, "lifted_why": taken.order.data["reason"]}
    effects = (
        msgspec.structs.replace(item, **ended) if item.number == taken.order.data["effect"] else item
        for item in matter.effects
    )
    return matter.but(effects=tuple(effects))


def _consent(matter: Matter, taken: Taken) -> Matter:
    return matter.but(consent=msgspec.convert(taken.order.data | {"said_on": taken.day.isoformat()}, Consent))


_EFFECTS: dict[Verb, Callable[[Matter, Taken], Matter]] = {
    Verb.CHARGE: _charge,
    Verb.ESTABLISH: _establish,
    Verb.APPORTION: _apportion,
    Verb.HEAR: _hear,
    Verb.DECIDE: _decide,
    Verb.SERVE: _serve,
    Verb.APPEAL: _appeal,
    Verb.REVIEW: _review,
    Verb.REFER: _refer,
    Verb.COPY: _copy,
    Verb.MEASURE: _measure,
    Verb.REPORT_BACK: _report_back,
    Verb.LIFT: _lift,
    Verb.CONSENT: _consent,
}
