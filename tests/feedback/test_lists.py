"""Lists by what was said of the last reply: for the staff at once, for units when nobody is asked any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from core.procedure import Role
from tests.feedback.replied import CALLED, CONTENT, FIRST, UNHAPPY, Replied, replied
from tests.story.house import House, Place


@dataclass
class Asked:
    """Three orders of one caller: one who is content, one who is not and whose case moved on, one who was not reached."""

    place: Place
    content: Replied
    unhappy: Replied
    silent: Replied

    def found(self, who: str, **query: Any) -> set[str]:
        """The ids that somebody's list has."""
        return {item["id"] for item in self.place.read(who, "/cases", **query)["items"]}


@pytest.fixture(scope="module")
def asked(house: House) -> Asked:
    """A tenant with these orders."""
    place = house.open("ganzhou")
    place.hire("auditor", Role.AUDITOR)
    place.hire("both", Role.DISPATCHER, Role.UNIT_OFFICER, unit="urban-management")
    content, unhappy, silent = (replied(place) for _ in range(3))
    content.take("operator", "call-back", CALLED | CONTENT)
    unhappy.take("operator", "call-back", CALLED | UNHAPPY)
    unhappy.take("dispatcher", "close", why_not_sent_back="诉求超出规定范围。")
    silent.take("operator", "call-back", reached="not-reached")
    return Asked(place, content, unhappy, silent)


@pytest.mark.parametrize("who", ["operator", "dispatcher", "auditor"])
def test_the_staff_find_what_was_said(asked: Asked, who: str) -> None:
    assert asked.found(who, satisfied="true") == {asked.content.id}
    assert asked.found(who, satisfied="false") == {asked.unhappy.id}
    assert asked.found(who, satisfied="false", state="replied") == set()
    assert asked.place.get(who, "/cases", satisfied="maybe").status_code == 400


def test_the_same_filter_stands_in_a_body(asked: Asked) -> None:
    found = asked.place.client.post("operator", "/cases/search", {"satisfied": False}).json()["items"]
    assert {item["id"] for item in found} == {asked.unhappy.id}


@pytest.mark.parametrize("who", ["city-officer", "both"])
def test_units_find_it_when_the_round_is_over(asked: Asked, who: str) -> None:
    assert asked.found(who, satisfied="true") == set(), "somebody can still be asked"
    assert asked.found(who, satisfied="false") == {asked.unhappy.id}


@pytest.mark.parametrize(
    ("who", "counts"),
    [
        ("operator", {"true": 1, "false": 1, None: 1}),
        ("auditor", {"true": 1, "false": 1, None: 1}),
        ("city-officer", {"false": 1, None: 2}),
        ("both", {"false": 1, None: 2}),
    ],
)
def test_it_is_counted_as_it_is_listed(asked: Asked, who: str, counts: dict[str | None, int]) -> None:
    (facet,) = asked.place.read(who, "/cases/facets", by="satisfied")["items"]
    assert {item["value"]: item["count"] for item in facet["counts"]} == counts


def test_a_callers_history_tells_it(asked: Asked) -> None:
    told = asked.place.client.post("operator", "/callers/lookups", {"phone": FIRST["phone"]}).json()["items"]
    said = {asked.content.id: True, asked.unhappy.id: False, asked.silent.id: None}
    assert {item["case_id"]: item["satisfied"] for item in told} == said


def test_what_was_said_of_an_earlier_reply_is_not_what_is_found(house: House) -> None:
    place = house.open("ganzhou")
    matter = replied(place)
    matter.take("operator", "call-back", CALLED | UNHAPPY)
    matter.take("dispatcher", "send-back", reason="未解决")
    again = Asked(place, matter, matter, matter)
    assert again.found("operator", satisfied="false") == set()
    assert again.found("operator") == {matter.id}
