"""What a front-end shows to people from what the staff of a city may read, and asks for no further clue."""

from __future__ import annotations

import pytest

from tests.story.house import Place
from tests.story.matters import CITY_OF, register

DISPATCHED = {
    "complaint": "dispatched",
    "tip-off": "handling",
    "hotline-order": "dispatched",
    "inspection-matter": "handling",
    "finding": "handling",
}


@pytest.mark.parametrize("kind", DISPATCHED)
def test_who_has_a_case_and_until_when_can_be_told_in_words(places: dict[str, Place], kind: str) -> None:
    place = places[CITY_OF[kind]]
    matter = register(place, kind).live(DISPATCHED[kind])
    names = {unit["id"]: unit["name"] for unit in place.read(matter.reader, "/units")["items"]}
    assert all(names[item["unit_id"]] for item in matter.view["units"])
    items = place.read(matter.reader, f"{matter.path}/deadlines")["items"]
    assert items
    for item in items:
        assert item["title"]["zh"]
        assert item["title"]["en"]
        assert item["holder_unit_id"] is None or names[item["holder_unit_id"]]
        text = "\n".join(item["lines"])
        assert item["clause"] in text
        assert item["due_on"] in text
        assert all(day["date"] in text for day in item["explanation"]["days"])


@pytest.mark.parametrize("kind", [kind for kind in DISPATCHED if kind != "hotline-order"])  # which has no facts by then
def test_the_facts_of_a_case_have_the_types_of_its_fields(places: dict[str, Place], kind: str) -> None:
    """What a step states and what a step establishes by being taken alike."""
    place = places[CITY_OF[kind]]
    matter = register(place, kind).live(DISPATCHED[kind])
    if kind == "complaint":
        matter.take("supervisor", "mark-complex", {"why_complex": "须向外省核实。"})
        assert matter.view["facts"]["complex"] is True
    (rules,) = [item for item in place.read(matter.reader, "/case-kinds")["items"] if item["key"] == kind]
    fields = {field["key"]: field["type"] for step in rules["steps"] for field in step["fields"]}
    assert matter.view["facts"]
    for name, value in matter.view["facts"].items():
        assert isinstance(value, bool) is (fields[name] == "boolean"), name
