"""What is overdue and not finished must be supervised (ganzhou:hotline-2022#6.3): found at the minute, until seen to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from core.procedure import Role
from tests.corrections.served import ask, decide
from tests.story.house import House, Place
from tests.story.matters import Matter, instant, register
from tests.supervision.late import (
    CITED,
    DONE,
    MINUTE,
    WAYS,
    come_by,
    dispatched,
    due_of,
    items,
    overdue,
    own_term,
    states,
    supervise,
    told,
    waiting,
)
from tests.timers.test_recounts import KEEPER, closing, publish

FOUND = ("overdue", "found", None)


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


def test_it_is_found_at_the_minute_once_with_what_it_rests_on(place: Place) -> None:
    matter = dispatched(place)
    due_at = due_of(matter)
    come_by(place, due_at - MINUTE)
    assert (states(matter), waiting(place)) == ([], [])
    come_by(place, due_at)
    (found,) = items(matter)
    come_by(place, due_at + timedelta(days=4))
    assert states(matter) == [FOUND]
    (listed,) = waiting(place)
    assert {name: listed[name] for name in found if name != "case"} == found
    assert (found["clause"], found["law_version"]) == (f"{CITED}6.3", "2022")
    assert found["label"] == {"zh": "逾期且未办结", "en": "Overdue and not finished"}
    assert instant(found["found_at"]) == due_at
    assert found["unit_id"] == place.fill("@urban-management")
    facts = {name: value for name, value in found["facts"].items() if value is not None}
    due_on = matter.deadline("handling")["due_on"]
    assert facts == {"deadline": "handling", "due_on": due_on, "overdue_days": 1, "overdue_unit": "working_day"}
    assert [(way["step"], way["clause"].removeprefix(CITED), way["term"]) for way in found["methods"]] == [
        ("supervise-by-message", "7.1", {"unit": "working_day", "length": 2}),
        ("supervise-in-writing", "7.2", {"unit": "working_day", "length": 2}),
        ("supervise-on-site", "7.3", None),
        ("supervise-by-leader", "7.4", None),
    ]
    assert {way["units_field"] for way in found["methods"]} == {"supervised_units"}
    assert told(place) == [("supervision.found", None)]


def test_a_worker_that_was_away_finds_the_same(place: Place) -> None:
    matter = dispatched(place)
    due_at = due_of(matter)
    come_by(place, due_at + timedelta(days=9))
    (found,) = items(matter)
    assert (instant(found["found_at"]), found["facts"]["overdue_days"]) == (due_at, 1)


def test_who_is_in_time_or_done_before_the_worker_comes_is_not_supervised(place: Place) -> None:
    in_time, late = dispatched(place), dispatched(place)
    due_at = due_of(late)
    in_time.take("city-officer", "report-result", DONE)
    place.move(due_at + MINUTE)
    late.take("city-officer", "report-result", DONE)
    come_by(place, due_at + timedelta(days=3))
    assert (states(in_time), states(late), waiting(place)) == ([], [], [])
    rungs = [item["rung"] for item in place.read("supervisor", f"{late.path}/notices")["items"]]
    assert rungs == ["breach"], "that it was late stays on record"


def test_an_extension_puts_it_off(open_place: Callable[[str], Place]) -> None:
    place = open_place("ganzhou")
    body = {
        "key": "hotline.extension-limit", "value": {"unit": "working_day", "length": 5}, "effective_from": "2026-01-01",
        "basis": "市热线运行管理规定", "reason": "确定上限",
    }  # fmt: skip
    place.client.post(place.administrator, "/settings", body).raise_for_status()
    matter = dispatched(place)
    first = due_of(matter)
    asked = matter.take(
        "city-officer", "ask-extension", {"reason": "需要采购", "length": {"unit": "working_day", "length": 2}}
    )
    (request,) = place.read("dispatcher", "/requests", case_id=asked["id"])["items"]
    matter.take("dispatcher", "grant-extension", {"request_id": request["id"]})
    second = due_of(matter)
    assert second > first
    come_by(place, second - MINUTE)
    assert states(matter) == []
    come_by(place, second)
    assert states(matter) == [FOUND]
    assert instant(items(matter)[0]["found_at"]) == second


@pytest.mark.parametrize("way", WAYS)
def test_each_of_the_four_ways_ends_it_for_this_matter_alone(place: Place, way: str) -> None:
    matter = overdue(place)
    supervise(matter, way, "6.2")
    assert states(matter) == [FOUND], "it was supervised for something else"
    supervise(matter, way)
    assert states(matter) == [("overdue", "supervised", "supervised")]
    (item,) = items(matter)
    assert item["step_id"] == matter.steps()[-1]["id"]
    assert (item["methods"], item["version"]) == ([], 2)
    assert waiting(place) == []
    assert told(place) == [("supervision.found", None), ("supervision.ended", "supervised")]


def test_a_term_of_the_supervision_that_runs_out_is_found_again(place: Place) -> None:
    matter = overdue(place)
    supervise(matter)
    come_by(place, due_of(matter, key="supervision-by-message"))
    assert states(matter) == [("overdue", "supervised", "supervised"), FOUND]
    assert items(matter)[1]["facts"]["deadline"] == "supervision-by-message"


def test_what_was_supervised_before_the_worker_came_is_found_so(place: Place) -> None:
    matter = dispatched(place)
    due_at = due_of(matter)
    place.move(due_at + MINUTE)
    supervise(matter)
    come_by(place, due_at + 2 * MINUTE)
    assert states(matter) == [("overdue", "supervised", "supervised")]
    assert told(place) == [("supervision.found", None), ("supervision.ended", "supervised")]


@pytest.mark.parametrize(
    ("step", "ending"), [("report-result", "finished"), ("withdraw", "case-ended"), ("redispatch", "lapsed")]
)
def test_it_is_over_with_what_it_was_about(place: Place, step: str, ending: str) -> None:
    matter = overdue(place)
    again = {"units": [{"unit_id": "@second", "part": "lead", **own_term(3)}], "why_redispatched": "不属其管养"}
    who, body = {
        "report-result": ("city-officer", DONE),
        "withdraw": ("operator", {"reason": "诉求人撤回"}),
        "redispatch": ("dispatcher", again),
    }[step]
    matter.take(who, step, body)
    assert states(matter) == [("overdue", "over", ending)]
    assert told(place) == [("supervision.found", None), ("supervision.ended", ending)]


def test_two_units_that_are_late_apart_are_two_matters(place: Place) -> None:
    matter = dispatched(place, 2, 4)
    first, second = (due_of(matter, unit) for unit in ("@urban-management", "@water-company"))
    come_by(place, first)
    supervise(matter)
    come_by(place, second)
    found = items(matter)
    assert [item["unit_id"] for item in found] == [place.fill("@urban-management"), place.fill("@water-company")]
    assert found[0]["state"] == "supervised"
    by_key = {(item["unit_id"], item["facts"]["deadline"]): item["state"] for item in found}
    assert by_key[place.fill("@water-company"), "handling"] == "found"
    matter.take("water-officer", "report-part", {"result": "已止漏。"})
    last = {(item["unit_id"], item["facts"]["deadline"]): item["ending"] for item in items(matter)}
    assert last[place.fill("@water-company"), "handling"] == "finished"


def test_a_late_matter_that_is_merged_is_over_and_comes_back_when_it_is_taken_out(place: Place) -> None:
    matter, target = dispatched(place), register(place, "hotline-order")
    due_at = due_of(matter)
    come_by(place, due_at)
    matter.refresh()
    body = {"into": target.id, "reason": "同一处"}
    merged = place.client.post("dispatcher", f"{matter.path}/merge", body, matter.etag)
    assert merged.status_code == 200, merged.text
    assert states(matter) == [("overdue", "over", "case-ended")]
    place.move(due_at + timedelta(days=1))
    place.client.post(
        "dispatcher", f"{matter.path}/unmerge", {"reason": "另一处"}, merged.headers["etag"]
    ).raise_for_status()
    assert states(matter) == [("overdue", "over", "case-ended"), FOUND]
    come_by(place, due_at + timedelta(days=2))
    assert states(matter) == [("overdue", "over", "case-ended"), FOUND]
    assert instant(items(matter)[1]["found_at"]) == due_at


def correct(matter: Matter, **what: Any) -> None:
    """Puts something right: one person asks, another grants it."""
    asked = ask(matter, "dispatcher", **what)
    assert asked.status_code == 201, asked.text
    granted = decide(matter, asked.json())
    assert granted.status_code == 200, granted.text
    matter.refresh()


def test_a_correction_that_finds_it_was_another_unit_ends_it_and_names_that_one(place: Place) -> None:
    matter = overdue(place)
    matter.refresh()
    correct(matter, unit={"recorded_unit_id": "@urban-management", "right_unit_id": "@water-company"})
    assert states(matter) == [("overdue", "over", "corrected")]
    for minutes in (1, 2):
        come_by(place, place.now() + minutes * MINUTE)
        assert states(matter) == [("overdue", "over", "corrected"), FOUND]
    assert items(matter)[1]["unit_id"] == place.fill("@water-company")


def test_a_correction_that_finds_it_was_never_late_ends_it(place: Place) -> None:
    """Another category gives more time; it is late once that is over."""
    for code, days in (("municipal.lamps", 1), ("municipal.bridges", 9)):
        limit = {"term": {"unit": "working_day", "length": days}, "basis": "分类时限"}
        body = {"code": code, "title_zh": code, "parent": "municipal", "valid_from": "2026-01-01", "basis": "目录"}
        answer = place.client.post(place.administrator, "/categories", body | {"handling_limit": limit})
        assert answer.status_code == 201, answer.text
    matter = register(place, "hotline-order")
    matter.take("operator", "accept", {"category": "municipal.lamps"})
    matter.take("dispatcher", "dispatch", units=[{"unit_id": "@lead", "part": "lead"}])
    come_by(place, due_of(matter))
    assert states(matter) == [FOUND]
    matter.refresh()
    correct(matter, category="municipal.bridges")
    assert states(matter) == [("overdue", "over", "corrected")]
    assert waiting(place) == []
    come_by(place, due_of(matter))
    assert states(matter) == [("overdue", "over", "corrected"), FOUND]


def test_another_calendar_by_which_it_is_not_late_yet_ends_it(place: Place) -> None:
    place.hire(KEEPER, Role.TENANT_ADMINISTRATOR)
    matter = overdue(place)
    publish(place, closures=closing(date.fromisoformat(matter.deadline("handling")["due_on"])))
    place.house.work()
    assert states(matter) == [("overdue", "over", "corrected")]
    come_by(place, due_of(matter))
    assert states(matter) == [("overdue", "over", "corrected"), FOUND]
