"""Ankang's complaints: the package loads, its story comes out as told, and each term ends on its day and not a day later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from msgspec import ValidationError

from core.cases.case import DeadlineNote
from core.errors import Forbidden, Refused, WenzeError
from core.jurisdictions import load_jurisdiction
from tests.jurisdictions.playing import Stage, citations, play, resolve
from tests.jurisdictions.test_ankang_rules import TABLE

CITY = load_jurisdiction(EntryPoint("ankang", "jurisdictions.ankang.plugin:plugin", "wenze.jurisdictions"))
C = "ankang:complaints-2018#"
BEIJING = timezone(timedelta(hours=8))
WINDOW = {"unit_id": "@social-security-window", "part": "lead"}
HOUSING = {"unit_id": "@housing-window", "part": "cooperating"}


def noon(day: date) -> datetime:
    """Noon in Ankang."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=BEIJING).astimezone(UTC)


def received(on: date, channel: str = "phone", **changes: Any) -> Stage:
    """A stage with one accepted complaint, received at noon."""
    stage = Stage.of(CITY)
    stage.now = noon(on)
    body = {
        "channel": channel,
        "title": "题",
        "narrative": "述",
        "rendition": "述",
        "form": "oral",
        "complained_of": "window",
    }
    stage.register("supervisor", "one", "complaint", body | {"receiving_office": "supervision-office"} | changes)
    stage.step("supervisor", "one", "accept", grounds=[C + "3/accept.6"])
    return stage


def on_track(track: str, on: date, **facts: Any) -> Stage:
    """A stage with one classified complaint; a specialist one is dispatched too."""
    stage = received(on, "on-site" if track == "on-site" else "phone")
    stage.step("supervisor", "one", "classify", track=track, **facts)
    if track == "specialist":
        stage.step("supervisor", "one", "dispatch", units=[WINDOW])
    if track == "joint":
        stage.step("supervisor", "one", "hold-meeting", chair="甲", departments=["乙", "丙"], conclusion="丁")
    return stage


def note(stage: Stage, key: str) -> DeadlineNote:
    """The newest deadline of that key."""
    return [item for item in stage.cases["one"].standing.deadlines if item.key == key][-1]


def finish(stage: Stage, key: str) -> None:
    """Does what the deadline asks for."""
    if key.startswith(("window", "redo")):
        stage.step("window-head", "one", "report-result", result="已办")
    else:
        stage.step("supervisor", "one", "reply", text="已答复")


TERMS = [
    # track, facts, deadline, received, due
    ("on-site", {"on_the_spot": False}, "reply-on-site", date(2026, 2, 12), date(2026, 2, 26)),  # make-up 14, rest 15-23
    ("on-site", {"on_the_spot": False}, "reply-on-site", date(2026, 2, 15), date(2026, 2, 28)),  # make-up 28 is the fifth
    ("specialist", {"complex": False}, "window-report", date(2026, 9, 22), date(2026, 9, 30)),  # rest 25-27
    (
        "specialist",
        {"complex": True, "why_complex": "跨省"},
        "window-report-complex",
        date(2026, 9, 22),
        date(2026, 10, 13),
    ),  # make-up 10
    ("joint", {}, "joint-reply", date(2026, 4, 16), date(2026, 5, 18)),  # rest 1-5 May, make-up 9 May
    ("plain", {}, "plain-reply", date(2026, 9, 14), date(2026, 9, 22)),  # the story's seven; make-up 20 September
]


def test_the_package_loads_under_its_own_name() -> None:
    assert (CITY.manifest.id, CITY.manifest.division_code) == ("ankang", "610900")
    assert list(CITY.kinds) == ["complaint", "centre-accountability", "platform-accountability"]
    assert CITY.settings["complaint.plain-reply-term"].clause == C + "5"


def test_the_story_comes_out_as_told() -> None:
    assert {name: case.state for name, case in play(CITY).cases.items()} == {
        "hall": "closed",
        "departments": "closed",
        "insurance": "closed",
        "within": "closed",
        "beyond": "closed",
    }


