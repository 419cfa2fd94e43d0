"""Cases over HTTP: register, take a step, read, list; and the status that a petitioner asks for by receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from api.faults import BadInput
from api.operations import Access, Call, Method, Operation, PathParameter, Reply, Variant
from api.pages import make_cursor, read_cursor
from api.routes.case_examples import registration_examples, step_example
from api.routes.case_schemas import case_reply, page_reply, registered_reply
from api.routes.case_views import (
    CasePage,
    CaseQuery,
    CaseSummary,
    DeadlineList,
    PublicStatus,
    StatusQuestion,
    StepList,
    explained,
    registered,
    view,
)
from core.cases.bodies import make_registration_union, make_step_body
from core.cases.case import Case
from core.cases.disclosure import disclose_case, disclose_line, disclose_steps
from core.cases.history import list_explanations, list_steps
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.cases.listing import CaseFilter, list_cases
from core.cases.service import Desk, find_by_receipt, find_case, find_step, register_case, take_step
from core.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused, Stale, WenzeError
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import CaseKind, Role, StepKind
from core.tenants.scopes import Scope

TAG = "cases"
READERS = tuple(role for role in Role if role not in {Role.PETITIONER, Role.SCORER, Role.PLATFORM_OPERATOR})
_REFUSALS: dict[type[WenzeError], tuple[str, ...]] = {
    Invalid: ("cases.value-twice", "cases.unit-twice", "cases.instant-out-of-reach", "deadlines.length-impossible"),
    Forbidden: ("cases.role-missing", "cases.not-your-unit", "cases.part-wrong"),
    OutOfOrder: ("cases.step-out-of-order", "cases.step-not-for-this", "cases.step-missing"),
    Refused: (
        "cases.time-in-future",
        "cases.time-before-last-step",
        "cases.fact-missing",
        "cases.catch-all-bare",
        "cases.lead-unit",
        "cases.unit-unknown",
        "cases.city-objects",
        "deadlines.holder-unknown",
        "deadlines.start-unknown",
        "deadlines.term-not-set",
        "deadlines.term-not-stated",
        "deadlines.term-not-asked",
        "deadlines.term-without-reason",
        "deadlines.replaced-too-late",
        "law.before-first-version",
    ),
}
_REFUSED_AT_REGISTRATION = ("cases.received-in-future", "petitioners.nobody-named", "petitioners.id-number-wrong")


def desk_of(call: Call) -> Desk:
    """The caller's place in the house."""
    return Desk(call.session, call.snapshot, call.principal, call.legal_now, call.services.wall.now())


async def _register(call: Call) -> Reply:
    kind = call.jurisdiction.kind(type(call.body).__struct_config__.tag)
    done = await register_case(desk_of(call), kind, call.body)
    value = registered(_disclosed(call, done.case, kind), kind, call.legal_now, call.principal, done.receipt)
    return Reply(value, etag=done.case.version, location=f"/cases/{done.case.id}")


async def _take(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, UUID(call.path["case_id"]), lock=True)
    if case.kind != call.path["kind"]:
        raise NotFound("cases.unknown")
    kind = call.jurisdiction.kind(case.kind)
    after = await take_step(desk, case, find_step(kind, call.path["step"]), call.body, call.expected or 0)
    return Reply(view(_disclosed(call, after, kind), kind, call.legal_now, call.principal), etag=after.version)


def _disclosed(call: Call, case: Case, kind: CaseKind) -> Case:
    return disclose_case(case, kind, call.principal)


async def _read(call: Call) -> Reply:
    case = await find_case(desk_of(call), UUID(call.path["case_id"]))
    kind = call.jurisdiction.kind(case.kind)
    return Reply(view(_disclosed(call, case, kind), kind, call.legal_now, call.principal), etag=case.version)


async def _list(call: Call) -> Reply:
    query: CaseQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    found = await list_cases(desk_of(call), _filter(query), query.limit + 1, after)
    page = found[: query.limit]
    following = make_cursor(page[-1]["id"]) if len(found) > query.limit else None
    lines = (disclose_line(line, call.jurisdiction.kind(line["kind"]), call.principal) for line in page)
    return Reply(CasePage(tuple(CaseSummary(**line) for line in lines), following), next_cursor=following)


