"""Ganzhou's hotline orders: the package loads, its story comes out as told, and each term ends on its own day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from core.cases.case import DeadlineNote
from core.errors import Refused, WenzeError
from core.jurisdictions import load_jurisdiction
from tests.jurisdictions.playing import Stage, citations, play, resolve
from tests.jurisdictions.test_ganzhou_rules import TABLE

CITY = load_jurisdiction(EntryPoint("ganzhou", "jurisdictions.ganzhou.plugin:plugin", "wenze.jurisdictions"))
C = "ganzhou:hotline-2022#"
BEIJING = timezone(timedelta(hours=8))
LEAD = {"unit_id": "@urban-management", "part": "lead"}
HELPER = {"unit_id": "@water-company", "part": "cooperating"}
THREE = {"unit": "working_day", "length": 3}
APRIL_30 = date(2026, 4, 30)
BY_MESSAGE = {"method": C + "7.1/text-message", "text": "请办结"}
SATISFIED = {"reached": "reached", "satisfied": True}
UNSATISFIED = {"reached": "reached", "satisfied": False, "dissatisfaction": "not-solved"}
NOT_REACHED = {"reached": "not-reached"}
IN_WRITING = {"letter_number": "赣市热线督〔2026〕1号", "text": "请办结"}


def noon(day: date) -> datetime:
    """Noon in Ganzhou."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING).astimezone(UTC)


def registered(on: date) -> Stage:
    """A stage with one order, registered at noon."""
    stage = Stage.of(CITY)
    stage.now = noon(on)
    stage.register(
        "operator", "one", "hotline-order", {"channel": "hotline", "title": "题", "narrative": "述", "rendition": "述"}
    )
    return stage


def dispatched(on: date, *units: dict[str, Any]) -> Stage:
    """A stage with one order, dispatched at noon."""
    stage = registered(on)
    stage.step("operator", "one", "accept")
    stage.step("dispatcher", "one", "dispatch", units=list(units or (LEAD,)))
    return stage


def replied(on: date) -> Stage:
    """A stage with one order on which the petitioner has the reply."""
    stage = dispatched(on)
    stage.step("city-officer", "one", "report-result", result="已办", evidence_note="现场确认。")
    stage.step("dispatcher", "one", "reply", text="已办")
    return stage


def notes(stage: Stage, key: str) -> list[DeadlineNote]:
    """The deadlines of that key."""
    return [item for item in stage.cases["one"].standing.deadlines if item.key == key]


RESPONSES = [
    ("sign", {}),
    ("return", {"reason": "不属本单位管养", "return_ground": "not-our-duty"}),
    ("ask-co-handler", {"reason": "涉及管网", "unit_id": "@water-company"}),
    ("report-justification", {"justification": "暴雨"}),
    ("report-interim", {"progress": "已到场"}),
    ("report-result", {"result": "已办", "evidence_note": "现场确认。"}),
]


@pytest.mark.parametrize(("step", "body"), RESPONSES, ids=[row[0] for row in RESPONSES])
def test_whatever_a_unit_first_says_of_an_urgent_order_is_its_response(step: str, body: dict[str, Any]) -> None:
    stage = Stage.of(CITY)
    stage.now = noon(APRIL_30)
    words = {"channel": "hotline", "title": "题", "narrative": "述", "rendition": "述", "urgent": "true"}
    stage.register("operator", "one", "hotline-order", words)
    stage.step("operator", "one", "accept")
    stage.step("dispatcher", "one", "dispatch", units=[LEAD])
    assert [(item.clause, item.state) for item in notes(stage, "urgent-response")] == [(C + "11.3", "open")]
    stage.step("city-officer", "one", step, **body)
    assert [item.state for item in notes(stage, "urgent-response")] == ["met"]


def test_the_package_loads_under_its_own_name() -> None:
    assert (CITY.manifest.id, CITY.manifest.division_code) == ("ganzhou", "360700")
    assert list(CITY.kinds) == ["hotline-order"]
    assert CITY.settings["hotline.handling-limit"].clause == C + "3.p2"


