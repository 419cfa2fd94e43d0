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
from tests.contract.supply import Supply
from tests.servers import Addresses, PostgresServer, SqliteFiles
from tests.support.running import free_port, running_service
from tests.support.world import Place, open_world

_SERVERS = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}
CITIES = ("ankang", "baoding", "ganzhou", "jincheng")


@dataclass(frozen=True)
class Running:
    """The service's address and who there is in each city."""

    address: str
    places: dict[str, Place]

    def tenant_address(self, city: str) -> str:
        """A tenant's address."""
        return f"{self.address}/t/{self.places[city].slug}"

    def credentials(self, city: str) -> Credentials:
        """A client that may everything."""
        return self.places[city].powers

    def supply(self, city: str) -> Supply:
        """What gives requests to a tenant real things."""
        place, address = self.places[city], self.tenant_address(city)
        form, auth = {"grant_type": "client_credentials"}, (place.powers.client_id, place.powers.client_secret)
        token = httpx.post(f"{address}/oauth/token", data=form, auth=auth).raise_for_status().json()["access_token"]
        client = httpx.Client(base_url=f"{address}/v1", headers={"authorization": f"Bearer {token}"}, timeout=30)
        units = {key: str(id_) for key, id_ in place.cast.units.items()}
        return Supply(client, place.cast.city, units, own_unit(place.cast.city))


def own_unit(city: Jurisdiction) -> str:
    """The unit of the client that may everything, as :meth:`tests.support.world.World.add` chooses it."""
    return next(person.unit for person in city.story.people if Role.UNIT_OFFICER in person.roles)


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service as a process over SQLite, or with ``WENZE_CONTRACT_ENGINE=postgresql`` over that, with every city."""
    engine = os.environ.get("WENZE_CONTRACT_ENGINE", "sqlite")
    server: SqliteFiles | PostgresServer = request.getfixturevalue(_SERVERS[engine])
    port, addresses = free_port(), server.create()
    places = asyncio.run(_set_up(addresses, port))
    log: Path = tmp_path_factory.mktemp("service") / "service.log"
    with running_service(addresses, port, log) as address:
        yield Running(address, places)
    server.drop(addresses)


async def _set_up(addresses: Addresses, port: int) -> dict[str, Place]:
    async with open_world(addresses, public_url=f"http://127.0.0.1:{port}") as world:
        return {city: await world.add(city) for city in CITIES}
