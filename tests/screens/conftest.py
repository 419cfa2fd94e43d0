"""One office per module. What touches the store is tested with accounts and authorizations: here SQLite will do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import Office, open_office
from tests.servers import Addresses


@pytest.fixture(scope="module", params=["sqlite"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """The engine; a module that runs on both says so itself."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
async def office(addresses: Addresses) -> AsyncIterator[Office]:
    """The tenant and its pages."""
    async with open_office(addresses) as opened:
        yield opened


@pytest.fixture(scope="module")
async def li_ming(office: Office) -> Account:
    """Somebody with an account and a password."""
    return await office.hire("李明", "li.ming")


@pytest.fixture(scope="module")
async def desk(office: Office) -> Client:
    """A client of the tenant's own."""
    return await office.client()