def test_the_story_comes_out_as_told() -> None:
    cases = play(CITY).cases
    assert {name: case.state for name, case in cases.items()} == {
        "pavement": "closed",
        "lawsuit": "refused",
        "manhole": "closed",
        "culvert": "handled",
    }
    assert (cases["manhole"].returns, cases["manhole"].standing.pending) == (1, ())


def test_every_citation_resolves() -> None:
    told = citations(CITY) | {row.refused_by for row in TABLE if row.refused_by}
    assert told
    for reference in told:
        resolve(CITY, reference)


@pytest.mark.parametrize(("late", "state"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_the_tenants_limit_the_day_before_the_day_and_the_day_after(late: int, state: str) -> None:
    stage = dispatched(APRIL_30)  # 6, 7, 8, 9 (a Saturday worked) and 11 May
    (handling,) = notes(stage, "handling")
    assert handling.due_on == date(2026, 5, 11)
    stage.now = noon(handling.due_on + timedelta(days=late))
    stage.step("city-officer", "one", "report-result", result="已办", evidence_note="现场确认。")
    assert notes(stage, "handling")[0].state == state


@pytest.mark.parametrize(("step", "body", "key"), [
    ("supervise-by-message", BY_MESSAGE, "supervision-by-message"),
    ("supervise-in-writing", IN_WRITING, "supervision-in-writing"),
])  # fmt: skip
@pytest.mark.parametrize(("late", "state"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_a_supervised_order_is_done_in_two_working_days(
    step: str, body: dict[str, Any], key: str, late: int, state: str
) -> None:
    stage = dispatched(APRIL_30)
    stage.step("supervisor", "one", step, matter=C + "6.1", **body)
    (supervision,) = notes(stage, key)
    assert supervision.due_on == date(2026, 5, 7)  # 6 and 7 May
    stage.now = noon(supervision.due_on + timedelta(days=late))
    stage.step("city-officer", "one", "report-result", result="已办", evidence_note="现场确认。")
    assert notes(stage, key)[0].state == state


def test_each_unit_has_its_own_limit_and_meets_it_alone() -> None:
    stage = dispatched(APRIL_30, LEAD, {**HELPER, "term": THREE, "term_reason": "须先止漏"})
    assert [item.due_on for item in notes(stage, "handling")] == [date(2026, 5, 11), date(2026, 5, 8)]
    stage.step("city-officer", "one", "report-result", result="已办", evidence_note="现场确认。")
    assert [item.state for item in notes(stage, "handling")] == ["met", "open"]
    stage.step("water-officer", "one", "report-part", result="已办")
    assert [item.state for item in notes(stage, "handling")] == ["met", "met"]


def test_without_the_tenants_figure_a_dispatch_needs_a_stated_one() -> None:
    stage = replace(registered(APRIL_30), terms={})
    stage.step("operator", "one", "accept")
    with pytest.raises(Refused) as unset:
        stage.step("dispatcher", "one", "dispatch", units=[LEAD])
    assert (unset.value.code, unset.value.clause) == ("deadlines.term-not-set", C + "3.p2")
    with pytest.raises(Refused) as bare:
        stage.step("dispatcher", "one", "dispatch", units=[{**LEAD, "term": THREE}])
    assert bare.value.clause == "wenze:readings#r11"
    stage.step("dispatcher", "one", "dispatch", units=[{**LEAD, "term": THREE, "term_reason": "紧急"}])
    assert notes(stage, "handling")[0].due_on == date(2026, 5, 8)


@pytest.mark.parametrize(
    ("term", "due"), [({}, date(2026, 5, 11)), ({"term": THREE, "term_reason": "简单"}, date(2026, 5, 8))]
)
def test_a_redo_has_the_tenants_limit_or_a_stated_one(term: dict[str, Any], due: date) -> None:
    stage = replied(APRIL_30)
    stage.step("dispatcher", "one", "send-back", reason="未修好", **term)
    assert [(item.due_on, item.state) for item in notes(stage, "redo-handling")] == [(due, "open")]
    assert [item.state for item in notes(stage, "handling")] == ["met"]


@pytest.mark.parametrize(
    ("day", "refused_by"), [(date(2026, 5, 8), C + "5"), (date(2026, 5, 11), C + "5"), (date(2026, 5, 12), None)]
)
def test_an_order_is_reminded_as_overdue_only_once_it_is(day: date, refused_by: str | None) -> None:
    stage = dispatched(APRIL_30)
    stage.now = noon(day)
    body = {"cause": "overdue", "proposal": "请到场", "text": "请办理"}
    if refused_by is None:
        assert stage.step("supervisor", "one", "remind", **body).state == "dispatched"
        return
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "remind", **body)
    assert caught.value.clause == refused_by


def test_a_redone_order_that_still_fails_to_satisfy_is_supervised() -> None:
    stage = replied(APRIL_30)
    stage.step("operator", "one", "call-back", **UNSATISFIED)
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "supervise-in-writing", matter=C + "6.4", unit_at_fault=True, **IN_WRITING)
    assert caught.value.clause == C + "6.4", "not sent back yet"
    stage.step("dispatcher", "one", "send-back", reason="未修好")
    stage.step("city-officer", "one", "report-result", result="再修", evidence_note="现场确认。")
    stage.step("dispatcher", "one", "reply", text="已再修")
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "supervise-in-writing", matter=C + "6.4", unit_at_fault=True, **IN_WRITING)
    assert caught.value.clause == C + "6.4", "the redo was not answered yet"
    stage.step("operator", "one", "call-back", **UNSATISFIED)
    with pytest.raises(Refused) as caught:
        stage.step("dispatcher", "one", "send-back", reason="仍未修好")
    assert caught.value.clause == C + "6.4", "once"
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "supervise-in-writing", matter=C + "6.4", **IN_WRITING)
    assert caught.value.clause == C + "6.4"
    stage.step("supervisor", "one", "supervise-in-writing", matter=C + "6.4", unit_at_fault=True, **IN_WRITING)
    assert stage.step("city-officer", "one", "report-result", result="修好", evidence_note="现场确认。").state == "handled"
    assert [item.state for item in notes(stage, "supervision-in-writing")] == ["met"]


