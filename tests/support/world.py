"""A service with a tenant per city, people in every role and clients, to be asked through HTTP or ASGI."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from api.app import create_app
from api.demo.cast import Cast, set_stage
from api.oauth.clients import RegisteredClient
from api.oauth.generator import TokenGenerator
from api.oauth.issue import Issue
from api.oauth.keys import SigningKeys
from api.operations import Operation
from api.services import Services
from core.clock import WallClock
from core.jurisdictions import Jurisdictions
from core.procedure import Role
from core.settings import Settings
from core.store.actor import OPERATOR
from core.store.database import Database
from core.tenants.client import Credentials
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from core.tenants.snapshot import Snapshot, Snapshots
from tests.servers import Addresses
from tests.support.accounts import seed_sign_in
from tests.support.told_events import check_events

MASTER_KEY = bytes(range(32))
PUBLIC_URL = "https://wenze.example.cn"
EVERY_ROLE = tuple(role for role in Role if role not in {Role.PETITIONER, Role.PLATFORM_OPERATOR})


@dataclass
class Place:
    """One tenant: its stage, a client that may everything, and one that has every scope and no role."""

    cast: Cast
    powers: Credentials
    powerless: Credentials

    @property
    def slug(self) -> str:
        """The tenant's name in addresses."""
        return self.cast.tenant.slug

    @property
    def number(self) -> int:
        """The tenant's number."""
        return self.cast.tenant.id


@dataclass
class World:
    """The services of one process over one database, and who there is in each city."""

    services: Services
    owner: Database
    places: dict[str, Place] = field(default_factory=dict)
    _app: Any = field(default=None, init=False)

    def app(self, operations: Iterable[Operation] | None = None) -> Any:
        """The application, made once; a new one of some operations only where they are given."""
        if operations is not None:
            return create_app(self.services, operations)
        self._app = self._app or create_app(self.services)
        return self._app

    async def add(self, city: str) -> Place:
        """Sets a city's stage."""
        jurisdictions = self.services.jurisdictions
        cast = await set_stage(self.owner, jurisdictions, jurisdictions.get(city))
        people = cast.city.story.people
        unit = next((person.unit for person in people if Role.UNIT_OFFICER in person.roles), next(iter(cast.units)))
        powers = await self.register(cast, EVERY_ROLE, Scope, unit)
        place = self.places[city] = Place(cast, powers, await self.register(cast, (), Scope, None))
        return place

    async def register(self, cast: Cast, roles: Iterable[Role], scopes: Iterable[Scope], unit: str | None) -> Credentials:
        """A client of a tenant."""
        since = date(cast.city.story.opens_at.year, 1, 1)
        new = NewClient("测试", tuple(roles), frozenset(scopes), since, unit)
        async with self.owner.tenant(cast.tenant.id, actor=OPERATOR) as session:
            made = await register_client(Administration(session, self.services.snapshots), new)
        return made.credentials

    async def sign_in(self, place: Place) -> tuple[UUID, UUID]:
        """An account of the person of the client that may everything, signed in for a day; the ids of both."""
        person = (await self.snapshot(place)).clients[place.powers.client_id].person_id
        async with self.services.database.tenant(place.number) as session:
            return seed_sign_in(session, person, session.recorded_at)

    async def snapshot(self, place: Place) -> Snapshot:
        """The tenant's configuration as it stands."""
        async with self.services.database.reading(place.number) as session:
            return await self.services.snapshots.of(session)

    async def token(
        self,
        place: Place,
        credentials: Credentials | None = None,
        *,
        scopes: Iterable[Scope] = Scope,
        age: timedelta = timedelta(0),
        audience: str | None = None,
    ) -> str:
        """An access token signed by the tenant's own key, as the token endpoint would give, or as it never would."""
        snapshot = await self.snapshot(place)
        issue = Issue(
            snapshot=snapshot,
            issuer=self.services.issuer(snapshot.tenant),
            audience=audience or self.services.audience(snapshot.tenant),
            key=await SigningKeys(self.services).active(snapshot),
            now=datetime.now(UTC) - age,
            seconds=600,
        )
        client = RegisteredClient(snapshot.clients[(credentials or place.powers).client_id])
        token: str = TokenGenerator(issue).access_token_generator(client, "client_credentials", None, " ".join(scopes))
        return token


@asynccontextmanager
async def open_world(addresses: Addresses, **settings: Any) -> AsyncIterator[World]:
    """A world without a city over a migrated database; closed with the block."""
    made = Settings(
        database_url=addresses.service, owner_database_url=addresses.owner, master_key=MASTER_KEY, public_url=PUBLIC_URL
    )
    folder = tempfile.TemporaryDirectory(prefix="wenze-attachments-")
    made = replace(made, **{"attachments": Path(folder.name).as_uri()} | settings)
    clock, jurisdictions = WallClock(), Jurisdictions.discover()
    database, owner = Database.of(made, clock=clock), Database.of(made, owner=True, clock=clock)
    services = Services(made, jurisdictions, database, Snapshots(jurisdictions), clock)
    try:
        world = World(services, owner)
        yield world
        await check_events(database, [place.number for place in world.places.values()])
    finally:
        await database.close()
        await owner.close()
        folder.cleanup()


def asking(app: Any, token: str | None = None, language: str = "en") -> httpx.AsyncClient:
    """A client of the application that shows a token."""
    headers = {"accept-language": language, **({"authorization": f"Bearer {token}"} if token else {})}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PUBLIC_URL, headers=headers)
