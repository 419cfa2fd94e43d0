"""Snapshots: nothing is loaded while the revision stands, nothing uncommitted is kept, and memory is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from core.clock import FixedClock
from core.ids import new_id
from core.store.database import Database
from core.store.session import TenantSession
from core.store.tables import revoked_token
from core.tenants.commands import NewUnit
from core.tenants.service.units import register_unit
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant
from tests.conftest import TenantMaker


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every statement that a session reads with."""
    statements: list[object] = []
    original = TenantSession.all

    async def counting(self: TenantSession, statement: object, *args: object) -> object:
        statements.append(statement)
        return await original(self, statement, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(TenantSession, "all", counting)
    yield statements


def a_unit(code: str = "hall") -> NewUnit:
    return NewUnit(code=code, name="大厅", valid_from=date(2026, 1, 1), basis="设立")


async def test_an_unchanged_revision_asks_nothing(
    database: Database, city: Tenant, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.reading(city.id) as session:
        first = await snapshots.of(session)
    with counted(monkeypatch) as statements:
        async with database.reading(city.id) as session:
            assert await snapshots.of(session) is first
    assert statements == []
    assert snapshots.known(city.id) is first


async def test_many_at_once_load_once(
    database: Database, city: Tenant, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> object:
        async with database.reading(city.id) as session:
            return await snapshots.of(session)

    async with database.reading(city.id) as session:
        with counted(monkeypatch) as statements:
            await Snapshots(snapshots.jurisdictions).of(session)
            once = len(statements)
    with counted(monkeypatch) as statements:
        found = await asyncio.gather(*(ask() for _ in range(12)))
    assert len(set(map(id, found))) == 1
    assert len(statements) == once


async def test_a_change_is_seen_by_the_next_session(administration, snapshot) -> None:
    before = await snapshot()
    async with administration() as admin:
        await register_unit(admin, a_unit())
    after = await snapshot()
    assert (len(before.organisation.units), len(after.organisation.units)) == (0, 1)
    assert after.tenant.revision == before.tenant.revision + 1


async def test_what_is_rolled_back_was_never_kept(administration, snapshot, snapshots: Snapshots) -> None:
    before = await snapshot()
    with pytest.raises(RuntimeError):
        async with administration() as admin:
            await register_unit(admin, a_unit())
            await admin.session.flush()
            inside = await snapshots.of(admin.session)
            assert len(inside.organisation.units) == 1
            raise RuntimeError
    assert await snapshot() is before


async def test_an_older_session_gets_the_newest_that_is_known(database, city, administration, snapshots) -> None:
    async with database.reading(city.id) as session:
        await snapshots.of(session)
    async with database.reading(city.id) as older:
        async with administration() as admin:
            await register_unit(admin, a_unit())
        async with database.reading(city.id) as newer:
            newest = await snapshots.of(newer)
        assert await snapshots.of(older) is newest


async def test_only_so_many_tenants_are_kept(database: Database, make_tenant: TenantMaker, snapshots: Snapshots) -> None:
    small = Snapshots(snapshots.jurisdictions, capacity=2)
    tenants = [await make_tenant() for _ in range(3)]
    for number in (tenants[0], tenants[1], tenants[0], tenants[2]):
        async with database.reading(number) as session:
            await small.of(session)
    assert [small.known(number) is not None for number in tenants] == [True, False, True]


async def test_tenants_have_their_own(database: Database, make_tenant: TenantMaker, snapshots: Snapshots) -> None:
    found = []
    for city in ("ankang", "baoding"):
        async with database.reading(await make_tenant(jurisdiction=city)) as session:
            found.append(await snapshots.of(session))
    assert [snapshot.jurisdiction.manifest.id for snapshot in found] == ["ankang", "baoding"]
    assert found[0].tenant.id != found[1].tenant.id


async def test_revoked_tokens_are_in_it(administration, snapshot) -> None:
    async with administration() as admin:
        await admin.begin()
        row = {"jti": str(new_id()), "expires_at": admin.recorded_at + timedelta(minutes=10)}
        admin.session.add(revoked_token, row)
    assert (await snapshot()).revoked == {row["jti"]}


async def test_what_is_revoked_is_read_anew_and_nothing_else(
    database: Database, city: Tenant, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.reading(city.id) as session:
        before = await snapshots.of(session)
    async with database.tenant(city.id) as session:
        ends = session.recorded_at + timedelta(minutes=10)
        session.add(revoked_token, {"jti": "over", "expires_at": session.recorded_at})
        session.add(revoked_token, {"jti": "sign-in:1", "expires_at": ends})
        await session.bump_revocations()
    with counted(monkeypatch) as statements:
        async with database.reading(city.id) as session:
            after = await snapshots.of(session)
    assert len(statements) == 1
    assert "sign-in:1" in after.revoked
    assert "over" not in after.revoked
    assert after.tenant.revision == before.tenant.revision + (1 << 32)
    assert after.tenant.configuration == before.tenant.configuration
    assert after.organisation is before.organisation
    assert after.rulebook is before.rulebook
    assert snapshots.known(city.id) is after


async def test_a_change_of_the_configuration_beside_a_revocation_is_seen(
    database: Database, city: Tenant, snapshots: Snapshots, administration
) -> None:
    async with database.reading(city.id) as session:
        before = await snapshots.of(session)
    async with database.tenant(city.id) as session:
        await session.bump_revocations()
    async with administration() as admin:
        await register_unit(admin, a_unit("beside"))
    async with database.reading(city.id) as session:
        after = await snapshots.of(session)
    assert after.tenant.configuration == before.tenant.configuration + 1
    assert "beside" in after.organisation.by_code


async def test_legal_time_is_wall_time_moved(snapshot) -> None:
    found = await snapshot()
    wall = FixedClock(datetime(2026, 11, 21, 15, 59, tzinfo=UTC))
    assert found.clock(wall).now() == wall.now()
    assert found.local_day(wall.now()) == date(2026, 11, 21)
    assert found.local_day(wall.now() + timedelta(minutes=1)) == date(2026, 11, 22)


@pytest.mark.parametrize("place", range(1, 11))
async def test_a_unit_that_is_registered_while_the_configuration_is_read_is_whole_in_it(
    database: Database,
    city: Tenant,
    administration,
    snapshots: Snapshots,
    monkeypatch: pytest.MonkeyPatch,
    place: int,
) -> None:
    original, asked = TenantSession.all, 0

    async def interrupted(self: TenantSession, statement: object, *args: object) -> object:
        nonlocal asked
        asked += not self.writes
        rows = await original(self, statement, *args)  # type: ignore[arg-type]
        if asked == place and not self.writes:
            async with administration() as admin:
                await register_unit(admin, a_unit(f"hall-{place}"))
        return rows

    monkeypatch.setattr(TenantSession, "all", interrupted)
    async with database.reading(city.id) as session:
        seen = await snapshots.load(session)
    monkeypatch.undo()
    assert asked >= place
    if not database.is_sqlite:  # where a session that reads sees one state of the file
        assert f"hall-{place}" in seen.organisation.by_code
