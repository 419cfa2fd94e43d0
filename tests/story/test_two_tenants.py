"""Two tenants under one city's rules: the law is shared, and nothing else (promise 6)."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from api.demo.client import TenantClient
from tests.story.house import House, Place
from tests.story.matters import Matter, register, registration

Pair = tuple[Place, Place]


@pytest.fixture(scope="module")
def pair(house: House) -> Pair:
    """Two counties of Ankang, each a tenant."""
    return house.open("ankang"), house.open("ankang")


def test_each_numbers_its_own_cases(pair: Pair) -> None:
    found = [[register(place, "complaint").view["number"] for _ in range(2)] for place in pair]
    assert found == [["TS2026-000001", "TS2026-000002"]] * 2
    for place in pair:
        assert [item["number"] for item in place.read("supervisor", "/cases")["items"]] == found[0][::-1]


def test_each_has_its_own_clock(pair: Pair) -> None:
    moved, still = pair
    late, timely = (matter.live("dispatched") for matter in (register(place, "complaint") for place in pair))
    before = still.now()
    moved.move(moved.now() + timedelta(days=60))
    assert moved.now() - still.now() > timedelta(days=59)
    assert still.now() - before < timedelta(minutes=1)
    assert (late.refresh()["overdue"], timely.refresh()["overdue"]) == (True, False)


def test_each_sets_its_own_figures(pair: Pair) -> None:
    """From the day that one sets another figure its terms differ, and the other's stay."""
    changed = pair[0]
    figure = {
        "key": "complaint.plain-reply-term",
        "value": {"unit": "working_day", "length": 2},
        "effective_from": "2026-01-01",
    }
    words = {"basis": "县政府办〔2026〕1号", "reason": "缩短答复期限"}
    assert changed.client.post(changed.administrator, "/settings", figure | words).status_code == 201
    lengths = []
    for place in pair:
        matter = register(place, "complaint")
        matter.take("supervisor", "accept", grounds=["ankang:complaints-2018#3/accept.3"])
        matter.take("supervisor", "classify", track="plain")
        (item,) = place.read("supervisor", f"{matter.path}/deadlines")["items"]
        lengths.append((item["explanation"]["term"]["length"], item["explanation"]["figure_from"]))
    assert lengths == [(2, "setting:complaint.plain-reply-term"), (7, "setting:complaint.plain-reply-term")]


def test_each_has_its_own_idempotency_keys(pair: Pair) -> None:
    answers = [place.client.post("supervisor", "/cases", registration("complaint"), key="ours") for place in pair]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] != answers[1].json()["id"]
    assert not any("idempotency-replayed" in answer.headers for answer in answers)


@pytest.fixture(scope="module")
def theirs(pair: Pair) -> Matter:
    """A case of the second tenant."""
    return register(pair[1], "complaint").live("dispatched")


def test_ones_cases_units_and_receipts_are_nothing_to_the_other(pair: Pair, theirs: Matter) -> None:
    here, there = pair
    receipt = register(there, "complaint").view["receipt"]
    before = there.counts()
    for part in ("", "/steps", "/deadlines"):
        assert here.get("supervisor", f"{theirs.path}{part}").status_code == 404
    assert here.ask_status("supervisor", receipt).status_code == 404
    assert there.ask_status("supervisor", receipt).status_code == 200
    taken = here.client.post("supervisor", theirs.step_path("remind"), {"text": "请尽快。"}, theirs.etag)
    assert taken.status_code == 404
    unit = str(there.cast.units["social-security-window"])
    assert here.read("supervisor", "/cases", unit_id=unit)["items"] == []
    assert here.get(here.administrator, f"/units/{unit}").status_code == 404
    assert there.counts() == before


def test_ones_credentials_open_nothing_of_the_other(house: House, pair: Pair, theirs: Matter) -> None:
    here, there = pair
    crossed = TenantClient(house.http, there.slug, here.cast.clients)
    with pytest.raises(httpx.HTTPStatusError) as refused:
        crossed.get("supervisor", theirs.path)
    assert (refused.value.response.status_code, refused.value.response.json()["error"]) == (401, "invalid_client")


def test_ones_token_opens_nothing_of_the_other(house: House, pair: Pair, theirs: Matter) -> None:
    here, there = pair
    credentials = here.cast.clients["supervisor"]
    told = house.http.post(
        f"/t/{here.slug}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(credentials.client_id, credentials.client_secret),
    )
    bearer = {"Authorization": f"Bearer {told.raise_for_status().json()['access_token']}"}
    assert house.http.get(f"/t/{here.slug}/v1/cases", headers=bearer).status_code == 200
    for path in ("/cases", theirs.path, "/settings", "/units"):
        assert house.http.get(f"/t/{there.slug}/v1{path}", headers=bearer).status_code == 401


def test_they_share_the_law(pair: Pair) -> None:
    found = [place.read("supervisor", "/rulebook") for place in pair]
    assert found[0] == found[1]
    assert found[0]["items"]
