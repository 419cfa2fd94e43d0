"""Corrections over HTTP: what was recorded wrongly is proposed by one person, decided by another, and made as a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.operations import Access, Call, Method, Operation, Reply
from api.routes.cases import READERS, desk_of
from api.routes.correction_views import CorrectionList, CorrectionView, correction_view
from core.cases.case import Case
from core.cases.service import Desk, find_case
from core.corrections.consequences import Consequences
from core.corrections.correction import CORRECTION
from core.corrections.proposal import CorrectionDecision, make_proposal_body, make_question_body, read_proposal
from core.corrections.record import CorrectionRecord
from core.corrections.service import (
    check_entrusted,
    decide_correction,
    find_correction,
    find_made,
    list_corrections,
    propose_correction,
)
from core.corrections.weighing import asking_roles, check_asker, weigh_correction
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Stale, WenzeError
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope
from core.texts import render

TAG = "corrections"
_SEEING = tuple(role for role in READERS if role is not Role.UNIT_OFFICER)
_IMPOSSIBLE = (
    "corrections.as-recorded",
    "corrections.received-after-step",
    "corrections.track-unknown",
    "corrections.not-classified",
    "corrections.unit-not-dispatched",
    "corrections.unit-in-it",
    "corrections.unit-has-acted",
    "corrections.step-contradicts",
    "corrections.underivable",
    "corrections.step-gone",
    "corrections.not-derivable",
    "corrections.part-in-the-way",
    "cases.received-in-future",
    "cases.unit-unknown",
    "categories.not-there",
    "categories.closed",
    "categories.not-for-kind",
    "law.before-first-version",
)
_ASKING: dict[type[WenzeError], tuple[str, ...]] = {
    Invalid: ("corrections.nothing", "cases.instant-out-of-reach"),
    Forbidden: ("corrections.role-missing",),
    NotFound: ("cases.unknown",),
    Refused: _IMPOSSIBLE,
}


def _proposal(jurisdiction: Jurisdiction) -> Any:
    return make_proposal_body(jurisdiction)


def _question(jurisdiction: Jurisdiction) -> Any:
    return make_question_body(jurisdiction)


def _askers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in asking_roles(kind)))


def _proposal_examples(_jurisdiction: Jurisdiction) -> Mapping[str, Any]:
    reason = "信封邮戳为11月2日，登记时误作11月5日。"
    return {"receivedEarlier": {"received_at": "2026-11-02T09:00:00+08:00", "reason": reason}}


def _question_examples(_jurisdiction: Jurisdiction) -> Mapping[str, Any]:
    return {"receivedEarlier": {"case_id": "{case_id}", "received_at": "2026-11-02T09:00:00+08:00"}}


def _decision_examples(_jurisdiction: Jurisdiction) -> Mapping[str, Any]:
    digest = "5f0c6b1de4a94f0f8c7a2a5e9b3d1c70"
    return {
        "grant": {"grant": True, "reason": "经核对邮戳属实。", "consequences": digest},
        "decline": {"grant": False, "reason": "邮戳日期无法辨认。"},
    }


async def _propose(call: Call) -> Reply:
    desk, body = desk_of(call), call.body
    made = await propose_correction(desk, call.id("case_id"), read_proposal(body), body.reason)
    now = made.weighed.consequences
    value = correction_view(made.record, current=now)
    return Reply(value, etag=made.weighed.history.case.version)


async def _calculate(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.body.case_id)
    check_asker(call.jurisdiction.kind(case.kind), call.principal)
    return Reply((await weigh_correction(desk, case, read_proposal(call.body))).consequences)


async def _decide(call: Call) -> Reply:
    desk = desk_of(call)
    case_id, correction_id = call.id("case_id"), call.id("correction_id")
    after = await decide_correction(desk, case_id, correction_id, call.body, call.expected or 0)
    await call.session.flush()
    record, made = await find_correction(desk, after, correction_id), await find_made(desk, after)
    return Reply(_view(record, made), etag=after.version)


async def _list(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"))
    check_entrusted(desk, case)
    records, made = await list_corrections(desk, case), await find_made(desk, case)
    items = [await _view_now(call, desk, case, record) if record.state == "pending" else _view(record, made)
             for record in records]  # fmt: skip
    return Reply(CorrectionList(tuple(items)), etag=case.version)


def _view(record: CorrectionRecord, made: Mapping[Any, Consequences]) -> CorrectionView:
    return correction_view(record, made.get(record.decision_step))


async def _view_now(call: Call, desk: Desk, case: Case, record: CorrectionRecord) -> CorrectionView:
    """One that waits, with what would follow from it now, or what stands in its way."""
    try:
        weighed = await weigh_correction(desk, case, record.correction)
    except Refused as error:
        return correction_view(record, obstacle=render(error.code, error.params, call.language))
    return correction_view(record, current=weighed.consequences)


OPERATIONS = (
    Operation(
        id="proposeCorrection",
        method=Method.POST,
        path="/cases/{case_id}/corrections",
        tag=TAG,
        title=Text(zh="申请更正", en="Propose a correction"),
        description=Text(
            zh="收到时间、承办单位、分类或办理方式误登的，由登记或交办人员申请更正并写明理由。返回更正的全部后果（哪些期限变动、"
            "逾期出现或消失、哪个月的数字变动），此时不改变事项；须由他人审批。交办错误不属于误登，应退单。",
            en="Proposes to put right what was recorded wrongly: the receipt, a unit, the category, the track, one or "
            "several at once, with the reason. Answers all that would follow: which deadlines move, which breaches come "
            "or go, which months' figures change. Nothing changes yet: it waits for a supervisor's decision. A wrong "
            "dispatch is no correction; the unit returns it.",
        ),
        handler=_propose,
        scope=Scope.CASES_WRITE,
        roles=_askers,
        body=_proposal,
        reply=CorrectionView,
        status=201,
        idempotent=True,
        etag=True,
        clause=CORRECTION,
        errors=_ASKING | {Conflict: ("corrections.waiting",)},
        examples=_proposal_examples,
    ),
    Operation(
        id="decideCorrection",
        method=Method.POST,
        path="/cases/{case_id}/corrections/{correction_id}/decision",
        tag=TAG,
        title=Text(zh="审批更正", en="Decide a correction"),
        description=Text(
            zh="由申请人以外的人批准或不批准更正。批准须写明所见后果的摘要值（未写明的，422），后果已变的不予受理（409）。"
            "批准后作为一个步骤记入事项，期限重新推算，原到期日和原计算说明保留。会改变已封账月份数字的，须明示计入，原数字不变，另列调整。",
            en="Grants or declines a correction, by somebody other than who asked. To grant, name the digest of the "
            "consequences that were seen (without it: 422); if they are others by now, the answer is 409, and the "
            "present ones are to be looked at. It is made as a step of the case; what hung on the facts is derived anew, "
            "and the original dates and explanations stay in the ledger. Where it changes figures of closed months, say "
            "`into_closed_months`: they stay as published, with an adjustment beside them.",
        ),
        handler=_decide,
        scope=Scope.CASES_WRITE,
        roles=(Role.SUPERVISOR,),
        body=CorrectionDecision,
        reply=CorrectionView,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=CORRECTION,
        recusal=True,
        errors={
            Invalid: ("corrections.nothing",),
            Forbidden: ("corrections.not-entrusted", "recusals.recused"),
            NotFound: ("cases.unknown", "corrections.unknown"),
            Stale: ("cases.stale",),
            Conflict: ("corrections.decided", "corrections.consequences-changed"),
            Refused: (*_IMPOSSIBLE, "requests.own", "corrections.consequences-missing", "corrections.month-closed"),
        },
        examples=_decision_examples,
    ),
    Operation(
        id="listCorrections",
        method=Method.GET,
        path="/cases/{case_id}/corrections",
        tag=TAG,
        title=Text(zh="更正记录", en="The corrections of a case"),
        description=Text(
            zh="事项的全部更正：更正前后的事实、理由、后果和审批；待审批的附当前后果。",
            en="Every correction of the case: the facts before and after, why, what followed, and what was decided; of one "
            "that waits also what would follow now, with the digest that a decision names.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=_SEEING,
        reply=CorrectionList,
        etag=True,
        clause=CORRECTION,
        errors={NotFound: ("cases.unknown",), Forbidden: ("corrections.not-entrusted",)},
    ),
    Operation(
        id="calculateCorrection",
        method=Method.POST,
        path="/calculations/correction",
        tag="calculations",
        title=Text(zh="更正试算", en="Work out a correction"),
        description=Text(
            zh="计算某项更正会带来的后果。不产生任何记录。",
            en="What would follow from a correction of a case. Nothing is recorded.",
        ),
        handler=_calculate,
        scope=Scope.CASES_READ,
        access=Access.READ,
        roles=_askers,
        body=_question,
        reply=Consequences,
        clause=CORRECTION,
        errors=_ASKING,
        examples=_question_examples,
    ),
)
