"""What is asked for across accountability cases, as rows beside the case: decisions, what they rest on, effects, copies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.cases.case import Case
from core.cases.order import Order
from core.ids import new_id
from core.procedure import Verb
from core.sanctions.matter import NOTHING, Copy, Decision, Matter, MatterSubject, SubjectKind
from core.store.tables import (
    TENANT,
    accountability_copy,
    accountability_decision,
    accountability_effect,
    accountability_source,
)

if TYPE_CHECKING:
    from core.cases.service import Desk

_decision, _source = accountability_decision.c, accountability_source.c
_effect, _copy = accountability_effect.c, accountability_copy.c
_SET_ASIDE = (
    update(accountability_decision)
    .where(_decision.tenant == TENANT, _decision.id == bindparam("of_id"))
    .values(state=bindparam("now"))
)
_LIFT = (
    update(accountability_effect)
    .where(_effect.tenant == TENANT, _effect.case_id == bindparam("of_case"), _effect.number == bindparam("of_number"))
    .values(lifted_on=bindparam("on"))
)
_MARK = (
    update(accountability_copy)
    .where(_copy.tenant == TENANT, _copy.case_id == bindparam("of_case"), _copy.ref == bindparam("of_ref"))
    .values(sent_on=bindparam("sent"), received_on=bindparam("received"), reference=bindparam("told"))
)
_ELSEWHERE = (
    select(_decision.id)
    .join(accountability_source, (_source.tenant == _decision.tenant) & (_source.decision_id == _decision.id))
    .where(
        _decision.tenant == TENANT,
        _source.source_id == bindparam("of_source"),
        _decision.state == "stands",
        _decision.sanctioned.is_(True),
        _decision.case_id != bindparam("of_case"),
        _decision.subject_kind == bindparam("of_kind"),
    )
)
_OF_UNIT = _ELSEWHERE.where(_decision.unit_id == bindparam("of_whom")).limit(1)
_OF_PERSON = _ELSEWHERE.where(_decision.person_id == bindparam("of_whom")).limit(1)
_SOURCES = frozenset({"case", "deadline", "supervision-item"})


async def write_matter(desk: Desk, before: Case, after: Case, step_id: UUID) -> None:
    """Writes what the step changed of it."""
    old, new = before.standing.matter or NOTHING, after.standing.matter
    if new is None or new == old:
        return
    await _write_decisions(desk, after, old, new, step_id)
    known = {item.number: item for item in old.effects}
    for effect in new.effects:
        if effect.number in known and effect.lifted_on != known[effect.number].lifted_on:
            values = {"of_case": after.id, "of_number": effect.number, "on": effect.lifted_on}
            await desk.session.execute(_LIFT, values)
    await _write_copies(desk, after, old, new)


async def _write_decisions(desk: Desk, case: Case, old: Matter, new: Matter, step_id: UUID) -> None:
    known = {item.id: item for item in old.decisions}
    regime = desk.snapshot.jurisdiction.kind(case.kind).regime or ""
    for decision in new.decisions:
        subject = new.subject(decision.subject)
        if decision.id not in known and subject is not None:
            _add_decision(desk, case, new, decision, subject, {"step_id": step_id, "regime": regime})
        elif decision.id in known and decision.state is not known[decision.id].state:
            await desk.session.execute(_SET_ASIDE, {"of_id": decision.id, "now": decision.state.value})


def _add_decision(
    desk: Desk, case: Case, matter: Matter, decision: Decision, subject: MatterSubject, more: Mapping[str, object]
) -> None:
    whom = {"subject_kind": subject.kind.value, "unit_id": subject.unit_id, "person_id": subject.person_id}
    row = {
        "id": decision.id, "case_id": case.id, "subject": subject.ref, "sanctioned": bool(decision.sanctions),
        "effective_on": decision.effective_on, "decided_at": decision.decided_at, "state": decision.state.value,
    }  # fmt: skip
    desk.session.add(accountability_decision, {**row, **whom, **more})
    for act, source_id in sorted(set(_sources(matter, subject.ref))):
        desk.session.add(
            accountability_source, {"id": new_id(), "decision_id": decision.id, "act": act, "source_id": source_id}
        )
    for effect in matter.effects:
        if effect.decision == decision.id:
            told = {name: getattr(effect, name) for name in ("number", "clause", "from_on", "until_on", "lifted_on")}
            desk.session.add(
                accountability_effect, {"id": new_id(), "case_id": case.id, "decision_id": decision.id, **told, **whom}
            )


def _sources(matter: Matter, ref: str) -> Iterator[tuple[str, UUID]]:
    """What the acts are proved by that are established against a subject, with each act."""
    evidence = {item.ref: item for item in matter.evidence}
    for ground in matter.established(ref):
        for name in ground.evidence:
            found = evidence.get(name)
            if found is not None and found.id is not None and found.kind in _SOURCES:
                yield ground.act, found.id


async def _write_copies(desk: Desk, case: Case, old: Matter, new: Matter) -> None:
    known = {item.ref: item for item in old.copies}
    for copy in new.copies:
        if copy.ref not in known:
            told = {"ref": copy.ref, "clause": copy.clause, "receiver": copy.to, "step": copy.step}
            row = told | {"id": new_id(), "case_id": case.id, "arose_at": copy.arose_at, **_days(copy)}
            desk.session.add(accountability_copy, row)
        elif copy != known[copy.ref]:
            days = {"sent": copy.sent_on, "received": copy.received_on, "told": copy.reference}
            await desk.session.execute(_MARK, {"of_case": case.id, "of_ref": copy.ref, **days})


def _days(copy: Copy) -> dict[str, object]:
    return {"sent_on": copy.sent_on, "received_on": copy.received_on, "reference": copy.reference}


async def find_sanctioned(desk: Desk, case: Case, order: Order) -> dict[str, frozenset[str]]:
    """The acts, by subject, for which a decision of another case that stands has sanctioned the subject: the same unit or
    person, for what is proved by the same case, deadline or supervision item (R13)."""
    matter = case.standing.matter
    if matter is None or order.step.verb not in {Verb.DECIDE, Verb.REVIEW}:
        return {}
    found = {}
    for subject in matter.subjects:
        acts = set[str]()
        for act, source_id in set(_sources(matter, subject.ref)):
            if await _is_sanctioned(desk, case, subject, source_id):
                acts.add(act)
        found[subject.ref] = frozenset(acts)
    return found


async def _is_sanctioned(desk: Desk, case: Case, subject: MatterSubject, source_id: UUID) -> bool:
    of_unit = subject.kind is SubjectKind.UNIT
    whom = subject.unit_id if of_unit else subject.person_id
    if whom is None:
        return False
    asked = {"of_source": source_id, "of_case": case.id, "of_kind": subject.kind.value, "of_whom": whom}
    return await desk.session.one(_OF_UNIT if of_unit else _OF_PERSON, asked) is not None
