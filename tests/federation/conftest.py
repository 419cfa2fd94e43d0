"""An office that trusts a provider on a loopback address, which each test makes answer as it likes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest

from core.accounts.account import Account
from core.accounts.providers import NewProvider, Provider, register_provider
from core.tenants.service.administration import Administration
from tests.federation.faking import FakeProvider, served
from tests.screens.house import Office, open_office
from tests.servers import Addresses

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture(scope="module", params=["sqlite"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    """The engine; a module that runs on both says so itself."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
async def office(addresses: Addresses) -> AsyncIterator[Office]:
    """The tenant and its pages."""
    async with open_office(addresses, provider_networks=LOOPBACK) as opened:
        yield opened


@pytest.fixture(scope="module")
async def fake(office: Office) -> AsyncIterator[FakeProvider]:
    """A provider that can be made to lie."""
    provider = FakeProvider(office.clock)
    async with served(provider) as origin:
        provider.issuer = origin
        yield provider


@pytest.fixture(autouse=True)
def honest(request: pytest.FixtureRequest) -> None:
    """Each test begins with a provider that tells the truth."""
    if "fake" in request.fixturenames:
        request.getfixturevalue("fake").reset()


async def register(office: Office, key: str, issuer: str, **more: object) -> Provider:
    """Registers a provider."""
    told = {"client_id": "wenze", "client_secret": "s3cret", "name_zh": "统一认证", "name_en": "City sign-in", **more}
    new = NewProvider(key=key, issuer=issuer, **told)  # type: ignore[arg-type]  # the fields are the test's
    async with office.owner.tenant(office.tenant.id) as session:
        return await register_provider(Administration(session, office.services.snapshots), new)


@pytest.fixture(scope="module")
async def city(office: Office, fake: FakeProvider) -> Provider:
    """The provider as the office knows it; people link their accounts by hand."""
    return await register(office, "city", fake.issuer)


@pytest.fixture(scope="module")
async def by_claim(office: Office, fake: FakeProvider) -> Provider:
    """The same by another key, whose name of a person is the login here, and whose second factor counts."""
    return await register(office, "by-claim", fake.issuer, link_by="preferred_username", satisfies_second_factor=True)


@pytest.fixture(scope="module")
async def li_ming(office: Office) -> Account:
    """Somebody with an account and a password."""
    return await office.hire("李明", "li.ming")
