"""What units ask for over HTTP, who finds it and decides it, and what the tables hold then; splitting; races."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from tests.story.house import House, Place
from tests.story.matters import LEAD_ONLY, Matter, register
from tests.story.stored import assert_stored_as_told

WRONG = {"return_ground": "not-our-duty", "reason": "不属本单位职责"}
DONE = {"result": "已办。", "evidence_note": "现场确认。"}
PARTS = {"parts": [{"title": "路面塌陷", "narrative": "塌陷一平方米。"}, {"title": "路灯不亮", "narrative": "三盏不亮。"}]}


@pytest.fixture(scope="module")
def place(house: House) -> Place:
    """Ganzhou, with a second officer in the unit that leads."""
    opened = house.open("ganzhou")
    opened.hire("second-officer", Role.UNIT_OFFICER, unit="urban-management")
    return opened


@pytest.fixture
def order(place: Place) -> Iterator[Matter]:
    """An order at two units; whatever becomes of it, the tables hold what the service tells."""
    matter = register(place, "hotline-order").live("dispatched")
    yield matter
    matter.refresh()
    (row,) = [row for row in place.rows("cases") if str(row["id"]) == matter.id]
    assert (row["state"], row["version"], row["returns"]) == tuple(
        matter.view[name] for name in ("state", "version", "returns")
    )
    held = {(str(row["unit_id"]), row["part"]) for row in rows_of(place, "case_unit", matter) if row["until"] is None}
    above = {(unit, "answerable") for item in matter.view["units"] for unit in item["via"]}
    assert held == {(item["unit_id"], item["part"]) for item in matter.view["units"]} | above
    waiting = {str(row["id"]) for row in rows_of(place, "case_request", matter) if row["state"] == "pending"}
    assert waiting == {item["id"] for item in matter.view["requests"]}


def rows_of(place: Place, table: str, matter: Matter) -> list[dict[str, Any]]:
    return [row for row in place.rows(table) if str(row["case_id"]) == matter.id]


def listed(place: Place, who: str, **query: Any) -> list[dict[str, Any]]:
    """The requests that somebody is shown."""
    return list(place.read(who, "/requests", **query)["items"])


def mine(place: Place, who: str, matter: Matter) -> list[str]:
    """What waits for somebody's decision in a case."""
    return [item["kind"] for item in listed(place, who, mine="true", case_id=matter.id)]


def test_a_return_is_asked_found_granted_and_kept(place: Place, order: Matter) -> None:
    order.take("city-officer", "return", WRONG | {"proposed_unit_id": "@second"})
    (asked,) = order.view["requests"]
    assert (asked["kind"], asked["decider_unit_id"]) == ("return", None)
    assert "grant-return" not in order.view["my_steps"]
    assert "grant-return" in place.read("dispatcher", order.path)["my_steps"]
    assert [mine(place, who, order) for who in ("dispatcher", "supervisor", "city-officer", "operator")] == [
        ["return"], [], [], []
    ]  # fmt: skip
    granted = order.take("dispatcher", "grant-return", {"request_id": asked["id"], "note": "退单属实"})
    assert (granted["state"], granted["returns"], granted["units"], granted["requests"]) == ("accepted", 1, [], [])
    (line,) = listed(place, "dispatcher", case_id=order.id)
    assert (line["id"], line["state"], line["reason"]) == (asked["id"], "granted", WRONG["reason"])
    second = str(place.cast.units["water-company"])
    assert (line["details"]["return_ground"], line["details"]["proposed_unit_id"]) == ("not-our-duty", second)
    names = place.read("dispatcher", "/requests", case_id=order.id)["unit_names"]
    assert names == {line["unit_id"]: "市城市管理局", second: "市水务集团"}
    assert line["decided_by"] is not None
    assert line["decided_at"] is not None
    assert place.get("city-officer", order.path).status_code == 404
    assert order.id in {item["id"] for item in place.read("dispatcher", "/cases", returns_from=1)["items"]}
    order.take("dispatcher", "dispatch", {"units": LEAD_ONLY})
    assert [item["signed_at"] for item in order.view["units"]] == [None]


