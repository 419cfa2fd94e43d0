"""A service with a tenant of each of the four cities, for what is asked over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.servers import Addresses
from tests.support.world import World, open_world


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services."""
    async with open_world(addresses) as opened:
        for city in ("ankang", "baoding", "ganzhou", "jincheng"):
            await opened.add(city)
        yield opened
