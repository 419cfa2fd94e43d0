"""One world per module and engine, with Ankang in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with a tenant of Ankang."""
    async with open_world(addresses) as opened:
        await opened.add("ankang")
        yield opened


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """The tenant of Ankang."""
    return world.places["ankang"]


@pytest.fixture
async def api(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Asks in English as a client that may everything."""
    async with asking(world.app(), await world.token(place)) as client:
        yield client


@pytest.fixture
async def anybody(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Asks without a token."""
    async with asking(world.app()) as client:
        yield client
