"""The lines of the worker: timers worked off, a sweep among many, a calendar that reaches all that is open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

import asyncpg
from sqlalchemy import make_url

from api.starting import collect_from_now_on
from core.jurisdictions import Jurisdictions
from core.law.calendar import national_calendar
from core.law.calendar_version import Closure
from core.law.instrument import Text
from core.settings import Settings
from core.store.database import Database
from core.tenants.service.administration import Administration
from core.tenants.service.calendars import CalendarStatement, publish_calendar
from core.tenants.service.directory import NewTenant, create_tenant
from core.tenants.snapshot import Snapshots
from core.trades import TRADES
from core.work import Workshop
from core.worker import Worker
from tests.benchmarks.report import Line
from tests.benchmarks.timer_rows import Plan, copy_deadlines, some_weeks_from_now
from tests.conftest import MASTER_KEY
from tests.servers import PostgresServer

MANY, FEW, DUE, TO_WORK_OFF, TO_COUNT = 1_000_000, 10_000, 1_000, 20_000, 100_000
_SWEEP, _RATE, _RECOUNT_SECONDS, _INTAKE = 1.5, 2_000, 60.0, 2.0
_TURNS, _BEFORE = 5, 2_000
_WAKE = """
    UPDATE timer SET at = now() - interval '1 second', run_at = now() - interval '1 second'
    WHERE kind = 'deadline'
        AND subject_id IN (SELECT subject_id FROM timer WHERE kind = 'deadline' AND run_at > now() LIMIT $1)
    RETURNING subject_id
"""
_ENTRIES = """
    INSERT INTO deadline_entry (tenant, id, deadline_id, seq, kind, at, reason, basis)
    SELECT tenant, id, id, 1, 'replacement', now(), 'r', 'b' FROM deadline LIMIT $1
"""
_BREACH = "UPDATE deadline SET due_at = now() - interval '1 second', due_on = current_date WHERE id = ANY($1::uuid[])"


@dataclass(frozen=True)
class Bench:
    """A database of one tenant with open deadlines, a worker at it, and its administrator's connection."""

    database: Database
    admin: asyncpg.Connection
    worker: Worker
    tenant: int
    shop: Workshop

    async def settle_in(self) -> None:
        """Some work before, and what PostgreSQL knows of its tables then: in a city none is empty, nor planned as if."""
        await self.wake(_BEFORE)
        await self.work()
        await self.admin.execute(_ENTRIES, _BEFORE)
        await self.admin.execute("VACUUM ANALYZE")

    async def wake(self, count: int) -> None:
        """Lets so many deadlines run out."""
        ids = [row["subject_id"] for row in await self.admin.fetch(_WAKE, count)]
        await self.admin.execute(_BREACH, ids)

    async def work(self) -> float:
        """Works off all that has gone off; how many seconds that took."""
        started = time.perf_counter()
        await self.worker.catch_up()
        return time.perf_counter() - started


@asynccontextmanager
async def bench(server: PostgresServer, deadlines: int, per_case: int) -> AsyncIterator[Bench]:
    """A database filled for one line."""
    addresses = await asyncio.to_thread(server.create)
    name = str(make_url(addresses.service).database)
    # As it is in a city: a commit is on the disk.
    await server.admin(f"ALTER ROLE {server.login} SET synchronous_commit = on")
    owner, cities = Database(addresses.owner, MASTER_KEY), Jurisdictions.discover()
    tenant = await create_tenant(owner, cities, NewTenant("ankang", "ankang", Text("安康", "Ankang")))
    await owner.close()
    superuser = server.url.set(database=name).render_as_string(False)
    plan = Plan(tenant.id, deadlines, per_case, some_weeks_from_now(), national_calendar())
    await copy_deadlines(superuser, plan)
    settings = Settings(database_url=addresses.service, owner_database_url=addresses.owner, master_key=MASTER_KEY)
    database = Database(addresses.service, MASTER_KEY)
    shop = Workshop(settings, database, Snapshots(cities))
    trades = [trade for trade in TRADES if not trade.for_every_tenant]
    # As in the process of a worker.
    collect_from_now_on()
    admin = await asyncpg.connect(make_url(superuser).set(drivername="postgresql").render_as_string(False))
    try:
        yield Bench(database, admin, Worker(shop, trades), tenant.id, shop)
    finally:
        await admin.close()
        await database.close()
        await server.admin(f"DROP DATABASE {name} WITH (FORCE)")


