"""Feedback over HTTP: answers by receipt, what was said of a case, the words for a purpose, and figures by unit.

A call-back is a step of the case like any other (``…/steps/{kind}/call-back``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import READERS, desk_of
from api.routes.feedback_views import (
    AnswerList,
    AnswerTaken,
    AnswerView,
    FeedbackPeriod,
    RoundView,
    TallyList,
    TallyView,
    WordsView,
)
from api.routes.narratives import NarrativeRequest, reading_view
from api.routes.unit_names import name_units
from core.cases.narratives import ORIGINAL, check_reader, find_reading, reading_roles
from core.cases.service import find_case
from core.errors import Forbidden, NotFound, OutOfOrder, Refused, WenzeError
from core.feedback.forms import FEEDBACK
from core.feedback.petitioner import ReceiptAnswer, answer_by_receipt
from core.feedback.reading import Tally, list_answers, tally_answers
from core.feedback.words import open_words, read_words
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role, Verb
from core.tenants.scopes import Scope

TAG = "feedback"
_COUNTERS = (
    Role.SUPERVISOR, Role.DISPATCHER, Role.AUDITOR, Role.TENANT_ADMINISTRATOR, Role.INSPECTION_OFFICE, Role.UNIT_OFFICER,
)  # fmt: skip
_NOT_WHOLE: Mapping[type[WenzeError], tuple[str, ...]] = {
    OutOfOrder: ("feedback.not-replied", "feedback.answered", "feedback.not-offered", "cases.step-out-of-order"),
    Refused: ("feedback.reason-missing", "feedback.reason-untold", "feedback.words-missing"),
    NotFound: ("cases.receipt-unknown",),
}


async def _answer(call: Call) -> Reply:
    asked: ReceiptAnswer = call.body
    case = await answer_by_receipt(desk_of(call), asked)
    return Reply(AnswerTaken(case.number, case.standing.rounds, asked.satisfied))


async def _list(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"))
    rounds, answers = await list_answers(desk, case)
    shown = tuple(AnswerView(**{name: row[name] for name in AnswerView.__struct_fields__}) for row in answers)
    return Reply(AnswerList(tuple(RoundView(item.round, item.satisfied, item.reasons) for item in rounds), shown))


async def _read_words(call: Call) -> Reply:
    asked: NarrativeRequest = call.body
    case_id, answer_id = call.id("case_id"), call.id("feedback_id")
    reading, words = await read_words(desk_of(call), case_id, answer_id, asked.purpose, asked.note)
    return Reply(WordsView(reading_view(reading), words), kept=reading.id)


async def _retell_words(call: Call, kept: bytes) -> Reply:
    desk, case_id = desk_of(call), call.id("case_id")
    await check_reader(desk, case_id)
    reading = await find_reading(desk, case_id, msgspec.json.decode(kept, type=UUID))
    return Reply(WordsView(reading_view(reading), await open_words(desk, case_id, call.id("feedback_id"))))


async def _count(call: Call) -> Reply:
    period: FeedbackPeriod = call.query
    found = await tally_answers(desk_of(call), period.first, period.last)
    names = name_units(call, (item.unit_id for item in found))
    return Reply(TallyList(period.first, period.last, tuple(map(_tally, found)), names))


def _tally(item: Tally) -> TallyView:
    return TallyView(item.unit_id, item.asked, item.reached, item.satisfied, item.unsatisfied, dict(item.reasons))


def _offers(jurisdiction: Jurisdiction) -> bool:
    return any(step.verb is Verb.FEEDBACK for kind in jurisdiction.kinds.values() for step in kind.steps)


def _word_readers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in reading_roles(kind)))


def _answer_examples(_: Jurisdiction) -> Mapping[str, Any]:
    unsatisfied = {"satisfied": False, "dissatisfaction": "not-solved", "words": "路面只修了一半。"}
    return {"satisfied": {"receipt": "{receipt}", "satisfied": True}, "not": {"receipt": "{receipt}"} | unsatisfied}


OPERATIONS = (
    Operation(
        id="answerByReceipt",
        method=Method.POST,
        path="/receipts/feedback",
        tag="receipts",
        title=Text(zh="凭查询码评价回复", en="Say by receipt what one thinks of the reply"),
        description=Text(
            zh="诉求人凭查询码对最近一次回复作出评价，每次回复一次；能否评价见查询结果中的 `feedback_awaited`。"
            "评价人不告知承办单位。",
            en="The holder of a receipt says whether they are satisfied with the last reply: once for each reply, while the "
            "case has not moved on; `feedback_awaited` of the status tells whether they can. Units learn what came of it, "
            "and never who said what.",
        ),
        handler=_answer,
        scope=Scope.RECEIPTS_WRITE,
        available=_offers,
        body=ReceiptAnswer,
        reply=AnswerTaken,
        idempotent=True,
        clause=FEEDBACK,
        errors=_NOT_WHOLE,
        examples=_answer_examples,
    ),
    Operation(
        id="listFeedback",
        method=Method.GET,
        path="/cases/{case_id}/feedback",
        tag=TAG,
        title=Text(zh="回访与评价", en="What was said of a case"),
        description=Text(
            zh="每次回复后的评价。承办单位人员只看到已结束各轮的结果和原因，看不到各条评价。",
            en="What came of each reply, and each answer and attempt. Officers of units see what came of the rounds that "
            "are over, with the reasons, and no single answer.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        available=_offers,
        reply=AnswerList,
        clause=FEEDBACK,
        errors={NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="readFeedbackWords",
        method=Method.POST,
        path="/cases/{case_id}/feedback/{feedback_id}/readings",
        tag=TAG,
        title=Text(zh="查阅诉求人评价原话", en="Read what a petitioner said in their own words"),
        description=Text(
            zh="按目的查阅评价原话，每次查阅留痕，与诉求原文查阅记录一并列出。承办单位人员不得查阅。",
            en="The words of one answer, for a stated purpose. Each reading stays on record, with the readings of the "
            "case's narrative. Officers of units that have or had the case are refused.",
        ),
        handler=_read_words,
        scope=Scope.PETITIONERS_READ,
        roles=_word_readers,
        available=_offers,
        body=NarrativeRequest,
        reply=WordsView,
        status=201,
        idempotent=True,
        retell=_retell_words,
        clause=ORIGINAL,
        recusal=True,
        errors={
            Forbidden: ("cases.narrative-role-missing", "petitioners.own-unit", "recusals.recused"),
            NotFound: ("cases.unknown", "feedback.unknown", "petitioners.reading-unknown"),
            Refused: ("feedback.no-words",),
        },
        examples=lambda _: {"check": {"purpose": "quality-check", "note": "核实不满意的原因"}},
    ),
    Operation(
        id="countFeedback",
        method=Method.GET,
        path="/feedback/summary",
        tag=TAG,
        title=Text(zh="满意情况统计", en="Count what was said"),
        description=Text(
            zh="按牵头单位统计一段时期内的回访、接通、满意和不满意。承办单位人员只看本单位，且不少于 5 条评价，"
            "并只能查询已结束的整月（从第一日到最后一日）。",
            en="Attempts and answers of a period by the unit that led. An officer sees the own units alone, and of "
            "those the ones with at least 5 answers: of fewer, each could be guessed; and asks for one whole calendar month "
            "that is over, from its first day to its last, because periods that overlap would tell by their difference.",
        ),
        handler=_count,
        scope=Scope.CASES_READ,
        roles=_COUNTERS,
        available=_offers,
        query=FeedbackPeriod,
        reply=TallyList,
        clause=FEEDBACK,
        errors={Refused: ("feedback.period-inverted", "feedback.period-not-month")},
    ),
)