def test_a_declined_return_tells_why(place: Place, order: Matter) -> None:
    order.take("city-officer", "return", WRONG)
    due = order.view["due_at"]
    order.take("dispatcher", "decline-return", {"reason": "属本单位职责"})
    (line,) = listed(place, "city-officer", case_id=order.id)
    assert (line["state"], line["decision_reason"], order.view["due_at"]) == ("declined", "属本单位职责", due)


def test_what_is_dispatched_anew_is_nobodys_to_decide(place: Place, order: Matter) -> None:
    order.take("city-officer", "return", WRONG)
    order.take("dispatcher", "redispatch", {"units": LEAD_ONLY, "why_redispatched": "改派"})
    (line,) = listed(place, "dispatcher", case_id=order.id)
    assert (line["state"], line["decided_by"], mine(place, "dispatcher", order)) == ("lapsed", None, [])
    assert order.attempt("dispatcher", "grant-return").json()["code"] == "requests.nothing-asked"


def test_signing_is_on_record_and_shown_to_the_officer_as_own_work(place: Place, order: Matter) -> None:
    order.take("second-officer", "sign")
    (part,) = [item for item in order.view["units"] if item["part"] == "lead"]
    assert part["signed_at"] == order.steps()[-1]["occurred_at"]
    assert part["officer_id"] == order.steps()[-1]["person_id"]
    (row,) = [row for row in rows_of(place, "case_unit", order) if row["part"] == "lead"]
    assert (str(row["officer_id"]), row["signed_at"] is not None) == (part["officer_id"], True)
    assert order.attempt("city-officer", "sign").json()["code"] == "requests.signed-already"


def test_a_part_that_is_passed_on_keeps_its_explanation(place: Place, order: Matter) -> None:
    lead = str(place.cast.units["urban-management"])
    order.take("city-officer", "pass-on", {"unit_id": "@road-upkeep"})
    below = str(place.cast.units["road-upkeep"])
    told = place.read("dispatcher", f"{order.path}/deadlines")["items"]
    was, now = (next(item for item in told if item["holder_unit_id"] == id_ and not item["window"]) for id_ in (lead, below))
    assert (was["state"], now["state"]) == ("passed-on", "open")
    assert (was["explanation"], was["due_at"]) == (now["explanation"], now["due_at"])
    assert was["id"] != now["id"]
    assert place.get("city-officer", order.path).status_code == 200
    assert order.attempt("city-officer", "report-result", DONE).json()["code"] == "cases.not-your-unit"
    order.take("road-officer", "return", WRONG)
    assert [mine(place, who, order) for who in ("dispatcher", "city-officer", "road-officer")] == [[], ["return"], []]
    assert order.attempt("dispatcher", "grant-return").status_code == 403
    order.take("city-officer", "grant-return")
    assert [(item["unit_id"], item["via"]) for item in order.view["units"] if item["part"] == "lead"] == [(lead, [])]
    assert (order.view["returns"], order.view["state"]) == (0, "dispatched")
    assert place.get("road-officer", order.path).status_code == 404
    order.take("city-officer", "report-result", DONE)


def test_a_co_handler_joins_with_a_term_of_its_own(place: Place, order: Matter) -> None:
    before = place.read("dispatcher", f"{order.path}/deadlines")["items"]
    order.take("city-officer", "ask-co-handler", {"unit_id": "@hotline-centre", "reason": "须协调"})
    order.take("dispatcher", "grant-co-handler", {"term": {"unit": "working_day", "length": 1}, "term_reason": "急"})
    after = place.read("dispatcher", f"{order.path}/deadlines")["items"]
    assert after[: len(before)] == before
    joined = str(place.cast.units["hotline-centre"])
    arisen = [(item["key"], item["holder_unit_id"]) for item in after[len(before) :]]
    assert arisen == [("return-window", joined), ("handling", joined)]


def test_an_interim_reply_is_read_by_receipt(place: Place) -> None:
    matter = register(place, "hotline-order")
    receipt = matter.view["receipt"]
    matter.live("dispatched").take("dispatcher", "interim-reply", {"text": "已到现场勘查。"})
    told = place.ask_status("operator", receipt).json()
    assert (told["state"], told["answer"]) == ("dispatched", "已到现场勘查。")


