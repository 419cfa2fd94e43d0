"""What units do with an order beyond working on it, in Ganzhou's orders on paper: sign, return, pass on, take another in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.cases.case import DeadlineNote
from core.cases.world import StatedTerm
from core.corrections.months import Measure, tally
from core.errors import Forbidden, OutOfOrder, Refused, WenzeError
from core.law.instrument import Term, Unit
from core.procedure import Part, Role
from tests.support.cities import shipped
from tests.support.paper import Paper, local, person, unit

CITY = shipped()["ganzhou"]
CLERK, DISPATCHER, SUPERVISOR = (person(role) for role in (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SUPERVISOR))
A, B, C, D = (person(Role.UNIT_OFFICER, units=(name,)) for name in "abcd")
WORDS = {"title": "题", "narrative": "述", "rendition": "述"}
WRONG = {"return_ground": "not-our-duty", "reason": "不属本单位职责"}
DONE = {"result": "已办", "evidence_note": "现场确认"}
MONDAY = local("2026-05-18 09:00")
FIVE, TWO = (StatedTerm(Term(unit=Unit.WORKING_DAY, length=length), "decision") for length in (5, 2))
LIMITS = {"hotline.handling-limit": FIVE, "hotline.return-limit": TWO}


def dispatched(*cooperating: str, limits: dict[str, StatedTerm] = LIMITS) -> Paper:
    """An order at unit a, which has the units c and d below it, and at cooperating ones."""
    children = {unit("a"): (unit("c"), unit("d"))}
    paper = Paper(CITY.kind("hotline-order"), CITY.rulebook, MONDAY, limits, children=children)
    paper.register(CLERK, {"channel": "hotline", **WORDS})
    paper.take(CLERK, "accept")
    others = [{"unit_id": str(unit(name)), "part": "cooperating"} for name in cooperating]
    paper.take(DISPATCHER, "dispatch", {"units": [{"unit_id": str(unit("a")), "part": "lead"}, *others]})
    return paper


def standing(paper: Paper) -> dict[str, Part]:
    """The units that have the order, by name."""
    assert paper.case is not None
    names = {unit(name): name for name in "abcd"}
    return {names[item.unit_id]: item.part for item in paper.case.standing.units}


def states(paper: Paper, key: str = "handling") -> dict[str, str]:
    """What has become of the deadlines of a key, by unit; the last of each."""
    names = {unit(name): name for name in "abcd"}
    return {names[note.holder_unit_id]: note.state for note in paper.deadlines(key) if note.holder_unit_id}


def last(paper: Paper, name: str) -> DeadlineNote:
    return [note for note in paper.deadlines("handling") if note.holder_unit_id == unit(name)][-1]


def refusal(paper: Paper, who: Any, step: str, **body: Any) -> WenzeError:
    """How a step is refused; the case must stay as it was."""
    before = paper.case
    with pytest.raises(WenzeError) as caught:
        paper.take(who, step, body)
    assert paper.case is before
    return caught.value


def test_a_unit_signs_once_and_its_first_step_signs_too():
    paper = dispatched("b")
    paper.now += timedelta(hours=1)
    case = paper.take(A, "sign")
    assert [(item.signed_at, item.officer_id) for item in case.standing.units] == [(paper.now, A.person_id), (None, None)]
    assert refusal(paper, A, "sign").code == "requests.signed-already"
    case = paper.take(B, "report-justification", {"justification": "暴雨"})
    assert case.standing.units[1].officer_id == B.person_id
    again = paper.take(
        DISPATCHER, "redispatch", {"units": [{"unit_id": str(unit("a")), "part": "lead"}], "why_redispatched": "重"}
    )
    assert [item.signed_at for item in again.standing.units] == [None], "a new dispatch is signed for anew"


def test_a_return_of_the_lead_that_is_granted_sets_the_order_back_to_be_dispatched():
    paper = dispatched("b")
    asked = paper.take(A, "return", WRONG)
    assert (asked.state, asked.returns, standing(paper)) == ("dispatched", 0, {"a": Part.LEAD, "b": Part.COOPERATING})
    assert states(paper) == {"a": "open", "b": "open"}, "the clock does not stop"
    case = paper.take(DISPATCHER, "grant-return")
    assert (case.state, case.returns, case.standing.units, case.standing.pending) == ("accepted", 1, (), ())
    assert states(paper) == {"a": "released", "b": "lapsed"}
    assert states(paper, "return-window") == {"a": "used", "b": "lapsed"}


def test_a_return_of_the_lead_takes_no_lateness_off_the_others():
    """ganzhou:hotline-2022#11.2 counts what ran out; that somebody else was dispatched to wrongly justifies nobody."""
    paper = dispatched("b")
    paper.take(A, "return", WRONG)
    paper.now = local("2026-05-27 09:00")
    case = paper.take(DISPATCHER, "grant-return")
    assert states(paper) == {"a": "released", "b": "lapsed"}
    late = {line.unit_id: number for line, number in tally(case, paper.world()).items() if line.measure is Measure.OVERDUE}
    assert late == {unit("b"): 1}