def _filter(query: CaseQuery) -> CaseFilter:
    """The filters of a list; raises :class:`BadInput` for an instant that no database can be asked about."""
    told = {name: getattr(query, name) for name in CaseFilter.__slots__}
    for name, value in told.items():
        if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            code = "cases.instant-out-of-reach"
            raise BadInput(code, place="query", field=name, first=FIRST_YEAR, last=LAST_YEAR)
    return CaseFilter(**told)


async def _steps(call: Call) -> Reply:
    case = await find_case(desk_of(call), UUID(call.path["case_id"]))
    steps, kind = await list_steps(call.session, case.id), call.jurisdiction.kind(case.kind)
    return Reply(StepList(disclose_steps(steps, kind, call.principal)))


async def _deadlines(call: Call) -> Reply:
    case = await find_case(desk_of(call), UUID(call.path["case_id"]))
    found, kind = await list_explanations(call.session, case), call.jurisdiction.kind(case.kind)
    items = (explained(note, why, kind, call.legal_now, call.language) for note, why in found)
    return Reply(DeadlineList(tuple(items)))


def _gives_receipts(jurisdiction: Jurisdiction) -> bool:
    return any(kind.petitioner != "none" for kind in jurisdiction.kinds.values())


async def _status(call: Call) -> Reply:
    case = await find_by_receipt(desk_of(call), call.body.receipt)
    kind = call.jurisdiction.kind(case.kind)
    state = next(item for item in kind.states if item.key == case.state)
    value = PublicStatus(
        case.number, case.kind, case.state, state.title, case.received_at, case.closed_at,
        min((note.due_at for note in case.standing.open_deadlines), default=None), case.standing.answer,
    )  # fmt: skip
    return Reply(value)


def _registrars(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in kind.registration.by))


def _case_reply(jurisdiction: Jurisdiction) -> Any:
    return case_reply(jurisdiction)


def _registered_reply(jurisdiction: Jurisdiction) -> Any:
    return registered_reply(jurisdiction)


def _page_reply(jurisdiction: Jurisdiction) -> Any:
    return page_reply(jurisdiction)


def _registration(jurisdiction: Jurisdiction) -> Any:
    return make_registration_union(jurisdiction.kinds.values())


def _examples(jurisdiction: Jurisdiction) -> Mapping[str, Any]:
    return registration_examples(jurisdiction.kinds.values())


def _variants(jurisdiction: Jurisdiction) -> Iterable[Variant]:
    for kind in jurisdiction.kinds.values():
        for step in kind.steps:
            if step is not kind.registration:
                yield _variant(kind, step)


def _variant(kind: CaseKind, step: StepKind) -> Variant:
    name = "".join(part.capitalize() for part in f"{step.key}-{kind.key}".split("-"))
    after = ", ".join(step.after)
    return Variant(
        fixed={"kind": kind.key, "step": step.key},
        id=name[0].lower() + name[1:],
        title=step.title,
        description=Text(
            zh=f"{kind.title.zh}：{step.title.zh}。依据 {step.clause}。可自以下状态进行：{after}。",
            en=f"{kind.title.en}: {step.title.en} ({step.verb.value}). Rests on {step.clause}. Possible from: {after}."
            + (f" Leads to: {step.to}." if step.to else " The state stays."),
        ),
        body=make_step_body(kind, step),
        roles=step.by,
        clause=step.clause,
        examples={step.key: step_example(kind, step)},
    )


_KIND = PathParameter(Text(zh="事项类型", en="The kind of case"), pattern="^[a-z0-9.-]+$")
_STEP = PathParameter(Text(zh="步骤", en="The step"), pattern="^[a-z0-9.-]+$")

