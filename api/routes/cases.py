"""Cases over HTTP: register, take a step, read; and the status that a petitioner asks for by receipt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from api.operations import Access, Call, Method, Operation, PathParameter, Reply, Variant
from api.routes.case_deadline_views import DeadlineList, explained
from api.routes.case_examples import registration_examples, step_example
from api.routes.case_refusals import REFUSED_REGISTRATIONS, REFUSED_STEPS
from api.routes.case_schemas import case_reply, registered_reply, registration_body
from api.routes.case_views import (
    PublicPart,
    PublicStatus,
    StatusQuestion,
    StepList,
    public_part,
    registered,
    view,
)
from core.cases.bodies import make_step_body
from core.cases.case import Case
from core.cases.disclosure import disclose_case, disclose_ledger, disclose_steps
from core.cases.history import list_explanations, list_steps
from core.cases.ledger import list_ledgers
from core.cases.receipts import find_by_receipt
from core.cases.recusal_rules import is_barred
from core.cases.service import Desk, find_case, find_step, register_case, take_step
from core.cases.splitting import list_parts
from core.errors import NotFound, Stale
from core.feedback.petitioner import is_awaited
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import CaseKind, Role, StepKind, Verb
from core.tenants.scopes import Scope

TAG = "cases"
READERS = tuple(role for role in Role if role not in {Role.PETITIONER, Role.SCORER, Role.PLATFORM_OPERATOR})


def desk_of(call: Call) -> Desk:
    """The caller's place in the house."""
    return Desk(call.session, call.snapshot, call.principal, call.legal_now, call.services.wall.now())


async def _register(call: Call) -> Reply:
    kind = call.jurisdiction.kind(type(call.body).__struct_config__.tag)
    done = await register_case(desk_of(call), kind, call.body)
    shown, now = _disclosed(call, done.case, kind), call.legal_now
    value = registered(shown, kind, now, call.principal, done.receipt, done.receipts.others, done.likely)
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


async def _steps(call: Call) -> Reply:
    case = await find_case(desk_of(call), UUID(call.path["case_id"]))
    steps, kind = await list_steps(call.session, case.id), call.jurisdiction.kind(case.kind)
    return Reply(StepList(disclose_steps(case, steps, kind, call.principal)))


async def _deadlines(call: Call) -> Reply:
    case = await find_case(desk_of(call), UUID(call.path["case_id"]))
    kind = call.jurisdiction.kind(case.kind)
    found = await list_explanations(call.session, _disclosed(call, case, kind))
    ledgers = await list_ledgers(call.session, case.id)
    told = {id_: disclose_ledger(entries, case, kind, call.principal) for id_, entries in ledgers.items()}
    items = (explained(note, why, kind, call.legal_now, call.language, told.get(note.id, ())) for note, why in found)
    return Reply(DeadlineList(tuple(items)))


def _gives_receipts(jurisdiction: Jurisdiction) -> bool:
    return any(kind.petitioner != "none" for kind in jurisdiction.kinds.values())


async def _status(call: Call) -> Reply:
    held = await find_by_receipt(call.session, call.body.receipt)
    case = held.going_on
    kind = call.jurisdiction.kind(case.kind)
    state = next(item for item in kind.states if item.key == case.state)
    value = PublicStatus(
        held.own.number, case.kind, case.state, state.title, held.own.received_at, case.closed_at,
        min((note.due_at for note in case.standing.open_deadlines), default=None), case.standing.answer,
        await is_awaited(desk_of(call), held, call.body.receipt), await _parts_of(call, case, kind),
    )  # fmt: skip
    return Reply(value)


async def _parts_of(call: Call, case: Case, kind: CaseKind) -> tuple[PublicPart, ...]:
    """What the petitioner is told of the parts; looked for only where the case was split."""
    was_split = any(step.verb is Verb.SPLIT and step.key in case.standing.taken for step in kind.steps)
    parts = await list_parts(call.session, case) if was_split else ()
    return tuple(public_part(part, kind) for part in parts)


def _registrars(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in kind.registration.by))


def _case_reply(jurisdiction: Jurisdiction) -> Any:
    return case_reply(jurisdiction)


def _registered_reply(jurisdiction: Jurisdiction) -> Any:
    return registered_reply(jurisdiction)


def _registration(jurisdiction: Jurisdiction) -> Any:
    return registration_body(jurisdiction)


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
            + (f" Leads to: {step.to}." if step.to else " The state stays.")
            + (f" Where no unit leads any more: {step.to_vacant}." if step.to_vacant else ""),
        ),
        body=make_step_body(kind, step),
        roles=step.by,
        clause=step.clause,
        recusal=is_barred(step),
        examples={step.key: step_example(kind, step)},
    )


_KIND = PathParameter(Text(zh="事项类型", en="The kind of case"), pattern=r"^[a-z0-9.-]+$(?!\n)")
_STEP = PathParameter(Text(zh="步骤", en="The step"), pattern=r"^[a-z0-9.-]+$(?!\n)")

OPERATIONS = (
    Operation(
        id="registerCase",
        method=Method.POST,
        path="/cases",
        tag=TAG,
        title=Text(zh="登记事项", en="Register a case"),
        description=Text(
            zh="登记一件事项及其诉求人（不填即为匿名，可以有多名），编号，起算法定期限；生成脱敏文本，或以所填脱敏文本为准。"
            "查询码只在此返回一次。整体成功或整体不成功。",
            en="Registers a case together with its petitioner (leave it out for an anonymous one) and those who bring it "
            "along, numbers it, starts the deadlines that run from receipt, and makes the rendition that units will read, "
            "unless the body has one. Cases that may be about the same matter are named. The receipts are told here and "
            "never again. All of it is done, or nothing.",
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
        errors=REFUSED_REGISTRATIONS,
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
        errors=REFUSED_STEPS | {Stale: ("cases.stale",), NotFound: ("cases.unknown",)},
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
