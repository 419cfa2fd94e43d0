"""Cases as integrators see them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.routes.case_deadline_views import DeadlineBrief, brief
from api.routes.duplicate_views import LikelyView, likely
from core.cases.bodies import Instant
from core.cases.capacity import own_steps
from core.cases.case import Assignment, Case, PendingRequest
from core.cases.checks import available_steps
from core.cases.duplicates import Likely
from core.cases.history import StepRecord
from core.cases.place import Point, ReplyChannel
from core.law.instrument import TermFigure, Text
from core.procedure import CaseKind, Part
from core.sanctions.matter import Matter
from core.tenants.principal import Principal


class UnitPart(Struct, frozen=True):
    """A unit and its part in the case (牵头单位, 配合单位)."""

    unit_id: UUID
    part: Part
    via: Annotated[
        tuple[UUID, ...],
        Meta(title="转办单位", description="The units above that passed it on, the first one first; they stay answerable"),
    ] = ()
    signed_at: Annotated[
        Instant | None, Meta(title="签收时间", description="Null until the unit signed, or took a step")
    ] = None
    officer_id: Annotated[UUID | None, Meta(title="签收人")] = None


class RequestBrief(Struct, frozen=True):
    """A request that waits for a decision (申请); a deciding step names it as ``request_id``."""

    id: UUID
    kind: Annotated[str, Meta(title="申请种类", description="return, co-handler, extension, justification; can grow")]
    step: str
    unit_id: Annotated[UUID | None, Meta(title="申请单位")]
    asked_at: Instant
    decider_unit_id: Annotated[
        UUID | None, Meta(title="决定单位", description="The unit above that decides; null where a role of the centre does")
    ]
    length: Annotated[
        TermFigure | None, Meta(title="申请延长的时间", description="How much longer; null where no extension is asked for")
    ] = None
    deadline_id: Annotated[
        UUID | None, Meta(title="期限", description="Of whose lateness it is asked whether it is justified; else null")
    ] = None


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
    category: Annotated[str | None, Meta(title="分类", description="The code of one of the tenant's categories")]
    division: Annotated[str | None, Meta(title="行政区划代码", description="The division of the place that it is about")]
    urgent: Annotated[bool, Meta(title="紧急")]
    returns: Annotated[int, Meta(title="退单次数", description="How often a unit gave it back as not its own")]
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class CaseView(CaseSummary, frozen=True, kw_only=True):
    """A case with its facts, deadlines and the steps that its state allows."""

    narrative: Annotated[
        str | None,
        Meta(
            title="诉求内容（脱敏文本）",
            description="The rendition of what was told; null to units until it is confirmed. The original words are read "
            "for a purpose. A matter that nobody brings has its own words here.",
        ),
    ]
    petitioners: Annotated[
        int | None,
        Meta(title="诉求人数", description="How many bring it, those of merged cases too; null where that is not shown"),
    ]
    rendition_state: Annotated[
        str | None, Meta(title="脱敏文本状态", description="made or confirmed; null where there is none yet. Can grow")
    ]
    address: Annotated[str | None, Meta(title="地址", description="Where the matter is, in words")]
    point: Annotated[Point | None, Meta(title="坐标")]
    reply_channel: Annotated[ReplyChannel | None, Meta(title="希望的回复方式")]
    wishes_confidentiality: Annotated[bool, Meta(title="要求保密")]
    clerk_id: Annotated[UUID | None, Meta(title="登记人", description="Who registered it")]
    parent_id: Annotated[UUID | None, Meta(title="拆分自", description="The case that it was split from")]
    merged_into: Annotated[UUID | None, Meta(title="并入", description="The case of which it is a duplicate")]
    facts: Annotated[dict[str, Any], Meta(description="The facts established by its steps; see the kind's fields")]
    facts_version: int
    law_version: Annotated[str, Meta(description="The version of the instrument in force at the last step")]
    deadlines: tuple[DeadlineBrief, ...]
    requests: Annotated[tuple[RequestBrief, ...], Meta(title="待决定的申请", description="What waits for a deciding step")]
    matter: Annotated[
        Matter | None,
        Meta(
            title="问责事项",
            description="Of an accountability case: subjects, acts, grounds, evidence, hearings, decisions and what "
            "followed; null of other cases, and for who does not work on such",
        ),
    ]
    next_steps: Annotated[tuple[str, ...], Meta(description="The steps that its state allows, whoever may take them")]
    my_steps: Annotated[tuple[str, ...], Meta(description="Those of them that your roles and units allow")]


class RegisteredCase(CaseView, frozen=True, kw_only=True):
    """A case just registered, with the petitioner's receipt (查询码), shown this once."""

    receipt: Annotated[str | None, Meta(description="Lets the petitioner ask for the status; null where there is none")]
    co_receipts: Annotated[
        tuple[str, ...], Meta(title="其他诉求人的查询码", description="One for each of `co_petitioners`, in their order")
    ] = ()
    likely_duplicates: Annotated[
        tuple[LikelyView, ...],
        Meta(title="疑似重复", description="Cases that may be about the same matter, the likeliest first; a help to look"),
    ] = ()