def test_what_is_supervised_later_does_not_hide_that_the_redo_was() -> None:
    stage, fault = replied(APRIL_30), {"unit_at_fault": True}
    for said in ("未修好", "", ""):
        stage.step("operator", "one", "call-back", **UNSATISFIED)
        if said:
            stage.step("dispatcher", "one", "send-back", reason=said)
        else:
            with pytest.raises(Refused) as caught:
                stage.step("dispatcher", "one", "close", **fault)
            assert caught.value.clause == C + "6.4"
            break
        stage.step("city-officer", "one", "report-result", result="再修", evidence_note="现场确认。")
        stage.step("dispatcher", "one", "reply", text="已再修")
    for matter, more in (("6.4", fault), ("6.1", {})):
        stage.step("supervisor", "one", "supervise-in-writing", matter=C + matter, **more, **IN_WRITING)
        stage.step("city-officer", "one", "report-result", result="修好", evidence_note="现场确认。")
        stage.step("dispatcher", "one", "reply", text="已修好")
        stage.step("operator", "one", "call-back", **UNSATISFIED)
    assert stage.cases["one"].facts["matter"] == C + "6.1"
    assert stage.step("dispatcher", "one", "close", **fault).state == "closed"
    stage.step("dispatcher", "one", "reopen", reason="又坏了")
    assert stage.cases["one"].facts["redo_supervised"] == "no", "that was about what was done then"


FILED = [
    # what the petitioner said in each round, and what closing the order then asks for
    ("nobody asked", (), {"why_not_asked": "未留联系方式"}, C + "3.p2"),
    ("nobody reached", (NOT_REACHED,), {"why_not_asked": "三次未接"}, C + "3.p2"),
    ("satisfied", (SATISFIED,), {}, None),
    ("not satisfied, not sent back", (UNSATISFIED,), {"why_not_sent_back": "诉求过高"}, C + "6.4"),
    ("sent back, satisfied", (UNSATISFIED, SATISFIED), {}, None),
    ("sent back, not satisfied, nobody's fault", (UNSATISFIED, UNSATISFIED), {"unit_at_fault": False}, C + "6.4"),
]


