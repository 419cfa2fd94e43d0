"""A caller recognised, and likely duplicates: told to who may know whose a case is, on record, without a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.story.house import Place
from tests.story.matters import Matter, register, registration
from tests.support.telling import without_chance

PHONE = "13900000000"
WHO = {"name": "温国平", "phone": "139-0000-0000", "id_number": "11010519491231002X"}


@pytest.fixture
def place(open_place: Callable[[str], Place]) -> Place:
    """A tenant of its own."""
    return open_place("ganzhou")


def look_up(place: Place, who: str = "operator", **known: Any) -> httpx.Response:
    """Asks for a caller's cases."""
    return place.client.post(who, "/callers/lookups", known)


def order(at: Place, /, **more: Any) -> Matter:
    """An order just registered; ``site`` is the place that it is about."""
    site = {"place": more.pop("site")} if "site" in more else {}
    answer = at.client.post("operator", "/cases", registration("hotline-order", **more) | site)
    assert answer.status_code == 201, answer.text
    return Matter(at, "hotline-order", answer.json(), answer.headers["etag"])


def test_a_caller_is_recognised_by_phone_or_number_open_cases_first(place: Place) -> None:
    first, second = order(place, petitioner=WHO), order(place, petitioner=WHO, title="路灯不亮")
    third = order(place, petitioner={"name": "别人"}, co_petitioners=[{"name": "温国平", "phone": PHONE}])
    order(place, petitioner={"name": "他人", "phone": "13800138000"})
    second.take("operator", "withdraw", reason="已解决")
    found = look_up(place, phone="+86 139 0000 0000")
    assert found.status_code == 200, found.text
    told = found.json()
    assert [item["case_id"] for item in told["items"]] == [third.id, first.id, second.id]
    assert (told["total"], told["open"], told["lately"], told["counts"]) == (3, 2, 3, {"registered": 2, "withdrawn": 1})
    assert (told["complete"], told["next"]) == (True, None)
    assert not [word for word in ("温", "139", "1101", "别人") if word in without_chance(found.text)]
    by_number = look_up(place, id_number="11010519491231002x").json()
    assert {item["case_id"] for item in by_number["items"]} == {first.id, second.id}
    assert look_up(place, phone="13700000000").json()["items"] == []


def test_pages_follow_each_other(place: Place) -> None:
    cases = [order(place, petitioner=WHO).id for _ in range(3)]
    one = look_up(place, phone=PHONE, limit=2).json()
    two = look_up(place, phone=PHONE, limit=2, cursor=one["next"]).json()
    assert [item["case_id"] for item in one["items"] + two["items"]] == cases[::-1]
    assert two["next"] is None
    wrong = look_up(place, phone=PHONE, cursor="x")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (400, "api.cursor-malformed", "/cursor")


