"""A finding's procedure: the five tracks, each with its term, its starting event and what its clause asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.cases.case import DeadlineNote
from core.errors import WenzeError
from tests.jurisdictions.counting import calendar_days_after
from tests.jurisdictions.playing import Stage, load, unit_id

CITY = load("jincheng")
R = "jincheng:rapid-2017#"
LEAD, COOPERATING = "transport-bureau", "road-centre"
UNITS = [{"unit_id": f"@{LEAD}", "part": "lead"}, {"unit_id": f"@{COOPERATING}", "part": "cooperating"}]
CHANNELS = {"superior": "handover", "cross-department": "grassroots"}
TEN_DAYS = {"unit": "calendar_day", "length": 10}
MARCH_2 = date(2026, 3, 2)


def morning(day: date) -> datetime:
    """09:00 in Jincheng."""
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


def classified(track: str, severity: str | None = None, day: date = MARCH_2) -> Stage:
    """A finding of that day on a track."""
    stage = Stage.of(CITY)
    stage.now = morning(day)
    told = {"channel": CHANNELS.get(track, "inspection"), "title": "问题", "narrative": "督查发现", "source": "第一督查组"}
    stage.register("inspector", "one", "finding", told)
    stage.step("inspector", "one", "classify", track=track, **({"severity": severity} if severity else {}))
    if track == "cross-department":
        stage.step("leader", "one", "consent-to-inquiry", consent_document="市政府批示", consented_on=day.isoformat())
    return stage


def demand(track: str, day: date = MARCH_2, **changes: Any) -> dict[str, Any]:
    """What the clause of a track asks of a dispatch, its terms running from that day."""
    at = morning(day).isoformat()
    by_track: dict[str, dict[str, Any]] = {
        "superior": {"demand_received_at": at, "responsible_persons": ["分管副局长"]},
        "provincial-city": {"demand_received_at": at},
        "cross-department": {"inspection_ended_at": at, "on_the_spot": "当场协调"},
        "misconduct": {"inspection_ended_at": at, "on_the_spot": "当场约谈"},
        "sudden": {},
    }
    return {"units": UNITS, "demand": "立即整改", "group_head": "组长"} | by_track[track] | changes


def with_term(**figure: Any) -> list[dict[str, Any]]:
    """Both units, each with the group's own term."""
    return [unit | {"term": figure, "term_reason": "督查组要求"} for unit in UNITS]


def dispatched(track: str, severity: str | None = None, day: date = MARCH_2, **changes: Any) -> Stage:
    """A finding whose rectification has been demanded."""
    stage = classified(track, severity, day)
    stage.step("inspector", "one", "dispatch", **demand(track, day, **changes))
    return stage


def rectified(track: str, severity: str | None = None) -> Stage:
    """One that both units have rectified and the inspection office has checked."""
    stage = dispatched(track, severity)
    stage.step("road-officer", "one", "report-part", part_report="已整改")
    stage.step("transport-officer", "one", "report-rectification", report="已整改")
    stage.step("inspector", "one", "accept-rectification")
    return stage


def notes(stage: Stage, key: str) -> dict[str, DeadlineNote]:
    """The newest deadline of that key of each unit, by the unit's key."""
    names = {unit_id(unit.key): unit.key for unit in stage.units}
    found = [note for note in stage.cases["one"].standing.deadlines if note.key == key]
    return {names[note.holder_unit_id]: note for note in found if note.holder_unit_id}


def refused(stage: Stage, who: str, step: str, **body: Any) -> str | None:
    with pytest.raises(WenzeError) as caught:
        stage.step(who, "one", step, **body)
    return caught.value.clause


TERMS = [
    # track, severity, term, clause, days, the day it starts, due
    ("superior", "ordinary", "superior-ordinary", "2.1/ordinary", 7, date(2026, 3, 2), date(2026, 3, 9)),
    ("superior", "ordinary", "superior-ordinary", "2.1/ordinary", 7, date(2026, 5, 10), date(2026, 5, 18)),
    ("superior", "major", "superior-major", "2.1/major", 30, date(2026, 9, 17), date(2026, 10, 19)),
    ("provincial-city", "ordinary", "provincial-city-ordinary", "2.2/ordinary", 7, date(2026, 3, 2), date(2026, 3, 9)),
    ("provincial-city", "major", "provincial-city-major", "2.2/major", 30, date(2026, 3, 2), date(2026, 4, 1)),
    ("cross-department", None, "cross-department", "2.3", 3, date(2026, 1, 9), date(2026, 1, 12)),
    ("cross-department", None, "cross-department", "2.3", 3, date(2026, 5, 6), date(2026, 5, 9)),  # works, so it stands
    ("misconduct", None, "feedback", "2.4", 7, date(2026, 9, 20), date(2026, 9, 28)),  # Mid-autumn Festival
    ("misconduct", None, "feedback", "2.4", 7, date(2026, 10, 3), date(2026, 10, 10)),  # works, so it stands
]


