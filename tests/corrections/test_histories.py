"""Cases with a history: merged and taken out again, split, joined by others, given back; corrected, they hold together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from core.corrections import weighing
from core.corrections.correction import CORRECTION, Correction
from core.errors import Refused
from core.texts import render
from tests.corrections.served import asked, corrected, deadlines, decide
from tests.story.house import Place
from tests.story.matters import BOTH, LEAD_ONLY, Matter, instant, register
from tests.support.matters import registered

MONDAY = "2026-05-11T09:00:00+08:00"
"""Five working days end on 18 May, two on 13 May."""


@pytest.fixture
def ganzhou(open_place: Callable[[str], Place]) -> Place:
    """A tenant of Ganzhou for one test, with a category whose orders have two working days."""
    place = open_place("ganzhou")
    limit = {"term": {"unit": "working_day", "length": 2}, "basis": "市热线办〔2026〕3号"}
    said = {"title_zh": "供水", "valid_from": "2026-01-01", "basis": "市热线办〔2026〕3号", "handling_limit": limit}
    assert place.client.post("administrator", "/categories", {"code": "water", **said}).status_code == 201
    place.move(instant(MONDAY))
    return place


def dispatched(place: Place, units: Any = BOTH, **more: Any) -> Matter:
    """An order of another category with its units, which have five working days."""
    matter = register(place, "hotline-order", category="municipal.roads", **more)
    matter.take("operator", "accept", {})
    matter.take("dispatcher", "dispatch", {"units": units})
    return matter


def move(matter: Matter, act: str, **body: Any) -> None:
    """Merges or takes out again."""
    told = body | {"reason": "同一处塌陷。"}
    answer = matter.place.client.post("dispatcher", f"{matter.path}/{act}", told, matter.etag)
    assert answer.status_code == 200, answer.text
    matter.refresh()


def dues(matter: Matter) -> set[tuple[str, str]]:
    """The states and due days of what units have to do."""
    return {(item["state"], item["due_on"]) for item in matter.view["deadlines"] if item["key"] == "handling"}


def to_water(matter: Matter) -> None:
    """Corrects the category, which shortens what the units have."""
    corrected(matter, who="operator", category="water")
    assert matter.view["category"] == "water"


def test_a_merged_order_is_corrected_and_comes_out_corrected(ganzhou: Place) -> None:
    target, source = dispatched(ganzhou), dispatched(ganzhou)
    move(source, "merge", into=target.id)
    to_water(source)
    assert dues(source) == {("lapsed", "2026-05-13")}
    move(source, "unmerge")
    assert dues(source) == {("open", "2026-05-13")}
    target.refresh()
    to_water(target)
    assert dues(target) == {("open", "2026-05-13")}


def test_an_order_that_was_merged_and_taken_out_is_corrected(ganzhou: Place) -> None:
    target, source = dispatched(ganzhou), dispatched(ganzhou)
    move(source, "merge", into=target.id)
    move(source, "unmerge")
    to_water(source)
    assert dues(source) == {("open", "2026-05-13")}
    rows = [row for row in ganzhou.rows("deadline") if str(row["case_id"]) == source.id]
    assert {(row["state"], row["ended_at"], row["ended_by_step"]) for row in rows if row["key"] == "handling"} == {
        ("open", None, None)
    }
    source.take("city-officer", "report-result", {"result": "已修复。", "evidence_note": "现场确认。"})
    assert dues(source) == {("met", "2026-05-13"), ("open", "2026-05-13")}


def test_a_part_of_an_order_is_corrected_by_itself(ganzhou: Place) -> None:
    whole = register(ganzhou, "hotline-order", category="municipal.roads")
    whole.take("operator", "accept", {})
    words = [{"title": f"第{n}件", "narrative": "塌陷。", "rendition": "塌陷。"} for n in (1, 2)]
    whole.take("dispatcher", "split", {"parts": words})
    for item in ganzhou.read("dispatcher", f"{whole.path}/parts")["items"]:
        part = Matter(ganzhou, "hotline-order", {"id": item.get("case_id") or item["id"]}, "")
        part.refresh()
        part.take("dispatcher", "dispatch", {"units": LEAD_ONLY})
        assert dues(part) == {("open", "2026-05-18")}
        to_water(part)
        assert dues(part) == {("open", "2026-05-13")}
        corrected(part, who="operator", received_at="2026-05-08T09:00:00+08:00")
    whole.refresh()
    to_water(whole)


def test_an_order_that_was_given_back_keeps_what_was_released(ganzhou: Place) -> None:
    matter = dispatched(ganzhou, LEAD_ONLY)
    matter.take("city-officer", "return", {"return_ground": "not-our-duty", "reason": "不属管养范围。"})
    matter.take("dispatcher", "grant-return", {})
    ganzhou.move(instant("2026-05-12T09:00:00+08:00"))
    matter.take("dispatcher", "dispatch", {"units": [{"unit_id": "@water-company", "part": "lead"}]})
    to_water(matter)
    assert dues(matter) == {("released", "2026-05-13"), ("open", "2026-05-14")}
    units = {"recorded_unit_id": "@water-company", "right_unit_id": "@urban-management"}
    assert decide(matter, asked(matter, who="operator", unit=units)).status_code == 200
    matter.refresh()
    assert dues(matter) == {("released", "2026-05-13"), ("corrected-away", "2026-05-14"), ("open", "2026-05-14")}


@pytest.mark.parametrize("named", [True, False])
def test_who_joins_later_with_a_name_moves_nothing_of_before(open_place: Callable[[str], Place], named: bool) -> None:
    """The written status is owed to who gave a name at once, and to who joined by name since then."""
    place = open_place("baoding")
    matter = register(place, "tip-off", **({"petitioner": {"name": "王岩"}} if named else {}))
    answer = place.client.post("clerk", f"{matter.path}/petitioners", {"petitioner": {"name": "李岩"}}, matter.etag)
    assert answer.status_code in {200, 201}, answer.text
    matter.refresh()
    assert matter.view["anonymous"] is False
    keys = [item["key"] for item in matter.view["deadlines"]]
    assert keys == (["status-report"] if named else []) + ["status-report-to-joined"]
    joined = matter.deadline("status-report-to-joined")
    answer = decide(matter, asked(matter, who="clerk", received_at="2026-02-11T09:00:00+08:00"))
    assert answer.status_code == 200, answer.text
    matter.refresh()
    assert [item["key"] for item in matter.view["deadlines"]] == keys
    assert [len(item["ledger"]) for item in deadlines(matter, "clerk")] == [1] * (len(keys) - 1) + [0]
    assert matter.deadline("status-report-to-joined") == joined, "which counts from the joining"


def split_in_two(place: Place) -> tuple[Matter, list[Matter]]:
    """An order received on 11 May, and the two parts into which it was split."""
    whole = register(place, "hotline-order", category="municipal.roads")
    whole.take("operator", "accept", {})
    words = [{"title": f"第{n}件", "narrative": "塌陷。", "rendition": "塌陷。"} for n in (1, 2)]
    whole.take("dispatcher", "split", {"parts": words})
    found = place.read("dispatcher", f"{whole.path}/parts")["items"]
    parts = [Matter(place, "hotline-order", {"id": item["id"]}, "") for item in found]
    for part in parts:
        part.refresh()
    return whole, parts


def test_the_parts_of_an_order_follow_its_receipt(ganzhou: Place) -> None:
    whole, (first, second) = split_in_two(ganzhou)
    corrected(second, who="operator", received_at="2026-05-07T09:00:00+08:00")
    first.take("dispatcher", "dispatch", {"units": LEAD_ONLY})
    correction = asked(whole, who="operator", received_at="2026-04-30T09:00:00+08:00")
    (told,) = correction["current"]["parts"]
    assert (told["case_id"], told["number"], told["deadlines"]) == (first.id, first.view["number"], [])
    assert {(item["month"], item["measure"], item["change"]) for item in told["figures"]} == {
        ("2026-05", "received", -1), ("2026-04", "received", 1),
    }  # fmt: skip
    assert decide(whole, correction).status_code == 200
    for matter, received in ((whole, "2026-04-30T01:00:00Z"), (first, "2026-04-30T01:00:00Z")):
        version = matter.view["version"]
        assert (matter.refresh()["received_at"], matter.view["version"]) == (received, version + 1)
        step = matter.steps()[-1]
        assert (step["step"], step["data"]["correction_id"]) == ("correct", correction["id"])
        assert [fact["after"] for fact in step["data"]["facts"]] == [received]
    assert second.refresh()["received_at"] == "2026-05-07T01:00:00Z", "which was corrected apart"
    first.take("city-officer", "report-result", {"result": "已修复。", "evidence_note": "现场确认。"})
    to_water(first)


def test_a_part_that_changed_meanwhile_is_looked_at_again(ganzhou: Place) -> None:
    whole, (first, _) = split_in_two(ganzhou)
    correction = asked(whole, who="operator", received_at="2026-04-30T09:00:00+08:00")
    corrected(first, who="operator", received_at="2026-05-07T09:00:00+08:00")
    late = decide(whole, correction)
    assert (late.status_code, late.json()["code"]) == (409, "corrections.consequences-changed")
    (again,) = ganzhou.read("supervisor", f"{whole.path}/corrections")["items"]
    assert len(again["current"]["parts"]) == 1
    assert decide(whole, again).status_code == 200
    assert first.refresh()["received_at"] == "2026-05-07T01:00:00Z"


async def test_a_part_that_cannot_follow_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def weigh(*_: Any) -> None:
        raise Refused("corrections.not-derivable", clause=CORRECTION)

    monkeypatch.setattr(weighing, "weigh_correction", weigh)
    part = msgspec.structs.replace(registered().case, number="GZ2026-000002")
    with pytest.raises(Refused) as caught:
        await weighing._weigh_part(None, part, Correction())
    assert (caught.value.code, caught.value.clause) == ("corrections.part-in-the-way", CORRECTION)
    assert "GZ2026-000002" in render(caught.value.code, caught.value.params, "en")
