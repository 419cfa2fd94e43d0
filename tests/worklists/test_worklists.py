"""Work lists over HTTP: each person's own, in the order in which it falls due, to the minute, and counted alike."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.tables import TENANT, case_unit
from tests.story.house import House, Place
from tests.story.matters import Matter, instant, register

LISTS = ("mine", "unit", "due-today", "overdue")
HOUR = {"term": {"unit": "hour", "length": 1}, "term_reason": "紧急"}
DAYS = {"term": {"unit": "working_day", "length": 3}, "term_reason": "按规定"}


def listed(place: Place, who: str, name: str, **query: Any) -> list[str]:
    """The ids of a work list, page by page."""
    ids: list[str] = []
    for _ in range(100):
        page = place.read(who, f"/worklists/{name}", **query)
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return ids
        query["cursor"] = page["next"]
    pytest.fail("the pages have no end")


def counts(place: Place, who: str) -> dict[str, int]:
    """How many cases each list has."""
    return {item["list"]: item["count"] for item in place.read(who, "/worklists")["items"]}


def dispatched(place: Place, term: dict[str, Any], unit: str = "@lead", who: str = "operator") -> Matter:
    """An order with a unit, on its own term."""
    matter = register(place, "hotline-order", who=who)
    matter.take("operator", "accept")
    matter.take("dispatcher", "dispatch", units=[{"unit_id": unit, "part": "lead", **term}])
    return matter


@pytest.fixture
def place(house: House) -> Place:
    """A hotline centre with two operators, at ten in the morning."""
    opened = house.open("ganzhou")
    opened.hire("second-operator", Role.INTAKE_CLERK, unit="hotline-centre")
    return opened


def test_everybody_has_their_own_earliest_due_first(place: Place) -> None:
    plain = register(place, "hotline-order")
    late = dispatched(place, DAYS)
    soon = dispatched(place, HOUR, "@second")
    other = dispatched(place, HOUR, who="second-operator")
    closed = register(place, "hotline-order").live("closed")
    assert listed(place, "operator", "mine") == [soon.id, late.id, plain.id]
    for limit in (1, 2):
        assert listed(place, "operator", "mine", limit=limit) == [soon.id, late.id, plain.id]
    assert listed(place, "second-operator", "mine") == [other.id]
    assert listed(place, "city-officer", "unit") == [other.id, late.id]
    assert listed(place, "water-officer", "unit") == [soon.id]
    assert listed(place, "city-officer", "mine") == []
    assert closed.id not in {id_ for who in ("operator", "dispatcher", "city-officer") for id_ in listed(place, who, "mine")}


def test_what_is_due_today_and_what_is_late(place: Place) -> None:
    soon, late = dispatched(place, HOUR), dispatched(place, DAYS)
    first, last = instant(soon.view["due_at"]), instant(late.view["due_at"])
    today = {"supervisor": [soon.id], "dispatcher": [soon.id], "operator": [soon.id], "city-officer": [soon.id]}
    today |= {"second-operator": [], "water-officer": []}
    for who, expected in today.items():
        assert (listed(place, who, "due-today"), listed(place, who, "overdue")) == (expected, []), who
    place.move(first - timedelta(seconds=40))
    assert listed(place, "supervisor", "overdue") == []
    assert place.now() < first, "the machine was too slow to ask within half a minute"
    place.move(first)
    for who, expected in today.items():
        assert (listed(place, who, "due-today"), listed(place, who, "overdue")) == ([], expected), who
    place.move(last - timedelta(hours=25))
    assert listed(place, "supervisor", "due-today") == []
    place.move(last - timedelta(hours=2))
    assert listed(place, "supervisor", "due-today") == [late.id]
    place.move(last)
    assert listed(place, "supervisor", "overdue") == [soon.id, late.id]
    assert listed(place, "supervisor", "overdue", limit=1) == [soon.id, late.id]


def test_the_counts_are_those_of_the_lists(place: Place) -> None:
    dispatched(place, HOUR)
    dispatched(place, DAYS, "@second")
    register(place, "hotline-order", who="second-operator")
    for who in ("operator", "second-operator", "dispatcher", "supervisor", "city-officer", "water-officer", "administrator"):
        found = counts(place, who)
        assert {name: found[name] for name in LISTS} == {name: len(listed(place, who, name)) for name in LISTS}, who
    assert counts(place, "operator")["mine"] == 2
    assert counts(place, "water-officer")["unit"] == 1


def test_who_signed_for_a_unit_has_the_case(place: Place) -> None:
    matter, other = dispatched(place, DAYS), dispatched(place, DAYS)
    officer = place.read("city-officer", "/me")["person_id"]
    sign(place, matter, officer)
    assert listed(place, "city-officer", "mine") == [matter.id]
    assert listed(place, "city-officer", "unit") == [matter.id, other.id]
    matter.take("city-officer", "report-result", result="已办。", evidence_note="现场确认。")
    matter.take("dispatcher", "reply", text="已办。")
    matter.take("dispatcher", "close", why_not_asked="未留联系方式")
    assert listed(place, "city-officer", "mine") == []


def sign(place: Place, matter: Matter, officer: str) -> None:
    """Marks the officer as who signed for the units of a case."""

    async def write() -> None:
        async with place.house.database.tenant(place.cast.tenant.id, actor=OPERATOR) as session:
            assert await session.execute(
                update(case_unit)
                .where(case_unit.c.tenant == TENANT, case_unit.c.case_id == UUID(matter.id))
                .values(officer_id=UUID(officer))
            )

    place.house.run(write)


def test_a_cursor_of_another_list_or_of_nobody_is_refused(place: Place) -> None:
    register(place, "hotline-order")
    register(place, "hotline-order")
    newest = place.read("operator", "/cases", limit=1)["next"]
    for cursor in (
        newest,
        "x",
        "bnVsbA",
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwWiIsIjAxOWU2ZDk0LTEyMzQtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJd",
    ):
        answer = place.get("operator", "/worklists/mine", cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (400, "api.cursor-malformed"), cursor


def test_lists_tell_a_reader_no_more_than_the_case_does(house: House) -> None:
    place = house.open("baoding")
    matter = register(place, "tip-off", title="窗口人员举报本单位目录").live("handling")
    (line,) = place.read("officer", "/worklists/unit")["items"]
    assert (line["id"], line["title"]) == (matter.id, matter.view["number"])
    assert listed(place, "officer", "mine") == []


def waiting(place: Place, who: str) -> list[tuple[str, str]]:
    """The requests that wait for a person: what is asked, of which case."""
    page = place.read(who, "/worklists/approvals")
    assert counts(place, who)["approvals"] == len(page["items"])
    return [(item["kind"], item["case"]["id"]) for item in page["items"]]


def test_what_a_unit_asks_waits_for_who_decides_it_and_for_nobody_else(place: Place) -> None:
    late, soon = dispatched(place, DAYS), dispatched(place, HOUR)
    for matter in (late, soon):
        matter.take(
            "city-officer", "return",
            return_ground="not-our-duty", reason="该路段不属本单位管养。", proposed_unit_id="@water-company",
        )  # fmt: skip
    expected = [("return", soon.id), ("return", late.id)]
    deciders = [
        who for who in ("operator", "dispatcher", "supervisor", "city-officer", "water-officer") if waiting(place, who)
    ]
    assert "dispatcher" in deciders
    assert not {"city-officer", "water-officer", "operator"} & set(deciders)
    assert waiting(place, "dispatcher") == expected
    first = place.read("dispatcher", "/worklists/approvals", limit=1)
    second = place.read("dispatcher", "/worklists/approvals", limit=1, cursor=first["next"])
    assert [item["case"]["id"] for item in first["items"] + second["items"]] == [soon.id, late.id]
    assert second["next"] is None
    assert first["items"][0]["reason"] == "该路段不属本单位管养。"
    proposed = str(place.cast.units["water-company"])
    assert first["items"][0]["details"] == {"return_ground": "not-our-duty", "proposed_unit_id": proposed}
    assert first["unit_names"][proposed] == "市水务集团"
    soon.take("dispatcher", "decline-return", reason="仍由你单位办理。")
    assert waiting(place, "dispatcher") == expected[1:]
