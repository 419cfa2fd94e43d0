"""Recusals over HTTP: who takes no part in a case, as its subject or with an interest in it (R12)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import READERS, desk_of
from core.cases.bodies import Instant
from core.cases.recusal_rules import NAMING, RECUSAL, RecusalGround
from core.cases.recusals import Recusal, declare_recusal, list_recusals, withdraw_recusal
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.law.instrument import Text
from core.tenants.names import Prose
from core.tenants.scopes import Scope

TAG = "recusals"


class RecusalDeclaration(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who takes no part in the case, and why."""

    person_id: Annotated[UUID | None, Meta(title="回避人员", description="Whom it is said of; yourself, if left out")] = None
    ground: Annotated[
        RecusalGround,
        Meta(title="回避情形", description="subject (the case is about the person) or interest; can grow"),
    ] = RecusalGround.INTEREST
    reason: Annotated[Prose, Meta(title="理由", description="Why; read by those who work on such cases, by no unit")]


class RecusalWithdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """Why it was wrong, or holds no more."""

    reason: Annotated[Prose, Meta(title="理由", description="Stays on record beside the recusal")]


class RecusalView(Struct, frozen=True, kw_only=True):
    """Somebody who takes no part in a case (回避)."""

    id: UUID
    person_id: UUID
    ground: Annotated[str, Meta(title="回避情形", description="subject or interest; can grow")]
    reason: Annotated[str | None, Meta(title="理由", description="Null to officers of units")]
    declared_by: Annotated[UUID | None, Meta(title="登记人", description="Null to officers of units")]
    declared_at: Annotated[Instant, Meta(title="登记时间")]
    withdrawn_by: Annotated[UUID | None, Meta(title="撤销人")]
    withdrawn_at: Annotated[Instant | None, Meta(title="撤销时间", description="Null while it stands")]
    withdrawal_reason: Annotated[str | None, Meta(title="撤销理由")]


class RecusalList(Struct, frozen=True):
    """The recusals of a case, in the order in which they were declared."""

    items: tuple[RecusalView, ...]


def _view(found: Recusal) -> RecusalView:
    return RecusalView(**{name: getattr(found, name) for name in RecusalView.__struct_fields__})


async def _declare(call: Call) -> Reply:
    asked: RecusalDeclaration = call.body
    desk, case_id = desk_of(call), call.id("case_id")
    return Reply(_view(await declare_recusal(desk, case_id, asked.ground, asked.reason, asked.person_id)))


async def _withdraw(call: Call) -> Reply:
    desk, case_id = desk_of(call), call.id("case_id")
    return Reply(_view(await withdraw_recusal(desk, case_id, call.id("recusal_id"), call.body.reason)))


async def _list(call: Call) -> Reply:
    found = await list_recusals(desk_of(call), call.id("case_id"))
    return Reply(RecusalList(tuple(map(_view, found))))


OPERATIONS = (
    Operation(
        id="declareRecusal",
        method=Method.POST,
        path="/cases/{case_id}/recusals",
        tag=TAG,
        title=Text(zh="登记回避", en="Say that somebody is recused"),
        description=Text(
            zh="本人与事项有利害关系的，自行登记回避；督查、决定、督查室人员和租户管理员可以为他人登记，登记人员可以登记当事人。"
            "自登记起，除签收和提出申请外不得办理该事项任何步骤（含拆分、并案的各件），不得审批，不得查阅诉求人信息和原文；此前所办不变。",
            en="Anybody who sees a case recuses themself where they have an interest in it; supervisors, deciding "
            "authorities, the inspection office and administrators say it of others, and who registers such cases also "
            "names the person whom it is about. From then on the person takes no step of the case, of its parts or of what "
            "is merged with it, but signing and asking; decides on no request in it, and reads neither who brings it nor "
            "the original words. What was done before stays done.",
        ),
        handler=_declare,
        scope=Scope.CASES_WRITE,
        roles=READERS,
        body=RecusalDeclaration,
        reply=RecusalView,
        status=201,
        idempotent=True,
        clause=RECUSAL,
        errors={
            Forbidden: ("recusals.for-others", "recusals.recused"),
            NotFound: ("cases.unknown",),
            Conflict: ("recusals.declared-already",),
            Refused: ("recusals.person-unknown",),
        },
        examples=lambda _: {
            "myself": {"reason": "被反映单位负责人是本人近亲属。"},
            "subject": {"person_id": "{person_id}", "ground": "subject", "reason": "诉求反映的就是该工作人员。"},
        },
    ),
    Operation(
        id="withdrawRecusal",
        method=Method.POST,
        path="/cases/{case_id}/recusals/{recusal_id}/withdrawal",
        tag=TAG,
        title=Text(zh="撤销回避", en="Withdraw a recusal"),
        description=Text(
            zh="登记有误或情形已消除的，由须回避者以外的人说明理由撤销；登记本身保留。",
            en="Where it was wrong or holds no more: by somebody who is not recused from the case, with the reason. The "
            "recusal stays on record. It is withdrawn once, so that there is no version to name.",
        ),
        handler=_withdraw,
        scope=Scope.CASES_WRITE,
        roles=NAMING,
        body=RecusalWithdrawal,
        reply=RecusalView,
        idempotent=True,
        clause=RECUSAL,
        recusal=True,
        errors={
            Forbidden: ("recusals.recused",),
            NotFound: ("cases.unknown", "recusals.unknown"),
            Conflict: ("recusals.withdrawn-already",),
            Refused: ("recusals.own",),
        },
        examples=lambda _: {"mistaken": {"reason": "经核实并非同一人，登记有误。"}},
    ),
    Operation(
        id="listRecusals",
        method=Method.GET,
        path="/cases/{case_id}/recusals",
        tag=TAG,
        title=Text(zh="回避情况", en="Who is recused from a case"),
        description=Text(
            zh="谁须回避、何种情形；单位人员看不到理由和登记人，须回避者只看到本人登记的。",
            en="Who takes no part in a case and on what ground. Officers of its units are told neither the reason nor by "
            "whom it was said; who is recused, or is not entrusted with a confidential case, sees what they declared "
            "themselves.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=RecusalList,
        clause=RECUSAL,
        errors={NotFound: ("cases.unknown",)},
    ),
)