def test_a_return_of_a_cooperating_unit_removes_that_unit_alone():
    paper = dispatched("b")
    paper.take(B, "return", WRONG)
    case = paper.take(DISPATCHER, "grant-return")
    assert (case.state, case.returns, standing(paper)) == ("dispatched", 1, {"a": Part.LEAD})
    assert states(paper) == {"a": "open", "b": "released"}


def test_a_return_that_is_declined_leaves_the_order_and_its_clock_as_they_were():
    paper = dispatched()
    before = last(paper, "a")
    paper.take(A, "return", WRONG)
    paper.now += timedelta(days=1)
    case = paper.take(DISPATCHER, "decline-return", {"reason": "属本单位职责"})
    assert (case.state, case.returns, case.standing.pending, last(paper, "a")) == ("dispatched", 0, (), before)
    assert paper.take(A, "return", WRONG).standing.pending, "within its time it can be asked again"


@pytest.mark.parametrize(("at", "refused"), [
    ("2026-05-19 12:00", False), ("2026-05-20 23:59", False), ("2026-05-21 00:00", True), ("2026-05-22 09:00", True),
])  # fmt: skip
def test_a_wrong_dispatch_is_returned_within_the_tenants_limit(at, refused):
    """Dispatched on Monday the 18th with two working days: until the end of Wednesday."""
    paper = dispatched()
    paper.now = local(at)
    if not refused:
        assert paper.take(A, "return", WRONG).standing.pending
        return
    error = refusal(paper, A, "return", **WRONG)
    assert (type(error), error.code, error.params["due"]) == (Refused, "requests.window-over", "2026-05-20")
    assert error.clause == "wenze:house#return"


def test_where_the_tenant_sets_no_limit_the_right_has_none_and_none_is_shown():
    paper = dispatched(limits={"hotline.handling-limit": FIVE})
    paper.now = local("2026-08-18 09:00")
    assert paper.deadlines("return-window") == []
    assert paper.take(A, "return", WRONG).standing.pending


def test_nobody_is_ever_late_for_a_window():
    paper = dispatched(limits=LIMITS)
    window = paper.deadlines("return-window")[0]
    paper.take(A, "report-result", DONE)
    assert (window.state, window.window, window.overdue_at(local("2027-01-01 00:00"))) == ("available", True, False)
    assert paper.case is not None
    assert window not in paper.case.standing.open_deadlines


