"""The requests of each line, for the service and for the twin: the same cases, pages and matters, in the same order."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import msgspec

from api.pages import make_cursor
from core.tenants.client import Credentials
from core.tenants.tenant import Tenant
from tests.benchmarks.load import MARK, MARK_DIGITS, Ask
from tests.benchmarks.servers import Running
from tests.benchmarks.stages import TWIN, Stage

PAGE = 50
_READINGS, _PAGES_PER_TENANT = 2_000, 5
Place = tuple[int, UUID | None]
"""A tenant's number, and a case of it."""
Asks = tuple[Ask, ...]


@dataclass(frozen=True)
class Asker:
    """Writes requests to the running service, with every tenant's token, and to the twin."""

    tokens: dict[int, tuple[str, str]]
    """By tenant: its slug and a token."""
    cities: dict[str, tuple[int, ...]]
    """The tenants of each city."""

    @classmethod
    def of(cls, running: Running, clients: Sequence[tuple[Tenant, Credentials]]) -> Asker:
        """With a fresh token for every client."""
        with httpx.Client(base_url=running.address) as http:
            tokens = {tenant.id: (tenant.slug, _token(http, tenant, client)) for tenant, client in clients}
        cities: dict[str, tuple[int, ...]] = {}
        for tenant, _ in clients:
            cities[tenant.jurisdiction] = (*cities.get(tenant.jurisdiction, ()), tenant.id)
        return cls(tokens, cities)

    def readings(self, places: Sequence[Place]) -> tuple[Asks, Asks]:
        """One case each."""
        return self._both(places, lambda tenant, id_: (f"/cases/{id_}", f"/{tenant}/cases/{id_}", f'"id":"{id_}"', 1))

    def pages(self, places: Sequence[Place]) -> tuple[Asks, Asks]:
        """A page of 50 after each case, or the first page."""

        def paths(tenant: int, id_: UUID | None) -> tuple[str, str, str, int]:
            ours = f"/cases?limit={PAGE}" + (f"&cursor={make_cursor(id_)}" if id_ else "")
            return ours, f"/{tenant}/cases" + (f"?after={id_}" if id_ else ""), '"number":', PAGE

        return self._both(places, paths)

    def listing(self, tenant: int, query: str, lines: int) -> Ask:
        """A list that has so many lines."""
        return self._ask(f"GET {self._path(tenant, f'/cases?{query}')}", self._token(tenant), "", 200, '"number":', lines)

    def registrations(self, city: str, bodies: Sequence[dict[str, Any]]) -> tuple[Asks, Asks]:
        """A new case in one tenant of the city after the other, of one matter after the other."""
        asks = [self._registration(tenant, body) for body in bodies for tenant in self.cities[city]]
        return tuple(mine for mine, _ in asks), tuple(theirs for _, theirs in asks)

    def _registration(self, tenant: int, values: dict[str, Any]) -> tuple[Ask, Ask]:
        body = msgspec.json.encode(values).decode()
        length = len(body.replace(MARK, "0" * MARK_DIGITS).encode())
        key = f"Idempotency-Key: {MARK}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
        line, needle = f"POST {self._path(tenant, '/cases')}", '"receipt":"'
        mine = self._ask(line, self._token(tenant) + key, body, 201, needle)
        return mine, self._ask(f"POST /{tenant}/cases", key, body, 201, needle)

    def _both(self, places: Sequence[Place], paths: Callable[[int, Any], tuple[str, str, str, int]]) -> tuple[Asks, Asks]:
        asks = []
        for tenant, id_ in places:
            ours, theirs, needle, times = paths(tenant, id_)
            mine = self._ask(f"GET {self._path(tenant, ours)}", self._token(tenant), "", 200, needle, times)
            asks.append((mine, self._ask(f"GET {theirs}", "", "", 200, needle, times)))
        return tuple(mine for mine, _ in asks), tuple(theirs for _, theirs in asks)

    def _ask(self, line: str, headers: str, body: str, status: int, needle: str, times: int = 1) -> Ask:
        return Ask(f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n{body}", status, needle, times)

    def _path(self, tenant: int, path: str) -> str:
        return f"/t/{self.tokens[tenant][0]}/v1{path}"

    def _token(self, tenant: int) -> str:
        return f"Authorization: Bearer {self.tokens[tenant][1]}\r\n"


async def choose_readings(stage: Stage) -> list[Place]:
    """Cases from everywhere in the database, in no order."""
    return await _choose(stage, _READINGS // 100, 0)


async def choose_pages(stage: Stage) -> list[Place]:
    """First pages and pages further on, in every tenant, in no order."""
    places = await _choose(stage, _PAGES_PER_TENANT - 1, PAGE + 1)
    return _shuffled([*places, *((tenant, None) for tenant in {tenant for tenant, _ in places})])


async def _choose(stage: Stage, per_tenant: int, from_the_end: int) -> list[Place]:
    """So many cases of each tenant, none of them among its so many oldest."""
    connection = await stage.connect(TWIN)
    try:
        ids: dict[int, list[UUID]] = {}
        for row in await connection.fetch("SELECT tenant, id FROM cases ORDER BY tenant, id"):
            ids.setdefault(row["tenant"], []).append(row["id"])
    finally:
        await connection.close()
    chance = random.Random(1)
    chosen = {tenant: chance.sample(all_[from_the_end:], per_tenant) for tenant, all_ in ids.items()}
    return _shuffled([(tenant, id_) for tenant, some in chosen.items() for id_ in some])


def _shuffled(places: list[Place]) -> list[Place]:
    random.Random(2).shuffle(places)
    return places


def _token(http: httpx.Client, tenant: Tenant, client: Credentials) -> str:
    form = {"grant_type": "client_credentials"}
    answer = http.post(f"/t/{tenant.slug}/oauth/token", data=form, auth=(client.client_id, client.client_secret))
    token: str = answer.raise_for_status().json()["access_token"]
    return token
