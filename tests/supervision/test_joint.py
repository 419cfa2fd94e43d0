"""A joint order: supervised is the unit that is late or at fault, and no other (ganzhou:hotline-2022#6.3, #7, #17)."""

from __future__ import annotations

from typing import Any

import pytest

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
    states,
    supervise,
    waiting,
)  # fmt: skip

LEAD, SECOND = "@urban-management", "@water-company"


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


def second_late(place: Place) -> Matter:
    """An order of which the cooperating unit alone is late, a worker having come by."""
    matter = dispatched(place, 5, 2)
    come_by(place, due_of(matter, SECOND))
    return matter


def supervised(matter: Matter) -> list[tuple[str, str]]:
    """Who has time of the supervision, and in which state."""
    return [(item["holder_unit_id"], item["state"]) for item in matter.view["deadlines"] if "supervision" in item["key"]]


@pytest.mark.parametrize("way", WAYS)
def test_the_unit_that_is_late_is_supervised_and_has_its_own_two_days(place: Place, way: str) -> None:
    matter, second = second_late(place), place.fill(SECOND)
    body: dict[str, Any] = WAYS[way] | {"matter": f"{CITED}6.3"}
    for named in ({}, {"supervised_units": [place.fill(LEAD)]}, {"supervised_units": [place.fill(LEAD), second]}):
        refused = matter.attempt("supervisor", way, body | named)
        assert (refused.status_code, refused.json()["clause"]) == (422, f"{CITED}6.3"), "the lead is in time"
        assert refused.json()["field"] == "/supervised_units"
    assert [item["unit_id"] for item in items(matter)] == [second]
    matter.take("supervisor", way, body | {"supervised_units": [second]})
    assert supervised(matter) == [(second, "open")]
    assert states(matter) == [("overdue", "supervised", "supervised")]
    matter.take("water-officer", "report-part", {"result": "已止漏。"})
    assert supervised(matter) == [(second, "met")]


def test_what_another_unit_is_supervised_for_leaves_the_work_of_the_lead_as_it_is(place: Place) -> None:
    matter = dispatched(place, 5, 2)
    matter.take("city-officer", "report-result", DONE)
    come_by(place, due_of(matter, SECOND))
    supervise(matter, supervised_units=[place.fill(SECOND)])
    assert matter.view["state"] == "handled", "the lead has reported"
    matter.take("dispatcher", "reply", {"text": "路面已修复。"})
    matter.take("operator", "call-back", {"reached": "reached", "satisfied": True})
    refused = matter.attempt("dispatcher", "close")
    assert (refused.status_code, refused.json()["field"]) == (422, "/left_open_reason")
    assert refused.json()["clause"] == f"{CITED}6.3"
    matter.take("dispatcher", "close", {"left_open_reason": "协办事项已由牵头单位一并完成。"})


def test_supervising_one_of_two_that_are_late_leaves_the_other(place: Place) -> None:
    matter = dispatched(place, 2, 2)
    come_by(place, due_of(matter, LEAD))
    supervise(matter)
    by_unit = {item["unit_id"]: item["state"] for item in items(matter)}
    assert by_unit == {place.fill(LEAD): "supervised", place.fill(SECOND): "found"}
    supervise(matter, "supervise-in-writing", supervised_units=[place.fill(SECOND)])
    assert {item["state"] for item in items(matter)} == {"supervised"}
    assert supervised(matter) == [(place.fill(LEAD), "open"), (place.fill(SECOND), "open")]


def test_what_was_supervised_before_the_worker_came_is_that_unit_alone(place: Place) -> None:
    matter = dispatched(place, 2, 2)
    due_at = due_of(matter, LEAD)
    place.move(due_at + MINUTE)
    supervise(matter)
    come_by(place, due_at + 2 * MINUTE)
    by_unit = {item["unit_id"]: item["state"] for item in items(matter)}
    assert by_unit == {place.fill(LEAD): "supervised", place.fill(SECOND): "found"}


def test_a_unit_that_does_not_have_the_order_is_not_supervised(place: Place) -> None:
    matter = second_late(place)
    body = WAYS["supervise-by-message"] | {"matter": f"{CITED}6.2", "supervised_units": [place.fill("@road-upkeep")]}
    refused = matter.attempt("supervisor", "supervise-by-message", body)
    assert (refused.status_code, refused.json()["clause"]) == (422, "wenze:house#membership")


@pytest.mark.parametrize(
    ("way", "expected"), [("supervise-by-message", ["open", "open"]), ("supervise-by-leader", ["replaced", "open"])]
)
def test_who_is_called_again_has_no_more_time_for_it_and_who_is_given_another_term_has(
    place: Place, way: str, expected: list[str]
) -> None:
    """ganzhou:hotline-2022#7.1: two working days of receiving it; #7.4: the term that the leader sets."""
    place.move(instant("2026-05-11T10:00:00+08:00"))
    matter = dispatched(place, 5)
    first = WAYS[way] | {"matter": f"{CITED}6.2"}
    matter.take("supervisor", way, first)
    place.move(instant("2026-05-12T10:00:00+08:00"))
    matter.take("supervisor", way, first | ({"term": {"unit": "working_day", "length": 5}} if "term" in first else {}))
    found = [item for item in matter.view["deadlines"] if "supervision" in item["key"]]
    assert [item["state"] for item in found] == expected
    assert found[0]["due_on"] < found[1]["due_on"]
    matter.take("city-officer", "report-result", DONE)
    assert {state for _, state in supervised(matter)} == ({"met"} if expected[0] == "open" else {"replaced", "met"})


def outside_late(place: Place) -> Matter:
    """An order led by a unit that is no member, which lets its term run out."""
    matter = register(place, "hotline-order")
    matter.take("operator", "accept")
    term = {"term": {"unit": "working_day", "length": 2}, "term_reason": "情况需要"}
    matter.take("dispatcher", "dispatch", units=[{"unit_id": "@hotline-centre", "part": "lead", **term}])
    come_by(place, due_of(matter))
    return matter


def test_the_list_says_that_the_superior_of_a_unit_that_is_no_member_is_told_first(place: Place) -> None:
    matter, other = outside_late(place), dispatched(place)
    come_by(place, due_of(other))
    first = {item["case_id"]: item["first"] for item in waiting(place)}
    assert first[other.id] is None
    assert (first[matter.id]["step"], first[matter.id]["clause"]) == ("tell-superior", f"{CITED}17")
    assert items(matter)[0]["first"] == first[matter.id]
    refused = matter.attempt("supervisor", "supervise-by-message", WAYS["supervise-by-message"] | {"matter": f"{CITED}6.3"})
    assert (refused.status_code, refused.json()["clause"]) == (422, f"{CITED}17")
    matter.take("supervisor", "tell-superior", {"superior": "市政府办公室", "told_superior": "办件已逾期。"})
    assert [item["first"] for item in waiting(place)] == [None, None]
    supervise(matter)
    assert states(matter) == [("overdue", "supervised", "supervised")]
