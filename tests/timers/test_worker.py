"""Timers are worked off once, whoever takes them, whatever fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from core.clock import FixedClock, WallClock
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.settings import Settings
from core.store.database import Database
from core.store.tables import TENANT, timer
from core.tenants.snapshot import Snapshots
from core.timers.arming import arm, follow_clock, rearm
from core.timers.taking import Timers
from core.timers.timer import Next, Timer, TimerKind
from core.trades import TRADES
from core.work import Effect, Shift, Trade, Workshop, in_one_session
from core.worker import Worker
from tests.conftest import MASTER_KEY, TenantMaker
from tests.store.rows import read

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
KIND = TimerKind.DEADLINE
ALL = select(timer).where(timer.c.tenant == TENANT).order_by(timer.c.run_at)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def timed(database: Database, clock: FixedClock) -> AsyncIterator[Database]:
    """The same database under a clock that the test moves."""
    made = Database(database.url, MASTER_KEY, clock=clock)
    yield made
    await made.close()


def worker_of(database: Database, effect: Effect, **how: int | timedelta) -> Worker:
    settings = Settings(database_url=database.url, owner_database_url=database.url, master_key=MASTER_KEY)
    shop = Workshop(settings, database, Snapshots(Jurisdictions.discover()))
    return Worker(shop, [Trade(KIND, in_one_session(KIND, effect), **how)])  # type: ignore[arg-type]  # settings of the trade


async def armed(database: Database, tenant: int, *moments: datetime) -> list[UUID]:
    subjects = [new_id() for _ in moments]
    async with database.tenant(tenant) as session:
        for subject, at in zip(subjects, moments, strict=True):
            arm(session, KIND, subject, at)
    return subjects


async def left(database: Database, tenant: int) -> list[dict[str, object]]:
    return (await read(database, tenant, ALL))[1]


class Tally:
    """An effect that counts how often it was written for each subject, inside the transaction that ends the timer."""

    def __init__(self) -> None:
        self.done: Counter[UUID] = Counter()

    async def __call__(self, shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
        self.done.update(taken.keys())
        return dict.fromkeys(taken)


async def test_what_has_gone_off_is_done_once_and_what_has_not_waits(
    timed: Database, tenant: int, clock: FixedClock
) -> None:
    due, later = await armed(timed, tenant, NOW, NOW + timedelta(seconds=1))
    tally = Tally()
    worker = worker_of(timed, tally)
    await worker.catch_up()
    assert tally.done == {due: 1}
    clock.advance(timedelta(seconds=1))
    await worker.catch_up()
    await worker.catch_up()
    assert tally.done == {due: 1, later: 1}
    assert await left(timed, tenant) == []


async def test_several_workers_share_what_there_is(timed: Database, tenant: int, make_tenant: TenantMaker) -> None:
    other = await make_tenant()
    subjects = [*await armed(timed, tenant, *[NOW] * 120), *await armed(timed, other, *[NOW] * 120)]
    tally = Tally()
    workers = [worker_of(timed, tally, batch=7) for _ in range(4)]
    await asyncio.gather(*(worker.catch_up() for worker in workers))
    assert tally.done == dict.fromkeys(subjects, 1)


async def test_who_took_it_last_finishes_it_and_nobody_else(timed: Database, tenant: int, clock: FixedClock) -> None:
    """A worker that sleeps past its lease finds, awake again, that another has done it."""
    (subject,) = await armed(timed, tenant, NOW)
    (slow,) = await Timers(timed).take(KIND, NOW, 10, timedelta(seconds=60))
    assert await Timers(timed).take(KIND, NOW, 10, timedelta(seconds=60)) == []
    clock.advance(timedelta(seconds=61))
    tally, late = Tally(), Tally()
    await worker_of(timed, tally).catch_up()
    shop = Workshop(
        Settings(database_url="", owner_database_url="", master_key=MASTER_KEY), timed, Snapshots(Jurisdictions.discover())
    )
    await in_one_session(KIND, late)(shop, tenant, [slow], clock.now())
    assert (tally.done, late.done) == ({subject: 1}, {})


async def test_what_is_rolled_back_is_done_again(timed: Database, tenant: int, clock: FixedClock) -> None:
    """The effect and the end of its timer are one: neither is there without the other."""
    (subject,) = await armed(timed, tenant, NOW)
    tries: list[UUID] = []

    async def die_once(shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
        tries.extend(taken)
        arm(shift.session, TimerKind.EVENTS, subject, NOW)
        if len(tries) == 1:
            raise ConnectionError("the cable")
        return dict.fromkeys(taken)

    worker = worker_of(timed, die_once)
    await worker.catch_up()
    assert [row["kind"] for row in await left(timed, tenant)] == ["deadline"]
    clock.advance(timedelta(minutes=5))
    await worker.catch_up()
    assert [row["kind"] for row in await left(timed, tenant)] == ["events"]
    assert tries == [subject, subject]


async def test_one_faulty_thing_holds_up_no_other(
    timed: Database, tenant: int, make_tenant: TenantMaker, clock: FixedClock
) -> None:
    other = await make_tenant()
    faulty, *sound = await armed(timed, tenant, *[NOW] * 5)
    theirs = await armed(timed, other, *[NOW] * 5)
    done: Counter[UUID] = Counter()

    async def fail(_shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
        if faulty in taken:
            raise ValueError("a faulty thing")
        done.update(taken.keys())
        return dict.fromkeys(taken)

    worker = worker_of(timed, fail)
    await worker.catch_up()
    assert done == dict.fromkeys([*sound, *theirs], 1)
    (row,) = await left(timed, tenant)
    first, waits = row["run_at"], []
    for _ in range(4):
        clock.instant = row["run_at"]  # type: ignore[assignment]  # a column of instants
        await worker.catch_up()
        (row,) = await left(timed, tenant)
        waits.append(row["run_at"] - clock.now())  # type: ignore[operator]
    assert first > NOW  # type: ignore[operator]
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= timedelta(hours=1)


async def test_a_timer_that_goes_off_again_is_one_timer(timed: Database, tenant: int, clock: FixedClock) -> None:
    (subject,) = await armed(timed, tenant, NOW)
    done: list[datetime] = []

    async def again(shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
        if subject not in taken:  # what another test has left
            return dict.fromkeys(taken)
        done.append(shift.wall)
        return {subject: Next(NOW + timedelta(hours=len(done))) if len(done) < 3 else None}

    worker = worker_of(timed, again)
    for _ in range(5):
        await worker.catch_up()
        clock.advance(timedelta(hours=1))
    assert done == [NOW + timedelta(hours=hour) for hour in range(3)]
    assert await left(timed, tenant) == []


async def test_a_timer_that_is_set_anew_is_nobodys(timed: Database, tenant: int) -> None:
    """Who has taken it before finishes it no more, so that the new moment stands."""
    (subject,) = await armed(timed, tenant, NOW)
    (taken,) = await Timers(timed).take(KIND, NOW, 10, timedelta(seconds=60))
    async with timed.tenant(tenant) as session:
        await rearm(session, KIND, {subject: NOW + timedelta(days=1), new_id(): NOW}, None)
    shop = Workshop(
        Settings(database_url="", owner_database_url="", master_key=MASTER_KEY), timed, Snapshots(Jurisdictions.discover())
    )
    tally = Tally()
    await in_one_session(KIND, tally)(shop, tenant, [taken], NOW)
    assert tally.done == {}
    assert [row["run_at"] for row in await left(timed, tenant)] == [NOW, NOW + timedelta(days=1)]


async def test_timers_of_legal_time_follow_a_clock_that_is_moved(timed: Database, tenant: int) -> None:
    subject, wall = new_id(), new_id()
    async with timed.tenant(tenant) as session:
        arm(session, KIND, subject, NOW + timedelta(days=30), offset=timedelta(days=10))
        arm(session, KIND, wall, NOW + timedelta(days=30))
    async with timed.tenant(tenant) as session:
        await follow_clock(session, timedelta(days=12, seconds=3))
    found = {row["subject_id"]: row["run_at"] for row in await left(timed, tenant)}
    assert found == {subject: NOW + timedelta(days=18) - timedelta(seconds=3), wall: NOW + timedelta(days=30)}


async def test_a_clock_that_steps_back_does_nothing_twice_and_loses_nothing(
    timed: Database, tenant: int, clock: FixedClock
) -> None:
    done_before, leased, later = await armed(timed, tenant, NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=2))
    tally = Tally()
    await worker_of(timed, tally).catch_up()
    clock.advance(timedelta(minutes=1))
    await Timers(timed).take(KIND, clock.now(), 10, timedelta(seconds=60))  # by a worker that dies with it
    clock.advance(timedelta(hours=-1))
    await worker_of(timed, tally).catch_up()
    # Beside what another test has left.
    mine = (done_before, leased, later)
    assert [tally.done[subject] for subject in mine] == [1, 0, 0]
    clock.advance(timedelta(hours=1, minutes=3))
    for _ in range(2):
        await worker_of(timed, tally).catch_up()
    assert [tally.done[subject] for subject in mine] == [1, 1, 1]


class FastClock(WallClock):
    """A machine's clock that is five minutes ahead."""

    def now(self) -> datetime:
        return super().now() + timedelta(minutes=5)


