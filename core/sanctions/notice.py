"""The written notice of a decision (处理决定书) as data: what it must hold, so that whom it is about can answer it. Pure.

Facts, evidence, the clause and its version, circumstances, the defence and the answer to it, the sanction, the day of
effect, the remedy with its organ and term, and how it was served.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from msgspec import Struct

from core.cases.case import Case
from core.cases.world import World
from core.law.citation import Citation
from core.law.instrument import Remark, Term, TermFigure, Text
from core.procedure import Verb
from core.sanctions.holding import SUBJECT
from core.sanctions.matter import (
    Decision,
    Hearing,
    Matter,
    MatterAct,
    MatterEffect,
    MatterEvidence,
    MatterShare,
    MatterSubject,
    Service,
)


class NoticeClause(Struct, frozen=True):
    """A clause that the decision rests on, in our words for it, and the version by which it is read."""

    clause: str
    label: Text
    version: str


class Remedy(Struct, frozen=True):
    """What is open to who does not accept it; ``organ`` and ``term`` are the tenant's, ``null`` where none is set (R11)."""

    clause: str
    organ: str | None
    term: Term | None
    until: date | None
    """The last day, once the notice is served."""


class DecisionNotice(Struct, frozen=True, kw_only=True):
    """One decision about one subject, as the subject is told of it."""

    decision_id: UUID
    number: int
    case_number: str
    state: str
    subject: MatterSubject
    acts: tuple[MatterAct, ...]
    grounds: tuple[NoticeClause, ...]
    evidence: tuple[MatterEvidence, ...]
    circumstances: tuple[NoticeClause, ...]
    share: MatterShare | None
    hearing: Hearing | None
    sanctions: tuple[NoticeClause, ...]
    reasons: str
    decided_on: date
    effective_on: date
    effects: tuple[MatterEffect, ...]
    correction_term: TermFigure | None
    correction_due_on: date | None
    remedies: tuple[Remedy, ...]
    instrument: Text
    in_force_from: date
    remarks: tuple[Remark, ...]
    services: tuple[Service, ...]


def make_notices(case: Case, world: World, organ: str | None) -> tuple[DecisionNotice, ...]:
    """The notice of every decision of a case, in the order in which they were made; those set aside among them."""
    matter = case.standing.matter
    if matter is None:
        return ()
    made = ((decision, matter.subject(decision.subject)) for decision in matter.decisions)
    return tuple(_notice(case, matter, it, subject, world, organ) for it, subject in made if subject is not None)


def _notice(
    case: Case, matter: Matter, decision: Decision, subject: MatterSubject, world: World, organ: str | None
) -> DecisionNotice:
    instrument = world.rulebook.instrument(world.kind.instrument)
    law = next(version for version in instrument.versions if version.id == decision.version)
    grounds = [item for item in matter.grounds if item.ref in decision.grounds]
    named = {ref for ground in grounds for ref in ground.evidence}
    return DecisionNotice(
        decision_id=decision.id,
        number=decision.number,
        case_number=case.number,
        state=decision.state.value,
        subject=subject,
        acts=tuple(act for act in matter.acts if act.ref in {ground.act for ground in grounds}),
        grounds=_clauses((ground.clause for ground in grounds), world, law.in_force_from),
        evidence=tuple(item for item in matter.evidence if item.ref in named),
        circumstances=_clauses(decision.circumstances, world, law.in_force_from),
        share=matter.share(subject.ref),
        hearing=matter.hearing(subject.ref),
        sanctions=_clauses(decision.sanctions, world, law.in_force_from),
        reasons=decision.reasons,
        decided_on=world.local_day(decision.decided_at),
        effective_on=decision.effective_on,
        effects=tuple(item for item in matter.effects if item.decision == decision.id),
        correction_term=decision.correction_term,
        correction_due_on=_due_on(case, world, subject.ref, Verb.REPORT_BACK),
        remedies=tuple(_remedies(case, decision, subject.ref, world, organ)),
        instrument=instrument.title,
        in_force_from=law.in_force_from,
        remarks=law.remarks,
        services=tuple(item for item in matter.services if item.decision == decision.id),
    )


def _clauses(citations: Iterable[str], world: World, day: date) -> tuple[NoticeClause, ...]:
    passages = (world.rulebook.passage(Citation.parse(citation), day) for citation in dict.fromkeys(citations))
    return tuple(NoticeClause(str(it.citation), it.label, it.version.id) for it in passages)


def _due_on(case: Case, world: World, ref: str, verb: Verb) -> date | None:
    """The last day of the subject's deadline that a step of that verb meets."""
    steps = {step.key for step in world.kind.steps if step.verb is verb}
    keys = {rule.key for rule in world.kind.deadlines if steps.intersection(rule.met_by)}
    found = [it.due_on for it in case.standing.deadlines if it.key in keys and it.holder == f"{SUBJECT}{ref}"]
    return found[-1] if found else None


def _remedies(case: Case, decision: Decision, ref: str, world: World, organ: str | None) -> Iterable[Remedy]:
    """The steps by which the kind takes in an appeal, each with its window."""
    day = world.local_day(decision.decided_at)
    for step in world.kind.steps:
        if step.verb is not Verb.APPEAL:
            continue
        rule = next((item for item in world.kind.deadlines if item.key == step.within), None)
        stated = world.find_term(rule.setting, day) if rule and rule.setting else None
        notes = [it for it in case.standing.deadlines if rule and it.key == rule.key and it.holder == f"{SUBJECT}{ref}"]
        yield Remedy(step.clause, organ, stated.term if stated else None, notes[-1].due_on if notes else None)
