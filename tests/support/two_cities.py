"""Fixtures for tests that import them: a service with tenants of two cities, on each engine, and a client of one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world


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
