"""Departing from the duty to supervise (R9): with the reason on record, by a supervisor of none of the units concerned."""

from __future__ import annotations

import json

import pytest

from core.procedure import Role
from tests.story.house import House, Place
from tests.supervision.late import come_by, depart, due_of, items, overdue, states, supervise, told, waiting

PATH = "/supervision-items"


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


def test_it_is_departed_from_once_with_the_reason(place: Place) -> None:
    matter = overdue(place)
    (item,) = items(matter)
    answer = depart(item, place)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    who = place.read("supervisor", "/me")["person_id"]
    assert (made["state"], made["reason"], made["person_id"]) == ("departed", "当日即将办结。", who)
    assert answer.headers["etag"] == '"2"'
    assert items(matter) == [made]
    assert waiting(place) == []
    assert told(place) == [("supervision.found", None), ("supervision.ended", "departed")]
    again = depart(item, place)
    assert (again.status_code, again.json()["code"]) == (412, "supervision.stale")
    again = depart(item, place, etag='"2"')
    assert (again.status_code, again.json()["code"]) == (409, "supervision.ended")
    supervise(matter)
    assert states(matter) == [("overdue", "departed", "departed")], "what was decided stays"


def test_it_needs_its_version_its_key_and_its_reason(place: Place) -> None:
    (item,) = items(overdue(place))
    path, before = f"{PATH}/{item['id']}/departure", place.counts()
    for body, headers, status in (
        ({"reason": "理由"}, {"idempotency-key": "a"}, 428),
        ({"reason": "理由"}, {"if-match": '"1"'}, 400),
        ({"reason": ""}, {"idempotency-key": "b", "if-match": '"1"'}, 400),
        ({}, {"idempotency-key": "c", "if-match": '"1"'}, 400),
        ({"reason": "理由"}, {"idempotency-key": "d", "if-match": '"7"'}, 412),
    ):
        answer = place.client.send("supervisor", "POST", path, headers, json.dumps(body).encode())
        assert answer.status_code == status, answer.text
    assert place.counts() == before


def test_nobody_departs_from_what_is_about_a_unit_of_their_own(place: Place) -> None:
    matter = overdue(place, 2, 5)
    (item,) = items(matter)
    for unit in ("urban-management", "water-company"):
        place.hire(f"of-{unit}", Role.SUPERVISOR, unit=unit)
        refused = depart(item, place, f"of-{unit}")
        assert (refused.status_code, refused.json()["code"]) == (403, "supervision.own-unit")
    recused = place.client.post("supervisor", f"{matter.path}/recusals", {"reason": "近亲属在该单位任职。"})
    assert recused.status_code == 201, recused.text
    refused = depart(item, place)
    assert (refused.status_code, refused.json()["code"]) == (403, "recusals.recused")
    assert waiting(place) == [], "nor is it theirs to see to"
    assert len(waiting(place, "dispatcher")) == len([item])


@pytest.mark.parametrize("who", ["operator", "dispatcher", "city-officer", "administrator"])
def test_others_do_not_depart(place: Place, who: str) -> None:
    (item,) = items(overdue(place))
    refused = depart(item, place, who)
    assert (refused.status_code, refused.json()["code"]) == (403, "tenants.role-missing")


def test_a_departure_is_of_that_deadline_and_not_of_the_next(place: Place) -> None:
    matter = overdue(place)
    depart(items(matter)[0], place).raise_for_status()
    supervise(matter)
    come_by(place, due_of(matter, key="supervision-by-message"))
    assert states(matter) == [("overdue", "departed", "departed"), ("overdue", "found", None)]
