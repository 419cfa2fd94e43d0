"""Lateness that is found justified: who asks for what and when, who finds it, and that nothing of the lateness goes away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from core.cases.case import DeadlineNote
from core.cases.checks import available_steps
from core.cases.reading_rules import own_units
from core.cases.recusal_rules import is_barred
from core.cases.world import StatedTerm
from core.corrections.months import Measure, tally
from core.deadlines.justifying import plain_words
from core.errors import Forbidden, OutOfOrder, Refused
from core.law.instrument import Term, Unit
from core.procedure import JUSTIFICATION, Role
from core.recounts.moving import count_anew, move_case
from core.tenants.principal import Ties
from tests.law.calendars import calendar_with, closed_on
from tests.support.cities import shipped
from tests.support.matters import refusal, units
from tests.support.paper import Paper, local, person, unit

CLERK, DISPATCHER, SUPERVISOR = (person(role) for role in (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SUPERVISOR))
LEAD, SECOND, BELOW = (person(Role.UNIT_OFFICER, units=(name,)) for name in ("lead", "second", "below"))
WORDS = {"title": "标题", "narrative": "经过", "rendition": "经过", "channel": "hotline"}
STORM = {"reason": "连日暴雨停工。", "evidence_note": "气象预警已公开发布。"}
RULE, R12 = "wenze:house#justification", "wenze:readings#r12"
DONE = {"result": "已修复。", "evidence_note": "现场确认。"}
LATE, LATER = "2026-03-11 09:00", "2026-03-12 09:00"
"""After the last day, 9 March."""


def dispatched(*cooperating: str) -> Paper:
    """An order that its units have to be done with in five working days, by the end of Monday 9 March."""
    city = shipped()["ganzhou"]
    term = StatedTerm(Term(unit=Unit.WORKING_DAY, length=5), "decision")
    terms = {"hotline.handling-limit": term, "hotline.return-limit": term}
    found = Paper(city.kind("hotline-order"), city.rulebook, local("2026-03-02 09:00"), terms)
    found.children = {unit("lead"): (unit("below"),)}
    found.register(CLERK, WORDS)
    found.take(CLERK, "accept")
    found.take(DISPATCHER, "dispatch", {"units": units("lead", *cooperating)})
    return found


def late(*cooperating: str) -> Paper:
    """The same two working days after it ran out."""
    return at(dispatched(*cooperating), LATE)


def closed() -> Paper:
    """An order that was done late, and is over."""
    found = late()
    found.take(LEAD, "report-result", DONE)
    found.take(DISPATCHER, "reply", {"text": "已修复。"})
    found.take(DISPATCHER, "close", {"why_not_asked": "三次回访均无人接听。"})
    return found


def at(found: Paper, now: str) -> Paper:
    found.now = local(now)
    return found


def note(found: Paper, holder: str = "lead", key: str = "handling") -> DeadlineNote:
    """The last deadline of a unit of that key."""
    return [item for item in found.deadlines(key) if item.holder_unit_id == unit(holder)][-1]


def ask(found: Paper, who: Any = LEAD, holder: str = "lead", **more: Any) -> dict[str, Any]:
    """What asks for a justification of a unit's handling."""
    return {"deadline_id": str(note(found, holder).id), **STORM, **more}


def justified(found: Paper) -> Paper:
    """The order with its lateness found justified."""
    found.take(LEAD, "ask-justification", ask(found))
    found.take(SUPERVISOR, "grant-justification", {"reason": "预警属实。"})
    return found


def back(found: Paper, **more: Any) -> dict[str, Any]:
    return {"deadline_id": str(note(found).id), "reason": "预警当日已解除。", **more}


def figures(found: Paper) -> dict[Measure, int]:
    """What the months count of the lead unit."""
    assert found.case is not None
    lines = tally(found.case, found.world()).items()
    return {line.measure: number for line, number in lines if line.unit_id == unit("lead")}