async def test_workers_whose_clocks_differ_agree(database: Database) -> None:
    """On a server it is the server's clock that says what has gone off; with a file there is one machine and one clock."""
    fast = Database(database.url, MASTER_KEY, clock=FastClock())
    look = await Timers(fast).look(KIND)
    await fast.close()
    ahead = look.now - datetime.now(UTC)
    assert (ahead > timedelta(minutes=4)) is database.is_sqlite
    assert ahead < timedelta(minutes=6)


async def test_who_has_all_that_one_may_have_under_way_holds_up_no_other(
    timed: Database, tenant: int, make_tenant: TenantMaker
) -> None:
    """A tenant with more work than can be done, all of it earlier, and slow: it is left where it is, and others' is done."""
    other = await make_tenant()
    await armed(timed, tenant, *[NOW - timedelta(hours=1)] * 60)
    await armed(timed, other, NOW)
    go, done, all_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    begun: list[Timer] = []

    async def work(_shop: Workshop, of: int, taken: Sequence[Timer], _wall: datetime) -> None:
        if of == other:
            done.set()
            return
        begun.extend(taken)
        await go.wait()
        if len(begun) == 60:
            all_done.set()

    settings = Settings(database_url="", owner_database_url="", master_key=MASTER_KEY)
    shop = Workshop(settings, timed, Snapshots(Jurisdictions.discover()))
    worker = Worker(shop, [Trade(KIND, work, batch=5, pause=60.0)])
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(8):
        await done.wait()
        rows = await left(timed, tenant)
        assert Counter(row["fence"] for row in rows) == {0: 50, 1: 10}, "nothing else of it was touched"
        go.set()
        await all_done.wait()  # which is sooner than the pause is over
        worker.end()
        await running


def test_no_tenant_can_have_all_that_a_trade_does_at_a_time() -> None:
    assert [trade.kind for trade in TRADES if trade.per_tenant >= trade.width] == []
