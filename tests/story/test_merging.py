"""Merging over HTTP: a duplicate ends in another case, its petitioners with it, and comes out again as it went in."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.story.house import Place
from tests.story.matters import BOTH, Matter, register
from tests.story.stored import assert_stored_as_told

WHY = {"reason": "同一处塌陷"}
WHO = {"name": "温国平", "phone": "13900000000"}
OTHER = {"name": "曾小妹", "phone": "13911112222"}


@pytest.fixture
def place(open_place: Callable[[str], Place]) -> Place:
    """A tenant of its own."""
    return open_place("ganzhou")


def order(place: Place, **more: Any) -> Matter:
    """An order just registered."""
    return register(place, "hotline-order", **more)


def dispatched(place: Place, **more: Any) -> Matter:
    """An order with its two units."""
    matter = order(place, **more)
    matter.take("operator", "accept")
    matter.take("dispatcher", "dispatch", units=BOTH)
    return matter


def attempt(matter: Matter, act: str, who: str = "dispatcher", etag: str | None = None, **body: Any) -> httpx.Response:
    """Tries to merge or unmerge."""
    return matter.place.client.post(who, f"{matter.path}/{act}", WHY | body, etag or matter.etag)


def merge(matter: Matter, into: Matter) -> None:
    """Merges, which must succeed."""
    answer = attempt(matter, "merge", into=into.view["number"])
    assert answer.status_code == 200, answer.text
    matter.refresh()
    into.refresh()


def unmerge(matter: Matter, out_of: Matter) -> None:
    """Takes it out again, which must succeed."""
    answer = attempt(matter, "unmerge")
    assert answer.status_code == 200, answer.text
    matter.refresh()
    out_of.refresh()


def due(matter: Matter) -> list[tuple[Any, ...]]:
    """Its deadlines."""
    return [(item["id"], item["state"], item["due_at"], item["ended_at"]) for item in matter.view["deadlines"]]


def test_a_merged_case_is_over_and_comes_out_as_it_went_in(place: Place) -> None:
    target, source = dispatched(place, petitioner=WHO), dispatched(place, petitioner=OTHER)
    assert place.get("city-officer", source.path).status_code == 200
    before, deadlines = source.refresh(), due(source)
    merge(source, target)
    assert (source.view["state"], source.view["merged_into"]) == ("merged", target.id)
    assert (source.view["units"], source.view["due_at"], source.view["next_steps"]) == ([], None, [])
    assert source.view["closed_at"]
    assert {item["state"] for item in source.view["deadlines"]} == {"lapsed"}
    assert place.get("city-officer", source.path).status_code == 404
    assert (target.view["petitioners"], target.view["version"]) == (2, 4)
    (listed,) = place.read("dispatcher", f"{target.path}/merged")["items"]
    assert (listed["case_id"], listed["petitioners"]) == (source.id, 1)
    row = place.get("dispatcher", "/cases/export", number=source.view["number"]).text.splitlines()[1]
    assert "Merged into another case" in row, "in words, like every other state"
    assert_stored_as_told(place, [source.view, target.view])
    unmerge(source, target)
    same = {"state", "units", "due_at", "overdue", "closed_at", "next_steps", "merged_into", "facts", "narrative"}
    assert {name: source.view[name] for name in same} == {name: before[name] for name in same}
    assert due(source) == deadlines
    assert (target.view["petitioners"], place.read("dispatcher", f"{target.path}/merged")["items"]) == (1, [])
    assert place.get("city-officer", source.path).status_code == 200
    assert_stored_as_told(place, [source.view, target.view])
    source.take("city-officer", "report-result", result="已修复。", evidence_note="现场确认。")


def test_the_clock_of_a_merged_case_ran_on(place: Place) -> None:
    target, source = order(place), dispatched(place)
    due_at = source.view["due_at"]
    merge(source, target)
    place.move(place.now().replace(year=2027))
    unmerge(source, target)
    assert (source.view["overdue"], source.view["due_at"]) == (True, due_at)
    assert {item["state"] for item in source.view["deadlines"] if not item["window"]} == {"open"}


def test_receipts_go_on_telling(place: Place) -> None:
    target, source = dispatched(place, petitioner=WHO), order(place, petitioner=OTHER, co_petitioners=[{"name": "曾大哥"}])
    receipts = [source.view["receipt"], *source.view["co_receipts"]]
    number = source.view["number"]
    merge(source, target)
    assert target.view["petitioners"] == 3
    target.live("replied")
    for receipt in receipts:
        status = place.ask_status("operator", receipt).json()
        assert (status["number"], status["state"], status["answer"]) == (number, "replied", "已修复。")
    unmerge(source, target)
    for receipt in receipts:
        status = place.ask_status("operator", receipt).json()
        assert (status["number"], status["state"], status["answer"]) == (number, "registered", None)


def test_who_brings_the_merged_case_is_read_with_the_other(place: Place) -> None:
    target, source = order(place, petitioner=WHO), order(place, petitioner=OTHER)
    merge(source, target)
    asked = {"purpose": "contact", "note": "回访"}
    found = place.client.post("dispatcher", f"{target.path}/petitioner/readings", asked).json()["petitioners"]
    assert [(item["number"], item["petitioner"]) for item in found] == [
        (target.view["number"], WHO), (source.view["number"], OTHER),
    ]  # fmt: skip


def test_chains_are_followed_and_come_apart_from_their_end(place: Place) -> None:
    first, second, third = (order(place) for _ in range(3))
    receipt = first.view["receipt"]
    merge(first, second)
    merge(second, third)
    first.refresh()
    assert third.view["petitioners"] == 3
    third.take("operator", "accept")
    assert place.ask_status("operator", receipt).json()["state"] == "accepted"
    answer = attempt(first, "unmerge")
    assert (answer.status_code, answer.json()["code"]) == (409, "merging.other-merged")
    unmerge(second, third)
    unmerge(first, second)
    assert [item.refresh()["petitioners"] for item in (first, second, third)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("into", "status", "code"),
    [
        ("itself", 422, "merging.itself"),
        ("closed", 409, "merging.other-over"),
        ("merged", 409, "merging.other-over"),
        ("RX2026-999999", 422, "merging.no-such-case"),
        ("0199f3a2-0000-7000-8000-000000000000", 422, "merging.no-such-case"),
    ],
)
def test_what_cannot_be_merged_changes_nothing(place: Place, into: str, status: int, code: str) -> None:
    source, other, last = order(place), order(place), order(place)
    if into == "closed":
        other.take("operator", "withdraw", reason="已解决")
    if into == "merged":
        merge(other, last)
    named = {"itself": source.id, "closed": other.id, "merged": other.id}.get(into, into)
    before = place.counts()
    answer = attempt(source, "merge", into=named)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (answer.json()["clause"], place.counts()) == ("wenze:house#merging", before)


def test_a_case_that_is_over_is_not_merged_and_one_that_is_not_merged_stays(place: Place) -> None:
    source, target = order(place), order(place)
    assert attempt(source, "unmerge").json()["code"] == "merging.not-merged"
    source.take("operator", "withdraw", reason="已解决")
    answer = attempt(source, "merge", into=target.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "cases.step-out-of-order")


def test_who_may_not_and_who_is_late_changes_nothing(place: Place) -> None:
    source, target = dispatched(place), order(place)
    assert attempt(source, "merge", "city-officer", into=target.id).status_code == 403
    assert attempt(source, "merge", "operator", into=target.id).status_code == 403
    assert attempt(source, "merge", etag='"1"', into=target.id).status_code == 412
    assert source.refresh()["state"] == "dispatched"


def test_an_order_is_not_merged_into_the_other_kind(open_place: Callable[[str], Place]) -> None:
    place = open_place("jincheng")
    source, target = register(place, "inspection-matter"), register(place, "finding")
    answer = attempt(source, "merge", "inspector", into=target.id)
    assert (answer.status_code, answer.json()["code"]) == (422, "merging.other-kind")


def test_two_mergers_that_cross_make_no_circle(place: Place) -> None:
    for _ in range(4):
        one, two = order(place), order(place)
        with ThreadPoolExecutor(2) as pool:
            both = [(one, two), (two, one)]
            answers = [*pool.map(lambda pair: attempt(pair[0], "merge", into=pair[1].id), both)]
        assert sorted(answer.status_code for answer in answers)[0] == 200
        assert {answer.status_code for answer in answers} <= {200, 409, 412}
        assert sorted(item.refresh()["state"] for item in (one, two)) == ["merged", "registered"]


def test_the_units_of_the_other_case_are_not_told_who_brings_this_one(place: Place) -> None:
    target = order(place, rendition="邻居曾小妹也反映过此事。")
    source = order(place, petitioner=OTHER)
    answer = attempt(source, "merge", into=target.id)
    assert (answer.status_code, answer.json()["code"]) == (422, "cases.rendition-tells")
    assert "曾小妹" not in answer.text
    titled = attempt(source, "merge", into=order(place, title="曾小妹家门口塌陷").id)
    assert (titled.status_code, titled.json()["code"], titled.json()["field"]) == (422, "cases.title-tells", "/into")


def test_the_attachments_of_a_merged_case_are_listed_with_it(place: Place) -> None:
    target, source = dispatched(place), order(place)
    headers = {"idempotency-key": "file", "Content-Type": "text/plain"}
    kept = place.client.send("operator", "POST", "/attachments?name=a.txt", headers, "经过".encode())
    assert kept.status_code == 201, kept.text
    added = place.client.post("operator", f"{source.path}/attachments", {"attachments": [kept.json()["id"]]})
    assert added.is_success, added.text
    source.refresh()
    merge(source, target)
    (listed,) = place.read("dispatcher", f"{target.path}/merged")["items"]
    assert [(item["id"], item["name"]) for item in listed["attachments"]] == [(kept.json()["id"], "a.txt")]
    (to_units,) = place.read("city-officer", f"{target.path}/merged")["items"]
    assert to_units["attachments"] == []


def test_what_was_split_is_not_merged_while_parts_are_open_and_who_brought_it_brings_them(place: Place) -> None:
    target, source = order(place), order(place, petitioner=WHO, co_petitioners=[OTHER])
    source.take("operator", "accept")
    parts = [{"title": "路面塌陷", "narrative": "塌陷一平方米。"}, {"title": "路灯不亮", "narrative": "三盏不亮。"}]
    source.take("dispatcher", "split", parts=parts)
    answer = attempt(source, "merge", into=target.id)
    assert (answer.status_code, answer.json()["code"]) == (409, "merging.has-parts")
    first = place.read("dispatcher", f"{source.path}/parts")["items"][0]
    asked = {"purpose": "contact", "note": "回访"}
    found = place.client.post("dispatcher", f"/cases/{first['id']}/petitioner/readings", asked).json()["petitioners"]
    assert [item["petitioner"] for item in found] == [WHO, OTHER]


def test_events_name_both_cases(place: Place) -> None:
    source, target = order(place), order(place)
    merge(source, target)
    unmerge(source, target)
    told = [(row["type"], row["refs"]["case_id"], row["refs"]["other_case_id"]) for row in place.rows("outbox")
            if "other_case_id" in row["refs"]]  # fmt: skip
    assert sorted(told) == sorted([
        ("case.merge", source.id, target.id), ("case.take-in", target.id, source.id),
        ("case.unmerge", source.id, target.id), ("case.let-go", target.id, source.id),
    ])  # fmt: skip