@pytest.mark.parametrize(("track", "severity", "key", "clause", "days", "day", "due_on"), TERMS)
def test_each_unit_has_the_term(
    track: str, severity: str | None, key: str, clause: str, days: int, day: date, due_on: date
) -> None:
    stage = dispatched(track, severity, day)
    assert {unit: (note.due_on, note.clause) for unit, note in notes(stage, key).items()} == {
        LEAD: (due_on, R + clause),
        COOPERATING: (due_on, R + clause),
    }
    assert len(stage.cases["one"].standing.deadlines) == 2
    assert calendar_days_after(day, days) == due_on


@pytest.mark.parametrize(("track", "severity", "key", "clause", "days", "day", "due_on"), TERMS)
@pytest.mark.parametrize(
    ("off", "state"), [(timedelta(hours=-24), "met"), (timedelta(seconds=-1), "met"), (timedelta(), "met-late")]
)
def test_term_s_last_moment(
    track: str, severity: str | None, key: str, clause: str, days: int, day: date, due_on: date, off: timedelta, state: str
) -> None:
    stage = dispatched(track, severity, day)
    stage.now = morning(due_on) + timedelta(hours=15) + off
    stage.step("transport-officer", "one", "report-rectification", report="已整改")
    assert (notes(stage, key)[LEAD].state, notes(stage, key)[COOPERATING].state) == (state, "open")


def test_the_term_runs_from_its_own_event_and_not_from_the_dispatch() -> None:
    stage = classified("misconduct", day=date(2026, 3, 5))
    stage.step("inspector", "one", "dispatch", **demand("misconduct", MARCH_2))
    assert notes(stage, "feedback")[LEAD].due_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("track", "severity", "key"),
    [
        ("superior", "major", "superior-major"),
        ("provincial-city", "ordinary", "provincial-city-ordinary"),
        ("misconduct", None, "feedback"),
        ("sudden", None, "sudden-feedback"),
    ],
)
def test_the_group_s_own_term_goes_first(track: str, severity: str | None, key: str) -> None:
    stage = dispatched(track, severity, units=with_term(**TEN_DAYS))
    assert notes(stage, key)[LEAD].due_on == calendar_days_after(MARCH_2, 10) == date(2026, 3, 12)


def test_the_three_days_of_2_3_are_not_the_group_s_to_change() -> None:
    body = demand("cross-department", units=with_term(**TEN_DAYS))
    assert refused(classified("cross-department"), "inspector", "dispatch", **body) == R + "2.3"
    assert notes(dispatched("cross-department"), "cross-department")[LEAD].due_on == date(2026, 3, 5)


def test_a_sudden_matter_has_no_term_in_the_text() -> None:
    assert refused(classified("sudden"), "inspector", "dispatch", **demand("sudden")) == R + "2.5"


@pytest.mark.parametrize("track", ["superior", "provincial-city"])
def test_severity_is_asked_where_the_term_turns_on_it(track: str) -> None:
    with pytest.raises(WenzeError) as caught:
        classified(track)
    assert caught.value.clause == R + "2"


MISSING = [
    # track, severity, what is left out, clause
    ("superior", "ordinary", "demand_received_at", "2"),
    ("superior", "ordinary", "responsible_persons", "2.1"),
    ("provincial-city", "major", "demand_received_at", "2"),
    ("cross-department", None, "inspection_ended_at", "2"),
    ("cross-department", None, "on_the_spot", "2"),
    ("misconduct", None, "inspection_ended_at", "2"),
    ("misconduct", None, "on_the_spot", "2"),
]


