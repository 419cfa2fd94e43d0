"""An inspection matter's procedure: the rhythm 13710 for each unit, returns, assessment, and what a step needs before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec import ValidationError

from core.cases.case import DeadlineNote
from core.errors import Forbidden, WenzeError
from tests.jurisdictions.counting import calendar_days_after, next_working_day
from tests.jurisdictions.playing import Stage, load, unit_id

CITY = load("jincheng")
P, RHYTHM = "jincheng:points-2017#", "jincheng:accountability-2017#5.2"
UNITS = [{"unit_id": "@housing-bureau", "part": "lead"}, {"unit_id": "@water-group", "part": "cooperating"}]
TWO_WEEKS = {"unit": "working_day", "length": 10}
MARCH_2 = date(2026, 3, 2)


def morning(day: date) -> datetime:
    """09:00 in Jincheng."""
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


def registered(day: date = MARCH_2, channel: str = "city", **facts: Any) -> Stage:
    """A matter, just registered."""
    stage = Stage.of(CITY)
    stage.now = morning(day)
    told = {"channel": channel, "title": "重点任务", "narrative": "进度滞后", "source": "政府工作报告"}
    stage.register("inspector", "one", "inspection-matter", {**told, **facts})
    return stage


def classified(day: date = MARCH_2, track: str = "ordinary") -> Stage:
    """One that is included and classified."""
    stage = registered(day)
    stage.step("inspector", "one", "accept", passive=False)
    stage.step("inspector", "one", "classify", track=track)
    return stage


def dispatched(day: date = MARCH_2, track: str = "ordinary") -> Stage:
    """One that is with a lead and a cooperating unit."""
    stage = classified(day, track)
    stage.step("inspector", "one", "dispatch", units=UNITS)
    return stage


def handled() -> Stage:
    """One that both units have reported as done."""
    stage = dispatched()
    stage.step("water-officer", "one", "report-part", part_result="已配合")
    stage.step("housing-officer", "one", "report-result", result="已完成")
    return stage


def notes(stage: Stage, key: str) -> dict[str, DeadlineNote]:
    """The newest deadline of that key of each holder, by the unit's key."""
    names = {unit_id(unit.key): unit.key for unit in stage.units}
    found = [note for note in stage.cases["one"].standing.deadlines if note.key == key]
    return {names[note.holder_unit_id]: note for note in found if note.holder_unit_id}


def refused(stage: Stage, who: str, step: str, **body: Any) -> str | None:
    with pytest.raises(WenzeError) as caught:
        stage.step(who, "one", step, **body)
    return caught.value.clause


TERMS = [
    # track, term, day of the dispatch, due
    ("ordinary", "report-back", date(2026, 3, 2), date(2026, 3, 5)),
    ("ordinary", "report-back", date(2026, 3, 4), date(2026, 3, 9)),  # the 3rd day is a Saturday
    ("ordinary", "report-back", date(2026, 4, 30), date(2026, 5, 6)),  # Labour Day
    ("ordinary", "settle-ordinary", date(2026, 3, 2), date(2026, 3, 9)),
    ("ordinary", "settle-ordinary", date(2026, 2, 7), date(2026, 2, 14)),  # a Saturday that works: it stands
    ("ordinary", "settle-ordinary", date(2026, 9, 24), date(2026, 10, 8)),  # National Day
    ("major", "settle-major", date(2026, 3, 2), date(2026, 4, 2)),
    ("major", "settle-major", date(2026, 1, 31), date(2026, 2, 28)),  # the month's last day, a Saturday that works
    ("major", "settle-major", date(2026, 4, 9), date(2026, 5, 9)),  # a Saturday that works: it stands
    ("major", "settle-major", date(2026, 3, 4), date(2026, 4, 7)),  # Tomb-sweeping Day
]


@pytest.mark.parametrize(("track", "key", "day", "due_on"), TERMS)
def test_each_unit_has_the_term(track: str, key: str, day: date, due_on: date) -> None:
    found = notes(dispatched(day, track), key)
    assert {unit: (note.due_on, note.clause) for unit, note in found.items()} == {
        "housing-bureau": (due_on, RHYTHM),
        "water-group": (due_on, RHYTHM),
    }
    days = {"report-back": 3, "settle-ordinary": 7}
    counted = calendar_days_after(day, days[key]) if key in days else next_working_day(due_on)
    assert counted == due_on


