"""A front-end learns who its user is, and offers only the steps that this person can take."""

from __future__ import annotations

from core.procedure import Role
from tests.story.house import Place
from tests.story.matters import register


def test_who_i_am(places: dict[str, Place]) -> None:
    place = places["ganzhou"]
    me = place.read("city-officer", "/me")
    assert (me["tenant"], me["jurisdiction"], me["sandbox"]) == (place.slug, "ganzhou", True)
    assert me["roles"] == [{"role": "unit-officer", "unit_id": str(place.cast.units["urban-management"])}]
    assert me["units"] == [str(place.cast.units["urban-management"])]
    assert "cases:read" in me["scopes"]


def test_my_steps_are_those_that_are_not_refused_for_who_i_am(places: dict[str, Place]) -> None:
    place = places["ganzhou"]
    matter = register(place, "hotline-order").live("dispatched")
    kind = place.cast.city.kind("hotline-order")
    for person in place.cast.city.story.people:
        answer = place.get(person.key, matter.path)
        if answer.status_code == 404:
            continue
        case = answer.json()
        by = {key: kind.step(key).by for key in case["next_steps"]}
        for key in case["next_steps"]:
            fits = set(person.roles) & set(by[key])
            if key in case["my_steps"]:
                assert fits, (person.key, key)
            elif fits:
                assert fits == {Role.UNIT_OFFICER}, (person.key, key)


def test_lead_and_cooperating_unit_see_their_own_report(places: dict[str, Place]) -> None:
    place = places["ganzhou"]
    matter = register(place, "hotline-order").live("dispatched")
    parts = {item["unit_id"]: item["part"] for item in matter.view["units"]}
    for who, unit in (("city-officer", "urban-management"), ("water-officer", "water-company")):
        part = parts.get(str(place.cast.units[unit]))
        if part is None:
            continue
        mine = place.read(who, matter.path)["my_steps"]
        assert ("report-result" in mine) is (part == "lead")
        assert ("report-part" in mine) is (part == "cooperating")