class CasePage(Struct, frozen=True):
    """A page of cases, newest registration first. ``next`` is the cursor of the following page."""

    items: tuple[CaseSummary, ...]
    next: str | None
    unit_names: Annotated[dict[str, str], Meta(title="单位名称", description="What their units are called today, by id")]


class StepList(Struct, frozen=True):
    """The steps of a case, in order."""

    items: tuple[StepRecord, ...]


class StatusQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """A petitioner's question: the receipt stands in the body, never in an address (PITFALLS 22)."""

    receipt: Annotated[str, Meta(min_length=20, max_length=64, title="查询码", description="As told at registration")]


class PublicPart(Struct, frozen=True):
    """One of the matters into which a case was split, as its petitioner is told of it."""

    number: str
    title: str
    state: str
    state_title: Text
    closed_at: Instant | None
    answer: Annotated[str | None, Meta(description="The last reply, or the reasons of a refusal, once there are any")]


class CasePartView(CaseSummary, frozen=True, kw_only=True):
    """One of the matters into which a case was split (拆单), with its result."""

    answer: Annotated[str | None, Meta(title="答复", description="What the petitioner was told last; null so far")]


class CasePartList(Struct, frozen=True):
    """The parts of a case, in the order in which they were named; none of a case that was not split."""

    items: tuple[CasePartView, ...]


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
    feedback_awaited: Annotated[
        bool, Meta(title="待评价", description="Whether this petitioner can still say what they think of the last reply")
    ]
    parts: Annotated[
        tuple[PublicPart, ...], Meta(title="拆分后的各部分", description="What it was split into; mostly empty")
    ] = ()


def public_part(case: Case, kind: CaseKind) -> PublicPart:
    """A part as the petitioner is told of it."""
    title = next(state.title for state in kind.states if state.key == case.state)
    return PublicPart(case.number, case.title, case.state, title, case.closed_at, case.standing.answer)


def part_view(case: Case, now: datetime) -> CasePartView:
    """A part of a case."""
    return CasePartView(**_summary(case, now), answer=case.standing.answer)


def unit_part(item: Assignment) -> UnitPart:
    """A unit of a case."""
    return UnitPart(item.unit_id, item.part, item.via, item.signed_at, item.officer_id)


def _asked(item: PendingRequest) -> RequestBrief:
    return RequestBrief(
        item.id, item.key, item.step, item.unit_id, item.asked_at, item.decider_unit_id, item.length, item.deadline_id
    )


def view(case: Case, kind: CaseKind, now: datetime, reader: Principal) -> CaseView:
    """A case as it stands."""
    return CaseView(**_summary(case, now), **_details(case, kind, now, reader))


def registered(
    case: Case,
    kind: CaseKind,
    now: datetime,
    reader: Principal,
    receipt: str | None,
    co_receipts: tuple[str, ...] = (),
    duplicates: tuple[Likely, ...] = (),
) -> RegisteredCase:
    """A case just registered."""
    told = _summary(case, now) | _details(case, kind, now, reader)
    found = tuple(map(likely, duplicates))
    return RegisteredCase(**told, receipt=receipt, co_receipts=co_receipts, likely_duplicates=found)


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
        "units": tuple(unit_part(item) for item in case.standing.units),
        "due_at": min((note.due_at for note in open_), default=None),
        "overdue": any(note.overdue_at(now) for note in open_),
        "category": case.category,
        "division": case.division,
        "urgent": case.urgent,
        "returns": case.returns,
        "version": case.version,
    }


def _details(case: Case, kind: CaseKind, now: datetime, reader: Principal) -> dict[str, Any]:
    steps = available_steps(case, kind)
    return {
        "narrative": case.narrative,
        "petitioners": (case.standing.petitioners or None) if kind.petitioner != "none" else None,
        "rendition_state": case.rendition_state,
        "address": case.intake.address,
        "point": case.intake.point,
        "reply_channel": case.intake.reply_channel,
        "wishes_confidentiality": case.intake.wishes_confidentiality,
        "clerk_id": case.clerk_id,
        "parent_id": case.parent_id,
        "merged_into": case.merged_into,
        "facts": case.facts,
        "facts_version": case.facts_version,
        "law_version": case.law_version,
        "deadlines": tuple(brief(note, now) for note in case.standing.deadlines),
        "requests": tuple(_asked(item) for item in case.standing.pending),
        "matter": case.standing.matter,
        "next_steps": tuple(step.key for step in steps),
        "my_steps": tuple(step.key for step in own_steps(case, steps, reader)),
    }
