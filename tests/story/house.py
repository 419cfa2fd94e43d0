"""A real ``wenze serve`` over a database of each engine, a process for the whole run, and tenants in it to play with."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlalchemy import func, select

from api.demo.cast import Cast, set_stage
from api.demo.client import TenantClient
from api.demo.service import DemoService
from core.jurisdictions import Jurisdictions
from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.database import Database
from core.store.tables import TENANT, metadata
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.snapshot import Snapshots
from core.trades import TRADES
from core.work import Workshop
from core.worker import Worker
from tests.servers import Addresses
from tests.support.told_events import check_events

T = TypeVar("T")
TABLES = tuple(table for table in metadata.sorted_tables if "tenant" in table.c)
_KEPT = tuple(table for table in TABLES if table.name != "timer")
"""What is to be done later says nothing of what was done."""
_COUNTS = {table.name: select(func.count()).select_from(table).where(table.c.tenant == TENANT) for table in _KEPT}
# In an order of their own: a row that is changed later would else come later, too.
_ROWS = {table.name: select(table).where(table.c.tenant == TENANT).order_by(*table.primary_key) for table in TABLES}
_MOST_AT_ONCE = 64


@dataclass
class House:
    """The service, as its clients reach it, and its database, as its owner sees what the service has written."""

    service: DemoService
    http: httpx.Client
    database: Database
    owner: Database
    portal: BlockingPortal
    jurisdictions: Jurisdictions
    process: subprocess.Popen[bytes]
    tenants: list[int] = field(default_factory=list)

    def open(self, city: str, slug: str | None = None) -> Place:
        """A new tenant of the city, with the units, people, clients and figures of its story, on the day it begins."""
        name = slug or f"{city}-{secrets.token_hex(4)}"
        cast = self.run(set_stage, self.owner, self.jurisdictions, self.jurisdictions.get(city), name)
        self.tenants.append(cast.tenant.id)
        place = Place(self, cast, TenantClient(self.http, name, cast.clients))
        place.move(cast.city.story.opens_at)
        return place

    def work(self) -> None:
        """What a worker does that works off all that has gone off by now, of every tenant."""
        self.run(self._work)

    async def _work(self) -> None:
        shop = Workshop(self.service.settings, self.database, Snapshots(self.jurisdictions))
        await Worker(shop, TRADES).catch_up()

    def run(self, work: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Runs something asynchronous on the loop that the databases live on."""
        return self.portal.call(work, *arguments)


@dataclass
class Place:
    """One tenant, its people by their keys in the story, and what stands in its tables."""

    house: House
    cast: Cast
    client: TenantClient

    @property
    def slug(self) -> str:
        """Its name in addresses."""
        return self.cast.tenant.slug

    @property
    def administrator(self) -> str:
        """Who moves the clock."""
        people = self.cast.city.story.people
        return next(person.key for person in people if Role.TENANT_ADMINISTRATOR in person.roles)

    def hire(self, who: str, *roles: Role, unit: str | None = None, scopes: Iterable[Scope] = Scope) -> str:
        """One more person, with the scopes of every operation unless told otherwise; answers the key."""
        self.cast.clients[who] = self.house.run(self._register, NewClient(who, roles, frozenset(scopes), _SINCE, unit))
        return who

    async def _register(self, new: NewClient) -> Any:
        owner, snapshots = self.house.owner, Snapshots(self.house.jurisdictions)
        async with owner.tenant(self.cast.tenant.id, actor=OPERATOR) as session:
            return (await register_client(Administration(session, snapshots), new)).credentials

    def get(self, who: str, path: str, **query: Any) -> httpx.Response:
        """Reads, with a query."""
        return self.client.get(who, f"{path}?{urlencode(query)}" if query else path)

    def read(self, who: str, path: str, **query: Any) -> Any:
        """What a reading answers that must succeed."""
        return self.get(who, path, **query).raise_for_status().json()

    def ask_status(self, who: str, receipt: str) -> httpx.Response:
        """A petitioner's question, by receipt in the body."""
        return self.client.post(who, "/receipts/status", {"receipt": receipt})

    def move(self, to: datetime) -> None:
        """Moves legal time."""
        self.client.move_clock(self.administrator, to)

    def now(self) -> datetime:
        """Legal time at this moment."""
        return datetime.fromisoformat(self.read(self.administrator, "/sandbox/clock")["now"])

    def fill(self, value: Any) -> Any:
        """The value with the id of a unit for each ``@unit``."""
        if isinstance(value, dict):
            return {name: self.fill(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return str(self.cast.units[value[1:]]) if isinstance(value, str) and value.startswith("@") else value

    def counts(self) -> dict[str, int]:
        """How many rows the tenant has in each table."""
        return self.house.run(self._counts)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Every row of the tenant in a table."""
        return self.house.run(self._rows, table)

    async def _counts(self) -> dict[str, int]:
        async with self.house.database.reading(self.cast.tenant.id) as session:
            return {name: await session.scalar(statement) for name, statement in _COUNTS.items()}

    async def _rows(self, table: str) -> list[dict[str, Any]]:
        async with self.house.database.reading(self.cast.tenant.id) as session:
            return list(await session.all(_ROWS[table]))


_SINCE = date(2026, 1, 1)


class Houses:
    """A house per engine, opened when it is first asked for."""

    def __init__(self, make: Callable[[str], House]) -> None:
        self._make = make
        self._open: dict[str, House] = {}

    def of(self, engine_kind: str) -> House:
        """The house over a database of the engine."""
        if engine_kind not in self._open:
            self._open[engine_kind] = self._make(engine_kind)
        return self._open[engine_kind]


@contextmanager
def open_house(addresses: Addresses, folder: Path) -> Iterator[House]:
    """Starts the service as an operator does; ends it with the block."""
    service = DemoService.prepare(folder, 0)
    databases = {"WENZE_DATABASE_URL": addresses.service, "WENZE_OWNER_DATABASE_URL": addresses.owner}
    service = replace(service, environment=service.environment | databases)
    jurisdictions = Jurisdictions.discover()
    with service.running() as process, start_blocking_portal() as portal:
        database = portal.call(lambda: _made(Database.of(service.settings)))
        owner = portal.call(lambda: _made(Database.of(service.settings, owner=True)))
        limits = httpx.Limits(max_connections=_MOST_AT_ONCE, max_keepalive_connections=_MOST_AT_ONCE)
        english = {"Accept-Language": "en"}
        with httpx.Client(base_url=service.address, timeout=60, limits=limits, headers=english) as http:
            try:
                house = House(service, http, database, owner, portal, jurisdictions, process)
                yield house
                portal.call(check_events, database, house.tenants)
            finally:
                portal.call(database.close)
                portal.call(owner.close)


async def _made(database: Database) -> Database:
    return database
