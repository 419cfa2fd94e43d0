"""Lists over HTTP: every filter and any of them together, pages that lose and repeat nothing, lateness to the second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.story.house import House, Place
from tests.story.matters import Matter, instant, register

WHO = "inspector"
CASES = 24
MOST_PAGES = 200
HOURS = timedelta(hours=30)
_ENDS = {
    "inspection-matter": ("registered", "accepted", "classified", "handling", "handled", "closed"),
    "finding": ("registered", "classified", "handling", "reported", "rectified", "closed"),
}


@pytest.fixture(scope="module")
def cases(house: House) -> tuple[Place, list[dict[str, Any]]]:
    """Two kinds in every state, registered over some days, some late; as each reads alone, newest first."""
    place = house.open("jincheng")
    made: list[Matter] = []
    for index in range(CASES):
        kind = ("inspection-matter", "finding")[index % 2]
        made.append(register(place, kind, title=f"第{index}件").live(_ENDS[kind][index // 2 % 6]))
        if index % 6 == 5:
            place.move(place.now() + HOURS)
    return place, [matter.refresh() for matter in reversed(made)]


def listed(place: Place, who: str = WHO, **query: Any) -> list[dict[str, Any]]:
    """One page that is large enough."""
    asked = {name: value for name, value in query.items() if value is not None}
    found: list[dict[str, Any]] = place.read(who, "/cases", limit=200, **asked)["items"]
    return found


def naive(views: list[dict[str, Any]], **query: Any) -> list[str]:
    """The ids that the filters let through, by looking at each case alone."""
    return [view["id"] for view in views if all(_TESTS[name](view, value) for name, value in query.items() if value)]


_TESTS: dict[str, Callable[[dict[str, Any], str], bool]] = {
    "number": lambda view, value: view["number"] == value,
    "state": lambda view, value: view["state"] == value,
    "kind": lambda view, value: view["kind"] == value,
    "unit_id": lambda view, value: value in {item["unit_id"] for item in view["units"]},
    "overdue": lambda view, value: view["overdue"] is (value == "true"),
    "due_before": lambda view, value: view["due_at"] is not None and instant(view["due_at"]) < instant(value),
    "registered_from": lambda view, value: instant(view["registered_at"]) >= instant(value),
    "registered_before": lambda view, value: instant(view["registered_at"]) < instant(value),
}


def test_the_cases_are_worth_filtering(cases: tuple[Place, list[dict[str, Any]]]) -> None:
    _, views = cases
    assert {view["state"] for view in views} == {state for states in _ENDS.values() for state in states}
    assert {view["overdue"] for view in views} == {True, False}
    assert len({view["due_at"] for view in views}) > 5


def test_every_combination_of_filters(cases: tuple[Place, list[dict[str, Any]]]) -> None:
    place, views = cases
    middle = views[CASES // 2]["registered_at"]
    unit = str(place.cast.units["housing-bureau"])
    due = sorted(view["due_at"] for view in views if view["due_at"])
    choices = {
        "state": (None, "handling", "closed"),
        "kind": (None, "finding"),
        "unit_id": (None, unit),
        "overdue": (None, "true", "false"),
        "due_before": (None, due[len(due) // 2]),
        "registered_from": (None, middle),
        "registered_before": (None, middle),
    }
    asked = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda query: [item["id"] for item in listed(place, **query)], asked))
    for query, ids in zip(asked, found, strict=True):
        assert ids == naive(views, **query), query
    assert sum(bool(ids) for ids in found) > len(asked) // 4, "hardly a combination has any case"


def test_each_number_finds_its_case_and_no_other(cases: tuple[Place, list[dict[str, Any]]]) -> None:
    place, views = cases
    for view in views:
        assert [item["id"] for item in listed(place, number=view["number"])] == [view["id"]]
    assert listed(place, number=views[0]["number"][:-1]) == []
    assert listed(place, number=views[0]["number"], state="refused") == []


def test_an_instant_in_any_zone_is_the_same(cases: tuple[Place, list[dict[str, Any]]]) -> None:
    place, views = cases
    when = instant(views[3]["registered_at"])
    forms = [when.astimezone(zone).isoformat() for zone in (None, instant("2026-01-01T00:00:00+08:00").tzinfo)]
    assert len({tuple(item["id"] for item in listed(place, registered_from=form)) for form in forms}) == 1


@pytest.mark.parametrize("limit", [1, 7, CASES, CASES + 1])
def test_pages_have_every_case_once_while_others_register(cases: tuple[Place, list[dict[str, Any]]], limit: int) -> None:
    """Walked by the Link headers alone; what is registered meanwhile comes before the first page and is not missed there."""
    place, views = cases
    walked: list[str] = []
    newcomers: list[str] = []
    for page in walk(place, limit):
        assert len(page) <= limit
        walked += page
        newcomers.append(register(place, "finding", title="新来的").id)
    known = {view["id"] for view in views}
    assert [id_ for id_ in walked if id_ in known] == [view["id"] for view in views]
    assert len(walked) == len(set(walked))
    assert not set(walked) & set(newcomers)
    first = [item["id"] for item in listed(place)]
    assert first[: len(newcomers)] == newcomers[::-1]


def walk(place: Place, limit: int, **query: Any) -> Iterator[list[str]]:
    """Each page's ids, from the first to where no Link leads on."""
    answer = place.get(WHO, "/cases", limit=limit, **query).raise_for_status()
    for _ in range(MOST_PAGES):
        body = answer.json()
        yield [item["id"] for item in body["items"]]
        link = answer.links.get("next")
        assert (link is None) is (body["next"] is None)
        if link is None:
            return
        base = f"{place.house.service.address}/t/{place.slug}/v1"
        assert link["url"].startswith(base)
        answer = place.client.get(WHO, link["url"].removeprefix(base)).raise_for_status()
    pytest.fail("the pages have no end")


