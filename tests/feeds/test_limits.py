"""Whoever tries addresses that open nothing has to wait; whoever has one that does has not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_network

import httpx
import pytest

from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world

FEEDS = "/t/ankang/v1/calendar-feeds"
GUESS = f"{FEEDS}/{'A' * 43}.ics"


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """A tenant of which an address may fail three times."""
    async with open_world(addresses, failures_per_address=3, trusted_proxies=(ip_network("127.0.0.0/8"),)) as opened:
        await opened.add("ankang")
        yield opened


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """The tenant of Ankang."""
    return world.places["ankang"]


@pytest.fixture
async def anybody(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Asks without a token."""
    async with asking(world.app()) as client:
        yield client


async def test_who_guesses_addresses_waits_and_no_calendar_does(
    world: World, place: Place, anybody: httpx.AsyncClient
) -> None:
    headers = {"x-forwarded-for": "198.51.100.7"}
    async with asking(world.app(), await world.token(place)) as client:
        body = {"unit_id": str(next(iter(place.cast.units.values())))}
        made = (await client.post(FEEDS, json=body, headers={"idempotency-key": "a-feed"})).json()
    assert [(await anybody.get(GUESS, headers=headers)).status_code for _ in range(3)] == [404] * 3
    waiting = await anybody.get(GUESS, headers=headers)
    assert (waiting.status_code, waiting.json()["code"]) == (429, "api.too-many-failures")
    assert waiting.headers["content-type"] == "application/problem+json"
    assert 1 <= int(waiting.headers["retry-after"]) <= 60
    assert (await anybody.get(GUESS, headers={"x-forwarded-for": "198.51.100.8"})).status_code == 404
    assert (await anybody.get(made["address"], headers=headers)).status_code == 200


async def test_there_are_so_many_feeds_of_each(
    world: World, place: Place, anybody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asking(world.app(), await world.token(place)) as client:
        body = {"unit_id": str(next(iter(place.cast.units.values())))}
        standing = [item["id"] for item in (await client.get(FEEDS)).json()["items"] if item["revoked_at"] is None]
        monkeypatch.setattr("core.feeds.service.MOST_FEEDS", len(standing) + 1)
        made = await client.post(FEEDS, json=body, headers={"idempotency-key": "one-more"})
        refused = await client.post(FEEDS, json=body, headers={"idempotency-key": "too-many"})
        assert (refused.status_code, refused.json()["code"]) == (409, "feeds.too-many")
        assert (await client.delete(f"{FEEDS}/{made.json()['id']}")).status_code == 204
        assert (await client.post(FEEDS, json=body, headers={"idempotency-key": "another"})).status_code == 201
    assert (await anybody.get(made.json()["address"])).status_code == 404
