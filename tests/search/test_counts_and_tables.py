"""Counts per facet and tables for spreadsheets: what the list shows, no more, and nothing that runs."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

import pytest

from api.routes.case_tables import defuse
from tests.story.house import House, Place
from tests.story.matters import Matter, register, registration

CASES = 13
TITLES = ('=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "＝1+1", "正常的标题", '带"引号"，和,逗号\n换行')
STATES = ("registered", "accepted", "dispatched", "replied")


@pytest.fixture(scope="module")
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


@pytest.fixture(scope="module")
def views(place: Place) -> list[dict[str, Any]]:
    """Orders in several states, newest first."""
    made = []
    for index in range(CASES):
        where = {"division": "360702"} if index % 3 else None
        words = registration("hotline-order", title=TITLES[index % len(TITLES)], place=where, urgent=index % 4 == 0)
        answer = place.client.post("operator", "/cases", words).raise_for_status()
        matter = Matter(place, "hotline-order", answer.json(), answer.headers["etag"])
        made.append(matter.live(STATES[index % len(STATES)]).refresh())
    return made[::-1]


def counted(place: Place, who: str, by: str, **query: Any) -> dict[str, dict[str | None, int]]:
    """The counts by facet and value."""
    items = place.read(who, "/cases/facets", by=by, **query)["items"]
    return {item["facet"]: {count["value"]: count["count"] for count in item["counts"]} for item in items}


@pytest.mark.parametrize(
    ("query", "keep"),
    [
        ({}, lambda _: True),
        ({"state": "accepted,dispatched"}, lambda view: view["state"] in {"accepted", "dispatched"}),
        ({"division": "3607"}, lambda view: view["division"] is not None),
        ({"q": "标题", "closed": "false"}, lambda view: "标题" in view["title"]),
    ],
)
def test_counts_are_those_of_the_list(place: Place, views: list[dict[str, Any]], query: dict[str, str], keep: Any) -> None:
    kept = [view for view in views if keep(view)]
    found = counted(place, "operator", "state,kind,channel,track,category,division,urgent,unit", **query)
    for facet in ("state", "kind", "channel", "track", "category", "division"):
        assert found[facet] == Counter(view[facet] for view in kept), facet
    assert found["urgent"] == Counter(str(view["urgent"]).lower() for view in kept)
    assert found["unit"] == Counter(item["unit_id"] for view in kept for item in view["units"])


def test_units_are_told_by_name(place: Place, views: list[dict[str, Any]]) -> None:
    (item,) = place.read("operator", "/cases/facets", by="unit")["items"]
    assert {count["name"] for count in item["counts"]} == {"市城市管理局", "市水务集团"}
    page = place.read("operator", "/cases", limit=200)
    units = {part["unit_id"] for line in page["items"] for part in line["units"]}
    assert page["unit_names"].keys() == units
    assert set(page["unit_names"].values()) == {"市城市管理局", "市水务集团"}


def test_units_are_counted_beside_the_one_that_is_looked_for(place: Place, views: list[dict[str, Any]]) -> None:
    unit = next(part["unit_id"] for view in views for part in view["units"])
    kept = [view for view in views if unit in {part["unit_id"] for part in view["units"]}]
    expected = Counter(part["unit_id"] for view in kept for part in view["units"])
    assert counted(place, "operator", "unit", unit_id=unit)["unit"] == expected


def test_a_unit_counts_its_own_cases(place: Place, views: list[dict[str, Any]]) -> None:
    own = [view for view in views if view["units"]]
    assert counted(place, "city-officer", "state")["state"] == Counter(view["state"] for view in own)


@pytest.mark.parametrize("by", ["", "colour", "state,colour", ",", "state;", "x" * 300])
def test_a_facet_that_is_none_is_refused(place: Place, by: str) -> None:
    answer = place.get("operator", "/cases/facets", by=by)
    assert (answer.status_code, answer.json()["field"]) == (400, "by")


def table(place: Place, who: str, **query: Any) -> list[list[str]]:
    """The rows of an export."""
    answer = place.get(who, "/cases/export", **query).raise_for_status()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="cases.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_a_table_has_a_row_per_case_and_no_formula(place: Place, views: list[dict[str, Any]]) -> None:
    header, *rows = table(place, "operator")
    assert [row[0] for row in rows] == [view["number"] for view in views]
    assert [row[header.index("Title")] for row in rows] == [defuse(view["title"]) for view in views]
    assert not [
        cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    ]
    assert {len(row) for row in rows} == {len(header)}
    answer = place.client.send("operator", "GET", "/cases/export", {"Accept-Language": "zh"})
    assert answer.text.splitlines()[0].lstrip("\ufeff").startswith("编号,类型,状态,渠道")


def test_a_table_tells_the_last_day_of_a_term(place: Place, views: list[dict[str, Any]]) -> None:
    header, *rows = table(place, "operator")
    told = {row[0]: row[header.index("Due on")] for row in rows}
    running = [(view["number"], [item for item in view["deadlines"] if item["state"] == "open"]) for view in views]
    expected = {number: min(items, key=lambda item: item["due_at"])["due_on"] if items else "" for number, items in running}
    assert told == expected
    assert any(expected.values())
    answer = place.client.send("operator", "GET", "/cases/export", {"Accept-Language": "zh"})
    assert "到期日" in answer.text.splitlines()[0].split(",")


def test_a_table_of_filters_in_parts(place: Place, views: list[dict[str, Any]]) -> None:
    expected = [view["number"] for view in views if view["division"]]
    numbers: list[str] = []
    answer = place.get("operator", "/cases/export", limit=2, division="36")
    base = f"{place.house.service.address}/t/{place.slug}/v1"
    for _ in range(CASES):
        rows = list(csv.reader(io.StringIO(answer.raise_for_status().content.decode("utf-8-sig"), newline="")))[1:]
        assert len(rows) <= 2
        numbers += [row[0] for row in rows]
        if "next" not in answer.links:
            break
        answer = place.client.get("operator", answer.links["next"]["url"].removeprefix(base))
    assert numbers == expected


@pytest.mark.parametrize(("name", "value"), [("limit", "10001"), ("limit", "0"), ("cursor", "x"), ("sort", "due")])
def test_a_table_that_cannot_be_is_refused(place: Place, name: str, value: str) -> None:
    assert place.get("operator", "/cases/export", **{name: value}).status_code == 400


def test_the_earliest_due_come_first_page_by_page(place: Place, views: list[dict[str, Any]]) -> None:
    register(place, "hotline-order").live("dispatched")
    views = place.read("operator", "/cases", limit=200)["items"]
    expected = [view["id"] for view in sorted((v for v in views if v["due_at"]), key=lambda v: (v["due_at"], v["id"]))]
    assert len(expected) > 2
    for limit in (1, 2, 200):
        ids: list[str] = []
        query: dict[str, str] = {}
        while True:
            page = place.read("operator", "/cases", sort="due", limit=limit, **query)
            ids += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            query = {"cursor": page["next"]}
        assert ids == expected
    newest = place.read("operator", "/cases", limit=1)["next"]
    assert place.get("operator", "/cases", sort="due", cursor=newest).status_code == 400