def test_the_same_is_asked_once_at_a_time_and_decided_once():
    paper = dispatched("b")
    paper.take(A, "return", WRONG)
    assert refusal(paper, A, "return", **WRONG).code == "requests.asked-already"
    paper.take(B, "return", WRONG)
    error = refusal(paper, DISPATCHER, "grant-return")
    assert (error.code, error.field, error.params["count"]) == ("requests.unnamed", "/request_id", 2)
    assert paper.case is not None
    second = str(paper.case.standing.pending[1].id)
    paper.take(DISPATCHER, "decline-return", {"request_id": second, "reason": "须协办"})
    error = refusal(paper, DISPATCHER, "grant-return", request_id=second)
    assert (type(error), error.code) == (OutOfOrder, "requests.nothing-asked")
    assert paper.take(DISPATCHER, "grant-return").state == "accepted"


def test_nobody_decides_what_they_asked_for_themselves():
    paper = dispatched("b")
    both = person(Role.UNIT_OFFICER, Role.DISPATCHER, units=("a",))
    paper.take(both, "return", WRONG)
    error = refusal(paper, both, "grant-return")
    assert (type(error), error.code, error.clause) == (Refused, "requests.own", "wenze:readings#r12")
    assert refusal(paper, B, "grant-return").code == "cases.role-missing", "another unit decides nothing"
    assert paper.take(DISPATCHER, "grant-return").returns == 1


