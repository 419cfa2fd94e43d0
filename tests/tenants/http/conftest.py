"""A service with tenants of two cities, asked as an administrator and as others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest

from tests.support.two_cities import api, place, world

Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def send(api: httpx.AsyncClient) -> Send:
    """``await send("POST", "/units", body)`` changes something; ``match`` is the ETag that it was decided on."""

    async def sent(method: str, path: str, body: object, match: str | None = None, key: str | None = None) -> httpx.Response:
        headers = {"idempotency-key": key or str(uuid4())} if method == "POST" else {}
        return await api.request(method, path, json=body, headers=headers | ({"if-match": match} if match else {}))

    return sent
