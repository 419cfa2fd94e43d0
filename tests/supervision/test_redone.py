"""Sent back, redone and still not satisfied: to be supervised once the unit's fault is found (ganzhou:hotline-2022#6.4)."""

from __future__ import annotations

import pytest

from tests.feedback.replied import UNHAPPY, answer, replied
from tests.story.house import House, Place
from tests.story.matters import register
from tests.supervision.late import CITED, DONE, items, states, supervise, told, unhappy_after_redo, unsatisfied, waiting

FOUND = ("redone-in-vain", "found", None)


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


def test_it_is_found_with_the_second_answer_and_says_that_the_fault_is_to_be_found(place: Place) -> None:
    matter = register(place, "hotline-order").live("replied")
    unsatisfied(matter)
    assert states(matter) == [], "it was not redone yet"
    matter.take("dispatcher", "send-back", reason="诉求人不满意")
    matter.take("city-officer", "report-result", DONE)
    matter.take("dispatcher", "reply", text="已返工。")
    assert states(matter) == []
    unsatisfied(matter)
    (found,) = waiting(place)
    assert (found["clause"], found["still_to_find"]) == (f"{CITED}6.4", "unit_at_fault")
    assert found["unit_id"] == place.fill("@urban-management")
    facts = {name: value for name, value in found["facts"].items() if value is not None}
    assert facts == {"step": "call-back", "found_by": matter.steps()[-1]["id"], "round": 2}
    assert found["deadline_id"] is None
    supervise(matter, clause="6.4", unit_at_fault=True)
    assert states(matter) == [("redone-in-vain", "supervised", "supervised")]
    assert told(place) == [("supervision.found", None), ("supervision.ended", "supervised")]


def test_several_who_say_so_of_one_reply_are_one_matter_and_the_next_reply_is_another(place: Place) -> None:
    matter = replied(place, {"name": "曾小妹", "phone": "13911112222"})
    assert answer(place, matter.receipts[0], **UNHAPPY).status_code == 200
    matter.refresh()
    matter.take("dispatcher", "send-back", reason="诉求人不满意")
    matter.take("city-officer", "report-result", DONE)
    matter.take("dispatcher", "reply", text="已返工。")
    for receipt in matter.receipts:
        assert answer(place, receipt, **UNHAPPY).status_code == 200
    assert states(matter) == [FOUND]
    matter.refresh()
    supervise(matter, clause="6.4", unit_at_fault=True)
    matter.take("city-officer", "report-result", DONE)
    matter.take("dispatcher", "reply", text="再次返工。")
    assert answer(place, matter.receipts[0], **UNHAPPY).status_code == 200
    assert states(matter) == [("redone-in-vain", "supervised", "supervised"), FOUND]


def test_whoever_is_satisfied_after_all_ends_it(place: Place) -> None:
    matter = unhappy_after_redo(place)
    matter.take("operator", "call-back", {"reached": "reached", "satisfied": True, "note": "诉求人更正其答复"})
    assert states(matter) == [("redone-in-vain", "over", "answered")]
    matter.take("operator", "call-back", {
        "reached": "reached", "satisfied": False, "dissatisfaction": "not-solved", "note": "又反悔",
    })  # fmt: skip
    assert states(matter) == [("redone-in-vain", "over", "answered"), FOUND]


def test_a_case_that_is_filed_as_nobody_s_fault_ends_it(place: Place) -> None:
    matter = unhappy_after_redo(place)
    matter.take("dispatcher", "close", {"unit_at_fault": False})
    assert states(matter) == [("redone-in-vain", "over", "case-ended")]


def test_supervising_what_is_late_does_not_end_it(place: Place) -> None:
    matter = unhappy_after_redo(place)
    supervise(matter, clause="6.2")
    assert states(matter) == [FOUND]
    assert [item["state"] for item in items(matter, "city-officer")] == []
