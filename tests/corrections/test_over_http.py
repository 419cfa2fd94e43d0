"""Corrections as people make them, on both engines: what is shown before, what changes, and what stays visible."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from core.procedure import Role
from tests.corrections.served import asked, complaint, corrected, deadlines, decide, dispatched
from tests.deadlines.recompute import recompute
from tests.story.house import Place
from tests.story.matters import LEAD_ONLY, instant, register
from tests.story.test_updates import changed


@pytest.fixture
def ankang(open_place: Callable[[str], Place]) -> Place:
    """A tenant of Ankang for one test, as legal time only goes on, with an officer of the other window."""
    place = open_place("ankang")
    place.hire("housing-officer", Role.UNIT_OFFICER, unit="housing-window")
    return place


EARLIER = "2026-02-27T09:00:00+08:00"
"""A Friday; the Saturday after it was worked, so that five working days end on 5 March and not on 9 March."""


def test_a_receipt_that_was_earlier_makes_the_report_late(ankang: Place) -> None:
    matter = dispatched(ankang)
    ankang.move(instant("2026-03-06T10:00:00+08:00"))
    matter.take("window-head", "report-result", {"result": "已更正。"})
    before, counts = matter.view, ankang.counts()
    waiting = asked(matter, received_at=EARLIER)
    (effect,) = waiting["consequences"]["deadlines"]
    assert (effect["key"], effect["effect"]) == ("window-report", "changed")
    assert (effect["before"]["due_on"], effect["after"]["due_on"]) == ("2026-03-09", "2026-03-05")
    assert (effect["before"]["state"], effect["after"]["state"]) == ("met", "met-late")
    assert (effect["before"]["breached"], effect["after"]["breached"]) == (False, True)
    figures = {(item["month"], item["measure"]): item["change"] for item in waiting["consequences"]["figures"]}
    assert figures == {
        ("2026-02", "received"): 1, ("2026-03", "received"): -1, ("2026-03", "met"): -1, ("2026-03", "overdue"): 1,
    }  # fmt: skip
    assert matter.refresh() == before | {"my_steps": matter.view["my_steps"]}, "nothing changes before it is decided"
    assert changed(counts, ankang.counts()) == {
        "case_request": 1,
        "audit": 1,
        "audit_content": 1,
        "outbox": 1,
        "idempotency": 1,
    }
    made = decide(matter, waiting).json()
    assert (made["state"], made["current"]) == ("granted", None)
    assert made["consequences"] == waiting["current"]
    view = matter.refresh()
    assert instant(view["received_at"]) == instant(EARLIER)
    assert view["version"] == before["version"] + 1
    assert matter.deadline("window-report")["state"] == "met-late"


def test_what_it_was_stays_visible(ankang: Place) -> None:
    matter = dispatched(ankang)
    (old,) = deadlines(matter)
    received = matter.view["received_at"]
    made = corrected(matter, received_at=EARLIER)
    (new,) = deadlines(matter)
    assert (new["id"], new["original_due_on"], new["due_on"]) == (old["id"], "2026-03-09", "2026-03-05")
    (entry,) = new["ledger"]
    assert (entry["kind"], entry["due_on"], entry["basis"]) == ("replacement", "2026-03-05", "wenze:house#correction")
    assert entry["replaced"] == old["explanation"]
    assert entry["step_id"] == made["step_id"]
    for explanation in (new["explanation"], entry["replaced"]):
        found = recompute(json.dumps(explanation))
        assert found[1] == date.fromisoformat(explanation["due_on"])
    step = matter.steps()[-1]
    assert (step["step"], step["verb"], step["id"]) == ("correct", "correct", made["step_id"])
    assert step["clause"] == "wenze:house#correction"
    (fact,) = step["data"]["facts"]
    assert fact == {"what": "received_at", "before": received, "after": "2026-02-27T01:00:00Z"}
    assert made["facts"] == [fact]
    (listed,) = ankang.read("supervisor", f"{matter.path}/corrections")["items"]
    assert listed == made


def test_units_see_what_was_corrected_and_not_the_words_of_who_allowed_it(ankang: Place) -> None:
    matter = dispatched(ankang)
    corrected(matter, received_at=EARLIER)
    (told,), (known,) = deadlines(matter, "window-head"), deadlines(matter)
    assert known["ledger"][0]["reason"] == "经核对属实。"
    assert told == known | {"ledger": [known["ledger"][0] | {"reason": None}]}
    assert told["ledger"][0]["replaced"]["due_on"] == "2026-03-09"


def test_a_running_term_can_be_over_at_once(ankang: Place) -> None:
    matter = dispatched(ankang, "2026-03-10T10:00:00+08:00")
    assert matter.view["overdue"] is False
    corrected(matter, received_at=EARLIER)
    assert matter.view["overdue"] is True
    assert [item["id"] for item in ankang.read("supervisor", "/cases", overdue="true")["items"]].count(matter.id) == 1
    (row,) = [row for row in ankang.rows("deadline") if str(row["case_id"]) == matter.id]
    assert (row["due_on"], row["original_due_on"]) == (date(2026, 3, 5), date(2026, 3, 17))
    assert row["starts_at"] == instant(EARLIER)


def test_a_wrong_unit_never_had_it(ankang: Place) -> None:
    matter = dispatched(ankang)
    wrong, right = (str(ankang.cast.units[name]) for name in ("social-security-window", "housing-window"))
    assert ankang.get("housing-officer", matter.path).status_code == 404
    corrected(matter, unit={"recorded_unit_id": wrong, "right_unit_id": right})
    assert [(item["unit_id"], item["part"]) for item in matter.view["units"]] == [(right, "lead")]
    assert ankang.get("window-head", matter.path).status_code == 404
    states = {(item["holder_unit_id"], item["state"], item["due_on"]) for item in matter.view["deadlines"]}
    assert states == {(wrong, "corrected-away", "2026-03-09"), (right, "open", "2026-03-09")}
    kinds = {item["holder_unit_id"]: [entry["kind"] for entry in item["ledger"]] for item in deadlines(matter)}
    assert kinds == {wrong: ["removal"], right: ["addition"]}
    held = {str(row["unit_id"]): row for row in ankang.rows("case_unit") if str(row["case_id"]) == matter.id}
    assert held[wrong]["until"] == held[wrong]["since"] == held[right]["since"]
    assert held[wrong]["corrected_at"] is not None
    assert (held[right]["until"], held[right]["corrected_at"]) == (None, None)
    matter.take("housing-officer", "report-result", {"result": "已更正。"})
    assert {item["state"] for item in matter.view["deadlines"]} == {"corrected-away", "met"}
    assert [item["id"] for item in ankang.read("supervisor", "/cases", unit_id=right)["items"]].count(matter.id) == 1
    assert matter.id not in ankang.get("supervisor", f"/cases?unit_id={wrong}").text


def test_another_track_takes_its_deadline_with_it(ankang: Place) -> None:
    matter = complaint(ankang, track="joint")
    corrected(matter, track="plain")
    assert matter.view["track"] == "plain"
    states = {item["key"]: item["state"] for item in matter.view["deadlines"]}
    assert states == {"joint-reply": "corrected-away", "plain-reply": "open"}
    corrected(matter, track="joint")
    found = sorted((item["key"], item["state"]) for item in matter.view["deadlines"])
    assert found == [("joint-reply", "corrected-away"), ("joint-reply", "open"), ("plain-reply", "corrected-away")]


def test_several_facts_are_corrected_at_once(ankang: Place) -> None:
    matter = complaint(ankang, track="joint")
    made = corrected(matter, track="plain", received_at=EARLIER)
    assert [fact["what"] for fact in made["facts"]] == ["received_at", "track"]
    (open_,) = [item for item in matter.view["deadlines"] if item["state"] == "open"]
    assert (open_["key"], open_["due_on"]) == ("plain-reply", "2026-03-09")


def test_another_category_has_another_figure(open_place: Callable[[str], Place]) -> None:
    place = open_place("ganzhou")
    limit = {"term": {"unit": "working_day", "length": 2}, "basis": "市热线办〔2026〕3号"}
    said = {"title_zh": "供水", "valid_from": "2026-01-01", "basis": "市热线办〔2026〕3号", "handling_limit": limit}
    assert place.client.post("administrator", "/categories", {"code": "water", **said}).status_code == 201
    place.move(instant("2026-05-11T09:00:00+08:00"))
    matter = register(place, "hotline-order", category="municipal.roads")
    matter.take("operator", "accept", {})
    matter.take("dispatcher", "dispatch", {"units": LEAD_ONLY})
    assert matter.deadline("handling")["due_on"] == "2026-05-18"
    answer = decide(matter, asked(matter, who="operator", category="water"))
    assert answer.status_code == 200, answer.text
    matter.refresh()
    assert matter.view["category"] == "water"
    assert matter.deadline("handling")["due_on"] == "2026-05-13"
    told = next(item for item in deadlines(matter) if item["key"] == "handling")["explanation"]
    assert told["figure_from"] == "category:water"


def test_it_is_told_to_the_trail_and_to_the_events(ankang: Place) -> None:
    matter = dispatched(ankang)
    corrected(matter, received_at=EARLIER)
    told = [row for row in ankang.rows("outbox") if row["refs"].get("case_id") == matter.id and "correct" in row["type"]]
    assert sorted(row["type"] for row in told) == ["case.correct", "case.correction-asked"]
    assert not any("邮戳" in json.dumps(row["refs"], ensure_ascii=False) for row in told)
    trail = [row for row in ankang.rows("audit") if row["subject"] == f"case:{matter.id}"]
    assert [row["action"] for row in trail][-2:] == ["case.correction-asked", "case.correct"]