@pytest.mark.parametrize(("track", "key", "day", "due_on"), TERMS)
@pytest.mark.parametrize(
    ("off", "state"), [(timedelta(hours=-24), "met"), (timedelta(seconds=-1), "met"), (timedelta(), "met-late")]
)
def test_term_s_last_moment(track: str, key: str, day: date, due_on: date, off: timedelta, state: str) -> None:
    stage = dispatched(day, track)
    stage.now = morning(due_on) + timedelta(hours=15) + off
    stage.step("water-officer", "one", "report-part", part_result="已配合")
    assert notes(stage, key)["water-group"].state == state
    assert notes(stage, key)["housing-bureau"].state == "open"


@pytest.mark.parametrize(("off", "state"), [(timedelta(seconds=-1), "met"), (timedelta(), "met-late")])
def test_deployed_the_same_day(off: timedelta, state: str) -> None:
    stage = classified()
    deploy = notes(stage, "deploy")["inspection-office"]
    assert (deploy.due_on, deploy.clause, deploy.holder) == (MARCH_2, RHYTHM, "office:inspection-office")
    stage.now = morning(MARCH_2) + timedelta(hours=15) + off
    stage.step("inspector", "one", "dispatch", units=UNITS)
    assert notes(stage, "deploy")["inspection-office"].state == state


@pytest.mark.parametrize("track", ["ordinary", "major"])
def test_a_track_has_its_own_term_alone(track: str) -> None:
    keys = {note.key for note in dispatched(track=track).cases["one"].standing.deadlines}
    assert keys == {"deploy", "report-back", f"settle-{track}"}


def test_deploying_is_due_on_the_day_of_receipt_however_late_it_is_included() -> None:
    stage = registered()
    stage.now = morning(date(2026, 3, 4))
    stage.step("inspector", "one", "accept", passive=False)
    assert notes(stage, "deploy")["inspection-office"].due_on == MARCH_2


def test_where_no_figure_is_set_the_step_asks_for_it() -> None:
    bare = replace(registered(), terms={})
    assert refused(bare, "inspector", "accept", passive=False) == RHYTHM
    same_day = {"unit": "same_day", "length": 0}
    assert refused(bare, "inspector", "accept", passive=False, term=same_day) == "wenze:readings#r11"
    bare.step("inspector", "one", "accept", passive=False, term=same_day, term_reason="省政府要求")
    assert notes(bare, "deploy")["inspection-office"].due_on == MARCH_2


def test_a_dispatch_asks_for_each_figure_that_is_not_set() -> None:
    bare = replace(classified(), terms={})
    three_days = {"report_back_term": {"unit": "calendar_day", "length": 3}, "report_back_term_reason": "省政府要求"}
    settled = [unit | {"term": TWO_WEEKS, "term_reason": "省政府要求"} for unit in UNITS]
    assert refused(bare, "inspector", "dispatch", units=settled) == RHYTHM
    assert refused(bare, "inspector", "dispatch", units=UNITS, **three_days) == RHYTHM
    bare.step("inspector", "one", "dispatch", units=settled, **three_days)
    assert notes(bare, "report-back")["water-group"].due_on == date(2026, 3, 5)
    assert notes(bare, "settle-ordinary")["water-group"].due_on == date(2026, 3, 16)


def test_a_unit_s_stated_term_goes_before_the_setting() -> None:
    stage = classified()
    stated = [UNITS[0], UNITS[1] | {"term": TWO_WEEKS, "term_reason": "工程量大"}]
    stage.step("inspector", "one", "dispatch", units=stated)
    found = {unit: note.due_on for unit, note in notes(stage, "settle-ordinary").items()}
    assert found == {"housing-bureau": date(2026, 3, 9), "water-group": date(2026, 3, 16)}


def test_reporting_back_leaves_the_settling_open() -> None:
    stage = dispatched()
    stage.step("housing-officer", "one", "report-progress", progress="已进场")
    assert notes(stage, "report-back")["housing-bureau"].state == "met"
    assert notes(stage, "settle-ordinary")["housing-bureau"].state == "open"


EARLY: list[tuple[Callable[[], Stage], str, str, dict[str, Any], str]] = [
    # what was done, who does which step too early, with what, clause
    (registered, "inspector", "classify", {"track": "ordinary"}, RHYTHM),
    (registered, "inspector", "dispatch", {"units": UNITS}, RHYTHM),
    (dispatched, "inspector", "assess", {"grade": "good"}, P + "11.3/finished"),
    (handled, "inspector", "close", {}, P + "11.3/finished"),
    (dispatched, "inspector", "send-back", {"reason": "不实"}, P + "12.3/returned"),
    (classified, "inspector", "dispatch", {"units": [UNITS[1]]}, "wenze:house#lead"),
]


