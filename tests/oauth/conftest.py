"""A tenant with a client of people and a person who is signed in, and a clock that stands until it is moved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from api.app import create_app
from api.services import Services
from core.accounts.account import Account
from core.accounts.passwords import Passwords
from core.accounts.sign_ins import SignIn
from core.clock import FixedClock
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.procedure import Role
from core.settings import Settings
from core.store.database import Database
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.snapshot import Snapshots
from tests.oauth import people
from tests.oauth.people import App, Approved, Staff
from tests.screens.house import Office
from tests.servers import Addresses
from tests.support.world import MASTER_KEY, PUBLIC_URL

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SLUG = "desk"
ISSUER = f"{PUBLIC_URL}/t/{SLUG}/oauth"


@dataclass
class Desk:
    """One process that serves one tenant."""

    services: Services
    clock: FixedClock
    tenant: int
    http: httpx.AsyncClient
    app: App
    public_app: App
    staff: Staff

    def wait(self, **time: float) -> None:
        """Lets time pass."""
        self.clock.advance(timedelta(**time))

    def with_settings(self, **settings: Any) -> httpx.AsyncClient:
        """Another process over the same store, with other settings."""
        services = replace(self.services, settings=replace(self.services.settings, **settings))
        services = replace(services, snapshots=Snapshots(services.jurisdictions))
        return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(services)), base_url=PUBLIC_URL)

    async def sign_in(self, **how: Any) -> SignIn:
        """The person signs in."""
        return await people.sign_in(self.services, self.tenant, self.staff, **how)

    async def approve(self, app: App | None = None, by: SignIn | None = None, **query: str) -> Approved:
        """A code that the person has approved."""
        signed_in = by or await self.sign_in()
        return await people.approve_code(self.services, self.tenant, app or self.app, signed_in, **query)

    async def tokens(self, app: App | None = None, by: SignIn | None = None, **query: str) -> dict[str, Any]:
        """The tokens of such a code."""
        return await people.tokens_of(self.http, SLUG, await self.approve(app, by, **query))

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Posts a form to an endpoint of the authorization server."""
        return await self.http.post(f"/t/{SLUG}/oauth/{path}", data=form)

    async def me(self, token: str) -> httpx.Response:
        """Asks the API who asks, with an access token."""
        return await self.http.get(f"/t/{SLUG}/v1/me", headers={"authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
async def desk(addresses: Addresses) -> AsyncIterator[Desk]:
    """A tenant of Ankang with two clients, one of them public, and a clerk."""
    made = Settings(
        database_url=addresses.service, owner_database_url=addresses.owner, master_key=MASTER_KEY, public_url=PUBLIC_URL
    )
    clock, jurisdictions = FixedClock(NOON), Jurisdictions.discover()
    database, owner = Database.of(made, clock=clock), Database.of(made, owner=True, clock=clock)
    services = Services(made, jurisdictions, database, Snapshots(jurisdictions), clock)
    new = NewTenant(SLUG, "ankang", Text(zh="安康", en="Ankang"), sandbox=True)
    tenant = (await create_tenant(owner, jurisdictions, new)).id
    await owner.close()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(services)), base_url=PUBLIC_URL) as http:
        yield Desk(
            services,
            clock,
            tenant,
            http,
            await people.register_app(services, tenant),
            await people.register_app(services, tenant, public=True),
            await people.hire(services, tenant, Role.INTAKE_CLERK, name="王芳", login="wang.fang"),
        )
    await database.close()


@pytest.fixture(scope="module")
async def office(desk: Desk, owner_database: Database) -> AsyncIterator[Office]:
    """The pages of the same tenant, and browsers to look at them with."""
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    services = replace(desk.services, passwords=passwords)
    tenant = (await people.snapshot_of(services, desk.tenant)).tenant
    opened = Office(services, owner_database, tenant, desk.clock, create_app(services))
    yield opened
    for http in opened.browsers:
        await http.aclose()
    passwords.close()


@pytest.fixture(scope="module")
async def li_ming(office: Office) -> Account:
    """Somebody there who has a password."""
    return await office.hire("李明", "li.ming")
