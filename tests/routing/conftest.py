"""A service with a hotline and with tip-offs that are confidential, asked as everybody and as people with one role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world

BASIS = "派单工作规范第三条"
Ask = Callable[..., Awaitable[httpx.Response]]


@dataclass
class Hall:
    """A tenant as a person of it sees it."""

    world: World
    place: Place
    client: httpx.AsyncClient
    slug: str

    @property
    def units(self) -> dict[str, str]:
        """The units of the story, by key."""
        return {key: str(id_) for key, id_ in self.place.cast.units.items()}

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Reads."""
        return await self.client.get(f"/t/{self.slug}/v1{path}", params=query)

    async def post(self, path: str, body: Any, match: str | None = None, key: str | None = None) -> httpx.Response:
        """Changes something."""
        headers = {"idempotency-key": key or str(uuid4())} | ({"if-match": match} if match else {})
        return await self.client.post(f"/t/{self.slug}/v1{path}", json=body, headers=headers)

    async def done(self, path: str, body: Any, match: str | None = None) -> Any:
        """Changes something that must succeed."""
        answer = await self.post(path, body, match)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def category(self, **more: Any) -> str:
        """A new category."""
        body = {"code": f"c-{uuid4().hex[:8]}", "title_zh": "分类", "valid_from": "2026-01-01", "basis": BASIS} | more
        code: str = (await self.done("/categories", body))["code"]
        return code

    async def rule(self, unit: str | None = None, **more: Any) -> Any:
        """A new rule."""
        body = {"target": "unit" if unit else "last-of-matter", "valid_from": "2026-01-01", "basis": BASIS} | more
        return await self.done("/routing-rules", body | ({"unit_id": self.units[unit]} if unit else {}))

    async def order(self, **more: Any) -> Any:
        """A hotline order, accepted."""
        words = {"title": "人行道塌陷", "narrative": "路面塌陷", "rendition": "路面塌陷"}
        case = await self.done("/cases", {"kind": "hotline-order", "channel": "hotline", **words, **more})
        return await self.step(case, "accept", {})

    async def step(self, case: Any, step: str, body: Any) -> Any:
        """A step of an order."""
        return await self.done(f"/cases/{case['id']}/steps/{case['kind']}/{step}", body, f'"{case["version"]}"')

    async def dispatch(self, case: Any, unit: str, step: str = "dispatch", **more: Any) -> Any:
        """Dispatches an order to a unit that leads."""
        return await self.step(case, step, {"units": [{"unit_id": self.units[unit], "part": "lead"}], **more})

    async def proposal(self, case: Any) -> Any:
        """What is proposed for an order."""
        answer = await self.get(f"/cases/{case['id']}/routing")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with tenants of Ganzhou and Baoding."""
    async with open_world(addresses) as opened:
        for city in ("ganzhou", "baoding"):
            await opened.add(city)
        yield opened


@pytest.fixture
async def hall(world: World) -> AsyncIterator[Hall]:
    """The hotline's tenant, as somebody who may everything."""
    place = world.places["ganzhou"]
    async with asking(world.app(), await world.token(place)) as client:
        yield Hall(world, place, client, "ganzhou")


@pytest.fixture
def ask_as(world: World) -> Ask:
    """``await ask_as("ganzhou", Role.AUDITOR, "GET", "/routing-rules")`` as a person with that role alone."""

    async def asked(city: str, role: Role, method: str, path: str, body: Any = None) -> httpx.Response:
        place = world.places[city]
        unit = next(iter(place.cast.units)) if role is Role.UNIT_OFFICER else None
        who = await world.register(place.cast, [role], Scope, unit)
        async with asking(world.app(), await world.token(place, who)) as client:
            headers = {"idempotency-key": str(uuid4()), "if-match": '"1"'}
            return await client.request(method, f"/t/{city}/v1{path}", json=body, headers=headers)

    return asked