@pytest.mark.parametrize(("track", "severity", "missing", "clause"), MISSING)
def test_what_a_clause_asks_of_the_dispatch(track: str, severity: str | None, missing: str, clause: str) -> None:
    given = {key: value for key, value in demand(track).items() if key != missing}
    assert refused(classified(track, severity), "inspector", "dispatch", **given) == R + clause


def test_2_3_needs_the_city_government_s_consent_first() -> None:
    stage = Stage.of(CITY)
    told = {"channel": "grassroots", "title": "推诿", "narrative": "两部门互相推诿", "source": "县区反馈"}
    stage.register("inspector", "one", "finding", told)
    stage.step("inspector", "one", "classify", track="cross-department")
    assert refused(stage, "inspector", "dispatch", **demand("cross-department", date(2026, 2, 27))) == R + "2.3"
    stage.step("leader", "one", "consent-to-inquiry", consent_document="批示", consented_on="2026-02-27")
    assert refused(stage, "inspector", "dispatch", **demand("cross-department", date(2026, 2, 26))) == R + "2.3"
    assert stage.step("inspector", "one", "dispatch", **demand("cross-department", date(2026, 2, 27))).state == "handling"


def test_2_3_settles_at_once_or_by_a_plan_with_a_definite_term() -> None:
    stage = dispatched("cross-department")
    stage.step("transport-officer", "one", "file-plan", plan="联合修订指南", term=TEN_DAYS, term_reason="需征求意见")
    assert notes(stage, "cross-department")[LEAD].state == "met"
    assert notes(stage, "planned-solution")[LEAD].due_on == date(2026, 3, 12)
    longer = {"plan": "再延期", "term": {"unit": "calendar_day", "length": 60}, "term_reason": "难度大"}
    assert refused(stage, "transport-officer", "file-plan", **longer) == R + "2.3"
    stage.step("transport-officer", "one", "report-rectification", report="已解决")
    assert notes(stage, "planned-solution")[LEAD].state == "met"


def test_a_plan_is_for_2_3_alone() -> None:
    plan = {"plan": "方案", "term": TEN_DAYS, "term_reason": "需要时间"}
    assert refused(dispatched("misconduct"), "transport-officer", "file-plan", **plan) == R + "2.3"


def test_2_1_is_reported_up_after_consent_and_before_it_closes() -> None:
    stage = rectified("superior", "ordinary")
    assert refused(stage, "inspector", "close") == R + "2.1"
    assert refused(stage, "inspector", "report-up", report_document="报告") == R + "2.1"
    stage.step("leader", "one", "consent-to-report", report_consent_document="常务会议纪要")
    stage.step("inspector", "one", "report-up", report_document="报告")
    assert stage.step("inspector", "one", "close").state == "closed"


def test_2_2_closes_without_a_report_up() -> None:
    assert rectified("provincial-city", "ordinary").step("inspector", "one", "close").state == "closed"


def test_2_4_is_published_before_it_closes() -> None:
    stage = rectified("misconduct")
    assert refused(stage, "inspector", "close") == R + "2.4"
    stage.step("inspector", "one", "publish", outlet="portal", publication="已整改")
    assert stage.step("inspector", "one", "close").state == "closed"


EARLY: list[tuple[Callable[[], Stage], str, str, dict[str, Any], str]] = [
    (lambda: classified("misconduct"), "inspector", "accept-rectification", {}, "3.3"),
    (lambda: dispatched("misconduct"), "inspector", "accept-rectification", {}, "3.3"),
    (lambda: dispatched("misconduct"), "inspector", "publish", {"outlet": "media", "publication": "x"}, "2.4"),
    (lambda: dispatched("misconduct"), "inspector", "close", {}, "3.3"),
    (lambda: rectified("misconduct"), "inspector", "report-up", {"report_document": "x"}, "2.1"),
    (lambda: rectified("provincial-city", "major"), "inspector", "publish", {"outlet": "media", "publication": "x"}, "2.4"),
]


@pytest.mark.parametrize(("before", "who", "step", "body", "clause"), EARLY)
def test_out_of_order(before: Callable[[], Stage], who: str, step: str, body: dict[str, Any], clause: str) -> None:
    assert refused(before(), who, step, **body) == R + clause


def test_a_finding_closes_with_a_unit_s_term_open_for_a_reason_only() -> None:
    stage = dispatched("provincial-city", "ordinary")
    stage.step("transport-officer", "one", "report-rectification", report="已整改")
    stage.step("inspector", "one", "accept-rectification")
    assert refused(stage, "inspector", "close") == R + "3.3"
    assert stage.step("inspector", "one", "close", left_open_reason="并入牵头单位").state == "closed"