def test_each_look_up_is_on_record_and_names_nobody(place: Place) -> None:
    order(place, petitioner=WHO)
    before = place.counts()
    told = place.client.post("operator", "/callers/lookups", {"phone": PHONE}, key="once").json()
    after = place.counts()
    grown = {name: after[name] - number for name, number in before.items() if after[name] != number}
    assert grown == {"audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}
    again = place.client.post("operator", "/callers/lookups", {"phone": PHONE}, key="once")
    assert (again.json(), place.counts()) == (told, after)
    (event,) = [row for row in place.rows("outbox") if row["type"] == "petitioner.looked-up"]
    assert (event["refs"]["by"], event["refs"]["found"]) == ("phone", 1)
    (audited,) = [row for row in place.rows("audit") if row["action"] == "petitioner.looked-up"]
    assert audited["role"] == "intake-clerk"
    hashes = [bytes(row["phone_hash"]).hex() for row in place.rows("petitioner") if row["phone_hash"]]
    kept = str(place.rows("audit_content")) + str(place.rows("outbox"))
    assert not [word for word in (PHONE, "0000-0000", *hashes) if word in kept]


def test_one_caller_has_one_reference_however_and_wherever_it_was_asked(place: Place) -> None:
    """So that an auditor who has the key finds every look-up of somebody, and nobody who has not finds any."""
    order(place, petitioner=WHO)
    look_up(place, phone=PHONE)
    look_up(place, phone="+86 139-0000-0000")
    draft = {"kind": "hotline-order", "title": "井盖", "phone": "139 0000 0000"}
    place.client.post("operator", "/calculations/duplicates", draft).raise_for_status()
    place.client.post("operator", "/cases/search", {"phone": f"0086{PHONE}"}).raise_for_status()
    look_up(place, phone="13800138000")
    kept = [json.loads(row["content"]) for row in place.rows("audit_content") if row["stream"].startswith("look-ups:")]
    assert [item["caller"] == kept[0]["caller"] for item in kept] == [True, True, True, True, False]
    assert [item["found"] for item in kept] == [1, 1, 1, 1, 0]


def test_many_look_ups_by_one_person_at_once_are_all_answered(place: Place) -> None:
    """As a platform sends them, which has one account for all its operators."""
    with ThreadPoolExecutor(24) as pool:
        answers = [*pool.map(lambda number: look_up(place, phone=f"139000000{number:02d}"), range(24))]
    assert [answer.status_code for answer in answers] == [200] * 24
    assert len([row for row in place.rows("audit") if row["stream"].startswith("look-ups:")]) == 24


def test_who_may_not_read_identities_is_told_of_no_caller(place: Place) -> None:
    order(place, petitioner=WHO)
    place.hire("both", Role.DISPATCHER, Role.UNIT_OFFICER, unit="urban-management")
    place.hire("unscoped", Role.DISPATCHER, scopes=set(Scope) - {Scope.PETITIONERS_READ})
    before = place.counts()
    for who in ("supervisor", "city-officer", "both", "unscoped", "administrator"):
        assert look_up(place, who, phone=PHONE).status_code == 403, who
    for bad in ({"phone": "1"}, {"phone": "x" * 99}, {"phone": 139}, {"id_number": "a b"}, {"phone": PHONE, "limit": 0}):
        assert look_up(place, **bad).status_code == 400, bad
    assert look_up(place).json()["code"] == "callers.nothing-known"
    assert place.counts() == before


def test_a_case_about_the_own_unit_is_not_told(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    place.hire("clerk-there", Role.INTAKE_CLERK, unit="housing-bureau")
    about = register(place, "tip-off", petitioner=WHO, subject_unit="@housing-bureau")
    other = register(place, "tip-off", petitioner=WHO)
    assert [item["case_id"] for item in look_up(place, "clerk", phone=PHONE).json()["items"]] == [other.id, about.id]
    assert [item["case_id"] for item in look_up(place, "clerk-there", phone=PHONE).json()["items"]] == [other.id]


SITE = {"division": "360702", "address": "红旗大道12号"}


def test_likely_duplicates_are_named_with_what_they_share(place: Place) -> None:
    first = order(place, petitioner=WHO, title="红旗大道人行道塌陷", site=SITE)
    order(place, title="路灯不亮", site={"division": "360781"})
    again = order(place, petitioner=WHO, title="红旗大道人行道塌陷渗水", site=SITE)
    (found,) = again.view["likely_duplicates"]
    assert (found["case_id"], found["number"], found["state"]) == (first.id, first.view["number"], "registered")
    why = {share["likeness"] for share in found["why"]}
    assert why == {"same-petitioner", "similar-title", "same-division", "same-address", "close-in-time", "still-open"}
    assert found["score"] == 100
    quiet = order(place, petitioner=WHO, title="红旗大道人行道塌陷", site=SITE, suggest_duplicates=False)
    assert quiet.view["likely_duplicates"] == []


def test_a_draft_is_compared_before_it_is_registered(place: Place) -> None:
    first = order(place, petitioner=WHO, title="红旗大道人行道塌陷", site=SITE)
    draft = {"kind": "hotline-order", "title": "人行道塌陷 红旗大道", "place": SITE}
    before = place.counts()
    (found,) = place.client.post("operator", "/calculations/duplicates", draft).raise_for_status().json()["items"]
    assert (found["case_id"], "same-petitioner" in str(found["why"])) == (first.id, False)
    grown = {name: number - before[name] for name, number in place.counts().items() if number != before[name]}
    assert grown == {"idempotency": 1}
    (found,) = place.client.post("operator", "/calculations/duplicates", draft | {"phone": PHONE}).json()["items"]
    assert "same-petitioner" in str(found["why"])
    assert [row["refs"]["by"] for row in place.rows("outbox") if row["type"] == "petitioner.looked-up"] == ["phone"]
    assert place.client.post("operator", "/calculations/duplicates", {"kind": "finding", "title": "x"}).status_code == 400


def test_a_merged_case_is_suggested_no_more(place: Place) -> None:
    first, second = (order(place, title="红旗大道人行道塌陷", site=SITE) for _ in range(2))
    merged = place.client.post("dispatcher", f"{second.path}/merge", {"into": first.id, "reason": "同一处"}, second.etag)
    assert merged.status_code == 200, merged.text
    third = order(place, title="红旗大道人行道塌陷", site=SITE)
    assert [item["case_id"] for item in third.view["likely_duplicates"]] == [first.id]


def test_of_tip_offs_none_is_suggested(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    register(place, "tip-off", petitioner=WHO)
    assert register(place, "tip-off", petitioner=WHO).view["likely_duplicates"] == []
    draft = {"kind": "tip-off", "title": "x"}
    assert place.client.post("clerk", "/calculations/duplicates", draft).status_code == 404