async def sweep(server: PostgresServer) -> Line:
    """A sweep over many open deadlines of which a thousand are due, against one over few."""
    async with bench(server, MANY, 10) as many, bench(server, FEW, 10) as few:
        await many.settle_in()
        await few.settle_in()
        turns: list[tuple[float, float]] = []
        for _ in range(_TURNS):
            await many.wake(DUE)
            await few.wake(DUE)
            turns.append((await many.work(), await few.work()))
    ours, ceiling = (median(turn[place] for turn in turns) for place in (0, 1))
    times, name = ours / ceiling, f"a sweep, {DUE:,} of {MANY:,} due against {DUE:,} of {FEW:,}"
    return Line(name, f"{ours:.2f} s", f"{ceiling:.2f} s", f"{times:.2f}", f"<= {_SWEEP}", times <= _SWEEP)


async def rate(server: PostgresServer) -> Line:
    """Deadlines that run out, worked off by one worker: the notice, its audit row and its event, numbered."""
    async with bench(server, TO_WORK_OFF + _BEFORE, 10) as full:
        await full.settle_in()
        await full.wake(TO_WORK_OFF)
        cpu, seconds = time.process_time(), await full.work()
        cpu = time.process_time() - cpu
    found = TO_WORK_OFF / seconds
    note = f"processor time of the worker: {cpu / TO_WORK_OFF * 1e6:.0f} µs a timer"
    return Line("timers by one worker", f"{found:,.0f}/s", "", "", f">= {_RATE:,}/s", found >= _RATE, (note,))


async def recount(server: PostgresServer) -> list[Line]:
    """A closure that moves every open deadline, while somebody else works on cases."""
    async with bench(server, TO_COUNT + _BEFORE, 1) as full:
        await full.settle_in()
        before = await _probe(full, asyncio.Event(), least=200)
        ended = asyncio.Event()
        beside = asyncio.create_task(_probe(full, ended))
        await _close_a_day(full)
        seconds = await full.work()
        ended.set()
        during = await beside
        moved = await full.admin.fetchval("SELECT moved FROM recount")
    slower = _p95(during) / _p95(before)
    beside_note = f"p95 of a change beside it: {_p95(during):.1f} ms, before {_p95(before):.1f} ms ({slower:.2f})"
    name = f"{moved:,} deadlines counted anew, all of them moved"
    return [
        Line(name, f"{seconds:.0f} s", "", "", f"<= {_RECOUNT_SECONDS:.0f} s", seconds <= _RECOUNT_SECONDS, (beside_note,))
    ]


async def _close_a_day(full: Bench) -> None:
    day = (some_weeks_from_now() + timedelta(days=3)).date()
    days = tuple(Closure(day + timedelta(days=ahead), "停办", "通告") for ahead in range(3))
    async with full.database.tenant(full.tenant) as session:
        admin = Administration(session, full.shop.snapshots)
        await publish_calendar(admin, CalendarStatement(basis="通告", closures=days), 1)


async def _probe(full: Bench, ended: asyncio.Event, least: int = 0) -> list[float]:
    """Changes of cases, one after another with a pause: how long each took, in milliseconds."""
    found: list[float] = []
    while len(found) < least or (not least and not ended.is_set()):
        started = time.perf_counter()
        async with full.database.tenant(full.tenant) as session:
            await session.next_number("complaint", 2026)
        found.append((time.perf_counter() - started) * 1e3)
        await asyncio.sleep(0.02)
    return found


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)] if values else 0.0


async def worker_lines(address: str, wanted: set[str]) -> list[Line]:
    """The lines of the worker that are asked for."""
    server: Any = await asyncio.to_thread(PostgresServer, address)
    try:
        found = [await rate(server)] if "timers" in wanted else []
        found += [await sweep(server)] if "sweep" in wanted else []
        found += await recount(server) if "recount" in wanted else []
    finally:
        await asyncio.to_thread(server.close)
    return found