def test_an_order_is_split_and_replied_to_when_every_part_is_over(open_place: Callable[[str], Place]) -> None:
    place = open_place("ganzhou")
    matter = register(place, "hotline-order", petitioner={"name": "温国平", "phone": "13900000000"})
    receipt = matter.view["receipt"]
    matter.live("accepted").take("dispatcher", "split", PARTS)
    assert (matter.view["state"], matter.view["parent_id"]) == ("split", None)
    parts = place.read("dispatcher", f"{matter.path}/parts")["items"]
    assert [(item["title"], item["state"], item["version"]) for item in parts] == [
        ("路面塌陷", "accepted", 1), ("路灯不亮", "accepted", 1)
    ]  # fmt: skip
    numbers = [matter.view["number"], *(item["number"] for item in parts)]
    assert [int(number[-6:]) for number in numbers] == [1, 2, 3]
    children = [Matter(place, "hotline-order", place.read("dispatcher", f"/cases/{item['id']}"), '"1"') for item in parts]
    assert {child.view["parent_id"] for child in children} == {matter.id}
    assert {child.view["received_at"] for child in children} == {matter.view["received_at"]}
    waits = matter.attempt("dispatcher", "reply-to-all-parts", {"text": "均已办结"})
    assert (waits.status_code, waits.json()["code"]) == (409, "cases.parts-open")
    first, second = children
    first.take("dispatcher", "dispatch", {"units": LEAD_ONLY, "rendition": "塌陷一平方米。"})
    assert place.get("city-officer", matter.path).status_code == 404, "a unit sees its part, and not the whole"
    assert place.get("city-officer", f"{matter.path}/parts").status_code == 404
    first.take("city-officer", "report-result", DONE)
    first.take("dispatcher", "reply", text="路面已修复。")
    told = place.ask_status("operator", receipt).json()
    assert [(item["title"], item["answer"]) for item in told["parts"]] == [("路面塌陷", "路面已修复。"), ("路灯不亮", None)]
    for child in children:
        child.take("operator", "withdraw", {"reason": "已解决"})
    matter.take("dispatcher", "reply-to-all-parts", {"text": "均已办结。"})
    assert place.read("dispatcher", f"{matter.path}/parts")["items"][0]["answer"] == "路面已修复。"
    assert place.read("dispatcher", f"{second.path}/parts")["items"] == []
    assert_stored_as_told(place, [matter.refresh(), *(child.refresh() for child in children)])
    kept = {str(row["id"]): row["petitioner_id"] for row in place.rows("cases")}
    assert len(set(kept.values())) == 1, "every part is the same petitioner's"
    assert "塌陷一平方米" not in str([row["data"] for row in place.rows("case_step") if row["step"] == "split"])


REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "one part": ("split", {"parts": PARTS["parts"][:1]}, 400, "api.field-length"),
    "eleven parts": ("split", {"parts": PARTS["parts"][:1] * 11}, 400, "api.field-length"),
    "a part without words": ("split", {"parts": [{"title": "一"}, {"title": "二"}]}, 400, "api.field-missing"),
    "U+0000 in a part": ("split", {"parts": [{"title": "a\0", "narrative": "b"}] * 2}, 400, "api.text-nul"),
    "a part that tells a phone": (
        "split", {"parts": [PARTS["parts"][0] | {"rendition": "请回电13912345678"}, PARTS["parts"][1]]}, 422,
        "cases.rendition-tells",
    ),
    "a category that is not there": (
        "split", {"parts": [PARTS["parts"][0] | {"category": "nowhere"}, PARTS["parts"][1]]}, 422, "categories.not-there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_split_that_is_refused_writes_nothing(place: Place, name: str) -> None:
    matter = register(place, "hotline-order").live("accepted")
    refused(place, matter, "dispatcher", *REFUSED[name])


AT_UNITS: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "no ground": ("city-officer", "return", {"reason": "x"}, 400, "api.field-missing"),
    "a catch-all without its reason": (
        "city-officer", "return", WRONG | {"return_ground": "other"}, 422, "cases.catch-all-bare",
    ),
    "a proposed unit that is not there": (
        "city-officer", "return", WRONG | {"proposed_unit_id": str(uuid4())}, 422, "cases.unit-unknown",
    ),
    "nothing was asked": ("dispatcher", "grant-return", {}, 409, "requests.nothing-asked"),
    "a request that is not there": (
        "dispatcher", "decline-return", {"request_id": str(uuid4()), "reason": "x"}, 409, "requests.nothing-asked",
    ),
    "no request's id": ("dispatcher", "grant-return", {"request_id": "5"}, 400, "api.field-uuid"),
    "passed on to a unit that is not below": (
        "city-officer", "pass-on", {"unit_id": "@water-company"}, 422, "requests.not-below",
    ),
    "passed on to nobody": ("city-officer", "pass-on", {"unit_id": str(uuid4())}, 422, "cases.unit-unknown"),
    "a co-handler that has it": (
        "city-officer", "ask-co-handler", {"unit_id": "@second", "reason": "x"}, 422, "requests.has-it-already",
    ),
    "no evidence": ("city-officer", "report-result", {"result": "已办"}, 422, "cases.evidence-missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", AT_UNITS)
def test_what_units_may_not_do_writes_nothing(place: Place, order: Matter, name: str) -> None:
    who, *expected = AT_UNITS[name]
    refused(place, order, who, *expected)


def refused(place: Place, matter: Matter, who: str, step: str, body: dict[str, Any], status: int, code: str) -> None:
    before = place.counts()
    answer = matter.attempt(who, step, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert place.counts() == before


def at_once(*acts: Callable[[], httpx.Response]) -> list[int]:
    """The status of each of several requests that are sent at the same moment."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(future.result().status_code for future in [pool.submit(act) for act in acts])


def test_two_officers_return_at_once_and_one_is_told_to_look_again(place: Place, order: Matter) -> None:
    officers = ("city-officer", "second-officer")
    assert at_once(*(lambda who=who: order.attempt(who, "return", WRONG) for who in officers)) == [200, 412]
    assert len(listed(place, "dispatcher", case_id=order.id)) == 1


def test_granting_while_the_unit_reports_does_one_of_both(place: Place, order: Matter) -> None:
    order.take("city-officer", "return", WRONG)
    done = at_once(
        lambda: order.attempt("dispatcher", "grant-return"),
        lambda: order.attempt("city-officer", "report-result", DONE),
    )
    assert done in ([200, 404], [200, 412])
    state = order.refresh()["state"]
    (line,) = listed(place, "dispatcher", case_id=order.id)
    assert (state, line["state"]) in {("accepted", "granted"), ("handled", "lapsed")}


def test_another_tenant_is_told_nothing(place: Place, order: Matter, open_place: Callable[[str], Place]) -> None:
    order.take("city-officer", "return", WRONG)
    neighbour = open_place("ganzhou")
    assert listed(neighbour, "dispatcher") == listed(neighbour, "dispatcher", case_id=order.id) == []
    own = register(neighbour, "hotline-order").live("dispatched")
    own.take("city-officer", "return", WRONG)
    foreign = own.attempt("dispatcher", "grant-return", {"request_id": order.view["requests"][0]["id"]})
    missing = own.attempt("dispatcher", "grant-return", {"request_id": str(uuid4())})
    assert (foreign.status_code, foreign.json()["code"]) == (missing.status_code, missing.json()["code"])
    assert neighbour.get("dispatcher", f"{order.path}/parts").status_code == 404


def test_pages_of_requests_hold_each_once(place: Place) -> None:
    for _ in range(3):
        register(place, "hotline-order").live("dispatched").take("city-officer", "return", WRONG)
    whole, path, pages = [item["id"] for item in listed(place, "supervisor")], "/requests?limit=2", []
    while path:
        answer = place.client.get("supervisor", path).raise_for_status()
        pages += [item["id"] for item in answer.json()["items"]]
        following = answer.json()["next"]
        path = f"/requests?limit=2&cursor={following}" if following else ""
    assert pages == whole
    assert place.get("supervisor", "/requests", state="perhaps").status_code == 400
