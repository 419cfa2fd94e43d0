"""Creating tenants: whole, once, resumed where it broke off, and only by the database's owner."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from core.errors import Conflict, Invalid, NotFound, Refused
from core.jurisdictions import Jurisdictions
from core.store.database import Database
from core.store.tables import TENANT, audit, calendar_version, outbox
from core.tenants.service.directory import NewTenant, create_tenant, find_tenant, list_tenants
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant, check_slug
from tests.tenants.conftest import NAME


def new(slug: str | None = None, **more: object) -> NewTenant:
    return NewTenant(slug or f"t-{secrets.token_hex(4)}", "ankang", NAME, **more)  # type: ignore[arg-type]


async def test_a_new_tenant_is_whole(database: Database, city: Tenant, snapshots: Snapshots) -> None:
    async with database.reading(city.id) as session:
        snapshot = await snapshots.of(session)
        actions = [row["action"] for row in await session.all(select(audit).where(audit.c.tenant == TENANT))]
        events = [row["refs"] for row in await session.all(select(outbox).where(outbox.c.tenant == TENANT))]
    assert (snapshot.tenant.sandbox, snapshot.tenant.name, snapshot.calendar_number) == (True, NAME, 1)
    assert snapshot.jurisdiction.manifest.id == "ankang"
    assert sorted(actions) == ["calendar.published", "key.added", "tenant.created"]
    assert {"slug": city.slug} in events


async def test_its_signing_key_fits_its_public_half(database: Database, city: Tenant, snapshots: Snapshots) -> None:
    async with database.reading(city.id) as session:
        key = (await snapshots.of(session)).signing_key
        private = ECKey.import_key(key.open_private(await session.keys()).decode())
    public = private.as_dict(private=False)
    assert {name: public[name] for name in ("crv", "x", "y")} == {name: key.public_jwk[name] for name in ("crv", "x", "y")}
    assert private.thumbprint() == key.kid
    assert "d" not in key.public_jwk


async def test_a_slug_is_given_once(owner_database: Database, jurisdictions: Jurisdictions, city: Tenant) -> None:
    with pytest.raises(Conflict, match=r"tenants\.slug-taken"):
        await create_tenant(owner_database, jurisdictions, new(city.slug, sandbox=True))
    assert await find_tenant(owner_database, city.slug) == city


async def test_what_broke_off_is_completed(owner_database: Database, jurisdictions: Jurisdictions) -> None:
    half = new()
    number = await owner_database.add_tenant(slug=half.slug, jurisdiction="ankang", name_zh="半", name_en="half")
    whole = await create_tenant(owner_database, jurisdictions, half)
    assert whole.id == number
    with pytest.raises(Conflict):
        await create_tenant(owner_database, jurisdictions, half)


async def test_another_citys_half_is_not_completed(owner_database: Database, jurisdictions: Jurisdictions) -> None:
    half = new()
    await owner_database.add_tenant(slug=half.slug, jurisdiction="baoding", name_zh="半", name_en="half")
    with pytest.raises(Conflict):
        await create_tenant(owner_database, jurisdictions, half)


async def test_two_who_create_the_same_make_one(owner_database: Database, jurisdictions: Jurisdictions) -> None:
    same = new()
    attempts = [create_tenant(owner_database, jurisdictions, same) for _ in range(2)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    made = [outcome for outcome in outcomes if isinstance(outcome, Tenant)]
    assert len(made) == 1
    assert [type(outcome) for outcome in outcomes if outcome not in made] == [Conflict]
    async with owner_database.reading(made[0].id) as session:
        rows = await session.all(select(calendar_version.c.number).where(calendar_version.c.tenant == TENANT))
    assert rows == [{"number": 1}]


async def test_a_parent_is_kept(owner_database: Database, jurisdictions: Jurisdictions, city: Tenant) -> None:
    child = await create_tenant(owner_database, jurisdictions, new(parent=city.slug))
    assert child.parent_id == city.id
    assert child in await list_tenants(owner_database)


async def test_an_unknown_parent_or_city_is_refused(owner_database: Database, jurisdictions: Jurisdictions) -> None:
    with pytest.raises(Refused, match=r"tenants\.slug-unknown"):
        await create_tenant(owner_database, jurisdictions, new(parent="nobody"))
    with pytest.raises(NotFound, match=r"jurisdictions\.unknown"):
        await create_tenant(owner_database, jurisdictions, NewTenant("t-x", "atlantis", NAME))


@pytest.mark.parametrize("slug", ["", "A", "1a", "a--b", "a-", "a_b", "a/b", "ä", "a" * 41, "a\n"])
def test_a_slug_that_no_address_can_hold_is_invalid(slug: str) -> None:
    with pytest.raises(Invalid):
        check_slug(slug)


@pytest.mark.parametrize("slug", ["a", "an-kang", "ankang2", "a" * 40])
def test_a_slug_that_an_address_can_hold(slug: str) -> None:
    assert check_slug(slug) == slug