@pytest.mark.parametrize(("before", "who", "step", "body", "clause"), EARLY)
def test_out_of_order(before: Callable[[], Stage], who: str, step: str, body: dict[str, Any], clause: str) -> None:
    assert refused(before(), who, step, **body) == clause


@pytest.mark.parametrize("grade", ["excellent", "good", "qualified", "unqualified"])
def test_assessed_and_closed(grade: str) -> None:
    stage = handled()
    assert stage.step("inspector", "one", "assess", grade=grade).facts["grade"] == grade
    assert stage.step("inspector", "one", "close").state == "closed"


def test_a_returned_report_has_a_term_that_somebody_states() -> None:
    stage = handled()
    assert refused(stage, "inspector", "send-back", reason="数据不实") == P + "12.3/returned"
    stage.step("inspector", "one", "send-back", reason="数据不实", term=TWO_WEEKS, term_reason="需重新核实")
    assert {unit: note.due_on for unit, note in notes(stage, "redo").items()} == {"housing-bureau": date(2026, 3, 16)}
    stage.step("housing-officer", "one", "report-result", result="已核实")
    assert notes(stage, "redo")["housing-bureau"].state == "met"


def test_after_a_return_the_matter_is_assessed_anew() -> None:
    stage = handled()
    stage.step("inspector", "one", "assess", grade="unqualified")
    stage.step("inspector", "one", "send-back", reason="不合格", term=TWO_WEEKS, term_reason="需返工")
    stage.step("housing-officer", "one", "report-result", result="已返工")
    assert refused(stage, "inspector", "close") == P + "11.3/finished"


def test_a_matter_is_closed_with_a_unit_s_term_open_for_a_reason_only() -> None:
    stage = dispatched()
    stage.step("housing-officer", "one", "report-result", result="已完成")
    stage.step("inspector", "one", "assess", grade="good")
    assert refused(stage, "inspector", "close") == RHYTHM
    assert stage.step("inspector", "one", "close", left_open_reason="并入牵头单位").state == "closed"
    assert notes(stage, "settle-ordinary")["water-group"].state == "lapsed"


def test_an_evaluated_matter_says_how_it_was_evaluated() -> None:
    with pytest.raises(WenzeError) as caught:
        registered(channel="evaluation")
    assert caught.value.clause == P + "8"
    assert registered(channel="evaluation", evaluation=P + "8/experts").cases["one"].state == "registered"


def test_acceptance_says_whether_it_was_passive() -> None:
    with pytest.raises(ValidationError, match="passive"):
        registered().step("inspector", "one", "accept")


@pytest.mark.parametrize(
    ("who", "step", "body"),
    [
        ("water-officer", "report-result", {"result": "x"}),
        ("housing-officer", "report-part", {"part_result": "x"}),
        ("road-officer", "report-progress", {"progress": "x"}),
    ],
)
def test_each_unit_acts_in_its_own_part(who: str, step: str, body: dict[str, Any]) -> None:
    with pytest.raises(Forbidden) as caught:
        dispatched().step(who, "one", step, **body)
    assert caught.value.clause == "wenze:house#membership"


def test_a_matter_classified_wrongly_is_classified_anew_before_it_goes_out() -> None:
    stage = classified()
    stage.step("inspector", "one", "reclassify", track="major", why_reclassified="涉及多个县区")
    stage.step("inspector", "one", "dispatch", units=UNITS)
    assert notes(stage, "settle-major")["housing-bureau"].due_on == date(2026, 4, 2)
    assert notes(stage, "settle-ordinary") == {}


def test_a_unit_without_the_matter_is_not_reminded_of_it() -> None:
    body = {"text": "请反馈", "node": "report-back", "reminded_units": ["@road-centre"]}
    assert refused(dispatched(), "inspector", "remind", **body) == "wenze:house#membership"


def test_a_reminder_names_its_node_and_units() -> None:
    stage = dispatched()
    case = stage.step("inspector", "one", "remind", text="请反馈", node="report-back", reminded_units=["@water-group"])
    assert (case.state, case.facts.get("node")) == ("handling", None)


def test_a_reopened_matter_is_deployed_anew() -> None:
    stage = registered()
    stage.step("inspector", "one", "refuse", reason="重复事项")
    stage.now = morning(date(2026, 3, 10))
    stage.step("inspector", "one", "reopen", reason="情况有变")
    stage.step("inspector", "one", "accept", passive=True)
    assert notes(stage, "deploy")["inspection-office"].due_on == date(2026, 3, 10)
