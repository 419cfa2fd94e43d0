"""A service with a tenant of Ankang and one of Baoding, on each engine, and people who upload."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.support.two_cities import api, place, world
from tests.support.world import Place, World

Upload = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def upload(api: httpx.AsyncClient) -> Upload:
    """``await upload(content, "name.pdf")`` sends a file."""

    async def sent(
        content: object, name: str = "file", media: str | None = None, key: str | None = None, **headers: str
    ) -> httpx.Response:
        given = {"idempotency-key": key or str(uuid4()), **({"content-type": media} if media else {}), **headers}
        return await api.post("/attachments", params={"name": name}, content=content, headers=given)  # type: ignore[arg-type]

    return sent


@pytest.fixture
def stored(world: World, place: Place) -> Callable[[], set[str]]:
    """``stored()`` answers the ids of the objects that the tenant has in the vault, and what is unfinished there."""
    folder = Path(urlsplit(world.services.settings.attachments).path) / f"t{place.number}"
    return lambda: {file.name for file in folder.rglob("*") if file.is_file()}
