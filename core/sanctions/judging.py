"""Judges what is proposed in an accountability case by its regime, and has the step carry what came of it. Pure.

Nothing is judged here: the case's own facts are put to :mod:`core.sanctions.decision` and
:mod:`core.sanctions.responsibility`, and their first reason refuses the step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from core.cases.conditions import as_text
from core.cases.order import Order
from core.cases.world import World
from core.errors import OutOfOrder, Refused
from core.procedure import DeadlineRule, Verb
from core.sanctions.choices import HEARING
from core.sanctions.decision import decide
from core.sanctions.following import find_appeal
from core.sanctions.holding import EACH_SUBJECT, is_to_correct
from core.sanctions.matter import Finding, HearingOutcome, Matter, MatterSubject
from core.sanctions.proposal import CatchAll, EffectInTime, EstablishedGround, Proposal, Reason, Verdict
from core.sanctions.regime import Ends, Gravity, Regime, Share
from core.sanctions.responsibility import Apportionment, Participant, StatedShare, apportion, apportion_by_hand

Facts = Mapping[str, Any]
HEARD = frozenset({HearingOutcome.STATED, HearingOutcome.WAIVED, HearingOutcome.SILENT})
"""The outcomes with which somebody has been heard: who does not want to speak need not."""
OPEN_FIGURE = "wenze:readings#r11"
_OWN = frozenset({"sanctions", "severity", "gravity", "subject", "effective_on", "lighter_reason"})
"""The parts of a proposal that stand under the same name in what somebody sends."""


class Judged(Refused):
    """What the rules of a regime refuse, for the reason that they give."""

    def __init__(self, reason: Reason, field: str) -> None:
        params = {name: value for name, value in reason.params.items() if name != "clause"}
        super().__init__(reason.code, field=field, clause=reason.clause, **params)


def judge_decisions(matter: Matter, order: Order, world: World, facts: Facts) -> Order:
    """The order with the verdict on each decision; raises :class:`Refused` by the first rule that speaks against one."""
    judged = list[dict[str, Any]]()
    for index, item in enumerate(order.data["decisions"]):
        place, ref = f"/decisions/{index}", item["subject"]
        if any(ref == other["subject"] for other in judged) or matter.standing_decision(ref):
            raise OutOfOrder("matters.already-decided", field=f"{place}/subject", clause=order.step.clause, subject=ref)
        judged.append(_judge_one(place, item, matter, order, world, facts))
    return replace(order, data=order.data | {"decisions": judged})


def judge_review(matter: Matter, order: Order, world: World, facts: Facts) -> Order:
    """The same for the decision in the place of one that an appeal has changed."""
    instead = order.data.get("decision")
    if instead is None or find_appeal(matter, order) is None:
        return order
    return replace(order, data=order.data | {"decision": _judge_one("/decision", instead, matter, order, world, facts)})


def _judge_one(place: str, item: Facts, matter: Matter, order: Order, world: World, facts: Facts) -> dict[str, Any]:
    clause, subject = order.step.clause, matter.subject(item["subject"])
    if subject is None:
        raise Refused("matters.ref-unknown", field=f"{place}/subject", clause=clause, ref=item["subject"])
    _check_grounds(place, subject, matter, clause)
    _check_correction_term(place, item, world, order)
    verdict = _ask(_propose(item, subject, matter, order, world, facts), order, world)
    _refuse(place, verdict)
    return dict(item) | _points(place, item, subject, matter, order, world) | _told(verdict, subject, matter, item)


def _check_grounds(place: str, subject: MatterSubject, matter: Matter, clause: str) -> None:
    """Every ground against the subject is found established, or not, and at least one is."""
    grounds = [item for item in matter.grounds if subject.ref in item.subjects]
    for item in grounds:
        if item.finding is Finding.ALLEGED:
            raise OutOfOrder("matters.ground-open", field=place, clause=clause, subject=subject.ref, ground=item.ref)
    if not matter.established(subject.ref):
        raise OutOfOrder("matters.nothing-established", field=place, clause=clause, subject=subject.ref)


def _check_correction_term(place: str, item: Facts, world: World, order: Order) -> None:
    """Who is told to put something right is told by when: the decision says it, or the tenant has (R11)."""
    rule = _correction_rule(world)
    if rule is None or not is_to_correct(world.kind, item["sanctions"]):
        return
    if item.get("correction_term"):
        if not (item.get("correction_term_reason") or "").strip():
            raise Refused("deadlines.term-without-reason", field=f"{place}/correction_term_reason", clause=rule.clause)
        return
    if rule.setting is None or world.find_term(rule.setting, world.local_day(order.occurred_at)) is None:
        raise Refused(
            "matters.correction-term-missing", field=f"{place}/correction_term", clause=rule.clause,
            setting=rule.setting or "–",
        )  # fmt: skip


def _points(place: str, item: Facts, subject: MatterSubject, matter: Matter, order: Order, world: World) -> dict[str, Any]:
    """What is taken off the assessment: the decision's own figure with its reason, else the tenant's per ground (R11)."""
    key = world.kind.points
    if key is None:
        return {}
    if item.get("points") is not None:
        if not (item.get("points_reason") or "").strip():
            raise Refused("matters.points-bare", field=f"{place}/points_reason", clause=OPEN_FIGURE)
        return {}
    found = world.find_figure(key, world.local_day(order.occurred_at))
    if found is None:
        raise Refused("matters.points-missing", field=f"{place}/points", clause=OPEN_FIGURE, setting=key)
    return {"points": str(found[0] * len(matter.established(subject.ref))), "points_reason": found[1]}


def _correction_rule(world: World) -> DeadlineRule | None:
    """The deadline of the report on the correction."""
    reporting = {step.key for step in world.kind.steps if step.verb is Verb.REPORT_BACK}
    rules = (rule for rule in world.kind.deadlines if rule.holder == EACH_SUBJECT and reporting.intersection(rule.met_by))
    return next(rules, None)


def _propose(item: Facts, subject: MatterSubject, matter: Matter, order: Order, world: World, facts: Facts) -> Proposal:
    grounds = matter.established(subject.ref)
    days = {act.ref: act.ended_on for act in matter.acts}
    share = matter.share(subject.ref)
    found = (it.clause for it in matter.circumstances if it.subject == subject.ref and it.finding is Finding.ESTABLISHED)
    return Proposal(
        subject=subject.kind,
        grounds=tuple(EstablishedGround(ground.clause, ground.act) for ground in grounds),
        sanctions=tuple(item["sanctions"]),
        circumstances=tuple(dict.fromkeys(found)),
        conduct_on=min(days[ground.act] for ground in grounds),
        version=item.get("lighter_version"),
        lighter_reason=item.get("lighter_reason", ""),
        subject_class=subject.subject_class,
        severity=item.get("severity"),
        gravity=Gravity(item["gravity"]) if item.get("gravity") else None,
        share=Share(share.share) if share else None,
        responsibility=share.labels if share else (),
        catch_all=_catch_all(item, grounds),
        done=_done(item, subject, matter, facts),
        documented=frozenset(it.sanction for it in matter.measures if it.subject == subject.ref),
        short_way=as_text(facts.get("short_way")) == "true",
        short_way_reason=str(facts.get("short_way_reason") or ""),
        sanctioned_acts=world.sanctioned_acts.get(subject.ref, frozenset()),
        effective_on=date.fromisoformat(item["effective_on"])
        if item.get("effective_on")
        else world.local_day(order.occurred_at),
    )


def _catch_all(item: Facts, grounds: tuple[Any, ...]) -> CatchAll:
    """The reason and basis of the decision's own catch-all, else those of a ground's."""
    said = [(item.get("catch_all_reason"), item.get("catch_all_basis"))]
    said += [(ground.catch_all_reason, ground.catch_all_basis) for ground in grounds]
    reason, basis = next((pair for pair in said if all(pair)), ("", ""))
    return CatchAll(reason or "", basis or "")


def _done(item: Facts, subject: MatterSubject, matter: Matter, facts: Facts) -> frozenset[str]:
    """The prerequisites that are there: the hearing by the case itself, others by its steps or by the decision."""
    hearing = matter.hearing(subject.ref)
    heard = {HEARING} if hearing is not None and hearing.outcome in HEARD else set()
    by_steps = {name.replace("_", "-") for name, value in facts.items() if as_text(value) == "true"}
    return frozenset(heard | by_steps | {it["what"] for it in item.get("before", ())})


def _ask(proposal: Proposal, order: Order, world: World) -> Verdict:
    regime, day = regime_of(world), world.local_day(order.occurred_at)
    readings = {it.reading for version in regime.versions for its in version.sanctions.values() for it in its.items}
    confirmed = frozenset(key for key in readings if key and world.find_permission(key, day) is not None)
    return decide(proposal, regime, world.rulebook, confirmed)


def regime_of(world: World) -> Regime:
    """The regime of the kind; a kind that names one that is not there is refused when it is loaded."""
    if world.regime is None:
        raise LookupError(f"kind {world.kind.key} has no regime {world.kind.regime}")
    return world.regime


def _refuse(place: str, verdict: Verdict) -> None:
    """Raises the first reason; how many there are, and all of them, the calculation tells."""
    for reason in verdict.reasons:
        at = f"{place}{reason.at}" if reason.at and reason.at.split("/")[1] in _OWN else place
        raise Judged(reason, at)


def _told(verdict: Verdict, subject: MatterSubject, matter: Matter, item: Facts) -> dict[str, Any]:
    """What the decision carries of its verdict: stored with it, and never computed anew (promise 1)."""
    return {
        "version": verdict.version,
        "grounds": [ground.ref for ground in matter.established(subject.ref)],
        "circumstances": [found.clause for found in verdict.circumstances],
        "explanation": msgspec.to_builtins(verdict),
        "effects": [found for effect in verdict.effects if (found := _effect(effect, item)) is not None],
    }


def _effect(effect: EffectInTime, item: Facts) -> dict[str, Any] | None:
    """What lasts for a time, by its end; what ends with the correction is tracked as that."""
    named = next((it["on"] for it in item.get("ends", ()) if it["sanction"] == effect.sanction), None)
    until = named or (effect.ends_on.isoformat() if effect.ends_on else None)
    if until is None and effect.ends != Ends.LIFTING:
        return None
    begins = effect.begins_on.isoformat() if effect.begins_on else None
    return {"clause": effect.sanction, "from_on": begins, "until_on": until}


def judge_apportionments(matter: Matter, order: Order, world: World) -> Order:
    """The order with the shares; raises :class:`Refused` where the text gives none, or what is stated contradicts itself."""
    acts, clause = {item.ref for item in matter.acts}, order.step.clause
    judged = []
    for index, item in enumerate(order.data["apportionments"]):
        place = f"/apportionments/{index}"
        known = {"acts": (acts, item["acts"])}
        known["subjects"] = ({it.ref for it in matter.subjects}, [part["subject"] for part in item["parts"]])
        for there, named in known.values():
            for ref in named:
                if ref not in there:
                    raise Refused("matters.ref-unknown", field=place, clause=clause, ref=ref)
        found = _apportion(item, world)
        for reason in found.reasons:
            raise Judged(reason, place)
        judged.append(_with_shares(item, found))
    return replace(order, data=order.data | {"apportionments": judged})


def _apportion(item: Facts, world: World) -> Apportionment:
    regime, parts = regime_of(world), item["parts"]
    if item.get("path") is None:
        stated = (
            StatedShare(it["subject"], Share(it.get("share", Share.NONE)), tuple(it.get("labels", ()))) for it in parts
        )
        return apportion_by_hand(regime, world.rulebook, tuple(stated), item.get("reason", ""))
    people = (
        Participant(it["subject"], it.get("role", ""), frozenset(fact.replace("-", "_") for fact in it.get("facts", ())))
        for it in parts
    )
    return apportion(regime, world.rulebook, item["path"], tuple(people))


def _with_shares(item: Facts, found: Apportionment) -> dict[str, Any]:
    roles = {it["subject"]: it.get("role") for it in item["parts"]}
    shares = [
        {"subject": it.name, "share": it.share.value, "clause": it.clause, "labels": it.labels, "role": roles[it.name]}
        for it in found.shares
    ]
    return dict(item) | {"shares": shares, "explanation": msgspec.to_builtins(found)}


def judge_measure(matter: Matter, order: Order, world: World) -> Order:
    """What another organ decided is one of the measures that are another organ's (R14)."""
    clause, subject = order.step.clause, matter.subject(order.data["subject"])
    if subject is None:
        raise Refused("matters.ref-unknown", field="/subject", clause=clause, ref=order.data["subject"])
    listed = (version.sanction(subject.kind, order.data["sanction"]) for version in regime_of(world).versions)
    if not any(item is not None and item.organ for item in listed):
        raise Refused("matters.own-measure", field="/sanction", clause=clause, sanction=order.data["sanction"])
    return order
