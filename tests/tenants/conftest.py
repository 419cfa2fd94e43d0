"""A tenant as it is really created, and its administration."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.store.database import Database
from core.tenants.service.administration import Administration
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.snapshot import Snapshot, Snapshots
from core.tenants.tenant import Tenant

Opener = Callable[[], AbstractAsyncContextManager[Administration]]
NAME = Text(zh="试验市", en="Test city")


@pytest.fixture(scope="session")
def jurisdictions() -> Jurisdictions:
    """The four cities."""
    return Jurisdictions.discover()


@pytest.fixture
async def city(owner_database: Database, jurisdictions: Jurisdictions) -> Tenant:
    """A sandbox under Ankang's rules."""
    slug = f"city-{secrets.token_hex(4)}"
    return await create_tenant(owner_database, jurisdictions, NewTenant(slug, "ankang", NAME, sandbox=True))


@pytest.fixture
def snapshots(jurisdictions: Jurisdictions) -> Snapshots:
    """The snapshots of one process."""
    return Snapshots(jurisdictions)


@pytest.fixture
def administration(database: Database, city: Tenant, snapshots: Snapshots) -> Opener:
    """``async with administration() as admin`` opens a transaction of the city."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Administration]:
        async with database.tenant(city.id) as session:
            yield Administration(session, snapshots)

    return opened


@pytest.fixture
def snapshot(database: Database, city: Tenant, snapshots: Snapshots) -> Callable[[], object]:
    """``await snapshot()`` answers the city's configuration as it is committed."""

    async def found() -> Snapshot:
        async with database.reading(city.id) as session:
            return await snapshots.of(session)

    return found