LAPSING = [
    ("a new dispatch", DISPATCHER, "redispatch",
     {"units": [{"unit_id": str(unit("a")), "part": "lead"}], "why_redispatched": "改派"}),
    ("its unit reports the result", A, "report-result", DONE),
    ("its unit passes the order on", A, "pass-on", {"unit_id": str(unit("c"))}),
    ("the end of the order", CLERK, "withdraw", {"reason": "已解决"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "who", "step", "body"), LAPSING, ids=[row[0] for row in LAPSING])
def test_a_request_lapses(name, who, step, body):
    paper = dispatched()
    paper.take(A, "return", WRONG)
    assert paper.take(who, step, body).standing.pending == ()


def test_what_another_unit_does_leaves_a_request_waiting():
    paper = dispatched("b")
    paper.take(B, "return", WRONG)
    case = paper.take(A, "report-result", DONE)
    assert (case.state, len(case.standing.pending)) == ("handled", 1)
    assert paper.take(DISPATCHER, "grant-return").state == "handled"


def test_a_part_is_passed_on_with_its_clock_running_and_the_unit_above_stays():
    paper = dispatched("b")
    paper.now += timedelta(days=1)
    case = paper.take(A, "pass-on", {"unit_id": str(unit("c"))})
    assert standing(paper) == {"c": Part.LEAD, "b": Part.COOPERATING}
    assert case.standing.units[0].via == (unit("a"),)
    assert states(paper) == {"a": "passed-on", "b": "open", "c": "open"}
    before, after = last(paper, "a"), last(paper, "c")
    assert (before.due_on, before.due_at, before.original_due_on) == (after.due_on, after.due_at, after.original_due_on)
    assert case.standing.is_seen_by(frozenset({unit("a")}))
    assert refusal(paper, A, "report-result", **DONE).code == "cases.not-your-unit"
    assert paper.take(C, "report-result", DONE).state == "handled"
    assert states(paper)["c"] == "met"


def test_a_unit_below_returns_to_the_unit_above_which_decides():
    paper = dispatched()
    paper.take(A, "pass-on", {"unit_id": str(unit("c"))})
    asked = paper.take(C, "return", WRONG)
    assert asked.standing.pending[0].decider_unit_id == unit("a")
    assert refusal(paper, DISPATCHER, "grant-return").code == "cases.role-missing"
    error = refusal(paper, B, "grant-return")
    assert (type(error), error.code) == (Forbidden, "requests.for-unit-above")
    due = last(paper, "c").due_at
    case = paper.take(A, "grant-return")
    assert (case.state, case.returns, standing(paper)) == ("dispatched", 0, {"a": Part.LEAD})
    assert (case.standing.units[0].via, last(paper, "a").state, last(paper, "a").due_at) == ((), "open", due)
    assert states(paper)["c"] == "released"


PASSED = [
    ("to a unit that is not below", "b", "requests.not-below"),
    ("to itself", "a", "requests.not-below"),
    ("to a unit below that has it already", "d", "requests.has-it-already"),
]


@pytest.mark.parametrize(("name", "to", "code"), PASSED, ids=[row[0] for row in PASSED])
def test_what_cannot_be_passed_on(name, to, code):
    error = refusal(dispatched("d"), A, "pass-on", unit_id=str(unit(to)))
    assert (type(error), error.code, error.field) == (Refused, code, "/unit_id")


def test_a_unit_that_joins_has_a_term_of_its_own_and_the_others_keep_theirs():
    paper = dispatched()
    before = last(paper, "a")
    paper.take(A, "ask-co-handler", {"unit_id": str(unit("b")), "reason": "须先停水"})
    paper.now += timedelta(days=1)
    paper.take(DISPATCHER, "grant-co-handler", {"term": {"unit": "working_day", "length": 1}, "term_reason": "先止漏"})
    assert (standing(paper), last(paper, "a")) == ({"a": Part.LEAD, "b": Part.COOPERATING}, before)
    assert (last(paper, "b").due_on.isoformat(), last(paper, "b").state) == ("2026-05-20", "open")
    assert paper.take(B, "report-part", {"result": "已停水"}).state == "dispatched"


def test_a_co_handler_is_asked_for_by_the_lead_and_must_be_new():
    paper = dispatched("b")
    assert refusal(paper, B, "ask-co-handler", unit_id=str(unit("d")), reason="x").code == "cases.part-wrong"
    error = refusal(paper, A, "ask-co-handler", unit_id=str(unit("b")), reason="x")
    assert (error.code, error.field) == ("requests.has-it-already", "/unit_id")
    paper.take(A, "ask-co-handler", {"unit_id": str(unit("d")), "reason": "x"})
    paper.take(DISPATCHER, "decline-co-handler", {"reason": "无需"})
    assert standing(paper) == {"a": Part.LEAD, "b": Part.COOPERATING}
    error = refusal(paper, DISPATCHER, "grant-co-handler")
    assert error.code == "requests.nothing-asked"


def test_an_interim_reply_is_told_and_leaves_the_state():
    paper = dispatched()
    paper.take(A, "report-interim", {"progress": "已勘查"})
    case = paper.take(CLERK, "interim-reply", {"text": "已到现场勘查"})
    assert (case.state, case.standing.answer) == ("dispatched", "已到现场勘查")


def test_a_result_comes_with_evidence_or_the_reason_why_there_is_none():
    paper = dispatched()
    for nothing in ({}, {"evidence_note": " "}):
        error = refusal(paper, A, "report-result", result="已办", **nothing)
        assert (error.code, error.field, error.clause) == (
            "cases.evidence-missing", "/evidence_note", "wenze:house#evidence"
        )  # fmt: skip
    shown = {"result": "已办", "attachments": ["019a8f3e-0000-7000-8000-000000000001"]}
    assert paper.take(A, "report-result", shown).state == "handled"


def test_what_is_said_of_all_parts_waits_until_each_is_over():
    paper = Paper(CITY.kind("hotline-order"), CITY.rulebook, MONDAY, LIMITS)
    paper.register(CLERK, {"channel": "hotline", **WORDS})
    paper.take(CLERK, "accept")
    part = {"title": "一", "narrative": "述"}
    assert paper.take(DISPATCHER, "split", {"parts": [part, part]}).state == "split"
    error = refusal(paper, DISPATCHER, "reply-to-all-parts", text="均已办结")
    assert (type(error), error.code, error.params["count"]) == (OutOfOrder, "cases.parts-open", 2)
    paper.open_parts = 0
    assert paper.take(DISPATCHER, "reply-to-all-parts", {"text": "均已办结"}).state == "replied"