@pytest.mark.parametrize(("name", "rounds", "asked", "clause"), FILED, ids=[row[0] for row in FILED])
def test_an_order_is_filed_with_what_its_petitioner_said(
    name: str, rounds: tuple[dict[str, Any], ...], asked: dict[str, Any], clause: str | None
) -> None:
    stage = replied(APRIL_30)
    for index, said in enumerate(rounds):
        if index:
            stage.step("dispatcher", "one", "send-back", reason="未修好")
            stage.step("city-officer", "one", "report-result", result="再修", evidence_note="现场确认。")
            stage.step("dispatcher", "one", "reply", text="已再修")
        stage.step("operator", "one", "call-back", **said)
    if clause is not None:
        with pytest.raises(Refused) as caught:
            stage.step("dispatcher", "one", "close")
        assert (caught.value.code, caught.value.clause) == ("cases.fact-missing", clause)
    assert stage.step("dispatcher", "one", "close", **asked).state == "closed"


def test_another_matter_needs_its_reason() -> None:
    stage = dispatched(APRIL_30)
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "supervise-by-message", matter=C + "6.5", **BY_MESSAGE)
    assert caught.value.clause == "wenze:readings#r8"
    reason = {"catch_all_reason": "媒体关注", "catch_all_basis": "市政府专题会议纪要"}
    stage.step("supervisor", "one", "supervise-by-message", matter=C + "6.5", **reason, **BY_MESSAGE)


REFUSED = [
    # who tries what on an order that has just been dispatched, and what names the refusal
    ("dispatcher", "reply", {"text": "已办"}, C + "3.p2"),
    ("dispatcher", "close", {}, C + "3.p2"),
    ("dispatcher", "send-back", {"reason": "未修好"}, C + "6.4"),
    ("dispatcher", "reopen", {"reason": "有新情况"}, "wenze:house#reopening"),
    ("water-officer", "report-result", {"result": "已办"}, "wenze:house#membership"),
]


@pytest.mark.parametrize(("who", "step", "body", "clause"), REFUSED)
def test_a_step_out_of_order_names_its_clause(who: str, step: str, body: dict[str, Any], clause: str) -> None:
    stage = dispatched(APRIL_30, LEAD, HELPER)
    with pytest.raises(WenzeError) as caught:
        stage.step(who, "one", step, **body)
    assert caught.value.clause == clause


def test_a_withdrawn_order_has_nothing_due() -> None:
    stage = dispatched(APRIL_30, LEAD, HELPER)
    stage.step("operator", "one", "withdraw", reason="已自行解决")
    assert [item.state for item in notes(stage, "handling")] == ["lapsed", "lapsed"]


def test_what_the_centre_can_answer_goes_to_no_unit() -> None:
    stage = registered(APRIL_30)
    stage.step("operator", "one", "accept")
    case = stage.step("operator", "one", "answer-at-once", text="政务大厅周六上午办公")
    assert (case.state, case.standing.units, case.standing.deadlines) == ("replied", (), ())
    assert stage.step("dispatcher", "one", "close", why_not_asked="当场答复").state == "closed"


def test_what_went_to_the_wrong_unit_is_returned_and_dispatched_anew() -> None:
    stage = dispatched(APRIL_30)
    asked = stage.step("city-officer", "one", "return", return_ground="not-our-duty", reason="不属管养范围")
    assert (asked.state, [item.key for item in asked.standing.pending]) == ("dispatched", ["return"])
    stage.now = noon(date(2026, 5, 6))
    lead = {"unit_id": "@water-company", "part": "lead"}
    stage.step("dispatcher", "one", "redispatch", units=[lead], why_redispatched="退单属实")
    assert [(item.due_on, item.state) for item in notes(stage, "handling")] == [
        (date(2026, 5, 11), "replaced"),
        (date(2026, 5, 12), "open"),  # 7, 8, 9 (worked), 11 and 12
    ]
    assert stage.step("water-officer", "one", "report-result", result="已办", evidence_note="现场确认。").state == "handled"


