"""One office for every module. What touches the store is tested with accounts and authorizations: here SQLite will do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import Office, open_office
from tests.servers import Addresses, SqliteFiles


@pytest.fixture(scope="session")
def office_addresses(sqlite_files: SqliteFiles) -> Iterator[Addresses]:
    """A database of its own."""
    made = sqlite_files.create()
    yield made
    sqlite_files.drop(made)


@pytest.fixture(scope="session")
async def office(office_addresses: Addresses) -> AsyncIterator[Office]:
    """The tenant and its pages."""
    async with open_office(office_addresses) as opened:
        yield opened


@pytest.fixture(scope="session")
async def li_ming(office: Office) -> Account:
    """Somebody with an account and a password."""
    return await office.hire("李明", "li.ming")


@pytest.fixture(scope="session")
async def desk(office: Office) -> Client:
    """A client of the tenant's own."""
    return await office.client()