def test_every_citation_resolves() -> None:
    told = citations(CITY) | {row.refused_by for row in TABLE if row.refused_by}
    assert told
    for reference in told:
        resolve(CITY, reference)


@pytest.mark.parametrize(("track", "facts", "key", "on", "due"), TERMS)
@pytest.mark.parametrize(("late", "state"), [(-1, "met"), (0, "met"), (1, "met-late")])
def test_each_term_the_day_before_the_day_and_the_day_after(
    track: str, facts: dict[str, Any], key: str, on: date, due: date, late: int, state: str
) -> None:
    stage = on_track(track, on, **facts)
    assert (note(stage, key).due_on, note(stage, key).state) == (due, "open")
    stage.now = noon(due + timedelta(days=late))
    finish(stage, key)
    assert note(stage, key).state == state


def test_an_on_site_answer_ends_it_without_a_term() -> None:
    stage = on_track("on-site", date(2026, 2, 12), on_the_spot=True)
    assert stage.cases["one"].standing.deadlines == ()
    assert stage.step("supervisor", "one", "answer-on-the-spot", text="已说明").state == "answered"


def test_what_cannot_be_answered_at_once_gets_the_term_from_receipt() -> None:
    stage = on_track("on-site", date(2026, 2, 12), on_the_spot=True)
    stage.now = noon(date(2026, 2, 13))
    stage.step("supervisor", "one", "defer-answer", why_not_at_once="须核对")
    assert (note(stage, "reply-on-site").due_on, note(stage, "reply-on-site").holder) == (
        date(2026, 2, 26),
        "office:supervision-office",
    )


@pytest.mark.parametrize(
    ("day", "refused"), [(date(2026, 9, 29), False), (date(2026, 9, 30), False), (date(2026, 10, 8), True)]
)
def test_a_matter_is_marked_complex_until_its_first_term_ends(day: date, refused: bool) -> None:
    stage = on_track("specialist", date(2026, 9, 22), complex=False)
    stage.now = noon(day)
    if refused:
        with pytest.raises(Refused) as caught:
            stage.step("supervisor", "one", "mark-complex", why_complex="跨省")
        assert caught.value.clause == C + "6.2/complex"
        return
    stage.step("supervisor", "one", "mark-complex", why_complex="跨省")
    assert note(stage, "window-report").state == "replaced"
    assert note(stage, "window-report-complex").due_on == date(2026, 10, 13)


def test_each_window_unit_has_its_own_term() -> None:
    stage = received(date(2026, 9, 22))
    stage.step("supervisor", "one", "classify", track="specialist", complex=False)
    stage.step("supervisor", "one", "dispatch", units=[WINDOW, HOUSING])
    stage.step("window-head", "one", "report-result", result="已办")
    assert sorted(item.state for item in stage.cases["one"].standing.deadlines) == ["met", "open"]


def test_a_report_that_is_sent_back_has_the_term_stated_then() -> None:
    stage = on_track("specialist", date(2026, 9, 22), complex=False)
    finish(stage, "window-report")
    stage.now = noon(date(2026, 9, 30))
    stage.step(
        "supervisor", "one", "send-back", reason="未答所问", term={"unit": "working_day", "length": 2}, term_reason="简单"
    )
    assert note(stage, "redo-report").due_on == date(2026, 10, 9)


def test_reopening_restarts_the_receipt() -> None:
    stage = on_track("joint", date(2026, 4, 16))
    finish(stage, "joint-reply")
    stage.step("supervisor", "one", "close", substantiated="no", fabricated=False)
    stage.now = noon(date(2026, 6, 1))
    stage.step("supervisor", "one", "reopen", reason="有新情况")
    stage.step("supervisor", "one", "classify", track="specialist", complex=False)
    stage.step("supervisor", "one", "dispatch", units=[WINDOW])
    assert note(stage, "window-report").due_on == date(2026, 6, 8)
    assert stage.cases["one"].standing.taken == ("reopen", "classify", "dispatch")


