"""What is shown of a case to whom: of the words the rendition, of a confidential matter no more than what was dispatched.

The original words are read for a purpose alone (:mod:`core.cases.narratives`); units see a rendition once it is confirmed. A
whistleblower's own words, and even the title that the intake gave them, can tell who wrote them; a unit gets the rendition
that was made for it, and an administrator or auditor of the tenant no more than that (promise 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from core.cases.capacity import visible_units
from core.cases.case import Case, DeadlineNote, Intake, Standing
from core.cases.history import StepRecord
from core.cases.house_steps import ADD_PETITIONER, CONFIRM_RENDITION, JOINED_BY_NAME, LET_GO, MERGE, TAKE_IN, UNMERGE
from core.cases.ledger import LedgerEntry
from core.cases.rendition import RenditionState, has_rendition
from core.corrections.correction import CORRECT
from core.feedback.forms import SATISFACTION
from core.law.citation import Citation, MalformedCitation
from core.procedure import SENT_TO_UNITS, CaseKind, Role, StepKind, Verb
from core.tenants.principal import Principal

_WHY = frozenset({"reason"})
_ASIDES: dict[str, frozenset[str]] = {
    Verb.REGISTER: frozenset({"note", "received_reason"}),
    ADD_PETITIONER: frozenset({"note", JOINED_BY_NAME}),
    CONFIRM_RENDITION: frozenset({"note"}),
    **dict.fromkeys((MERGE, UNMERGE, TAKE_IN, LET_GO), _WHY),
    CORRECT: _WHY | {"approval"},
}
"""What of a registration, and of the steps of the house, is kept from units."""
_MOVING = {Verb.PAUSE, Verb.RESUME, Verb.EXTEND}
_WHY_MOVED = frozenset({"note", "reason", "basis", "beyond_reason"})
"""What of the centre's own pauses and extensions is: what a matter waits for can tell who brings it."""


def is_entrusted(kind: CaseKind, principal: Principal) -> bool:
    """Whether the person sees all of such a case but the identity: who works on the kind, other than for a unit."""
    return not kind.confidential or not principal.roles.isdisjoint(kind.workers)


def disclose_case(case: Case, kind: CaseKind, principal: Principal) -> Case:
    """The case as the reader may see it: its rendition for the narrative; of a confidential one no title and no intake."""
    entrusted = is_entrusted(kind, principal) and not _is_about(case, kind)
    facts, words = _facts(case, principal), _words(case, kind, principal, entrusted=entrusted)
    case = msgspec.structs.replace(case, narrative=words, facts=facts)
    if entrusted:
        return case
    shown = {field.key for step in kind.steps if _is_shown(step) for field in step.fields}
    facts = {key: value for key, value in case.facts.items() if key in shown}
    return msgspec.structs.replace(
        case, title=case.number, facts=facts, division=None, intake=Intake(), clerk_id=None, standing=_alone(case)
    )


def _words(case: Case, kind: CaseKind, principal: Principal, *, entrusted: bool) -> str | None:
    """What stands for the narrative: of a kind that nobody brings the words themselves, else the rendition."""
    if not has_rendition(kind):
        return case.narrative
    waits = case.rendition_state != RenditionState.CONFIRMED
    return None if waits and (not entrusted or works_for_units(principal)) else case.rendition


def _facts(case: Case, principal: Principal) -> dict[str, Any]:
    """Of what was said of a reply, units learn what came of it, once everybody could say so (``asking`` is over)."""
    if not case.standing.asking or not works_for_unit_of(case, principal):
        return case.facts
    return {name: value for name, value in case.facts.items() if name != SATISFACTION}


def works_for_units(principal: Principal) -> bool:
    """Whether the person sees cases for the own units alone."""
    return visible_units(principal) is not None


def works_for_unit_of(case: Case, principal: Principal) -> bool:
    """Whether the person works for units alone, or beside other work for one of those that have the case."""
    if works_for_units(principal):
        return True
    return case.standing.is_seen_by(principal.officer_of)


def _is_about(case: Case, kind: CaseKind) -> bool:
    """Whether the reader takes no part in an accountability case: whom it is about learns of it by being heard."""
    return kind.regime is not None and case.recused


def _alone(case: Case) -> Standing:
    notes = tuple(_without_words(note) for note in case.standing.deadlines)
    return msgspec.structs.replace(case.standing, petitioners=0, deadlines=notes, matter=None)


def _without_words(note: DeadlineNote) -> DeadlineNote:
    """A deadline of a confidential case: that its lateness was found justified, and neither why nor by whom."""
    if note.justified is None:
        return note
    return msgspec.structs.replace(note, justified=msgspec.structs.replace(note.justified, person_id=None, reason=None))


def disclose_line(line: dict[str, Any], kind: CaseKind, principal: Principal) -> dict[str, Any]:
    """A line of a list, by the same rule as the case itself."""
    return line if is_entrusted(kind, principal) else line | {"title": line["number"], "division": None}


def disclose_steps(case: Case, steps: Iterable[StepRecord], kind: CaseKind, principal: Principal) -> tuple[StepRecord, ...]:
    """The steps as the reader may see them: of a confidential case that they were taken, and what units did.

    That somebody gave an answer is no step to units: when, and in which role it was taken, would tell who it can have been.
    """
    if works_for_unit_of(case, principal):
        steps = (item for item in steps if item.verb != Verb.FEEDBACK)
        steps = map(_without_asides, steps)
    if is_entrusted(kind, principal) and not _is_about(case, kind):
        return tuple(steps)
    shown = {step.key for step in kind.steps if _is_shown(step)} | {CONFIRM_RENDITION}
    return tuple(item if item.step in shown else _without_content(item) for item in steps)


def disclose_ledger(
    entries: tuple[LedgerEntry, ...], case: Case, kind: CaseKind, principal: Principal
) -> tuple[LedgerEntry, ...]:
    """The entries of a deadline as the reader may see them: to units what it was and became, when and by which clause, not
    the words of who allowed it, which can tell who brings the matter; of a confidential case not by whom, either."""
    entrusted = is_entrusted(kind, principal)
    if entrusted and not works_for_unit_of(case, principal):
        return entries
    hidden = {"reason": None} if entrusted else {"reason": None, "allowed_by": None}
    return tuple(msgspec.structs.replace(entry, basis=_clause_alone(entry.basis), **hidden) for entry in entries)


def _clause_alone(basis: str) -> str:
    """The basis where it is a clause; what somebody wrote of it is as little for units as the reason."""
    try:
        return str(Citation.parse(basis))
    except MalformedCitation:
        return ""


def _is_shown(step: StepKind) -> bool:
    return step.verb in SENT_TO_UNITS or Role.UNIT_OFFICER in step.by


def _without_asides(record: StepRecord) -> StepRecord:
    """A step without what the centre wrote beside the matter for itself, which can tell who brings it."""
    aside = _ASIDES.get(Verb.REGISTER if record.verb == Verb.REGISTER else record.step)
    if record.verb in _MOVING and record.role != Role.UNIT_OFFICER:
        aside = _WHY_MOVED
    if aside is None:
        return record
    return msgspec.structs.replace(record, data={key: value for key, value in record.data.items() if key not in aside})


def _without_content(record: StepRecord) -> StepRecord:
    nothing: dict[str, Any] = {}
    return msgspec.structs.replace(record, data=nothing, person_id=None, client_id=None)
