"""Every kind of failing request, as it is answered, and not a row written by any of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.story.house import House, Place
from tests.story.matters import Matter, register, registration

ACCEPT = {"grounds": ["ankang:complaints-2018#3/accept.3"]}
LEAD = {"unit_id": "@lead", "part": "lead"}


@dataclass
class Scenes:
    """A complaint at each point of its life where something can go wrong, and a neighbour's."""

    place: Place
    fresh: Matter
    on_site: Matter
    joint: Matter
    specialist: Matter
    dispatched: Matter
    foreign: Matter
    known: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def scenes(house: House) -> Scenes:
    """One tenant with its cases, and another beside it."""
    place, other = house.open("ankang"), house.open("ankang")
    place.hire("reader", Role.SUPERVISOR, scopes=[Scope.CASES_READ])
    place.hire("auditor", Role.AUDITOR)
    place.hire("housing-head", Role.UNIT_OFFICER, unit="housing-window")
    accepted = [register(place, "complaint") for _ in range(2)]
    for matter in accepted:
        matter.take("supervisor", "accept", ACCEPT)
    accepted[0].take("supervisor", "classify", track="joint")
    on_site = register(place, "complaint", channel="on-site")
    on_site.take("supervisor", "accept", ACCEPT)
    dispatched = register(place, "complaint").live("dispatched")
    register(place, "complaint")
    made = Scenes(place, register(place, "complaint"), on_site, *accepted, dispatched, register(other, "complaint"))
    made.known["foreign unit"] = str(other.cast.units["social-security-window"])
    return made


@dataclass(frozen=True)
class Failing:
    """A step that must be refused: of which case, by whom, with what, and how it is answered."""

    of: str
    step: str
    body: dict[str, Any]
    status: int
    code: str
    place: str | None = None
    clause: str | None = None
    who: str = "supervisor"


def at(**more: Any) -> dict[str, Any]:
    return {"occurred_at": more}