def test_without_the_tenants_figure_a_plain_complaint_needs_a_stated_one() -> None:
    stage = replace(received(date(2026, 9, 14)), terms={})
    with pytest.raises(Refused) as unset:
        stage.step("supervisor", "one", "classify", track="plain")
    assert (unset.value.code, unset.value.clause) == ("deadlines.term-not-set", C + "5")
    with pytest.raises(Refused) as bare:
        stage.step("supervisor", "one", "classify", track="plain", term={"unit": "working_day", "length": 3})
    assert bare.value.clause == "wenze:readings#r11"
    term = {"unit": "working_day", "length": 3}
    stage.step("supervisor", "one", "classify", track="plain", term=term, term_reason="事项简单")
    assert note(stage, "plain-reply").due_on == date(2026, 9, 17)


REFUSED = [
    # what is tried on a complaint of the track, and the clause by which it is refused
    ("joint", "reply", {"text": "已答复"}, C + "6.3"),
    ("specialist", "reply", {"text": "已答复"}, C + "6.2"),
    ("plain", "reclassify", {"track": "on-site", "on_the_spot": False, "why_reclassified": "误选"}, C + "6.1"),
    ("joint", "dispatch", {"units": [WINDOW]}, C + "6.2"),
    ("joint", "answer-on-the-spot", {"text": "已说明"}, C + "6.1/on-the-spot"),
    ("plain", "hold-meeting", {"chair": "甲", "departments": ["乙", "丙"], "conclusion": "丁"}, C + "6.3"),
    ("plain", "close", {"substantiated": "no", "fabricated": False}, C + "5"),
    ("plain", "accept", {"grounds": [C + "3/accept.1"]}, C + "3"),
]


@pytest.mark.parametrize(("track", "step", "body", "clause"), REFUSED)
def test_a_step_out_of_order_names_its_clause(track: str, step: str, body: dict[str, Any], clause: str) -> None:
    facts = {"specialist": {"complex": False}}.get(track, {})
    stage = received(date(2026, 2, 12))
    stage.step("supervisor", "one", "classify", track=track, **facts)
    with pytest.raises(WenzeError) as caught:
        stage.step("supervisor", "one", step, **body)
    assert caught.value.clause == clause


def test_grounds_must_be_given_and_the_catch_all_needs_its_reason() -> None:
    stage = Stage.of(CITY)
    body = {
        "channel": "phone",
        "title": "题",
        "narrative": "述",
        "rendition": "述",
        "form": "oral",
        "complained_of": "window",
    }
    stage.register("supervisor", "one", "complaint", body | {"receiving_office": "supervision-office"})
    with pytest.raises(ValidationError, match="grounds"):
        stage.step("supervisor", "one", "refuse", reason="不实")
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "accept", grounds=[C + "3/accept.8"])
    assert caught.value.clause == "wenze:readings#r8"
    with pytest.raises(Refused) as elsewhere:
        stage.step("supervisor", "one", "refuse", reason="已起诉", grounds=["wenze:house#elsewhere/litigation"])
    assert elsewhere.value.clause == "wenze:house#elsewhere"
    assert stage.step("supervisor", "one", "refuse", reason="不实", grounds=[C + "3/refuse.2"]).state == "refused"


def test_a_way_that_the_text_does_not_name_needs_its_reason_and_basis() -> None:
    with pytest.raises(Refused) as caught:
        received(date(2026, 2, 12), "other")
    assert caught.value.clause == "wenze:readings#r8"
    given = {"catch_all_reason": "来信", "catch_all_basis": "办法第三条“等途径”"}
    assert received(date(2026, 2, 12), "other", **given).cases["one"].state == "accepted"


