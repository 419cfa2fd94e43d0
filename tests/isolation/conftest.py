"""Every city in one database, with a second tenant of the same rules to be kept out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from core.store.tables import TENANT, metadata
from core.tenants.scopes import Scope
from tests.isolation.matrix import Row
from tests.servers import Addresses
from tests.support.world import World, open_world

CITIES = ("ankang", "baoding", "ganzhou", "jincheng")


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """The services, with a tenant of every city."""
    async with open_world(addresses) as opened:
        for city in CITIES:
            await opened.add(city)
        yield opened


@pytest.fixture(scope="module")
def app(world: World) -> Any:
    """The application."""
    return world.app()


class Keyring:
    """The tokens that are tried at a tenant's door, made once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[tuple[str, ...], str] = {}

    async def for_row(self, row: Row) -> dict[str, tuple[str | None, int, str]]:
        """Each kind of wrong token, with the status and the code that it must be answered with."""
        other = CITIES[(CITIES.index(row.city) + 1) % len(CITIES)]
        good = await self._make("good", row.city)
        head, payload, signature = good.split(".")
        flipped = "A" if signature[5] != "A" else "B"
        wrong: dict[str, tuple[str | None, int, str]] = {
            "none": (None, 401, "api.token-missing"),
            "foreign": (await self._make("good", other), 401, "api.token-invalid"),
            "expired": (await self._make("old", row.city), 401, "api.token-expired"),
            "tampered signature": (f"{head}.{payload}.{signature[:5]}{flipped}{signature[6:]}", 401, "api.token-invalid"),
            "tampered claims": (f"{head}.{payload[:-4]}AAAA.{signature}", 401, "api.token-invalid"),
            "wrong audience": (await self._make("audience", row.city), 401, "api.token-audience"),
        }
        if row.scope is not None:
            wrong["wrong scope"] = (await self._make("scope", row.city, row.scope), 403, "tenants.scope-missing")
        if row.roles:
            wrong["wrong role"] = (await self._make("role", row.city), 403, "tenants.role-missing")
        return wrong

    async def _make(self, kind: str, city: str, scope: str = "") -> str:
        key = (kind, city, scope)
        if key not in self._made:
            self._made[key] = await self._mint(kind, city, scope)
        return self._made[key]

    async def _mint(self, kind: str, city: str, scope: str) -> str:
        place, world = self._world.places[city], self._world
        if kind == "old":
            return await world.token(place, age=timedelta(seconds=601))
        if kind == "audience":
            other = replace((await world.snapshot(place)).tenant, slug=f"{city}-2")
            return await world.token(place, audience=world.services.audience(other))
        if kind == "scope":
            return await world.token(place, scopes=[item for item in Scope if item != scope])
        return await world.token(place, place.powerless if kind == "role" else None)


@pytest.fixture(scope="module")
def keyring(world: World) -> Keyring:
    """The tokens."""
    return Keyring(world)


class Ledger:
    """Counts every row of every table, whoever it belongs to."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def count(self) -> dict[str, int]:
        """How many rows each table has, over all tenants."""
        totals: dict[str, int] = {}
        for table in metadata.sorted_tables:
            for place in self._world.places.values():
                totals[table.name] = totals.get(table.name, 0) + await self._count(table, place.number)
        return totals

    async def _count(self, table: Table, tenant: int) -> int:
        column = table.c.tenant if "tenant" in table.c else table.c.id
        statement = select(func.count()).select_from(table).where(column == TENANT)
        async with self._world.owner.reading(tenant) as session:
            return int(await session.scalar(statement))


@pytest.fixture(scope="module")
def ledger(world: World) -> Ledger:
    """The rows of the whole database."""
    return Ledger(world)
