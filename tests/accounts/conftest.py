"""A tenant with a member of staff who has an account and a password; argon2 with parameters that cost nothing."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from core.accounts.account import Account, find_account
from core.accounts.invitations import redeem
from core.accounts.limits import SignInLimits
from core.accounts.passwords import Passwords
from core.accounts.service import Invited, register_account
from core.accounts.signing_in import Browser, Opened, confirm_second_factor, open_by_password
from core.clock import FixedClock
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.procedure import Role
from core.store.database import Database
from core.store.session import TenantSession
from core.tenants.commands import GrantableRole, NewGrant, NewPerson
from core.tenants.service.administration import Administration
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.service.people import register_person
from core.tenants.snapshot import Snapshot, Snapshots
from core.tenants.staff import Person
from tests.conftest import MASTER_KEY
from tests.servers import Addresses

PASSWORD = "三更灯火五更鸡 grey heron"
OTHER_PASSWORD = "绿树阴浓夏日长 tin whistle"
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LIMITS = SignInLimits(idle=timedelta(hours=1), whole=timedelta(hours=12))
STRANGER = Browser(None, "Firefox/140", "192.0.2.7")


@dataclass
class Staffed:
    """A tenant with one account, and a clock that stands."""

    database: Database
    snapshots: Snapshots
    tenant: int
    passwords: Passwords
    clock: FixedClock
    login: str = "li.ming"

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def snapshot(self) -> Snapshot:
        async with self.database.reading(self.tenant) as session:
            return await self.snapshots.of(session)

    def writing(self) -> TenantSession:
        return self.database.tenant(self.tenant)

    def reading(self) -> TenantSession:
        return self.database.reading(self.tenant)

    @asynccontextmanager
    async def administering(self, person: Person | None = None) -> AsyncIterator[Administration]:
        async with self.database.tenant(self.tenant) as session:
            yield Administration(session, self.snapshots, person.id if person else None)

    async def hire(self, name: str, *roles: Role) -> Person:
        grants = tuple(NewGrant(role=GrantableRole(role), unit_id=None, valid_from=date(2026, 1, 1)) for role in roles)
        async with self.administering() as admin:
            return (await register_person(admin, NewPerson(name=name, roles=grants))).person

    async def invite(self, name: str, login: str, *roles: Role) -> Invited:
        person = await self.hire(name, *roles)
        async with self.administering() as admin:
            return await register_account(admin, person.id, login)

    async def join(self, name: str, login: str, *roles: Role, password: str = PASSWORD) -> Account:
        invited = await self.invite(name, login, *roles)
        return await redeem(self.database, self.passwords, await self.snapshot(), invited.code, password, self.now)

    async def account(self, account_id: object) -> Account:
        async with self.reading() as session:
            return await find_account(session, account_id)

    async def sign_in(self, password: str = PASSWORD, browser: Browser = STRANGER, login: str = "li.ming") -> Opened:
        snapshot = await self.snapshot()
        return await open_by_password(
            self.database, snapshot, self.passwords, login, password, browser, self.now, limits=LIMITS
        )

    async def confirm(self, opened: Opened, code: str, browser: Browser = STRANGER) -> Opened:
        snapshot = await self.snapshot()
        return await confirm_second_factor(self.database, snapshot, opened.token, code, browser, self.now, limits=LIMITS)


@pytest.fixture(scope="session")
def passwords() -> Iterator[Passwords]:
    """Of the parameters that argon2 allows at the least."""
    made = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield made
    made.close()


@pytest.fixture(scope="session")
def jurisdictions() -> Jurisdictions:
    """The four cities."""
    return Jurisdictions.discover()


@pytest.fixture
def clock() -> FixedClock:
    """A noon."""
    return FixedClock(NOON)


@pytest.fixture
async def staffed(
    addresses: Addresses, owner_database: Database, jurisdictions: Jurisdictions, passwords: Passwords, clock: FixedClock
) -> AsyncIterator[Staffed]:
    """A tenant of Ankang without any account."""
    new = NewTenant(f"staffed-{secrets.token_hex(4)}", "ankang", Text(zh="试验市", en="Test city"))
    tenant = await create_tenant(owner_database, jurisdictions, new)
    database = Database(addresses.service, MASTER_KEY, pool_size=8, clock=clock)
    yield Staffed(database, Snapshots(jurisdictions), tenant.id, passwords, clock)
    await database.close()


@pytest.fixture
async def li_ming(staffed: Staffed) -> Account:
    """The account of a member of staff who has set a password."""
    return await staffed.join("李明", "li.ming")