def test_what_turns_out_to_need_several_departments_changes_its_track_in_time() -> None:
    stage = on_track("specialist", date(2026, 4, 16), complex=False)
    stage.now = noon(date(2026, 4, 23))  # the window's last day
    stage.step("supervisor", "one", "reclassify", track="joint", why_reclassified="须两部门共同解决")
    assert (note(stage, "window-report").state, note(stage, "joint-reply").due_on) == ("lapsed", date(2026, 5, 18))
    late = on_track("specialist", date(2026, 4, 16), complex=False)
    late.now = noon(date(2026, 4, 24))
    with pytest.raises(Refused) as caught:
        late.step("supervisor", "one", "reclassify", track="joint", why_reclassified="须两部门共同解决")
    assert caught.value.clause == C + "6"


def test_what_went_to_the_wrong_window_is_taken_back_and_the_right_one_reports() -> None:
    stage = on_track("specialist", date(2026, 9, 22), complex=False)
    finish(stage, "window-report")
    stage.step("supervisor", "one", "reclassify", track="specialist", complex=False, why_reclassified="不属该窗口")
    with pytest.raises(WenzeError) as caught:
        stage.step("supervisor", "one", "reply", text="已答复")
    assert caught.value.clause == C + "6.2"
    stage.step("supervisor", "one", "dispatch", units=[HOUSING | {"part": "lead"}])
    assert (note(stage, "window-report").due_on, note(stage, "window-report").state) == (date(2026, 9, 30), "open")


def test_the_duty_office_answers_what_was_said_on_site_and_nothing_else() -> None:
    on_site = on_track("on-site", date(2026, 2, 12), on_the_spot=False)
    assert on_site.step("duty-clerk", "one", "reply-by-duty-office", text="已答复").state == "answered"
    assert note(on_site, "reply-on-site").state == "met"
    for track in ("joint", "plain"):
        stage = on_track(track, date(2026, 2, 12))
        with pytest.raises(WenzeError):
            stage.step("duty-clerk", "one", "reply-by-duty-office", text="已答复")
        with pytest.raises(Forbidden):
            stage.step("duty-clerk", "one", "reply", text="已答复")


def test_a_refusal_is_decided_anew() -> None:
    stage = Stage.of(CITY)
    body = {
        "channel": "phone",
        "title": "题",
        "narrative": "述",
        "rendition": "述",
        "form": "oral",
        "complained_of": "window",
    }
    stage.register("supervisor", "one", "complaint", body | {"receiving_office": "supervision-office"})
    stage.step("supervisor", "one", "refuse", reason="不实", grounds=[C + "3/refuse.2"])
    assert stage.step("supervisor", "one", "reconsider", reason="材料经核实属实").state == "registered"
    assert stage.step("supervisor", "one", "accept", grounds=[C + "3/accept.1"]).state == "accepted"


def test_a_refused_complaint_that_was_made_up_is_referred_to_somebody() -> None:
    stage = Stage.of(CITY)
    body = {
        "channel": "phone",
        "title": "题",
        "narrative": "述",
        "rendition": "述",
        "form": "oral",
        "complained_of": "window",
    }
    stage.register("supervisor", "one", "complaint", body | {"receiving_office": "supervision-office"})
    refusal = {"reason": "捏造", "grounds": [C + "3/refuse.2"], "fabricated": True}
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "refuse", **refusal)
    assert caught.value.clause == C + "8"
    assert stage.step("supervisor", "one", "refuse", **refusal, receiver="市公安局").state == "refused"


def test_a_fabricated_complaint_is_referred_to_somebody() -> None:
    stage = on_track("plain", date(2026, 2, 12))
    finish(stage, "plain-reply")
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "close", substantiated="no", fabricated=True)
    assert caught.value.clause == C + "8"
    closed = stage.step("supervisor", "one", "close", substantiated="no", fabricated=True, receiver="市公安局")
    assert closed.state == "closed"


def test_an_unlisted_measure_needs_its_reason() -> None:
    stage = on_track("plain", date(2026, 2, 12))
    finish(stage, "plain-reply")
    with pytest.raises(Refused) as caught:
        stage.step("supervisor", "one", "close", substantiated="yes", measures=["other"], fabricated=False)
    assert caught.value.clause == "wenze:readings#r8"
