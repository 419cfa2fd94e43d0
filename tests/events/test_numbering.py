"""Events are numbered after their commit: who follows the numbers misses nothing and repeats nothing (PITFALLS 33)."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select

from core.events.numbering import number_events
from core.store.database import Database
from core.store.tables import TENANT, outbox, timer
from tests.store.rows import change, read

WRITERS, CHANGES = 16, 25
AFTER = (
    select(outbox)
    .where(outbox.c.tenant == TENANT, outbox.c.position > bindparam("after"))
    .order_by(outbox.c.position)
    .limit(bindparam("most"))
)
TIMERS = select(timer).where(timer.c.tenant == TENANT, timer.c.kind == "events")


async def write(database: Database, tenant: int, writer: int, chance: random.Random) -> list[str]:
    """Changes of one to three events, each committed after a while of its own."""
    told = []
    for turn in range(CHANGES):
        async with database.tenant(tenant) as session:
            for part in range(chance.randint(1, 3)):
                subject = f"{writer}-{turn}-{part}"
                session.record(change(f"stream:{subject}", subject=subject, new_stream=True))
                told.append(subject)
            await session.flush()
            await asyncio.sleep(chance.random() / 200)
    return told


async def follow(database: Database, tenant: int, ended: asyncio.Event) -> list[dict[str, Any]]:
    """A reader with a cursor, who numbers nothing and asks again and again."""
    found: list[dict[str, Any]] = []
    while True:
        last = ended.is_set()
        after = found[-1]["position"] if found else 0
        _, rows = await read(database, tenant, AFTER, {"after": after, "most": 7})
        found += rows
        if last and not rows:
            return found
        await asyncio.sleep(0)


async def number(database: Database, tenant: int, ended: asyncio.Event) -> None:
    while not ended.is_set():
        async with database.tenant(tenant) as session:
            await number_events(session)
        await asyncio.sleep(0.001)


async def test_with_many_writers_a_reader_misses_and_repeats_nothing(database: Database, tenant: int) -> None:
    chance, ended = random.Random(20261122), asyncio.Event()
    reader = asyncio.create_task(follow(database, tenant, ended))
    numbering = [asyncio.create_task(number(database, tenant, ended)) for _ in range(2)]
    told = await asyncio.gather(*(write(database, tenant, writer, chance) for writer in range(WRITERS)))
    async with database.tenant(tenant) as session:
        await number_events(session)
    ended.set()
    await asyncio.gather(*numbering)
    found = await reader
    assert sorted(row["subject"] for row in found) == sorted(subject for some in told for subject in some)
    assert [row["position"] for row in found] == list(range(1, len(found) + 1))
    for _, events in groupby(
        sorted(found, key=lambda row: (row["change_id"], row["position"])), key=lambda row: row["change_id"]
    ):
        assert [row["complete"] for row in events][::-1][0] is True


async def test_an_event_that_completes_is_the_last_of_its_change(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        session.record(change("a", new_stream=True))
        await session.flush()
        session.record(change("b", new_stream=True))
        session.record(change("c", new_stream=True))
    async with database.tenant(tenant) as session:
        numbers = await number_events(session)
    _, rows = await read(database, tenant, AFTER, {"after": 0, "most": 10})
    assert list(numbers) == [row["position"] for row in rows] == [1, 2, 3]
    assert [row["complete"] for row in rows] == [False, False, True]
    assert len({row["change_id"] for row in rows}) == 1


async def test_each_change_asks_to_be_numbered_and_one_without_events_does_not(database: Database, tenant: int) -> None:
    before = datetime.now(UTC)
    async with database.tenant(tenant) as session:
        session.record(change("a", new_stream=True))
    async with database.tenant(tenant) as session:
        await session.flush()
    _, rows = await read(database, tenant, TIMERS)
    assert len(rows) == 1
    assert before <= rows[0]["run_at"] <= datetime.now(UTC)


async def test_who_is_rolled_back_leaves_no_gap(database: Database, tenant: int) -> None:
    for fails in (False, True, False):
        try:
            async with database.tenant(tenant) as session:
                session.record(change(f"s{fails}{session.recorded_at}", new_stream=True))
                await session.flush()
                if fails:
                    raise ValueError("no")
        except ValueError:
            assert fails
        async with database.tenant(tenant) as session:
            await number_events(session)
    _, rows = await read(database, tenant, AFTER, {"after": 0, "most": 10})
    assert [row["position"] for row in rows] == [1, 2]