def test_a_lateness_that_is_found_justified_stays_a_lateness() -> None:
    found = late()
    before = note(found)
    found.take(LEAD, "ask-justification", ask(found))
    assert found.case is not None
    (asked,) = found.case.standing.pending
    assert (asked.key, asked.unit_id, asked.deadline_id) == (JUSTIFICATION, unit("lead"), before.id)
    assert note(found) == before, "asking changes nothing"
    found.take(SUPERVISOR, "grant-justification", {"reason": "预警属实。"})
    after, outcome = note(found), found.outcome
    assert outcome is not None
    assert after.justified is not None
    told = (after.justified.step_id, after.justified.at, after.justified.person_id, after.justified.reason)
    assert told == (outcome.order.id, local(LATE), SUPERVISOR.person_id, "预警属实。")
    assert (after.state, after.due_at, after.overdue_at(found.now)) == ("open", before.due_at, True)
    assert found.case.standing.pending == ()
    assert figures(found) == {Measure.DUE: 1, Measure.OVERDUE: 1, Measure.JUSTIFIED: 1}
    found.take(LEAD, "report-result", DONE)
    assert (note(found).state, note(found).justified) == ("met-late", after.justified)


def test_what_was_found_is_taken_back_and_counts_again() -> None:
    found = justified(late())
    found.take(SUPERVISOR, "withdraw-justification", back(found))
    assert note(found).justified is None
    assert figures(found) == {Measure.DUE: 1, Measure.OVERDUE: 1}
    error = refusal(found, SUPERVISOR, "withdraw-justification", back(found))
    assert (error.code, error.clause, type(error)) == ("justifications.none-found", RULE, OutOfOrder)


def test_a_case_that_is_over_is_still_asked_about_and_stays_over() -> None:
    found = closed()
    assert found.case is not None
    ended = found.case.closed_at
    justified(at(found, LATER))
    assert (found.case.state, found.case.closed_at) == ("closed", ended)
    assert figures(found) == {Measure.DUE: 1, Measure.OVERDUE: 1, Measure.JUSTIFIED: 1}
    found.take(SUPERVISOR, "withdraw-justification", back(found))
    assert (found.case.state, figures(found)) == ("closed", {Measure.DUE: 1, Measure.OVERDUE: 1})


def test_another_calendar_moves_the_date_and_leaves_what_was_found() -> None:
    found = justified(late())
    assert found.case is not None
    before = note(found)
    change = count_anew(found.explanations[before.id], calendar_with(closures=closed_on("2026-03-09")))
    assert change is not None
    moved = move_case(found.case, {before.id: change}).standing.deadline(before.id)
    assert moved is not None
    assert (moved.due_on, moved.justified) == (date(2026, 3, 10), before.justified)


def test_what_runs_and_cannot_be_kept_is_asked_about_beforehand() -> None:
    found = justified(dispatched())
    assert figures(found) == {Measure.DUE: 1}, "nobody is late yet"
    at(found, LATE)
    assert figures(found) == {Measure.DUE: 1, Measure.OVERDUE: 1, Measure.JUSTIFIED: 1}


def test_what_is_done_in_time_after_all_is_no_question_any_more() -> None:
    found = dispatched()
    found.take(LEAD, "ask-justification", ask(found))
    found.take(LEAD, "report-result", DONE)
    assert found.case is not None
    assert found.case.standing.pending == ()
    assert refusal(found, LEAD, "ask-justification", ask(found)).code == "justifications.nobody-late"


def test_what_is_done_late_is_still_a_question() -> None:
    found = late()
    found.take(LEAD, "ask-justification", ask(found))
    found.take(LEAD, "report-result", DONE)
    found.take(DISPATCHER, "send-back", {"reason": "未修好"})
    found.take(DISPATCHER, "redispatch", {"units": units("second"), "why_redispatched": "改派"})
    assert found.case is not None
    assert len(found.case.standing.pending) == 1, "neither the report nor another unit makes it undone"
    found.take(SUPERVISOR, "grant-justification", {"reason": "预警属实。"})
    assert note(found).justified is not None


def test_a_part_that_is_passed_on_takes_its_justification_along_and_its_question_not() -> None:
    found = justified(late())
    found.take(LEAD, "pass-on", {"unit_id": str(unit("below"))})
    assert note(found, "below").justified == note(found).justified
    assert figures(found) == {}, "what was passed on counts with the unit below"
    other = late()
    other.take(LEAD, "ask-justification", ask(other))
    other.take(LEAD, "pass-on", {"unit_id": str(unit("below"))})
    assert other.case is not None
    assert other.case.standing.pending == ()
    other.take(BELOW, "ask-justification", ask(other, holder="below"))
    (asked,) = other.case.standing.pending
    assert asked.decider_unit_id is None, "the centre finds it, and not the unit above, which is answerable itself"


