"""What a tip-off hides from a reader, no search, filter or count of that reader's tells either."""

from __future__ import annotations

from typing import Any

import pytest

from core.procedure import Role
from tests.story.house import House, Place
from tests.story.matters import Matter, registration

TITLE, NARRATIVE = "窗口人员举报本单位目录", "来信人在办证大厅工作，亲眼看见目录一年未更新。"
ACCOUNT = "反映某局目录未更新。"
DIVISION, ADDRESS = "130602", "裕华路七号办证大厅"
HIDDEN = ("窗口人员", "办证大厅", "来信人", "亲眼看见", "裕华路")
ENTRUSTED, OTHERS = ("clerk", "supervisor"), ("officer", "auditor", "admin")


@pytest.fixture(scope="module")
def place(house: House) -> Place:
    """A disclosure office, with an auditor."""
    opened = house.open("baoding")
    opened.hire("auditor", Role.AUDITOR)
    return opened


@pytest.fixture(scope="module")
def tip_off(place: Place) -> Matter:
    """A tip-off that a unit handles."""
    where = {"division": DIVISION, "address": ADDRESS}
    body = registration("tip-off", title=TITLE, narrative=NARRATIVE, place=where)
    answer = place.client.post("clerk", "/cases", body).raise_for_status()
    return Matter(place, "tip-off", answer.json(), answer.headers["etag"]).live("handling")


def ids(place: Place, who: str, **query: Any) -> list[str]:
    return [item["id"] for item in place.read(who, "/cases", **query)["items"]]


@pytest.mark.parametrize("word", HIDDEN)
def test_its_words_are_found_by_those_to_whom_it_is_entrusted(place: Place, tip_off: Matter, word: str) -> None:
    assert [ids(place, who, q=word) for who in ENTRUSTED] == [[tip_off.id]] * len(ENTRUSTED)
    assert [ids(place, who, q=word) for who in OTHERS] == [[]] * len(OTHERS)


@pytest.mark.parametrize("who", [*ENTRUSTED, *OTHERS])
def test_its_number_is_found_by_everybody_who_sees_it(place: Place, tip_off: Matter, who: str) -> None:
    assert ids(place, who, q=tip_off.view["number"]) == [tip_off.id]


def test_no_filter_tells_what_it_hides(place: Place, tip_off: Matter) -> None:
    clerk = tip_off.view["clerk_id"]
    for query in ({"division": DIVISION[:4]}, {"clerk_id": clerk}, {"clerk_id": clerk, "kind": "tip-off"}):
        assert [ids(place, who, **query) for who in ENTRUSTED] == [[tip_off.id]] * len(ENTRUSTED)
        assert [ids(place, who, **query) for who in OTHERS] == [[]] * len(OTHERS)


def test_no_count_tells_what_it_hides(place: Place, tip_off: Matter) -> None:
    def counts(who: str, **query: Any) -> dict[str, int]:
        items = place.read(who, "/cases/facets", **query)["items"]
        return {count["value"]: count["count"] for item in items for count in item["counts"]}

    assert counts("clerk", by="division") == {DIVISION: 1}
    assert counts("clerk", by="kind", q="办证大厅") == {"tip-off": 1}
    for who in OTHERS:
        assert counts(who, by="division") == {}
        assert counts(who, by="kind", q="办证大厅") == {}
        assert counts(who, by="kind") == {"tip-off": 1}


def test_no_table_tells_what_it_hides(place: Place, tip_off: Matter) -> None:
    for who in OTHERS:
        table = place.get(who, "/cases/export").raise_for_status().text
        assert tip_off.view["number"] in table
        assert not [word for word in (*HIDDEN, TITLE, DIVISION) if word in table]
    whole = place.get("clerk", "/cases/export").raise_for_status().text
    assert TITLE in whole
    assert DIVISION in whole
