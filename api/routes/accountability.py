"""Accountability over HTTP beyond the steps of a case: notices, the file, and what is asked for across cases."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import Table

from api.operations import Call, Method, Operation, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.cases import desk_of
from core.cases.bodies import Instant
from core.cases.case import Case
from core.cases.case_file import CaseFile, read_file
from core.cases.disclosure import is_entrusted
from core.cases.matter_listing import MatterFilter, list_matters
from core.cases.recusal_rules import check_impartial
from core.cases.service import find_case
from core.errors import Forbidden, NotFound
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import CaseKind, Role
from core.sanctions.matter import SubjectKind
from core.sanctions.notice import DecisionNotice, make_notices
from core.store.tables import accountability_copy, accountability_decision, accountability_effect
from core.tenants.scopes import Scope

TAG = "accountability"
Unit = Annotated[UUID | None, Meta(title="单位", description="The unit, or the home unit of the person.")]
Person = Annotated[UUID | None, Meta(title="人员", description="Somebody of the staff.")]
Day = Annotated[date | None, Meta(title="日期", description="Those that have effect on the day.")]


class SubjectQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """By whom and when it is narrowed."""

    unit_id: Unit = None
    person_id: Person = None
    on: Day = None


class CopyQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which copies are meant."""

    missing: Annotated[bool | None, Meta(title="缺漏", description="Those that nobody has sent; or those that were.")] = None


class _Line(Struct, frozen=True, kw_only=True):
    id: UUID
    case_id: UUID
    number: Annotated[str, Meta(title="事项编号")]
    kind: str


class DecisionLine(_Line, frozen=True, kw_only=True):
    """A decision about a unit or a person; whom a person's name is, the case alone tells."""

    regime: str
    subject: Annotated[str, Meta(description="What the case calls the subject")]
    subject_kind: SubjectKind
    unit_id: UUID
    person_id: UUID | None
    sanctioned: Annotated[bool, Meta(title="给予处理", description="Whether anything was imposed")]
    effective_on: date
    decided_at: Instant
    state: Annotated[str, Meta(description="stands, changed or revoked; can grow")]


class EffectLine(_Line, frozen=True, kw_only=True):
    """What a sanction brings for a time (影响期)."""

    decision_id: UUID
    effect: Annotated[int, Meta(description="Its number in the case, by which it is lifted")]
    subject_kind: SubjectKind
    unit_id: UUID
    person_id: UUID | None
    clause: str
    from_on: date
    until_on: Annotated[date | None, Meta(description="Its last day; null where it ends by being lifted alone")]
    lifted_on: date | None


class CopyLine(_Line, frozen=True, kw_only=True):
    """A copy, or a referral, and whether it was sent and received."""

    ref: str
    clause: str
    receiver: str
    step: str
    arose_at: Instant
    sent_on: date | None
    received_on: date | None
    reference: str | None


class DecisionPage(Struct, frozen=True):
    """A page of decisions, the newest first."""

    items: tuple[DecisionLine, ...]
    next: str | None


class EffectPage(Struct, frozen=True):
    """A page of effects, the newest first."""

    items: tuple[EffectLine, ...]
    next: str | None


class CopyPage(Struct, frozen=True):
    """A page of copies, the newest first."""

    items: tuple[CopyLine, ...]
    next: str | None


class DecisionNotices(Struct, frozen=True):
    """The written notices of a case's decisions, as data."""

    items: tuple[DecisionNotice, ...]


async def _own_case(call: Call) -> tuple[Case, CaseKind]:
    """The case of the path, for who works on such and takes part in it; for anybody else there is none."""
    case = await find_case(desk_of(call), call.id("case_id"))
    kind = call.jurisdiction.kind(case.kind)
    if kind.regime is None or not is_entrusted(kind, call.principal):
        raise NotFound("cases.unknown")
    check_impartial(case)
    return case, kind


async def _notices(call: Call) -> Reply:
    case, kind = await _own_case(call)
    desk = desk_of(call)
    day = call.snapshot.local_day(call.legal_now)
    organ = call.snapshot.settings.on(kind.remedy_organ, day) if kind.remedy_organ else None
    return Reply(DecisionNotices(make_notices(case, desk.world(kind), str(organ.value) if organ else None)))


async def _file(call: Call) -> Reply:
    case, kind = await _own_case(call)
    return Reply(await read_file(desk_of(call), case, kind))


_COLUMN = {"number": "case_number", "effect": "number"}
"""The fields that are called otherwise in the rows."""