def _nowhere(_found: Paper) -> dict[str, Any]:
    return {"deadline_id": str(UUID(int=7)), **STORM}


def _window(found: Paper) -> dict[str, Any]:
    return {"deadline_id": str(note(found, key="return-window").id), **STORM}


@pytest.mark.parametrize(
    ("make", "body", "code", "kind"),
    [
        (late, _nowhere, "justifications.nobody-late", Refused),
        (late, _window, "justifications.nobody-late", Refused),
        (lambda: late("second"), lambda it: ask(it, holder="second"), "justifications.not-yours", Forbidden),
        (lambda: justified(late()), ask, "justifications.found-already", OutOfOrder),
        (lambda: justified(closed()), ask, "justifications.found-already", OutOfOrder),
    ],
    ids=["no deadline of the case", "limit of a right", "another unit's", "found already", "found already, and over"],
)
def test_what_is_asked_of_what_is_refused(make: Any, body: Any, code: str, kind: type) -> None:
    found = make()
    error = refusal(found, LEAD, "ask-justification", body(found))
    assert (error.code, error.field, error.clause, type(error)) == (code, "/deadline_id", RULE, kind)


def test_it_is_asked_with_evidence_or_the_reason_why_there_is_none() -> None:
    found = late()
    bare = {name: value for name, value in ask(found).items() if name != "evidence_note"}
    error = refusal(found, LEAD, "ask-justification", bare)
    assert (error.code, error.clause) == ("cases.evidence-missing", RULE)


def test_one_question_at_a_time_for_each_deadline() -> None:
    found = late("second")
    found.take(LEAD, "ask-justification", ask(found))
    assert refusal(found, LEAD, "ask-justification", ask(found, reason="又一理由")).code == "requests.asked-already"
    found.take(SECOND, "ask-justification", ask(found, holder="second"))
    assert refusal(found, SUPERVISOR, "grant-justification", {"reason": "属实"}).code == "requests.unnamed"
    assert found.case is not None
    second = next(item.id for item in found.case.standing.pending if item.unit_id == unit("second"))
    found.take(SUPERVISOR, "grant-justification", {"reason": "属实", "request_id": str(second)})
    assert (note(found).justified, note(found, "second").justified is None) == (None, False)


def test_asking_again_tells_something_new() -> None:
    found = late()
    found.take(LEAD, "ask-justification", ask(found))
    found.take(SUPERVISOR, "decline-justification", {"reason": "当日无预警。"})
    for same in ("连日暴雨停工。", " 连日暴雨， 停工！", "連日暴雨停工".replace("連", "连")):
        error = refusal(found, LEAD, "ask-justification", ask(found, reason=same))
        assert (error.code, error.field) == ("justifications.same-words", "/reason")
    found.take(LEAD, "ask-justification", ask(found, reason="连日暴雨停工，另附停工令。"))
    found.take(SUPERVISOR, "grant-justification", {"reason": "停工令属实。"})
    found.take(SUPERVISOR, "withdraw-justification", back(found))
    again = ask(found, reason="连日暴雨停工，另附停工令")
    assert refusal(found, LEAD, "ask-justification", again).code == "justifications.same-words"


def test_what_is_only_written_otherwise_is_the_same() -> None:
    assert plain_words("ＡＢ１２。暴 雨") == plain_words("ab12暴雨") != plain_words("ab12 大雨")


def test_nobody_decides_an_own_request_nor_that_of_an_own_client() -> None:
    found = late()
    found.take(LEAD, "ask-justification", ask(found))
    found.hands = frozenset({LEAD.person_id, SUPERVISOR.person_id})
    error = refusal(found, SUPERVISOR, "grant-justification", {"reason": "属实"})
    assert (error.code, error.clause) == ("requests.own", R12)
    assert refusal(found, SUPERVISOR, "decline-justification", {"reason": "不实"}).code == "requests.own"
    found.hands = frozenset()
    found.take(person(Role.DECIDING_AUTHORITY), "grant-justification", {"reason": "属实"})


