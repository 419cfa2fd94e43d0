"""Pauses and extensions over HTTP: who may, what the ledger keeps, what becomes of the date, and what is noted of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from core.deadlines.explanation import Explanation, explain, source_of
from core.law.calendar import national_calendar
from tests.corrections.served import corrected
from tests.deadlines.recompute import recompute
from tests.story.house import House, Place
from tests.story.matters import BOTH, LEAD_ONLY, Matter, instant, register

MONDAY = "2026-05-11T09:00:00+08:00"
"""Five working days end on 18 May."""
PAUSE = {"pause_cause": "weather", "reason": "连日暴雨，无法施工。"}
ASK = {"reason": "管材须定制。", "length": {"unit": "working_day", "length": 2}}


def allow(place: Place, key: str, value: Any) -> None:
    """The tenant sets a figure of its own, with its basis."""
    words = {"effective_from": "2026-02-01", "basis": "市热线办〔2026〕5号", "reason": "本市规定"}
    answer = place.client.post(place.administrator, "/settings", {"key": key, "value": value, **words})
    assert answer.status_code == 201, answer.text


@pytest.fixture
def ganzhou(open_place: Callable[[str], Place]) -> Place:
    """A tenant of Ganzhou that permits pauses, and extensions of five working days."""
    place = open_place("ganzhou")
    place.move(instant(MONDAY))
    return place


def order(place: Place, units: Any = LEAD_ONLY, **more: Any) -> Matter:
    """An order with its units."""
    matter = register(place, "hotline-order", **more)
    matter.take("operator", "accept", {})
    matter.take("dispatcher", "dispatch", {"units": units})
    return matter


def dues(matter: Matter, key: str = "handling") -> list[tuple[str, str]]:
    """The states and due days of the deadlines of a key."""
    return [(item["state"], item["due_on"]) for item in matter.view["deadlines"] if item["key"] == key]


def shown(matter: Matter, key: str = "handling", who: str | None = None) -> dict[str, Any]:
    """The deadline of a key with its explanation and its ledger."""
    found = matter.place.read(who or matter.reader, f"{matter.path}/deadlines")["items"]
    return dict(next(item for item in reversed(found) if item["key"] == key))


def on(matter: Matter, moment: str) -> Matter:
    """The matter, at another moment."""
    matter.place.move(instant(moment))
    return matter


def test_a_pause_and_an_extension_stand_in_the_ledger_and_in_the_explanation(ganzhou: Place) -> None:
    matter = order(ganzhou)
    on(matter, "2026-05-12T10:00:00+08:00").take("dispatcher", "pause", PAUSE)
    assert dues(matter) == [("paused", "2026-05-18")]
    assert matter.deadline("handling")["paused_at"] is not None
    assert (matter.view["due_at"], matter.view["overdue"]) == (None, False)
    matter.take("city-officer", "ask-extension", ASK)
    (asked,) = matter.view["requests"]
    assert (asked["kind"], asked["length"]) == ("extension", {"unit": "working_day", "length": 2})
    matter.take("supervisor", "grant-extension", {})
    on(matter, "2026-05-14T10:00:00+08:00").take("dispatcher", "resume", {"reason": "雨停。"})
    assert dues(matter) == [("open", "2026-05-22")]
    told = shown(matter)
    assert (told["original_due_on"], told["due_on"]) == ("2026-05-18", "2026-05-22")
    assert [entry["kind"] for entry in told["ledger"]] == ["pause", "extension", "resume"]
    assert [entry["due_on"] for entry in told["ledger"]] == ["2026-05-18", "2026-05-20", "2026-05-22"]
    assert [entry["replaced"]["due_on"] for entry in told["ledger"]] == ["2026-05-18", "2026-05-18", "2026-05-20"]
    assert [entry["reason"] for entry in told["ledger"]] == ["连日暴雨，无法施工。", "管材须定制。", "雨停。"]
    # What the tenant permits or limits rests on its own decision; that the time goes on, on the house's rule.
    assert [entry["basis"].startswith("演示数据") for entry in told["ledger"]] == [True, True, False]
    assert told["ledger"][2]["basis"] == "wenze:house#pause"
    steps = {item["id"]: item for item in matter.steps()}
    assert [steps[entry["step_id"]]["step"] for entry in told["ledger"]] == ["pause", "grant-extension", "resume"]
    assert all(steps[entry["step_id"]]["person_id"] == entry["allowed_by"] for entry in told["ledger"])
    assert [item["kind"] for item in told["explanation"]["entries"]] == ["pause", "extension", "resume"]
    assert recompute(json.dumps(told["explanation"]))[1].isoformat() == "2026-05-22"
    assert any("paused" in line or "中止" in line for line in told["lines"])


def test_units_see_the_ledger_without_the_words(ganzhou: Place) -> None:
    matter = order(ganzhou)
    matter.take("dispatcher", "pause", PAUSE | {"basis": "来信所附说明"})
    (entry,) = shown(matter)["ledger"]
    assert (entry["reason"], entry["basis"]) == ("连日暴雨，无法施工。", "来信所附说明")
    (entry,) = shown(matter, who="city-officer")["ledger"]
    assert (entry["kind"], entry["reason"], entry["basis"]) == ("pause", None, "")
    *_, step = ganzhou.read("city-officer", f"{matter.path}/steps")["items"]
    assert (step["step"], step["data"]) == ("pause", {"pause_cause": "weather"})


def test_nobody_grants_an_own_request_and_no_unit_decides(ganzhou: Place) -> None:
    matter = order(ganzhou)
    matter.take("city-officer", "ask-extension", ASK)
    refused = matter.attempt("city-officer", "grant-extension", {})
    assert refused.status_code == 403
    matter.take("city-officer", "pass-on", {"unit_id": "@road-upkeep"})
    assert matter.view["requests"] == []
    matter.take("road-officer", "ask-extension", ASK)
    matter.take("dispatcher", "grant-extension", {})
    assert dues(matter) == [("passed-on", "2026-05-18"), ("open", "2026-05-20")]


def test_the_other_units_clock_runs_on(ganzhou: Place) -> None:
    matter = order(ganzhou, BOTH)
    matter.take("water-officer", "ask-extension", ASK)
    matter.take("dispatcher", "grant-extension", {})
    assert dues(matter) == [("open", "2026-05-18"), ("open", "2026-05-20")]


def test_what_the_tenant_does_not_permit_is_refused_from_that_day_on(ganzhou: Place) -> None:
    allow(ganzhou, "hotline.pause-allowed", False)
    allow(ganzhou, "hotline.extension-limit", {"unit": "working_day", "length": 1})
    matter = order(ganzhou)
    paused = matter.attempt("dispatcher", "pause", PAUSE)
    assert (paused.status_code, paused.json()["code"]) == (422, "deadlines.not-permitted")
    asked = matter.attempt("city-officer", "ask-extension", ASK)
    assert (asked.status_code, asked.json()["code"]) == (422, "deadlines.limit-exceeded")


def test_what_is_paused_is_not_noted_as_overdue_and_what_goes_on_is(ganzhou: Place, house: House) -> None:
    matter = order(ganzhou)
    on(matter, "2026-05-12T10:00:00+08:00").take("dispatcher", "pause", PAUSE)
    on(matter, "2026-06-01T10:00:00+08:00")
    house.work()
    assert breaches(matter) == []
    matter.take("dispatcher", "resume", {"reason": "雨停。"})
    assert dues(matter) == [("open", "2026-06-05")]
    on(matter, "2026-06-08T10:00:00+08:00")
    house.work()
    assert breaches(matter) == ["2026-06-05"]
    refused = matter.attempt("dispatcher", "pause", PAUSE)
    assert (refused.status_code, refused.json()["code"]) == (422, "deadlines.ran-out")


@pytest.mark.parametrize(
    ("who", "step", "body"),
    [
        ("city-officer", "report-result", {"result": "已修复。", "evidence_note": "现场确认。"}),
        ("operator", "withdraw", {"reason": "诉求人撤回"}),
    ],
    ids=["met", "lapsed"],
)
def test_what_ends_while_it_is_paused_was_never_late(
    ganzhou: Place, house: House, who: str, step: str, body: dict[str, Any]
) -> None:
    matter = order(ganzhou)
    on(matter, "2026-05-12T10:00:00+08:00").take("dispatcher", "pause", PAUSE)
    on(matter, "2026-06-01T10:00:00+08:00").take(who, step, body)
    house.work()
    assert breaches(matter) == [], "no worker came by before it ended, and the date that it had was long over"


def test_one_unit_waits_and_the_others_clock_runs_on(ganzhou: Place) -> None:
    matter = order(ganzhou, BOTH)
    second = ganzhou.fill("@water-company")
    on(matter, "2026-05-12T10:00:00+08:00")
    refused = matter.attempt("dispatcher", "pause", PAUSE | {"paused_units": [ganzhou.fill("@road-upkeep")]})
    assert (refused.status_code, refused.json()["code"]) == (409, "deadlines.nothing-to-move")
    matter.take("dispatcher", "pause", PAUSE | {"paused_units": [second]})
    assert dues(matter) == [("open", "2026-05-18"), ("paused", "2026-05-18")]
    matter.take("dispatcher", "pause", PAUSE)
    assert [state for state, _ in dues(matter)] == ["paused", "paused"]
    on(matter, "2026-05-14T10:00:00+08:00").take("dispatcher", "resume", {"reason": "雨停。", "resumed_units": [second]})
    assert dues(matter) == [("paused", "2026-05-18"), ("open", "2026-05-20")]
    corrected(matter, who="operator", unit={"recorded_unit_id": second, "right_unit_id": ganzhou.fill("@road-upkeep")})
    assert dues(matter)[-1] == ("open", "2026-05-20"), "what one unit was said to wait for is the right unit's"


def breaches(matter: Matter) -> list[str]:
    """The days of the handling that were noted as overdue."""
    handling = {item["id"] for item in matter.view["deadlines"] if item["key"] == "handling"}
    rows = [row for row in matter.place.rows("deadline_notice") if str(row["deadline_id"]) in handling]
    return [row["due_on"].isoformat() for row in rows if row["level"] == "overdue"]


def test_a_merged_order_that_was_paused_goes_on_paused(ganzhou: Place) -> None:
    target, source = order(ganzhou), order(ganzhou)
    source.take("dispatcher", "pause", PAUSE)
    for act, body in (("merge", {"into": target.id}), ("unmerge", {})):
        told = body | {"reason": "同一处塌陷。"}
        answer = ganzhou.client.post("dispatcher", f"{source.path}/{act}", told, source.etag)
        assert answer.status_code == 200, answer.text
        source.refresh()
        assert dues(source)[0][0] == ("lapsed" if act == "merge" else "paused")
    source.take("dispatcher", "resume", {"reason": "雨停。"})
    assert dues(source) == [("open", "2026-05-18")]


def test_a_paused_order_that_is_passed_on_is_resumed_by_the_centre(ganzhou: Place) -> None:
    matter = order(ganzhou)
    matter.take("dispatcher", "pause", PAUSE)
    matter.take("city-officer", "pass-on", {"unit_id": "@road-upkeep"})
    assert dues(matter) == [("passed-on", "2026-05-18"), ("paused", "2026-05-18")]
    on(matter, "2026-05-13T10:00:00+08:00").take("dispatcher", "resume", {"reason": "雨停。"})
    assert dues(matter)[1] == ("open", "2026-05-20")
    rows = {row["state"]: row["due_on"].isoformat() for row in ganzhou.rows("deadline") if row["key"] == "handling"}
    assert rows == {"passed-on": "2026-05-18", "open": "2026-05-20"}


def test_a_corrected_category_counts_anew_with_the_pause_and_the_extension(ganzhou: Place) -> None:
    limit = {"term": {"unit": "working_day", "length": 2}, "basis": "市热线办〔2026〕3号"}
    said = {"title_zh": "供水", "valid_from": "2026-01-01", "basis": "市热线办〔2026〕3号", "handling_limit": limit}
    assert ganzhou.client.post("administrator", "/categories", {"code": "water", **said}).status_code == 201
    matter = order(ganzhou, category="municipal.roads")
    matter.take("city-officer", "ask-extension", ASK)
    matter.take("dispatcher", "grant-extension", {})
    on(matter, "2026-05-12T10:00:00+08:00").take("dispatcher", "pause", PAUSE)
    on(matter, "2026-05-13T10:00:00+08:00").take("dispatcher", "resume", {"reason": "雨停。"})
    assert dues(matter) == [("open", "2026-05-21")]
    corrected(matter, who="operator", category="water")
    assert dues(matter) == [("open", "2026-05-18")]
    told = shown(matter)
    assert [entry["kind"] for entry in told["ledger"]] == ["extension", "pause", "resume", "replacement"]
    assert recompute(json.dumps(told["explanation"]))[1].isoformat() == "2026-05-18"
    corrected(matter, who="operator", category="municipal.roads")
    assert dues(matter) == [("open", "2026-05-21")]
    on(matter, "2026-05-21T10:00:00+08:00")
    corrected(matter, who="operator", category="water")
    assert matter.view["overdue"] is True


def test_a_corrected_day_of_receipt_that_would_have_come_too_late_is_told(ganzhou: Place) -> None:
    matter = order(ganzhou)
    matter.take("dispatcher", "pause", PAUSE)
    matter.take("dispatcher", "resume", {"reason": "雨停。"})
    corrected(matter, who="operator", received_at="2026-05-08T09:00:00+08:00")
    assert dues(matter) == [("open", "2026-05-18")]


@pytest.fixture
def jincheng(open_place: Callable[[str], Place]) -> Place:
    """A tenant of Jincheng."""
    place = open_place("jincheng")
    place.move(instant("2026-03-02T10:00:00+08:00"))
    return place


EXTENSION = {
    "reason": "管材须定制。", "length": {"unit": "calendar_day", "length": 60}, "extension_consented_by": "市政府",
    "extension_consent_document": "第17次常务会议纪要", "extension_plan": "分三段更换。",
    "extension_timetable": "四月中旬完成。",
}  # fmt: skip


def finding(place: Place, track: str) -> Matter:
    """A finding with its unit."""
    matter = register(place, "finding", channel="instruction")
    severity = {"severity": "ordinary"}
    matter.take("inspector", "classify", {"track": track, **severity})
    received = {"demand_received_at": "2026-03-02T01:00:00Z", "responsible_persons": ["分管副局长"]}
    demand = {"demand": "立即整改。", "group_head": "组长"} | received
    matter.take("inspector", "dispatch", {"units": LEAD_ONLY, **demand})
    return matter


def test_a_finding_of_2_2_is_extended_by_consent_and_progress_is_reported(jincheng: Place) -> None:
    matter = finding(jincheng, "provincial-city")
    matter.take("inspector", "extend-rectification", EXTENSION)
    assert dues(matter, "provincial-city-ordinary") == [("open", "2026-05-08")]
    (entry,) = shown(matter, "provincial-city-ordinary")["ledger"]
    assert (entry["kind"], entry["basis"]) == ("extension", "jincheng:rapid-2017#2.2/extension")
    matter.take("transport-officer", "report-interim", {"progress": "第一段完成。"})
    again = matter.attempt(
        "inspector", "extend-rectification", EXTENSION | {"length": {"unit": "calendar_day", "length": 1}}
    )
    assert (again.status_code, again.json()["code"]) == (422, "deadlines.limit-exceeded-bare")
    assert again.json()["field"] == "/beyond_reason"


def test_what_is_left_of_a_finding_of_2_2_is_extended_too_and_of_no_other(jincheng: Place) -> None:
    again = {"reason": "未到位", "term": {"unit": "calendar_day", "length": 5}, "term_reason": "剩余工作量"}
    for track, key in (("provincial-city", "provincial-city-redo"), ("superior", "redo")):
        matter = finding(jincheng, track)
        matter.take("transport-officer", "report-rectification", {"report": "已整改。"})
        matter.take("inspector", "send-back", again)
        assert [state for state, _ in dues(matter, key)] == ["open"]
        before = instant(matter.deadline(key)["due_at"])
        assert ("extend-rectification" in matter.view["next_steps"]) is (track == "provincial-city")
        answer = matter.attempt("inspector", "extend-rectification", EXTENSION)
        assert answer.status_code == (200 if track == "provincial-city" else 422), answer.text
        if track == "superior":
            assert answer.json()["clause"] == "jincheng:rapid-2017#2.1"
            continue
        matter.refresh()
        assert instant(matter.deadline(key)["due_at"]) > before


def test_a_finding_from_above_is_not_extended(jincheng: Place) -> None:
    matter = finding(jincheng, "superior")
    refused = matter.attempt("inspector", "extend-rectification", EXTENSION)
    assert (refused.status_code, refused.json()["clause"]) == (422, "jincheng:rapid-2017#2.1")
    assert dues(matter, "superior-ordinary") == [("open", "2026-03-09")]


def test_a_tip_offs_handling_is_extended_where_the_tenant_limits_it(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    allow(place, "tip-off.handling-limit", {"unit": "calendar_day", "length": 30})
    place.move(instant("2026-03-02T10:00:00+08:00"))
    matter = register(place, "tip-off").live("handling")
    assert dues(matter, "handling") == [("open", "2026-04-01")]
    told = {"told": "unit", "reason": "档案修复。", "length": {"unit": "working_day", "length": 5}}
    matter.take("clerk", "extend-handling", told)
    assert dues(matter, "handling") == [("open", "2026-04-09")]
    assert dues(matter, "transfer") == [("met", "2026-03-09")]


def test_the_reasons_of_an_extension_are_told_where_somebody_can_read_them(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    allow(place, "tip-off.handling-limit", {"unit": "calendar_day", "length": 30})
    place.move(instant("2026-03-02T10:00:00+08:00"))
    matter = register(place, "tip-off")
    receipt = matter.view["receipt"]
    matter.live("handling")
    told = {
        "told": "whistleblower", "told_by": "receipt", "reason": "须调取档案。",
        "length": {"unit": "working_day", "length": 5},
    }  # fmt: skip
    refused = matter.attempt("clerk", "extend-handling", told)
    assert (refused.status_code, refused.json()["field"]) == (422, "/told_reasons")
    assert refused.json()["clause"] == "baoding:tip-offs-2010#7.4"
    matter.take("clerk", "extend-handling", told | {"told_reasons": "因需调取往年档案，延长五个工作日。"})
    status = place.ask_status("clerk", receipt).json()
    assert status["answer"] == "因需调取往年档案，延长五个工作日。"
    assert "调取往年档案" not in place.get("officer", matter.path).text, "it is for the whistleblower alone"


def test_ten_working_days_instead_of_five_are_given_for_a_reason(open_place: Callable[[str], Place]) -> None:
    """Whether it is found at once or later (ankang:complaints-2018#6.2/complex)."""
    place = open_place("ankang")
    place.move(instant("2026-03-02T10:00:00+08:00"))
    matter = register(place, "complaint").live("accepted")
    found = {"track": "specialist", "complex": True}
    refused = matter.attempt("supervisor", "classify", found)
    assert (refused.status_code, refused.json()["field"]) == (422, "/why_complex")
    assert refused.json()["clause"] == "ankang:complaints-2018#6.2/complex"
    matter.take("supervisor", "classify", found | {"why_complex": "涉及跨省参保记录。"})
    matter.take("supervisor", "dispatch", {"units": LEAD_ONLY})
    assert dues(matter, "window-report-complex") == [("open", "2026-03-16")]
    assert dues(matter, "window-report") == []
    body = {"why_reclassified": "须两部门共同解决", "track": "joint"}
    matter.take("supervisor", "reclassify", body)
    assert matter.view["state"] == "classified", "why it was complex is not asked of another track"
    for step in ("ask-extension", "extend-handling", "pause"):
        assert matter.attempt("supervisor", step, {"reason": "更多时间"}).status_code == 404, "no more than the text has"


def test_what_a_complex_complaint_had_as_a_simple_one_stands_in_the_ledger(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    place.move(instant("2026-03-02T10:00:00+08:00"))
    matter = register(place, "complaint").live("dispatched")
    matter.take("supervisor", "mark-complex", {"why_complex": "涉及多年档案。"})
    (entry,) = shown(matter, "window-report-complex")["ledger"]
    assert (entry["kind"], entry["due_on"], entry["replaced"]["due_on"]) == ("replacement", "2026-03-16", "2026-03-09")
    corrected(matter, who="duty-clerk", received_at="2026-02-27T09:00:00+08:00")
    assert dues(matter, "window-report-complex") == [("open", "2026-03-12")]


def test_the_service_counts_as_the_stages_do(ganzhou: Place) -> None:
    matter = order(ganzhou)
    matter.take("dispatcher", "pause", PAUSE)
    on(matter, "2026-05-13T10:00:00+08:00").take("dispatcher", "resume", {"reason": "雨停。"})
    found = msgspec.convert(shown(matter)["explanation"], Explanation)
    again = explain(found.term, found.starts_at, national_calendar(), source_of(found), found.entries)
    assert (again.due_on, again.days) == (found.due_on, found.days)