def _lister(table: Table, line: type[Struct], page: type[Struct]) -> Any:
    async def answer(call: Call) -> Reply:
        query: Any = call.query
        wanted = MatterFilter(**{name: getattr(query, name, None) for name in MatterFilter.__slots__})
        after = read_cursor(query.cursor, UUID) if query.cursor else None
        found = await list_matters(desk_of(call), table, wanted, query.limit, after)
        items = tuple(line(**{name: row[_COLUMN.get(name, name)] for name in line.__struct_fields__}) for row in found.lines)
        following = make_cursor(found.following) if found.following else None
        return Reply(page(items, following), next_cursor=following)

    return answer


def holds_accountable(jurisdiction: Jurisdiction) -> bool:
    """Whether the city has cases of accountability."""
    return any(kind.regime for kind in jurisdiction.kinds.values())


def _workers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    kinds = (kind for kind in jurisdiction.kinds.values() if kind.regime)
    return tuple(dict.fromkeys(role for kind in kinds for role in Role if role in kind.workers))


OPERATIONS = (
    Operation(
        id="listDecisionNotices",
        method=Method.GET,
        path="/cases/{case_id}/decision-notices",
        tag=TAG,
        title=Text(zh="书面通知（处理决定书）", en="The notices of a case's decisions"),
        description=Text(
            zh="每项决定的书面通知所应载明的内容：事实、证据、条款及版本、情节、陈述申辩及答复、处理、生效日、救济途径及期限、送达；"
            "已变更、撤销的决定仍在其中。",
            en="What the written notice of each decision must hold: facts, evidence, clauses with their version, "
            "circumstances, the defence and the answer to it, the sanction, the day of effect, the remedy with its organ "
            "and term, and service. Decisions that were changed or revoked stay among them.",
        ),
        handler=_notices,
        scope=Scope.CASES_READ,
        roles=_workers,
        available=holds_accountable,
        reply=DecisionNotices,
        errors={NotFound: ("cases.unknown",), Forbidden: ("recusals.recused",)},
    ),
    Operation(
        id="readCaseFile",
        method=Method.GET,
        path="/cases/{case_id}/file",
        tag=TAG,
        title=Text(zh="案卷目录", en="The file of an accountability case"),
        description=Text(
            zh="一案一卷的目录：全部步骤和附件及其摘要值；结案时目录封存，此后可核对是否原样。并载明保管期限和是否保全。",
            en="The index of one case's file: every step and every attachment with its digest. It is closed with the case, "
            "and whether what stood in it then is intact is told ever after; with the class of retention and a legal hold.",
        ),
        handler=_file,
        scope=Scope.CASES_READ,
        roles=_workers,
        available=holds_accountable,
        reply=CaseFile,
        errors={NotFound: ("cases.unknown",), Forbidden: ("recusals.recused",)},
    ),
    Operation(
        id="listAccountabilityDecisions",
        method=Method.GET,
        path="/accountability/decisions",
        tag=TAG,
        title=Text(zh="问责决定", en="Decisions by unit or person"),
        description=Text(
            zh="按单位或人员查询作出过的决定，最近的在前；姓名只在事项中。",
            en="What was decided about a unit or a person so far, the newest first; names stand in the case alone.",
        ),
        handler=_lister(accountability_decision, DecisionLine, DecisionPage),
        scope=Scope.CASES_READ,
        roles=_workers,
        available=holds_accountable,
        query=SubjectQuery,
        reply=DecisionPage,
    ),
    Operation(
        id="listAccountabilityEffects",
        method=Method.GET,
        path="/accountability/effects",
        tag=TAG,
        title=Text(zh="影响期", en="What sanctions bring for a time"),
        description=Text(
            zh="取消评优资格、离岗培训等影响期：起止、是否提前解除；可查某日仍有效的。",
            en="No awards that year, three months' training and the like: from when until when, and whether it was lifted; "
            "`on` tells those that hold on a day.",
        ),
        handler=_lister(accountability_effect, EffectLine, EffectPage),
        scope=Scope.CASES_READ,
        roles=_workers,
        available=holds_accountable,
        query=SubjectQuery,
        reply=EffectPage,
    ),
    Operation(
        id="listAccountabilityCopies",
        method=Method.GET,
        path="/accountability/copies",
        tag=TAG,
        title=Text(zh="抄送和移送", en="Copies and referrals"),
        description=Text(
            zh="依条款应抄送、移送的，发出和收到的情况；missing=true 为尚未发出的。",
            en="What the text has copied or referred to others, whether it was sent and received; `missing=true` tells what "
            "nobody has sent.",
        ),
        handler=_lister(accountability_copy, CopyLine, CopyPage),
        scope=Scope.CASES_READ,
        roles=_workers,
        available=holds_accountable,
        query=CopyQuery,
        reply=CopyPage,
    ),
)
