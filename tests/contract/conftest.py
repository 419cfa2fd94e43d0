"""A running service with a tenant of every city, for schemathesis."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from core.jurisdictions import Jurisdiction
from core.procedure import Role
from core.tenants.client import Credentials
from core.tenants.scopes import Scope
from tests.contract.supply import Supply
from tests.contract.ways import office_unit
from tests.servers import Addresses, PostgresServer, SqliteFiles
from tests.support.running import free_port, running_service
from tests.support.world import EVERY_ROLE, Place, open_world

_SERVERS = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}
CITIES = ("ankang", "baoding", "ganzhou", "jincheng")


@dataclass(frozen=True)
class Running:
    """The service's address and who there is in each city."""

    address: str
    places: dict[str, Place]
    colleagues: dict[str, Credentials]
    """In each city somebody else who may everything, for what nobody may do alone."""
    clerks: dict[str, Credentials]
    """In each city who takes calls and works for no unit, for what officers of units are refused."""
    insiders: dict[str, Credentials]
    """In each city who belongs to a unit that fills an office of it, for what only the office may ask."""

    def tenant_address(self, city: str) -> str:
        """A tenant's address."""
        return f"{self.address}/t/{self.places[city].slug}"

    def credentials(self, city: str) -> Credentials:
        """A client that may everything."""
        return self.places[city].powers

    def supply(self, city: str) -> Supply:
        """What gives requests to a tenant real things."""
        place, address = self.places[city], self.tenant_address(city)
        client = _signed_in(address, place.powers)
        hired = self.colleagues[city], self.clerks[city], self.insiders[city]
        others = tuple(_signed_in(address, one) for one in hired)
        units = {key: str(id_) for key, id_ in place.cast.units.items()}
        return Supply(client, others, place.cast.city, units, own_unit(place.cast.city))


def _signed_in(address: str, credentials: Credentials) -> httpx.Client:
    form, auth = {"grant_type": "client_credentials"}, (credentials.client_id, credentials.client_secret)
    token = httpx.post(f"{address}/oauth/token", data=form, auth=auth).raise_for_status().json()["access_token"]
    return httpx.Client(base_url=f"{address}/v1", headers={"authorization": f"Bearer {token}"}, timeout=30)


def own_unit(city: Jurisdiction) -> str:
    """The unit of the client that may everything, as :meth:`tests.support.world.World.add` chooses it."""
    return next(person.unit for person in city.story.people if Role.UNIT_OFFICER in person.roles)


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service as a process over SQLite, or with ``WENZE_CONTRACT_ENGINE=postgresql`` over that, with the file's city."""
    engine = os.environ.get("WENZE_CONTRACT_ENGINE", "sqlite")
    server: SqliteFiles | PostgresServer = request.getfixturevalue(_SERVERS[engine])
    port, addresses = free_port(), server.create()
    places, hired = asyncio.run(_set_up(addresses, port, request.module.CITY))
    log: Path = tmp_path_factory.mktemp("service") / "service.log"
    with running_service(addresses, port, log) as address:
        yield Running(address, places, *hired)
    server.drop(addresses)


async def _set_up(addresses: Addresses, port: int, city: str) -> tuple[dict[str, Place], list[dict[str, Credentials]]]:
    async with open_world(addresses, public_url=f"http://127.0.0.1:{port}") as world:
        places = {city: await world.add(city)}
        await world.sign_in(places[city])
        cast, calls = places[city].cast, tuple(role for role in EVERY_ROLE if role is not Role.UNIT_OFFICER)
        sorts = (EVERY_ROLE, own_unit(cast.city)), (calls, None), (calls, office_unit(cast.city))
        return places, [{city: await world.register(cast, roles, Scope, unit)} for roles, unit in sorts]
