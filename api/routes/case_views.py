"""Cases as integrators see them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.pages import PageQuery
from core.cases.bodies import Instant
from core.cases.capacity import own_steps
from core.cases.case import Case, DeadlineNote
from core.cases.checks import available_steps
from core.cases.history import StepRecord
from core.deadlines.explanation import Explanation
from core.deadlines.wording import render
from core.law.instrument import Text
from core.procedure import CaseKind, Part
from core.tenants.principal import Principal


class UnitPart(Struct, frozen=True):
    """A unit and its part in the case (牵头单位, 配合单位)."""

    unit_id: UUID
    part: Part


class DeadlineBrief(Struct, frozen=True):
    """One deadline (期限) of a case. ``due_on`` is the last local day, ``due_at`` the first instant that is too late."""

    id: UUID
    key: str
    clause: Annotated[str, Meta(description="The citation of the clause that sets it")]
    holder: str
    holder_unit_id: UUID | None
    original_due_on: date
    due_on: date
    due_at: Instant
    state: Annotated[str, Meta(description="open, met, met-late, lapsed or replaced; can grow")]
    overdue: bool
    provisional: Annotated[bool, Meta(description="A year that it touches is not announced yet")]
    ended_at: Instant | None


class CaseSummary(Struct, frozen=True, kw_only=True):
    """A case as it stands in a list."""

    id: UUID
    number: str
    kind: Annotated[str, Meta(description="The kind of case; see GET /case-kinds. Can grow")]
    state: Annotated[str, Meta(description="The state (状态); can grow")]
    channel: str
    track: str | None
    title: str
    received_at: Instant
    registered_at: Instant
    closed_at: Instant | None
    anonymous: Annotated[bool, Meta(title="匿名", description="Whether no name was given; a phone alone is no name.")]
    units: tuple[UnitPart, ...]
    due_at: Annotated[Instant | None, Meta(description="When the next open deadline runs out")]
    overdue: bool
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class CaseView(CaseSummary, frozen=True, kw_only=True):
    """A case with its facts, deadlines and the steps that its state allows."""

    narrative: Annotated[
        str | None, Meta(title="诉求内容", description="As it was told; null where it is confidential.")
    ]
    facts: Annotated[dict[str, Any], Meta(description="The facts established by its steps; see the kind's fields")]
    facts_version: int
    law_version: Annotated[str, Meta(description="The version of the instrument in force at the last step")]
    deadlines: tuple[DeadlineBrief, ...]
    next_steps: Annotated[tuple[str, ...], Meta(description="The steps that its state allows, whoever may take them")]
    my_steps: Annotated[tuple[str, ...], Meta(description="Those of them that your roles and units allow")]


class RegisteredCase(CaseView, frozen=True, kw_only=True):
    """A case just registered, with the petitioner's receipt (查询码), shown this once."""

    receipt: Annotated[str | None, Meta(description="Lets the petitioner ask for the status; null where there is none")]


class DeadlineView(DeadlineBrief, frozen=True, kw_only=True):
    """A deadline with the whole explanation of its date (promise: Why), enough to recompute it from it alone."""

    title: Annotated[Text | None, Meta(description="What the rule calls it; null where the present rules have it no more")]
    explanation: Explanation
    lines: Annotated[tuple[str, ...], Meta(description="The explanation line by line, in the reader's language.")]


class CasePage(Struct, frozen=True):
    """A page of cases, newest registration first. ``next`` is the cursor of the following page."""

    items: tuple[CaseSummary, ...]
    next: str | None


class StepList(Struct, frozen=True):
    """The steps of a case, in order."""

    items: tuple[StepRecord, ...]


class DeadlineList(Struct, frozen=True):
    """The deadlines of a case, in the order in which they arose."""

    items: tuple[DeadlineView, ...]


class CaseQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the list of cases; all that are given must hold."""

    number: Annotated[str, Meta(max_length=40, title="编号", description="The case's number")] | None = None
    state: Annotated[str, Meta(max_length=64, title="状态", description="The state")] | None = None
    kind: Annotated[str, Meta(max_length=64, title="类型", description="The kind of case")] | None = None
    unit_id: Annotated[UUID | None, Meta(title="承办单位", description="A unit that has the case now")] = None
    due_before: Annotated[datetime, Meta(tz=True, title="到期早于", description="Next deadline before")] | None = None
    overdue: Annotated[bool | None, Meta(title="是否逾期", description="Whether an open deadline has run out")] = None
    registered_from: Annotated[datetime, Meta(tz=True, title="登记不早于", description="Registered from")] | None = None
    registered_before: Annotated[datetime, Meta(tz=True, title="登记早于", description="Registered before")] | None = None


class StatusQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """A petitioner's question: the receipt stands in the body, never in an address (PITFALLS 22)."""

    receipt: Annotated[str, Meta(min_length=20, max_length=64, title="查询码", description="As told at registration")]


class PublicStatus(Struct, frozen=True):
    """What a petitioner is told: where the matter stands, and nothing about anybody."""

    number: str
    kind: str
    state: str
    state_title: Text
    received_at: Instant
    closed_at: Instant | None
    due_at: Instant | None
    answer: Annotated[str | None, Meta(description="The last reply, or the reasons of a refusal, once there are any")]


def brief(note: DeadlineNote, now: datetime) -> DeadlineBrief:
    """One deadline at the tenant's legal time."""
    return DeadlineBrief(**_deadline(note, now))


def _deadline(note: DeadlineNote, now: datetime) -> dict[str, Any]:
    return {
        "id": note.id,
        "key": note.key,
        "clause": note.clause,
        "holder": note.holder,
        "holder_unit_id": note.holder_unit_id,
        "original_due_on": note.original_due_on,
        "due_on": note.due_on,
        "due_at": note.due_at,
        "state": note.state,
        "overdue": note.overdue_at(now),
        "provisional": note.provisional,
        "ended_at": note.ended_at,
    }


def explained(note: DeadlineNote, why: Explanation, kind: CaseKind, now: datetime, language: str) -> DeadlineView:
    """One deadline with its explanation, for programs and for people."""
    title = next((rule.title for rule in kind.deadlines if rule.key == note.key), None)
    return DeadlineView(**_deadline(note, now), title=title, explanation=why, lines=tuple(render(why, language)))


def view(case: Case, kind: CaseKind, now: datetime, reader: Principal) -> CaseView:
    """A case as it stands."""
    return CaseView(**_summary(case, now), **_details(case, kind, now, reader))


def registered(case: Case, kind: CaseKind, now: datetime, reader: Principal, receipt: str | None) -> RegisteredCase:
    """A case just registered."""
    return RegisteredCase(**_summary(case, now), **_details(case, kind, now, reader), receipt=receipt)


def _summary(case: Case, now: datetime) -> dict[str, Any]:
    open_ = case.standing.open_deadlines
    return {
        "id": case.id,
        "number": case.number,
        "kind": case.kind,
        "state": case.state,
        "channel": case.channel,
        "track": case.track,
        "title": case.title,
        "received_at": case.received_at,
        "registered_at": case.registered_at,
        "closed_at": case.closed_at,
        "anonymous": case.anonymous,
        "units": tuple(UnitPart(item.unit_id, item.part) for item in case.standing.units),
        "due_at": min((note.due_at for note in open_), default=None),
        "overdue": any(note.overdue_at(now) for note in open_),
        "version": case.version,
    }


def _details(case: Case, kind: CaseKind, now: datetime, reader: Principal) -> dict[str, Any]:
    steps = available_steps(case, kind)
    return {
        "narrative": case.narrative,
        "facts": case.facts,
        "facts_version": case.facts_version,
        "law_version": case.law_version,
        "deadlines": tuple(brief(note, now) for note in case.standing.deadlines),
        "next_steps": tuple(step.key for step in steps),
        "my_steps": tuple(step.key for step in own_steps(case, steps, reader)),
    }