@pytest.mark.parametrize("step", ["grant-justification", "decline-justification", "withdraw-justification"])
def test_nobody_decides_what_the_own_unit_is_late_with(step: str) -> None:
    found = late()
    found.take(LEAD, "ask-justification", ask(found))
    if step == "withdraw-justification":
        found.take(SUPERVISOR, "grant-justification", {"reason": "属实"})
    body = back(found) if step == "withdraw-justification" else {"reason": "属实"}
    inside = person(Role.SUPERVISOR, units=("lead",))
    by_a_client = replace(person(Role.SUPERVISOR), ties=Ties(units=own_units(inside)))
    for who in (inside, by_a_client):
        error = refusal(found, who, step, body)
        assert (error.code, error.clause, type(error)) == ("justifications.own-unit", R12, Forbidden)
    assert refusal(found, LEAD, step, body).code == "cases.role-missing"
    assert refusal(found, DISPATCHER, step, body).code == "cases.role-missing"
    found.take(person(Role.SUPERVISOR, units=("elsewhere",)), step, body)


def test_an_officer_of_two_units_asks_for_the_one_that_is_late() -> None:
    found = late("second")
    both = person(Role.UNIT_OFFICER, units=("lead", "second"))
    found.take(both, "ask-justification", ask(found, holder="second"))
    assert found.case is not None
    assert [item.unit_id for item in found.case.standing.pending] == [unit("second")]


def test_who_is_recused_asks_and_decides_nothing() -> None:
    kind = late().kind
    barred = {step.key: is_barred(step) for step in kind.steps if step.is_about_lateness}
    assert barred == {
        "ask-justification": False, "grant-justification": True, "decline-justification": True,
        "withdraw-justification": True,
    }  # fmt: skip


def test_a_case_offers_what_there_is_to_ask_and_to_take_back() -> None:
    def offered(found: Paper) -> set[str]:
        assert found.case is not None
        keys = {step.key for step in available_steps(found.case, found.kind)}
        return {key.removesuffix("-justification") for key in keys if key.endswith("-justification")}

    found = closed()
    assert offered(found) == {"ask"}
    found.take(LEAD, "ask-justification", ask(found))
    assert offered(found) == {"grant", "decline"}
    found.take(SUPERVISOR, "grant-justification", {"reason": "属实"})
    assert offered(found) == {"withdraw"}


def complaint() -> Paper:
    """A complaint that the supervision office has to answer."""
    city = shipped()["ankang"]
    offices = {"duty-office": unit("duty"), "supervision-office": unit("supervision")}
    found = Paper(city.kind("complaint"), city.rulebook, local("2026-03-02 09:00"), {}, offices)
    told = {"channel": "online", "form": "written", "complained_of": "window", "receiving_office": "supervision-office"}
    found.register(CLERK, WORDS | told)
    found.take(SUPERVISOR, "accept", {"grounds": ["ankang:complaints-2018#3/accept.3"]})
    found.take(SUPERVISOR, "classify", {"track": "joint"})
    return found


def test_an_office_asks_by_its_own_people_and_another_decides() -> None:
    found = complaint()
    (held,) = found.deadlines("joint-reply")
    body = {"deadline_id": str(held.id), **STORM}
    assert refusal(found, CLERK, "ask-justification", body).code == "justifications.not-yours"
    officer = person(Role.UNIT_OFFICER, units=("supervision",))
    assert refusal(found, officer, "ask-justification", body).code == "cases.role-missing", "no unit's part, but an office's"
    found.take(person(Role.INTAKE_CLERK, units=("supervision",)), "ask-justification", body)
    inside = person(Role.SUPERVISOR, units=("supervision",))
    assert refusal(found, inside, "grant-justification", {"reason": "属实"}).code == "justifications.own-unit"
    found.take(person(Role.DECIDING_AUTHORITY), "grant-justification", {"reason": "属实"})
    assert found.deadlines("joint-reply")[0].justified is not None


def test_an_office_that_no_unit_fills_asks_by_whoever_has_the_role() -> None:
    found = complaint()
    assert found.case is not None
    empty = [msgspec.structs.replace(item, holder_unit_id=None) for item in found.case.standing.deadlines]
    standing = msgspec.structs.replace(found.case.standing, deadlines=tuple(empty))
    found.case = msgspec.structs.replace(found.case, standing=standing)
    found.take(CLERK, "ask-justification", {"deadline_id": str(empty[0].id), **STORM})
    assert [item.key for item in found.case.standing.pending] == [JUSTIFICATION]
