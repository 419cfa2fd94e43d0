"""What the units see: of a tip-off the account made for them, of other units' cases nothing, in lists as in items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from core.procedure import Role
from tests.story.house import Place
from tests.story.matters import CITY_OF, LEAD_ONLY, Matter, register, shared

TITLE = "窗口人员举报本单位目录"
NARRATIVE = "来信人在窗口工作，亲眼看见目录一年未更新。"
ACCOUNT = "反映某局目录未更新。"
INTAKE = (TITLE, "来信人", "某局一科", "窗口工作", "baoding:tip-offs-2010#4.5", "administrative-organ")
"""What the intake was told and found out, and the account does not say."""


@pytest.fixture(scope="module")
def tip_off(baoding: Place) -> Matter:
    """A named tip-off that has gone to the disclosure office."""
    baoding.hire("housing-officer", Role.UNIT_OFFICER, unit="housing-bureau")
    baoding.hire("auditor", Role.AUDITOR)
    matter = register(
        baoding,
        "tip-off",
        title=TITLE,
        narrative=NARRATIVE,
        subject="某局一科",
        petitioner={"name": "王岩", "phone": "13900000001"},
    )
    matter.take("clerk", "accept", subject_class="administrative-organ", note="来信人要求保密")
    matter.take("clerk", "inform-status", status_form="letter", status_text="致来信人：已受理。")
    matter.live("handling")
    return matter


def test_the_unit_sees_the_account_and_not_the_tip_off(tip_off: Matter) -> None:
    seen = tip_off.place.read("officer", tip_off.path)
    assert (seen["title"], seen["narrative"]) == (seen["number"], ACCOUNT)
    assert seen["facts"].pop("identity_removed") is True
    assert seen["facts"] == {}
    whole = tip_off.place.read("clerk", tip_off.path)
    assert (whole["title"], whole["narrative"], whole["facts"]["subject"]) == (TITLE, ACCOUNT, "某局一科")
    told = {name for name in shared(whole) if whole[name] != seen[name]}
    assert told == {"title", "facts", "clerk_id", "petitioners"}


@pytest.mark.parametrize("who", ["officer", "auditor", "admin"])
@pytest.mark.parametrize("part", ["", "/steps", "/deadlines"])
def test_to_whom_it_is_not_entrusted_no_reply_tells_of_the_intake(tip_off: Matter, who: str, part: str) -> None:
    text = tip_off.place.get(who, f"{tip_off.path}{part}").raise_for_status().text
    assert not [word for word in INTAKE if word in text]
    listed = tip_off.place.get(who, "/cases").raise_for_status().text
    assert tip_off.id in listed
    assert not [word for word in INTAKE if word in listed]


@pytest.mark.parametrize("who", ["clerk", "supervisor", "leader", "investigator"])
def test_who_works_on_tip_offs_sees_all_of_it(tip_off: Matter, who: str) -> None:
    """But never who it was: that is read for a purpose, by the few."""
    assert shared(tip_off.place.read(who, tip_off.path)) == shared(tip_off.place.read("clerk", tip_off.path))
    said = tip_off.place.read(who, f"{tip_off.path}/steps")["items"]
    assert all(item["data"] for item in said if item["step"] not in {"register", "classify"})
    assert "王岩" not in tip_off.place.get(who, f"{tip_off.path}/steps").text


def test_the_unit_sees_that_steps_were_taken_and_what_its_own_say(tip_off: Matter) -> None:
    taken = tip_off.place.read("officer", f"{tip_off.path}/steps")["items"]
    said = {item["step"]: item["data"] for item in taken}
    assert {step for step, data in said.items() if data} == {"transfer"}
    assert {item["step"] for item in taken if item["person_id"]} == {"transfer"}
    whole = tip_off.place.read("clerk", f"{tip_off.path}/steps")["items"]
    assert [item["step"] for item in whole] == [item["step"] for item in taken]
    assert all(item["person_id"] and item["data"] for item in whole if item["step"] != "register")


def test_a_unit_that_answers_is_told_no_more_than_one_that_reads(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    matter = register(place, "tip-off", narrative=NARRATIVE).live("handling")
    answer = matter.attempt("officer", "report-result", {"result": "已更新。"})
    assert answer.status_code == 200
    assert (answer.json()["narrative"], NARRATIVE in answer.text) == (ACCOUNT, False)
    again = place.read("officer", matter.path)
    assert again == answer.json()
    assert again["facts"] == {"identity_removed": True, "result": "已更新。"}


@pytest.mark.parametrize("part", ["", "/steps", "/deadlines"])
def test_to_another_units_officer_the_case_does_not_exist(tip_off: Matter, part: str) -> None:
    place = tip_off.place
    foreign, missing = (
        place.get("housing-officer", f"/cases/{id_}{part}") for id_ in (tip_off.id, f"{tip_off.id[:-12]}{'0' * 12}")
    )
    assert foreign.status_code == missing.status_code == 404
    assert unvarying(foreign) == unvarying(missing)


def unvarying(answer: httpx.Response) -> dict[str, Any]:
    """A problem without what tells one request from another."""
    return {name: value for name, value in answer.json().items() if name not in {"instance", "request_id"}}


@pytest.mark.parametrize(
    "query", [{}, {"state": "handling"}, {"kind": "tip-off"}, {"overdue": "false"}, {"number": "@"}, {"unit_id": "@"}]
)
def test_another_units_officer_has_an_empty_list(tip_off: Matter, query: dict[str, str]) -> None:
    known = {"number": tip_off.view["number"], "unit_id": str(tip_off.place.cast.units["disclosure-office"])}
    asked = {name: known[name] if value == "@" else value for name, value in query.items()}
    assert tip_off.place.read("housing-officer", "/cases", **asked) == {"items": [], "next": None, "unit_names": {}}
    assert tip_off.id in {item["id"] for item in tip_off.place.read("officer", "/cases", **asked)["items"]}


def test_who_had_a_case_and_was_released_sees_it_no_more(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    place.hire("second-officer", Role.UNIT_OFFICER, unit="housing-bureau")
    matter = register(place, "tip-off").live("handling")
    assert [place.get(who, matter.path).status_code for who in ("officer", "second-officer")] == [200, 404]
    matter.take("clerk", "reclassify", track="transfer", why_reclassified="转错单位")
    assert (matter.view["units"], place.get("officer", matter.path).status_code) == ([], 404)
    other = [{"unit_id": "@second", "part": "lead"}]
    matter.take("clerk", "transfer", units=other, rendition=ACCOUNT, identity_removed=True)
    assert [place.get(who, matter.path).status_code for who in ("officer", "second-officer")] == [404, 200]
    assert [len(place.read(who, "/cases")["items"]) for who in ("officer", "second-officer")] == [0, 1]
    assert matter.attempt("officer", "report-result", {"result": "已更新。"}).status_code == 404
    matter.take("second-officer", "report-result", result="已更新。")


def test_before_it_is_dispatched_no_unit_sees_it(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    matter = register(place, "tip-off").live("classified")
    assert place.get("officer", matter.path).status_code == 404
    assert place.read("officer", "/cases")["items"] == []


@pytest.mark.parametrize("kind", CITY_OF)
def test_lists_tell_nothing_that_items_refuse(places: dict[str, Place], kind: str) -> None:
    """To each person the list has exactly the cases whose item opens, and says of them what the item says."""
    place = places[CITY_OF[kind]]
    register(place, kind)
    states = [state.key for state in place.cast.city.kind(kind).states]
    live = [register(place, kind).live(state) for state in ("classified", "dispatched", "handling") if state in states]
    assert live
    ids = {item["id"] for item in place.read(live[0].reader, "/cases", limit=200)["items"]}
    for person in place.cast.city.story.people:
        listed = {item["id"]: item for item in place.read(person.key, "/cases", limit=200)["items"]}
        opened: dict[str, Any] = {}
        for id_ in ids:
            answer = place.get(person.key, f"/cases/{id_}")
            assert answer.status_code in {200, 404}
            if answer.status_code == 200:
                opened[id_] = answer.json()
        assert listed.keys() == opened.keys(), person.key
        for id_, item in listed.items():
            assert item == {name: opened[id_][name] for name in item}


def test_other_kinds_hide_nothing_from_the_units_that_have_them(places: dict[str, Place]) -> None:
    """Only what a city calls confidential is kept from its units."""
    matter = register(places["ganzhou"], "hotline-order", narrative=NARRATIVE, rendition=ACCOUNT).live("dispatched")
    seen = matter.place.read("city-officer", matter.path)
    assert shared(seen) == shared(matter.place.read("supervisor", matter.path))
    assert seen["narrative"] == ACCOUNT
    assert matter.place.get("water-officer", matter.path).status_code == 200
    alone = register(places["ganzhou"], "hotline-order")
    alone.take("operator", "accept")
    alone.take("dispatcher", "dispatch", units=LEAD_ONLY)
    assert alone.place.get("water-officer", alone.path).status_code == 404
