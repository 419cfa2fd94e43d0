"""A tip-off's procedure: what follows from what, under which clause, and each term's day before, day and day after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec import ValidationError

from core.cases.case import DeadlineNote
from core.errors import Forbidden, WenzeError
from core.procedure import Role
from core.story import StoryPerson
from tests.jurisdictions.counting import calendar_days_after, working_days_after
from tests.jurisdictions.playing import Stage, load, unit_id

CITY = load("baoding")
B = "baoding:tip-offs-2010#"
RECEIVED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Baoding, no holiday for a month
ACT = [B + "4.5"]
TRANSFERRED = {
    "units": [{"unit_id": "@disclosure-office", "part": "lead"}, {"unit_id": "@housing-bureau", "part": "cooperating"}],
    "rendition": "某单位职权目录未更新",
    "identity_removed": True,
}
CLOSING = {"substantiated": "yes", "result_disclosed": True}


def received(*, named: bool = True, at: datetime = RECEIVED, **facts: Any) -> Stage:
    """A tip-off by letter, just registered."""
    stage = Stage.of(CITY)
    stage.now = at
    petitioner = {"petitioner": {"name": "王岩"}} if named else {}
    told = {"channel": "letter", "title": "目录未公开", "narrative": "来信反映", "subject": "某局", "acts": ACT}
    stage.register("clerk", "one", "tip-off", {**told, **petitioner, **facts})
    return stage


def classified(track: str, *, named: bool = True, at: datetime = RECEIVED) -> Stage:
    """One that is accepted and classified."""
    stage = received(named=named, at=at)
    stage.step("clerk", "one", "accept", subject_class="administrative-organ")
    stage.step("clerk", "one", "classify", track=track)
    return stage


def handled(*, named: bool = True) -> Stage:
    """One that was transferred and about which the unit has reported."""
    stage = classified("transfer", named=named)
    stage.step("clerk", "one", "transfer", **TRANSFERRED)
    stage.step("officer", "one", "report-result", result="已更新")
    return stage


def note(stage: Stage, key: str) -> DeadlineNote:
    return next(note for note in reversed(stage.cases["one"].standing.deadlines) if note.key == key)


def refused(stage: Stage, who: str, step: str, **body: Any) -> str | None:
    with pytest.raises(WenzeError) as caught:
        stage.step(who, "one", step, **body)
    return caught.value.clause


def test_only_a_named_tip_off_has_the_seven_days() -> None:
    assert [item.key for item in received(named=True).cases["one"].standing.deadlines] == ["status-report"]
    assert received(named=False).cases["one"].standing.deadlines == ()


TERMS = [
    # term, clause, the day it starts, due
    ("status-report", "7.5", date(2026, 3, 2), date(2026, 3, 9)),
    ("status-report", "7.5", date(2026, 2, 12), date(2026, 2, 24)),  # the 7th day lies in the Spring Festival
    ("status-report", "7.5", date(2026, 10, 3), date(2026, 10, 10)),  # a Saturday that works: it stands
    ("status-report", "7.5", date(2026, 3, 7), date(2026, 3, 16)),  # the 7th day is a Saturday
    ("transfer", "7.3", date(2026, 3, 2), date(2026, 3, 9)),
    ("transfer", "7.3", date(2026, 2, 12), date(2026, 2, 26)),  # 14 February works, 15-23 rest
    ("transfer", "7.3", date(2026, 9, 18), date(2026, 9, 24)),  # Sunday 20 September works
    ("refusal-reasons", "7.6", date(2026, 3, 2), date(2026, 3, 9)),  # the 5th day is a Saturday
    ("refusal-reasons", "7.6", date(2026, 3, 3), date(2026, 3, 9)),  # a Sunday
    ("refusal-reasons", "7.6", date(2026, 3, 4), date(2026, 3, 9)),
    ("refusal-reasons", "7.6", date(2026, 9, 29), date(2026, 10, 8)),  # the National Day holiday
]


def arise(key: str, day: date) -> Stage:
    """A tip-off of that day on which the term runs."""
    at = datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)
    if key == "transfer":
        return classified("transfer", at=at)
    stage = received(at=at)
    if key == "refusal-reasons":
        stage.step("clerk", "one", "refuse", reason="不属于受理范围")
    return stage


def meet(stage: Stage, key: str) -> None:
    """The step that meets the term."""
    bodies: dict[str, tuple[str, dict[str, Any]]] = {
        "status-report": ("inform-status", {"status_form": "letter", "status_text": "已受理"}),
        "transfer": ("transfer", TRANSFERRED),
        "refusal-reasons": ("tell-reasons", {"text": "不属于受理范围", "told_by": "written"}),
    }
    step, body = bodies[key]
    stage.step("clerk", "one", step, **body)


@pytest.mark.parametrize(("key", "clause", "day", "due_on"), TERMS)
def test_term(key: str, clause: str, day: date, due_on: date) -> None:
    found = note(arise(key, day), key)
    counted = {"7.3": (working_days_after, 5), "7.5": (calendar_days_after, 7), "7.6": (calendar_days_after, 5)}[clause]
    assert (found.clause, found.due_on) == (B + clause, due_on)
    assert counted[0](day, counted[1]) == due_on


@pytest.mark.parametrize(("key", "clause", "day", "due_on"), TERMS)
@pytest.mark.parametrize(
    ("off", "state"), [(timedelta(hours=-24), "met"), (timedelta(seconds=-1), "met"), (timedelta(), "met-late")]
)
def test_term_s_last_moment(key: str, clause: str, day: date, due_on: date, off: timedelta, state: str) -> None:
    stage = arise(key, day)
    midnight = datetime(due_on.year, due_on.month, due_on.day, 16, 0, tzinfo=UTC)  # 24:00 in Baoding
    stage.now = midnight + off
    meet(stage, key)
    assert note(stage, key).state == state


OUT_OF_ORDER = [
    # what was done, who does which step too early or on the wrong track, with what, clause
    (received, "clerk", "classify", {"track": "transfer"}, "7.1"),
    (received, "clerk", "transfer", TRANSFERRED, "7.3"),
    (received, "clerk", "tell-reasons", {"text": "理由", "told_by": "written"}, "7.6"),
    (lambda: classified("own-investigation"), "clerk", "transfer", TRANSFERRED, "7.3"),
    (lambda: classified("transfer"), "leader", "approve-investigation", {"instruction": "同意"}, "7.2"),
    (lambda: classified("own-investigation"), "investigator", "investigate", {}, "7.2"),
    (lambda: received(named=False), "clerk", "inform-status", {"status_form": "letter", "status_text": "x"}, "7.5"),
]


@pytest.mark.parametrize(("before", "who", "step", "body", "clause"), OUT_OF_ORDER)
def test_out_of_order(before: Any, who: str, step: str, body: dict[str, Any], clause: str) -> None:
    assert refused(before(), who, step, **body) == B + clause


def test_investigation_follows_the_leader_s_approval() -> None:
    stage = classified("own-investigation", named=False)
    stage.step("leader", "one", "approve-investigation", instruction="同意调查")
    stage.step("investigator", "one", "investigate")
    assert stage.step("investigator", "one", "report-findings", result="不属实").state == "handled"
    assert refused(stage, "clerk", "close", **CLOSING) == B + "7.2"
    stage.step("clerk", "one", "inform-result", text="不属实", told_by="receipt")
    assert stage.step("clerk", "one", "close", **CLOSING).state == "closed"


def test_a_named_whistleblower_is_told_status_and_result_before_the_case_closes() -> None:
    stage = handled()
    assert refused(stage, "clerk", "close", **CLOSING) == B + "7.5"
    stage.step("clerk", "one", "inform-status", status_form="email", status_text="已转办")
    assert refused(stage, "clerk", "close", **CLOSING) == B + "7.2"
    stage.step("clerk", "one", "inform-result", text="已更新", told_by="written")
    assert stage.step("clerk", "one", "close", **CLOSING).state == "closed"


def test_an_anonymous_whistleblower_is_told_the_result_too_by_receipt() -> None:
    stage = handled(named=False)
    assert refused(stage, "clerk", "close", **CLOSING) == B + "7.2"
    assert refused(stage, "clerk", "inform-result", text="已更新", told_by="written") == B + "7.2"
    stage.step("clerk", "one", "inform-result", text="已更新", told_by="receipt")
    assert stage.step("clerk", "one", "close", **CLOSING).state == "closed"


def test_acceptance_needs_an_act_of_article_4() -> None:
    stage = Stage.of(CITY)
    told = {"channel": "phone", "title": "x", "narrative": "x", "subject": "x"}
    stage.register("clerk", "one", "tip-off", told)
    assert refused(stage, "clerk", "accept", subject_class="organ-staff") == B + "4"
    assert stage.step("clerk", "one", "accept", subject_class="organ-staff", acts=ACT).state == "accepted"


@pytest.mark.parametrize("missing", ["catch_all_reason", "catch_all_basis"])
def test_the_ninth_act_needs_reason_and_basis(missing: str) -> None:
    given = {"catch_all_reason": "新型行为", "catch_all_basis": "省规定第三条"}
    received(acts=[B + "4.9"], **given)
    with pytest.raises(WenzeError) as caught:
        received(acts=[B + "4.9"], **{key: value for key, value in given.items() if key != missing})
    assert caught.value.clause == "wenze:readings#r8"


@pytest.mark.parametrize("way", ["litigation", "arbitration", "review", "discipline", "petition"])
def test_what_belongs_elsewhere_is_refused_with_the_way_that_is_open(way: str) -> None:
    body = {"reason": "另有途径", "grounds": [f"wenze:house#elsewhere/{way}"]}
    assert refused(received(), "clerk", "refuse", **body) == "wenze:house#elsewhere"
    assert received().step("clerk", "one", "refuse", **body, open_way="向有权机关提出").state == "refusal-decided"


def test_a_refusal_gives_its_reason() -> None:
    with pytest.raises(ValidationError, match="reason"):
        received().step("clerk", "one", "refuse")


@pytest.mark.parametrize(("day", "states"), [(9, ("met", "met")), (10, ("met-late", "met-late"))])
def test_a_refusal_in_writing_is_the_status_of_a_named_tip_off(day: int, states: tuple[str, str]) -> None:
    stage = received()
    stage.step("clerk", "one", "refuse", reason="不属于受理范围")
    stage.now = datetime(2026, 3, day, 1, 0, tzinfo=UTC)
    assert refused(stage, "clerk", "tell-reasons", text="不属于受理范围", told_by="phone") == B + "7.5"
    meet(stage, "refusal-reasons")
    assert (note(stage, "status-report").state, note(stage, "refusal-reasons").state) == states


def test_what_the_leader_does_not_approve_is_classified_anew() -> None:
    stage = classified("own-investigation")
    stage.step("clerk", "one", "reclassify", track="transfer", why_reclassified="领导批示转办")
    assert note(stage, "transfer").due_on == date(2026, 3, 9)
    stage.step("clerk", "one", "reclassify", track="own-investigation", why_reclassified="领导批示自行调查")
    assert note(stage, "transfer").state == "lapsed"


def test_what_went_to_the_wrong_unit_still_has_five_working_days_from_receipt() -> None:
    stage = classified("transfer")
    stage.step("clerk", "one", "transfer", **TRANSFERRED)
    stage.now = RECEIVED + timedelta(days=8)
    stage.step("clerk", "one", "reclassify", track="transfer", why_reclassified="不属该单位职责")
    stage.step("clerk", "one", "transfer", **TRANSFERRED)
    assert (note(stage, "transfer").due_on, note(stage, "transfer").state) == (date(2026, 3, 9), "met-late")


def test_an_extension_says_who_was_told_and_moves_no_term() -> None:
    stage = classified("transfer")
    stage.step("clerk", "one", "transfer", **TRANSFERRED)
    before = stage.cases["one"].standing.deadlines
    with pytest.raises(ValidationError, match="told"):
        stage.step("clerk", "one", "extend-handling", reason="档案修复")
    assert refused(stage, "clerk", "extend-handling", reason="档案修复", told="whistleblower") == B + "7.4"
    told = {"told": "whistleblower", "told_by": "written"}
    assert stage.step("clerk", "one", "extend-handling", reason="档案修复", **told).standing.deadlines == before
    assert stage.step("clerk", "one", "extend-handling", reason="档案修复", told="unit").state == "handling"


def test_a_unit_that_turns_out_to_be_reported_is_named_on_acceptance() -> None:
    stage = received()
    stage.step("clerk", "one", "accept", subject_class="administrative-organ", subject_unit="@housing-bureau")
    stage.step("clerk", "one", "classify", track="transfer")
    assert refused(stage, "clerk", "transfer", **TRANSFERRED) == "wenze:readings#r12"


def test_the_unit_reported_does_not_get_the_tip_off() -> None:
    stage = received(subject_unit="@housing-bureau")
    stage.step("clerk", "one", "accept", subject_class="administrative-organ")
    stage.step("clerk", "one", "classify", track="transfer")
    assert refused(stage, "clerk", "transfer", **TRANSFERRED) == "wenze:readings#r12"


@pytest.mark.parametrize(
    ("who", "step", "body"),
    [("officer", "report-part", {"part_result": "已配合"}), ("helper", "report-result", {"result": "已更新"})],
)
def test_each_unit_reports_in_its_own_part(who: str, step: str, body: dict[str, Any]) -> None:
    stage = classified("transfer")
    stage.people += (StoryPerson("helper", "配合单位经办人", "housing-bureau", (Role.UNIT_OFFICER,)),)
    stage.step("clerk", "one", "transfer", **TRANSFERRED)
    with pytest.raises(Forbidden) as caught:
        stage.step(who, "one", step, **body)
    assert caught.value.clause == "wenze:house#membership"


def test_an_investigation_of_its_own_has_no_term_for_a_transfer() -> None:
    keys = [item.key for item in classified("own-investigation").cases["one"].standing.deadlines]
    assert keys == ["status-report"]


def test_a_result_that_is_sent_back_is_reported_anew() -> None:
    stage = handled(named=False)
    assert stage.step("supervisor", "one", "send-back", reason="未查清").state == "handling"
    assert stage.step("officer", "one", "report-result", result="已查清").state == "handled"


def test_a_reopened_tip_off_begins_anew_from_that_day() -> None:
    stage = received()
    stage.step("clerk", "one", "withdraw", reason="来信人撤回")
    assert note(stage, "status-report").state == "lapsed"
    stage.now = datetime(2026, 4, 7, 1, 0, tzinfo=UTC)
    case = stage.step("leader", "one", "reopen", reason="有新线索")
    assert (case.state, case.standing.taken[-1]) == ("registered", "reopen")
    assert note(stage, "status-report").due_on == date(2026, 4, 14)


def test_a_reminder_stays_on_record_and_moves_nothing() -> None:
    stage = classified("transfer")
    before = stage.cases["one"]
    after = stage.step("supervisor", "one", "remind", text="请尽快转办")
    assert (after.state, after.standing.deadlines) == (before.state, before.standing.deadlines)


def test_the_reporting_centre_holds_every_term() -> None:
    stage = classified("transfer")
    held = {(item.holder, item.holder_unit_id) for item in stage.cases["one"].standing.deadlines}
    assert held == {("office:reporting-centre", unit_id("reporting-centre"))}