def test_what_is_not_rectified_is_sent_back_with_a_term_that_somebody_states() -> None:
    stage = dispatched("misconduct")
    stage.step("transport-officer", "one", "report-rectification", report="部分整改")
    assert refused(stage, "inspector", "send-back", reason="整改不到位") == R + "3.3"
    stage.step("inspector", "one", "send-back", reason="整改不到位", term=TEN_DAYS, term_reason="余下一项")
    assert notes(stage, "redo")[LEAD].due_on == date(2026, 3, 12)


def test_a_rectification_that_fails_twice_has_a_new_term_each_time_and_the_first_stays_late() -> None:
    stage = dispatched("misconduct")
    stage.now = morning(date(2026, 3, 10))
    for attempt in (1, 2):
        stage.step("transport-officer", "one", "report-rectification", report=f"第{attempt}次整改")
        stage.step("inspector", "one", "send-back", reason="整改不到位", term=TEN_DAYS, term_reason="余下一项")
    states = [note.state for note in stage.cases["one"].standing.deadlines if note.holder_unit_id == unit_id(LEAD)]
    assert states == ["met-late", "met", "open"]


def test_what_the_government_does_not_consent_to_report_is_sent_back_until_it_has() -> None:
    stage = rectified("superior", "ordinary")
    again = {"reason": "市政府未同意上报", "term": TEN_DAYS, "term_reason": "市政府要求"}
    assert stage.step("inspector", "one", "send-back", **again).state == "handling"
    stage.step("transport-officer", "one", "report-rectification", report="已整改")
    stage.step("inspector", "one", "accept-rectification")
    stage.step("leader", "one", "consent-to-report", report_consent_document="常务会议纪要")
    assert refused(stage, "inspector", "send-back", **again) == "wenze:house#reopening"


def test_without_consent_to_an_inquiry_the_matter_takes_another_track_or_is_refused() -> None:
    for step, body in (
        ("reclassify", {"track": "misconduct", "why_reclassified": "市政府未同意，按作风问题处置"}),
        ("refuse", {"reason": "市政府未同意"}),
    ):
        stage = Stage.of(CITY)
        told = {"channel": "grassroots", "title": "推诿", "narrative": "两部门互相推诿", "source": "县区反馈"}
        stage.register("inspector", "one", "finding", told)
        stage.step("inspector", "one", "classify", track="cross-department")
        above = {"track": "superior", "severity": "major", "why_reclassified": "误选"}
        assert refused(stage, "inspector", "reclassify", **above) == R + "2.1"
        assert stage.step("inspector", "one", step, **body).state in {"classified", "refused"}


def test_each_policy_making_unit_reports_in_three_days_by_a_plan_of_its_own() -> None:
    stage = dispatched("cross-department")
    stage.step("road-officer", "one", "file-part-plan", part_plan="修订指南", solved_by="2026-03-31")
    found = notes(stage, "cross-department")
    assert (found[COOPERATING].state, found[LEAD].state) == ("met", "open")


def test_the_inspection_cannot_end_after_the_dispatch() -> None:
    stage = classified("misconduct")
    assert refused(stage, "inspector", "dispatch", **demand("misconduct", date(2026, 3, 3))) == "wenze:house#time"


def test_a_source_that_the_clause_does_not_name_is_refused() -> None:
    stage = Stage.of(CITY)
    stage.register("inspector", "one", "finding", {"channel": "inspection", "title": "x", "narrative": "x", "source": "x"})
    assert refused(stage, "inspector", "classify", track="cross-department") == R + "2.3"


@pytest.mark.parametrize("way", ["litigation", "arbitration", "review", "discipline", "petition"])
def test_what_belongs_elsewhere_is_refused_with_the_way_that_is_open(way: str) -> None:
    stage = Stage.of(CITY)
    stage.register("inspector", "one", "finding", {"channel": "inspection", "title": "x", "narrative": "x", "source": "x"})
    body = {"reason": "另有途径", "grounds": [f"wenze:house#elsewhere/{way}"]}
    assert refused(stage, "inspector", "refuse", **body) == "wenze:house#elsewhere"
    assert stage.step("inspector", "one", "refuse", **body, open_way="移送").state == "refused"
