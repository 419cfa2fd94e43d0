"""A service with tenants of two cities, asked as an administrator and as others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import httpx
import pytest

from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world

Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with tenants of Ankang and Baoding."""
    async with open_world(addresses) as opened:
        for city in ("ankang", "baoding"):
            await opened.add(city)
        yield opened


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """The tenant of Ankang."""
    return world.places["ankang"]


@pytest.fixture
async def api(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as a client that may everything."""
    async with asking(world.app(), await world.token(place)) as client:
        client.base_url = f"{client.base_url}/t/{place.slug}/v1"  # type: ignore[assignment]
        yield client


@pytest.fixture
def send(api: httpx.AsyncClient) -> Send:
    """``await send("POST", "/units", body)`` changes something; ``match`` is the ETag that it was decided on."""

    async def sent(method: str, path: str, body: object, match: str | None = None, key: str | None = None) -> httpx.Response:
        headers = {"idempotency-key": key or str(uuid4())} if method == "POST" else {}
        return await api.request(method, path, json=body, headers=headers | ({"if-match": match} if match else {}))

    return sent
