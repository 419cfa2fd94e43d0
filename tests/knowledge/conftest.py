"""A tenant whose units keep answers: two officers of one unit, one of another, a supervisor and a clerk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world

DUE = "2031-06-30"


@dataclass
class Staff:
    """Somebody at a tenant's door."""

    client: httpx.AsyncClient

    async def get(self, path: str, **query: Any) -> Any:
        """What a reading answers that must succeed."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self, path: str, body: object, match: object = None) -> httpx.Response:
        """Something that changes; ``match`` is the version that it was decided on."""
        headers = {"idempotency-key": str(uuid4())} | ({"if-match": f'"{match}"'} if match is not None else {})
        return await self.client.post(path, json=body, headers=headers)

    async def do(self, path: str, body: object, match: object = None) -> Any:
        """A change that must succeed."""
        answer = await self.ask(path, body, match)
        assert answer.is_success, answer.text
        return answer.json()


@dataclass
class Hall:
    """The people of one tenant, and the units of the two that keep answers."""

    world: World
    place: Place
    author: Staff
    second: Staff
    outsider: Staff
    supervisor: Staff
    clerk: Staff
    administrator: Staff
    unit: str
    other_unit: str

    async def published(self, **changes: Any) -> dict[str, Any]:
        """An answer that the second officer published."""
        article = await self.author.do("/knowledge", draft(self.unit, **changes))
        return dict(await self.second.do(f"/knowledge/{article['id']}/publication", {}, article["version"]))

    async def move(self, to: str) -> None:
        """Moves legal time, as a tenant's administrator may."""
        clock = await self.administrator.client.get("/sandbox/clock")
        headers = {"if-match": clock.headers["etag"]}
        answer = await self.administrator.client.put("/sandbox/clock", json={"now": to}, headers=headers)
        assert answer.status_code == 200, answer.text


def draft(unit: str, **changes: Any) -> dict[str, Any]:
    """The body of a new article."""
    body = {
        "unit_id": unit,
        "question": "公租房申请需要哪些材料？",
        "answer": "请携带身份证、户口簿到户籍所在地社区办理。",
        "valid_from": "2026-01-01",
        "review_due_on": DUE,
    }
    return body | changes


def text(**changes: Any) -> dict[str, Any]:
    """The body of a revision."""
    body = draft("", **changes)
    del body["unit_id"]
    return body


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with a tenant of Ankang and one of Baoding."""
    async with open_world(addresses) as opened:
        for city in ("ankang", "baoding"):
            await opened.add(city)
        yield opened


@pytest.fixture
async def hire(world: World) -> AsyncIterator[Callable[..., Any]]:
    """``await hire(place, Role.AUDITOR, unit="…")`` answers somebody at the tenant's door."""
    async with AsyncExitStack() as stack:

        async def hired(place: Place, *roles: Role, unit: str | None = None) -> Staff:
            made = await world.register(place.cast, roles, Scope, unit)
            client = await stack.enter_async_context(asking(world.app(), await world.token(place, made)))
            client.base_url = f"{client.base_url}/t/{place.slug}/v1"  # type: ignore[assignment]
            return Staff(client)

        yield hired


@pytest.fixture
async def hall(world: World, hire: Callable[..., Any]) -> Hall:
    """A tenant of the test's own under the rules of Ankang."""
    place = world.places["ankang"]
    one, other = list(place.cast.units)[:2]
    return Hall(
        world,
        place,
        author=await hire(place, Role.UNIT_OFFICER, unit=one),
        second=await hire(place, Role.UNIT_OFFICER, unit=one),
        outsider=await hire(place, Role.UNIT_OFFICER, unit=other),
        supervisor=await hire(place, Role.SUPERVISOR),
        clerk=await hire(place, Role.INTAKE_CLERK),
        administrator=await hire(place, Role.TENANT_ADMINISTRATOR),
        unit=str(place.cast.units[one]),
        other_unit=str(place.cast.units[other]),
    )
