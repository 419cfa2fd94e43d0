"""Every tenant is seen to at night: what expired is forgotten, and what the day brought reaches the open deadlines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.recounts.recount import RecountCause, begin_recount
from core.settings import Settings
from core.store.database import Database
from core.store.replays import Replay, keep_replay
from core.store.session import TenantSession
from core.store.tables import TENANT, case_step, cases, deadline, idempotency, timer
from core.tenants.service.administration import Administration
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.service.settings import record_setting
from core.tenants.snapshot import Snapshot, Snapshots
from core.timers.taking import Timers
from core.timers.timer import WHOLE_TENANT, TimerKind
from core.upkeep import UPKEEP, find_cause, next_night
from core.work import Workshop
from core.worker import Worker
from tests.conftest import MASTER_KEY
from tests.servers import Addresses
from tests.store.rows import case_row, deadline_row, read, step_row

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
MINE = select(timer).where(timer.c.tenant == TENANT, timer.c.kind == TimerKind.UPKEEP.value)
CITIES = Jurisdictions.discover()
LADDER = [{"key": "soon", "level": "due-soon", "distance": {"unit": "working_day", "length": 1}}]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def timed(database: Database, clock: FixedClock) -> AsyncIterator[Database]:
    made = Database(database.url, MASTER_KEY, clock=clock)
    yield made
    await made.close()


@pytest.fixture
async def city(addresses: Addresses, clock: FixedClock) -> int:
    """A tenant of Ankang."""
    owner = Database(addresses.owner, MASTER_KEY, clock=clock)
    name = Text("安康", "Ankang")
    tenant = await create_tenant(owner, CITIES, NewTenant(f"ankang-{new_id().hex[-6:]}", "ankang", name))
    await owner.close()
    return tenant.id


def workshop(database: Database, folder: Any) -> Workshop:
    url = database.url
    settings = Settings(
        database_url=url, owner_database_url=url, master_key=MASTER_KEY, attachments=folder.resolve().as_uri()
    )
    return Workshop(settings, database, Snapshots(CITIES))


async def cause_of(database: Database, tenant: int) -> RecountCause | None:
    async with database.tenant(tenant) as session:
        snapshot = await Snapshots(CITIES).of(session)
        return await find_cause(session, snapshot, session.recorded_at)


async def test_every_tenant_has_one_timer_and_comes_again_the_next_night(
    timed: Database, city: int, clock: FixedClock, tmp_path: Any
) -> None:
    for _ in range(2):
        await Timers(timed).muster(TimerKind.UPKEEP, clock.now())
    (row,) = (await read(timed, city, MINE))[1]
    assert (row["subject_id"], row["run_at"]) == (WHOLE_TENANT, NOW)
    async with timed.tenant(city) as session:
        await keep_replay(session, new_id(), "r", "k", Replay(b"h", 200, b"{}", {}), lasting=timedelta(hours=1))
    clock.advance(timedelta(hours=2))
    await Worker(workshop(timed, tmp_path), [UPKEEP]).catch_up()
    assert (await read(timed, city, select(idempotency).where(idempotency.c.tenant == TENANT)))[1] == []
    (row,) = (await read(timed, city, MINE))[1]
    assert timedelta() < row["run_at"] - clock.now() <= timedelta(days=1)


async def test_a_year_that_is_announced_reaches_what_was_provisional(timed: Database, city: int, clock: FixedClock) -> None:
    """The calendar's package knows more years than the last recount did: promise 2."""
    assert await cause_of(timed, city) is None
    async with timed.tenant(city) as session:
        add_provisional(session)
    assert await cause_of(timed, city) is RecountCause.ANNOUNCEMENT
    async with timed.tenant(city) as session:
        snapshot = await Snapshots(CITIES).of(session)
        await begin_recount(session, RecountCause.ANNOUNCEMENT, 1, snapshot.calendar.source)
    assert await cause_of(timed, city) is None
    clock.advance(timedelta(days=1))
    async with timed.tenant(city) as session:
        await begin_recount(session, RecountCause.CALENDAR, 2, "an older release")
    assert await cause_of(timed, city) is RecountCause.ANNOUNCEMENT


def add_provisional(session: TenantSession) -> None:
    case_id = new_id()
    step = step_row(case_id)
    session.add(cases, case_row("TS2026-000001", id=case_id))
    session.add(case_step, step)
    session.add(deadline, deadline_row(case_id, step["id"]) | {"provisional": True})


async def test_a_ladder_that_holds_from_a_later_day_is_examined_on_that_day(
    timed: Database, city: int, clock: FixedClock
) -> None:
    async with timed.tenant(city) as session:
        admin = Administration(session, Snapshots(CITIES))
        await record_setting(admin, "deadlines.warning-ladder", LADDER, date(2026, 3, 5), "通知", "统一")
    assert await cause_of(timed, city) is None
    clock.instant = datetime(2026, 3, 4, 15, 59, tzinfo=UTC)
    assert await cause_of(timed, city) is None
    clock.instant = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    assert await cause_of(timed, city) is RecountCause.LADDER
    async with timed.tenant(city) as session:
        await begin_recount(session, RecountCause.LADDER, 1, "s")
    assert await cause_of(timed, city) is None


async def test_a_night_begins_after_one_and_tenants_come_one_after_another(timed: Database, city: int) -> None:
    async with timed.reading(city) as session:
        snapshot = await Snapshots(CITIES).of(session)
    found = {next_night(with_number(snapshot, number), NOW) for number in range(1, 50)}
    assert len(found) > 40
    for night in found:
        assert 1 <= night.astimezone(snapshot.zone).hour < 5
        assert NOW < night <= NOW + timedelta(days=1)


def with_number(snapshot: Snapshot, number: int) -> Snapshot:
    return replace(snapshot, tenant=replace(snapshot.tenant, id=number))