STEPS = {
    "rule of the city": Failing(
        "on_site", "classify", {"track": "plain"}, 422, "cases.city-objects", "/track", "ankang:complaints-2018#6.1"
    ),
    "fact missing": Failing(
        "specialist", "classify", {"track": "specialist"},
        422, "cases.fact-missing", "/complex", "ankang:complaints-2018#6.2",
    ),
    "figure that a clause fixes": Failing(
        "dispatched", "mark-complex", {"why_complex": "须核实。", "term": {"unit": "hour", "length": 1}},
        400, "api.field-unknown", "/term",
    ),
    "figure without its reason": Failing(
        "specialist", "classify", {"track": "plain", "term": {"unit": "working_day", "length": 3}},
        422, "deadlines.term-without-reason", "/term_reason", "wenze:readings#r11",
    ),
    "length that a unit cannot have": Failing(
        "specialist", "classify", {"track": "plain", "term": {"unit": "same_day", "length": 1}, "term_reason": "急"},
        400, "deadlines.length-impossible", "/term/length",
    ),
    "out of order": Failing(
        "fresh", "reply", {"text": "已办。"}, 409, "cases.step-out-of-order", None, "ankang:complaints-2018#6"
    ),
    "once more": Failing("specialist", "accept", ACCEPT, 409, "cases.step-out-of-order", None, "ankang:complaints-2018#3"),
    "not for this track": Failing(
        "joint", "dispatch", {"units": [LEAD]}, 409, "cases.step-not-for-this", None, "ankang:complaints-2018#6.2"
    ),
    "what must precede": Failing(
        "joint", "reply", {"text": "已办。"}, 409, "cases.step-missing", None, "ankang:complaints-2018#6.3"
    ),
    "wrong role": Failing("fresh", "accept", ACCEPT, 403, "tenants.role-missing", who="window-head"),
    "role that takes no step": Failing("fresh", "accept", ACCEPT, 403, "tenants.role-missing", who="auditor"),
    "scope missing": Failing("fresh", "accept", ACCEPT, 403, "tenants.scope-missing", who="reader"),
    "not the officer's unit": Failing(
        "dispatched", "report-result", {"result": "已办。"}, 404, "api.not-found", who="housing-head"
    ),
    "not the unit's part": Failing(
        "dispatched", "report-part", {"result": "已办。"}, 403, "cases.part-wrong", None, "wenze:house#membership",
        who="window-head",
    ),
    "in the future": Failing(
        "fresh", "accept", ACCEPT | at(hours=2), 422, "cases.time-in-future", "/occurred_at", "wenze:house#time"
    ),
    "before the receipt": Failing(
        "fresh", "accept", ACCEPT | at(hours=-24), 422, "cases.time-before-last-step", "/occurred_at", "wenze:house#time"
    ),
    "unknown field": Failing("fresh", "accept", ACCEPT | {"colour": "red"}, 400, "api.field-unknown", "/colour"),
    "missing field": Failing("fresh", "accept", {}, 400, "api.field-missing", "/grounds"),
    "wrong type": Failing("fresh", "accept", {"grounds": "all"}, 400, "api.field-type", "/grounds"),
    "no such value": Failing("fresh", "accept", {"grounds": ["x"]}, 400, "api.field-choice", "/grounds/0"),
    "value twice": Failing("fresh", "accept", {"grounds": ACCEPT["grounds"] * 2}, 400, "cases.value-twice", "/grounds"),
    "U+0000": Failing("fresh", "accept", ACCEPT | {"note": "a\0b"}, 400, "api.text-nul", "/note"),
    "no such step": Failing("fresh", "abolish", {}, 404, "api.not-found"),
    "registering as a step": Failing("fresh", "register", {}, 404, "api.not-found"),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_a_step(scenes: Scenes, name: str) -> None:
    failing = STEPS[name]
    matter: Matter = getattr(scenes, failing.of)
    body = dict(failing.body)
    if "occurred_at" in body:
        body["occurred_at"] = (scenes.place.now() + timedelta(**body["occurred_at"])).isoformat()
    refused(scenes, failing, lambda: matter.attempt(failing.who, failing.step, body))


DISPATCHES: dict[str, tuple[list[dict[str, Any]], int, str, str]] = {
    "unit unknown": ([LEAD | {"unit_id": str(uuid4())}], 422, "cases.unit-unknown", "/units/0/unit_id"),
    "another tenant's unit": ([LEAD, {"unit_id": "foreign unit", "part": "cooperating"}], 422, "cases.unit-unknown",
                              "/units/1/unit_id"),
    "no lead": ([LEAD | {"part": "cooperating"}], 422, "cases.lead-unit", "/units"),
    "two leads": ([LEAD, LEAD | {"unit_id": "@second"}], 422, "cases.lead-unit", "/units"),
    "one unit twice": ([LEAD, LEAD | {"part": "cooperating"}], 400, "cases.unit-twice", "/units"),
    "no unit": ([], 400, "api.field-length", "/units"),
    "no id": ([LEAD | {"unit_id": "5"}], 400, "api.field-uuid", "/units/0/unit_id"),
    "a term that the clause fixes": (
        [LEAD | {"term": {"unit": "hour", "length": 1}, "term_reason": "急"}], 422, "deadlines.term-not-asked",
        "/units/0/term",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DISPATCHES)
def test_a_dispatch(scenes: Scenes, name: str) -> None:
    units, status, code, place = DISPATCHES[name]
    matter = scenes.specialist
    if matter.view["state"] == "accepted":
        matter.take("supervisor", "classify", track="specialist", complex=False)
    body = {"units": [item | {"unit_id": scenes.known.get(item["unit_id"], item["unit_id"])} for item in units]}
    failing = Failing("specialist", "dispatch", body, status, code, place)
    refused(scenes, failing, lambda: matter.attempt("supervisor", "dispatch", body))


REGISTRATIONS: dict[str, tuple[dict[str, Any], int, str, str | None]] = {
    "in the future": ({"received_at": "2099-01-01T00:00:00Z"}, 422, "cases.received-in-future", "/received_at"),
    "before the regulation": ({"received_at": "2010-01-01T00:00:00Z"}, 422, "law.before-first-version", "/received_at"),
    "beyond the calendar": ({"received_at": "0001-01-01T00:00:00+14:00"}, 400, "cases.instant-out-of-reach", "/received_at"),
    "without its offset": ({"received_at": "2026-02-12T09:00:00"}, 400, "api.field-instant", "/received_at"),
    "a day that is none": ({"received_at": "2026-02-30T09:00:00Z"}, 400, "api.field-instant", "/received_at"),
    "rule of the city": ({"receiving_office": "duty-office"}, 422, "cases.city-objects", "/receiving_office"),
    "another city's kind": ({"kind": "tip-off"}, 400, "api.field-choice", "/kind"),
    "nobody named": ({"petitioner": {"address": "某处"}}, 422, "petitioners.nobody-named", "/petitioner"),
    "an id number that is none": (
        {"petitioner": {"name": "某人", "id_number": "110105194912310021"}}, 422, "petitioners.id-number-wrong",
        "/petitioner/id_number",
    ),
    "unknown field of a petitioner": (
        {"petitioner": {"name": "某人", "nickname": "x"}}, 400, "api.field-unknown", "/petitioner/nickname",
    ),
    "no title": ({"title": ""}, 400, "api.field-length", "/title"),
}  # fmt: skip


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_a_registration(scenes: Scenes, name: str) -> None:
    changes, status, code, place = REGISTRATIONS[name]
    body = registration("complaint") | changes
    failing = Failing("fresh", "register", changes, status, code, place)
    refused(scenes, failing, lambda: scenes.place.client.post("supervisor", "/cases", body))


REQUESTS: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "no idempotency key": ({"If-Match": '"1"'}, b"", 400, "api.idempotency-key-missing"),
    "a key with a space": ({"If-Match": '"1"', "Idempotency-Key": "a b"}, b"", 400, "api.idempotency-key-malformed"),
    "no If-Match": ({"Idempotency-Key": "k"}, b"", 428, "api.if-match-missing"),
    "stale": ({"Idempotency-Key": "k", "If-Match": '"7"'}, b"", 412, "cases.stale"),
    "no JSON": ({"Idempotency-Key": "k", "If-Match": '"1"'}, b"{", 400, "api.body-malformed"),
    "no body": ({"Idempotency-Key": "k", "If-Match": '"1"'}, b" ", 400, "api.body-malformed"),
    "a key of the body twice": (
        {"Idempotency-Key": "k", "If-Match": '"1"'}, b'{"grounds": [], "grounds": []}', 400, "api.key-twice",
    ),
    "no UTF-8": ({"Idempotency-Key": "k", "If-Match": '"1"'}, b'{"note": "\xff"}', 400, "api.body-encoding"),
    "too large": ({"Idempotency-Key": "k", "If-Match": '"1"'}, b" " * 2_000_000, 413, "api.body-too-large"),
    "nested too deep": ({"Idempotency-Key": "k", "If-Match": '"1"'}, b'{"a":' * 2_000, 400, "api.body-too-deep"),
    "no JSON by its type": (
        {"Idempotency-Key": "k", "If-Match": '"1"', "Content-Type": "text/plain"}, b"", 415, "api.media-unsupported",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request(scenes: Scenes, name: str) -> None:
    headers, body, status, code = REQUESTS[name]
    sent, path = body or json.dumps(ACCEPT).encode(), scenes.fresh.step_path("accept")
    failing = Failing("fresh", "accept", {}, status, code)
    refused(scenes, failing, lambda: scenes.place.client.send("supervisor", "POST", path, headers, sent))


@pytest.mark.parametrize("of", ["foreign", "unknown", "other kind", "no id"])
def test_a_case_that_is_not_there(scenes: Scenes, of: str) -> None:
    """A foreign case looks like one that does not exist."""
    id_ = {"foreign": scenes.foreign.id, "unknown": str(uuid4()), "no id": "5"}.get(of, scenes.fresh.id)
    path = f"/cases/{id_}/steps/{'tip-off' if of == 'other kind' else 'complaint'}/accept"
    failing = Failing("fresh", "accept", ACCEPT, 404, "api.not-found")
    foreign_before = scenes.foreign.place.counts()
    refused(scenes, failing, lambda: scenes.place.client.post("supervisor", path, ACCEPT, '"1"'))
    assert scenes.foreign.place.counts() == foreign_before


def refused(scenes: Scenes, failing: Failing, send: Callable[[], httpx.Response]) -> None:
    """The request must be answered so, and leave every row and the case's entity tag as they were."""
    matter: Matter = getattr(scenes, failing.of)
    before, seen = scenes.place.counts(), (matter.refresh(), matter.etag)
    answer = send()
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (failing.status, failing.code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["detail"]
    assert "{" not in problem["detail"]
    if failing.place:
        assert problem["field"] == failing.place
    if failing.clause:
        assert problem["clause"] == failing.clause
    assert scenes.place.counts() == before
    assert (matter.refresh(), matter.etag) == seen


def test_what_was_refused_can_be_done_right_afterwards(scenes: Scenes) -> None:
    """The table's cases are as alive as before, and one good step writes one row of each record."""
    before = scenes.place.counts()
    scenes.fresh.refresh()
    scenes.fresh.take("supervisor", "accept", ACCEPT)
    after = scenes.place.counts()
    grown = {name: after[name] - number for name, number in before.items() if after[name] != number}
    assert grown == {"case_step": 1, "audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}
