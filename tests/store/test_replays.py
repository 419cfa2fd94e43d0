"""A request under an idempotency key is done once, however close a second one comes (promise 9; PITFALLS 24, 34)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.clock import FixedClock
from core.ids import new_id
from core.store.database import Database
from core.store.replays import Replay, find_replay, keep_replay, purge_replays
from core.store.tables import TENANT, cases, idempotency
from core.store.violations import AlreadyDone
from tests.conftest import MASTER_KEY, TenantMaker
from tests.store.rows import add_case

CLIENT = new_id()
ANSWER = Replay(b"h" * 32, 201, '{"receipt":"机密-RECEIPT"}'.encode(), {"location": "/cases/1"})
DAY = timedelta(days=1)


async def test_the_answer_is_told_again_as_it_was(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        assert await find_replay(session, CLIENT, "POST /cases", "k") is None
        await keep_replay(session, CLIENT, "POST /cases", "k", ANSWER, lasting=DAY)
    for _ in range(3):
        async with database.reading(tenant) as session:
            assert await find_replay(session, CLIENT, "POST /cases", "k") == ANSWER


async def test_keys_are_of_a_tenant_a_client_and_a_route(database: Database, make_tenant: TenantMaker) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    async with database.tenant(tenant) as session:
        await keep_replay(session, CLIENT, "r", "k", ANSWER, lasting=DAY)
    async with database.reading(tenant) as session:
        for asked in ((new_id(), "r", "k"), (CLIENT, "s", "k"), (CLIENT, "r", "K")):
            assert await find_replay(session, *asked) is None
    async with database.reading(other) as session:
        assert await find_replay(session, CLIENT, "r", "k") is None


async def test_the_receipt_does_not_lie_open(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        await keep_replay(session, CLIENT, "r", "k", ANSWER, lasting=DAY)
    async with database.reading(tenant) as session:
        (row,) = await session.all(select(idempotency).where(idempotency.c.tenant == TENANT))
    assert "RECEIPT" not in repr(row)


async def test_of_many_at_once_one_is_done(database: Database, tenant: int) -> None:
    async def request(number: int) -> int:
        async with database.tenant(tenant) as session:
            await session.next_number("complaint", 2026)
            await add_case(session, str(number))
            await keep_replay(session, CLIENT, "r", "k", ANSWER, lasting=DAY)
        return number

    answers = await asyncio.gather(*(request(number) for number in range(12)), return_exceptions=True)
    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyDone) for answer in answers) == 11
    async with database.tenant(tenant) as session:
        assert await session.scalar(select(func.count()).select_from(cases).where(cases.c.tenant == TENANT)) == 1
        assert await session.next_number("complaint", 2026) == 2


async def test_what_is_over_is_forgotten(database: Database, tenant: int) -> None:
    clock = FixedClock(datetime(2026, 5, 1, tzinfo=UTC))
    timed = Database(database.url, MASTER_KEY, pool_size=1, clock=clock)
    async with timed.tenant(tenant) as session:
        await keep_replay(session, CLIENT, "r", "k", ANSWER, lasting=DAY)
    for moved, gone in ((DAY - timedelta(microseconds=1), 0), (timedelta(microseconds=1), 1), (DAY, 0)):
        clock.advance(moved)
        async with timed.tenant(tenant) as session:
            assert await purge_replays(session) == gone
    await timed.close()


async def test_a_key_is_kept_only_with_what_was_done(database: Database, tenant: int) -> None:
    with pytest.raises(RuntimeError):
        async with database.tenant(tenant) as session:
            await keep_replay(session, CLIENT, "r", "k", ANSWER, lasting=DAY)
            await session.flush()
            raise RuntimeError
    async with database.reading(tenant) as session:
        assert await find_replay(session, CLIENT, "r", "k") is None