def test_an_ignored_reminder_is_reported_up_and_none_is_without_a_reminder() -> None:
    stage = dispatched(APRIL_30)
    report = {"refusal_found": "未派员", "report_document": "情况报告"}
    with pytest.raises(WenzeError) as caught:
        stage.step("supervisor", "one", "report-up", **report)
    assert caught.value.clause == C + "5/remind"
    stage.step("supervisor", "one", "remind", cause="shirking", proposal="请到场", text="请办理")
    assert stage.step("supervisor", "one", "report-up", **report).state == "dispatched"


def test_a_justification_is_reported_before_the_work_is_done() -> None:
    stage = dispatched(APRIL_30, LEAD, HELPER)
    stage.now = noon(date(2026, 5, 12))
    case = stage.step("water-officer", "one", "report-justification", justification="暴雨")
    assert (case.state, [item.state for item in notes(stage, "handling")]) == ("dispatched", ["open", "open"])


def test_a_unit_can_be_urged_before_it_is_late() -> None:
    assert dispatched(APRIL_30).step("supervisor", "one", "urge", text="即将到期").state == "dispatched"


ON_SITE = {"participants": ["市城市管理局", "市水务集团"], "duties": "分工", "confirmation": "确认单", "text": "请办结"}


@pytest.mark.parametrize(("step", "body", "key", "clause"), [
    ("supervise-on-site", ON_SITE, "supervision-on-site", "7.3"),
    ("supervise-by-leader", {"leader": "分管副市长", "text": "请办结"}, "supervision-by-leader", "7.4"),
])  # fmt: skip
def test_coordination_and_a_leaders_dispatch_have_the_term_set_there(
    step: str, body: dict[str, Any], key: str, clause: str
) -> None:
    stage = dispatched(APRIL_30)
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", step, matter=C + "6.1", term=THREE, **body)
    assert caught.value.clause == "wenze:readings#r11"
    stage.step("supervisor", "one", step, matter=C + "6.1", term=THREE, term_reason="会上确定", **body)
    assert [(item.clause, item.due_on) for item in notes(stage, key)] == [(C + clause, date(2026, 5, 8))]
    stage.step("city-officer", "one", "report-result", result="已办", evidence_note="现场确认。")
    assert notes(stage, key)[0].state == "met"


def test_the_superior_of_a_unit_that_is_no_member_is_told() -> None:
    told = {"superior": "省公司", "told_superior": "逾期"}
    with pytest.raises(Refused) as caught:
        dispatched(APRIL_30).step("supervisor", "one", "tell-superior", **told)
    assert caught.value.clause == C + "17", "of members nobody else is told"
    stage = dispatched(APRIL_30, {"unit_id": "@hotline-centre", "part": "lead"})
    body = {"matter": C + "6.1"} | BY_MESSAGE
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "supervise-by-message", **body)
    assert caught.value.clause == C + "17"
    assert stage.step("supervisor", "one", "tell-superior", **told).state == "dispatched"
    assert stage.step("supervisor", "one", "supervise-by-message", **body).state == "dispatched"
    stage.step("dispatcher", "one", "redispatch", units=[LEAD], why_redispatched="属管养")
    stage.step(
        "dispatcher", "one", "redispatch", units=[{"unit_id": "@hotline-centre", "part": "lead"}], why_redispatched="更正"
    )
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "supervise-by-message", **body)
    assert caught.value.clause == C + "17", "another dispatch, another superior"


def test_a_refusal_is_decided_anew() -> None:
    stage = registered(APRIL_30)
    stage.step("operator", "one", "refuse", reason="无法核实")
    assert stage.step("supervisor", "one", "reconsider", reason="已核实").state == "registered"


def test_a_reopened_order_is_dispatched_anew() -> None:
    stage = replied(APRIL_30)
    stage.step("dispatcher", "one", "close", why_not_asked="未留联系方式")
    stage.now = noon(date(2026, 6, 15))
    stage.step("dispatcher", "one", "reopen", reason="再次塌陷")
    stage.step("dispatcher", "one", "dispatch", units=[LEAD])
    assert notes(stage, "handling")[-1].due_on == date(2026, 6, 23)  # 16, 17, 18, 22 and 23; rest 19-21