OPERATIONS = (
    Operation(
        id="registerCase",
        method=Method.POST,
        path="/cases",
        tag=TAG,
        title=Text(zh="登记事项", en="Register a case"),
        description=Text(
            zh="登记一件事项及其诉求人（不填即为匿名），编号，起算法定期限。查询码只在此返回一次。",
            en="Registers a case together with its petitioner (leave it out for an anonymous one), numbers it and starts "
            "the deadlines that run from receipt. The receipt is told here and never again.",
        ),
        handler=_register,
        scope=Scope.CASES_WRITE,
        roles=_registrars,
        body=_registration,
        reply=_registered_reply,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        errors=_REFUSALS | {Refused: (*_REFUSALS[Refused], *_REFUSED_AT_REGISTRATION)},
        examples=_examples,
    ),
    Operation(
        id="takeStep",
        method=Method.POST,
        path="/cases/{case_id}/steps/{kind}/{step}",
        tag=TAG,
        title=Text(zh="办理步骤", en="Take a step"),
        description=Text(zh="为事项办理一个步骤。", en="Takes one step of a case."),
        handler=_take,
        scope=Scope.CASES_WRITE,
        reply=_case_reply,
        idempotent=True,
        if_match=True,
        etag=True,
        expand=_variants,
        path_parameters={"kind": _KIND, "step": _STEP},
        errors=_REFUSALS | {Stale: ("cases.stale",), NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="readCase",
        method=Method.GET,
        path="/cases/{case_id}",
        tag=TAG,
        title=Text(zh="查看事项", en="Read a case"),
        description=Text(
            zh="查看事项的状态、事实、承办单位和期限。单位人员只能看到交办本单位的事项。",
            en="The case as it stands: state, facts, units, deadlines and the steps that its state allows. A unit officer "
            "sees the cases dispatched to the own unit; any other looks like one that does not exist.",
        ),
        handler=_read,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=_case_reply,
        etag=True,
        errors={NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="listCases",
        method=Method.GET,
        path="/cases",
        tag=TAG,
        title=Text(zh="事项列表", en="List cases"),
        description=Text(
            zh="按编号、状态、单位、类型、到期和逾期筛选，最近登记的在前。",
            en="Cases by number, state, unit, kind, due moment and lateness, newest registration first, a page at a time.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=CaseQuery,
        reply=_page_reply,
    ),
    Operation(
        id="listSteps",
        method=Method.GET,
        path="/cases/{case_id}/steps",
        tag=TAG,
        title=Text(zh="办理过程", en="The steps of a case"),
        description=Text(
            zh="事项的全部步骤：发生时间、记录时间、经办人、条款和事实。",
            en="Every step taken, in order: legal and recorded time, actor, clause and facts. Steps are never edited.",
        ),
        handler=_steps,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=StepList,
        errors={NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="listDeadlines",
        method=Method.GET,
        path="/cases/{case_id}/deadlines",
        tag=TAG,
        title=Text(zh="期限及其计算说明", en="The deadlines of a case, explained"),
        description=Text(
            zh="事项的全部期限，附逐日计算说明；凭该说明即可重新算出到期日。",
            en="Every deadline with its explanation as it was stored: clause, version, figure, start and each day counted. "
            "The explanation alone suffices to recompute the date.",
        ),
        handler=_deadlines,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=DeadlineList,
        errors={NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="askStatus",
        method=Method.POST,
        path="/receipts/status",
        tag="receipts",
        title=Text(zh="凭查询码查询", en="Ask for the status by receipt"),
        description=Text(
            zh="诉求人凭查询码查询进展。查询码只放在请求体中。",
            en="Tells a petitioner where the matter stands, by the receipt given at registration. It changes nothing; it is "
            "a POST so that the receipt stands in the body and in no log of addresses.",
        ),
        handler=_status,
        scope=Scope.RECEIPTS_READ,
        access=Access.READ,
        available=_gives_receipts,
        body=StatusQuestion,
        reply=PublicStatus,
        errors={NotFound: ("cases.receipt-unknown",)},
        examples=lambda _: {"status": {"receipt": "{receipt}"}},
    ),
)
