"""A service with two cities in it, a receiver, and a worker whose clock the tests move."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.store.database import Database
from core.store.tables import TENANT, timer
from core.timers.timer import TimerKind
from core.trades import TRADES
from core.webhooks.delivering import Delivering
from core.work import Workshop
from core.worker import Worker
from tests.federation.faking import served
from tests.servers import Addresses
from tests.store.rows import change
from tests.support.world import Place, World, asking, open_world
from tests.webhooks.receiving import Receiver

LOOPBACK = (ip_network("127.0.0.1/32"),)
_OF_KIND = {TimerKind.EVENTS, TimerKind.DELIVERY}
_NEXT = select(timer.c.run_at).where(timer.c.tenant == TENANT, timer.c.kind == TimerKind.DELIVERY.value)


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with a tenant of each of two cities."""
    async with open_world(addresses, webhook_networks=LOOPBACK) as opened:
        await opened.add("ankang")
        await opened.add("ganzhou")
        yield opened


@dataclass
class Post:
    """A tenant's webhooks, as an administrator keeps them, and the worker that delivers."""

    world: World
    place: Place
    api: httpx.AsyncClient
    database: Database
    clock: FixedClock
    hooks: list[dict[str, Any]] = field(default_factory=list)

    async def send(
        self, method: str, path: str, body: Any = None, match: int | None = None, key: str = ""
    ) -> httpx.Response:
        """Changes something below the tenant's API."""
        headers = {"idempotency-key": key or secrets.token_hex(8)} if method == "POST" else {}
        headers |= {"if-match": f'"{match}"'} if match is not None else {}
        content: dict[str, Any] = {} if body is None else {"json": body}
        return await self.api.request(method, f"/t/{self.place.slug}/v1{path}", headers=headers, **content)

    async def get(self, path: str, **query: Any) -> Any:
        """What a reading answers that must succeed."""
        answer = await self.api.get(f"/t/{self.place.slug}/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hook(self, url: str, *types: str) -> dict[str, Any]:
        """A webhook with its secret."""
        made = await self.send("POST", "/webhooks", {"url": url, "types": list(types or ("month.closed",))})
        assert made.status_code == 201, made.text
        told: dict[str, Any] = made.json()
        self.hooks.append(told)
        return told

    async def happen(self, count: int = 1, type_: str = "calendar.published") -> None:
        """Events of a type that nothing else here writes."""
        for _ in range(count):
            async with self.database.tenant(self.place.number) as session:
                name = f"{type_}:{secrets.token_hex(8)}"
                session.record(change(name, subject=name, new_stream=True, event_type=type_, refs={}))

    def worker(self, database: Database | None = None) -> Worker:
        """One that numbers and delivers, with a trade of its own as another process has."""
        trades = [trade for trade in TRADES if trade.kind in _OF_KIND]
        own = [replace(trade, work=Delivering().work) if trade.kind is TimerKind.DELIVERY else trade for trade in trades]
        return Worker(Workshop(self.world.services.settings, database or self.database, self.world.services.snapshots), own)

    async def deliver(self) -> None:
        """Works off all that has gone off by the clock."""
        self.clock.instant = max(self.clock.instant, datetime.now(UTC))
        await self.worker().catch_up()

    async def wait(self, for_: timedelta) -> None:
        """Lets time pass, and works off whatever goes off meanwhile at its own moment."""
        until = self.clock.now() + for_
        while True:
            due = [at for at in await self.moments() if at <= until]
            if not due:
                break
            self.clock.instant = max(min(due), self.clock.instant)
            await self.worker().catch_up()
        self.clock.instant = until

    async def moments(self) -> list[datetime]:
        """When deliveries are tried next."""
        async with self.database.reading(self.place.number) as session:
            return [row["run_at"] for row in await session.all(_NEXT)]

    async def deliveries(self, hook: dict[str, Any]) -> list[dict[str, Any]]:
        """The log of a webhook, the oldest first."""
        items = (await self.get(f"/webhooks/{hook['id']}/deliveries", limit=200))["items"]
        return list(reversed(items))

    async def see(self, hook: dict[str, Any]) -> dict[str, Any]:
        """The webhook as it stands."""
        told: dict[str, Any] = await self.get(f"/webhooks/{hook['id']}")
        return told

    async def close(self) -> None:
        """Ends its webhooks, so that the next test is alone."""
        for hook in self.hooks:
            seen = await self.api.get(f"/t/{self.place.slug}/v1/webhooks/{hook['id']}")
            if seen.status_code == 200:
                await self.send("DELETE", f"/webhooks/{hook['id']}", match=seen.json()["version"])
        await self.wait(timedelta(days=5))


async def _open(world: World, city: str) -> AsyncIterator[Post]:
    place, clock = world.places[city], FixedClock(datetime.now(UTC))
    database = Database.of(world.services.settings, clock=clock)
    async with asking(world.app(), await world.token(place)) as api:
        post = Post(world, place, api, database, clock)
        await post.deliver()
        yield post
        await post.close()
    await database.close()


@pytest.fixture
async def post(world: World) -> AsyncIterator[Post]:
    """The webhooks of Ankang."""
    async for opened in _open(world, "ankang"):
        yield opened


@pytest.fixture
async def other(world: World) -> AsyncIterator[Post]:
    """Those of Ganzhou."""
    async for opened in _open(world, "ganzhou"):
        yield opened


@pytest.fixture
async def receiver() -> Receiver:
    """What came, and what is answered."""
    return Receiver()


@pytest.fixture
async def address(receiver: Receiver) -> AsyncIterator[str]:
    """Where the receiver listens."""
    async with served(receiver) as origin:
        yield f"{origin}/hook"