def test_pages_of_a_filtered_list_keep_the_filter(cases: tuple[Place, list[dict[str, Any]]]) -> None:
    place, views = cases
    query = {"state": "handling", "registered_before": views[0]["registered_at"]}
    walked = [id_ for page in walk(place, 1, **query) for id_ in page]
    assert walked == naive(views, **query)
    assert len(walked) > 1


@pytest.fixture
def order(open_place: Callable[[str], Place]) -> Matter:
    """An order with a term of one hour, in a tenant of its own."""
    place = open_place("ganzhou")
    matter = register(place, "hotline-order")
    matter.take("operator", "accept")
    hour = {"term": {"unit": "hour", "length": 1}, "term_reason": "紧急"}
    matter.take("dispatcher", "dispatch", units=[{"unit_id": "@lead", "part": "lead", **hour}])
    return matter


def test_lateness_comes_with_the_clock_and_not_before(order: Matter) -> None:
    place, due_at = order.place, instant(order.view["due_at"])
    assert late_in_lists(order) == (False, False)
    place.move(due_at - timedelta(seconds=30))
    assert late_in_lists(order) == (False, False)
    assert place.now() < due_at, "the machine was too slow to ask within half a minute"
    place.move(due_at)
    assert late_in_lists(order) == (True, True)
    assert place.now() < due_at + timedelta(minutes=1)
    order.take("city-officer", "report-result", result="已办。", evidence_note="现场确认。")
    assert (late_in_lists(order), order.view["due_at"]) == ((False, False), None)


def late_in_lists(order: Matter) -> tuple[bool, bool]:
    """Whether it is late by the item, and by the lists, which must agree with each other."""
    late, timely = (listed(order.place, "supervisor", overdue=flag) for flag in ("true", "false"))
    assert len(late) + len(timely) == 1
    (line,) = late + timely
    assert line["overdue"] is bool(late)
    return order.refresh()["overdue"], bool(late)


def test_due_before_is_exclusive_and_speaks_of_open_deadlines(order: Matter) -> None:
    due_at = instant(order.view["due_at"])
    for moment, found in ((due_at, 0), (due_at + timedelta(microseconds=1), 1)):
        assert len(listed(order.place, "supervisor", due_before=moment.isoformat())) == found
    order.take("city-officer", "report-result", result="已办。", evidence_note="现场确认。")
    assert listed(order.place, "supervisor", due_before="2999-01-01T00:00:00Z") == []


def test_a_unit_filter_follows_the_dispatch(order: Matter) -> None:
    lead, second = (str(order.place.cast.units[name]) for name in ("urban-management", "water-company"))
    found = {unit: len(listed(order.place, "supervisor", unit_id=unit)) for unit in (lead, second)}
    assert found == {lead: 1, second: 0}
