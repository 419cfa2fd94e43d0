"""Connections are lent one by one, in the order of asking; none is lost to who stops waiting, and none is lent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from core.store import pool as module
from core.store.engines import open_pools
from core.store.pool import Pool
from tests.conftest import Addresses

SIZE = 2


class Kept(Pool):
    """Knows what it made, so that a test can leave a connection lent."""

    made: ClassVar[list[PoolProxiedConnection]] = []

    async def _make(self) -> PoolProxiedConnection:
        self.made.append(await super()._make())
        return self.made[-1]


@pytest.fixture
async def pool(addresses: Addresses) -> AsyncIterator[Pool]:
    """A pool of two connections."""
    kept = Kept(open_pools(addresses.service, SIZE)[1].engine, SIZE)
    yield kept
    while kept.made:
        kept.made.pop().close()
    await greenlet_spawn(kept.engine.dispose)


async def settled() -> None:
    """Lets everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_connection_used_last_is_lent_first(pool: Pool) -> None:
    one, other = await pool.take(), await pool.take()
    pool.give(one)
    pool.give(other)
    assert await pool.take() is other
    assert await pool.take() is one


async def test_never_more_are_out_than_there_are_and_everybody_is_served(pool: Pool) -> None:
    out: list[object] = []
    most = 0

    async def work() -> None:
        nonlocal most
        held = await pool.take()
        assert held not in out
        out.append(held)
        most = max(most, len(out))
        await asyncio.sleep(0.001)
        out.remove(held)
        pool.give(held)

    await asyncio.gather(*(work() for _ in range(20)))
    assert most == SIZE


async def test_who_waits_is_served_in_the_order_of_coming(pool: Pool) -> None:
    one, other = await pool.take(), await pool.take()
    first, second = asyncio.ensure_future(pool.take()), asyncio.ensure_future(pool.take())
    await settled()
    pool.give(one)
    late = asyncio.ensure_future(pool.take())
    await settled()
    assert (first.done(), second.done(), late.done()) == (True, False, False)
    pool.give(other)
    assert await second is other
    pool.give(await first)
    assert await late is one


@pytest.mark.parametrize("served", [False, True], ids=["while waiting", "in the moment of being served"])
async def test_who_stops_waiting_takes_nothing_along(pool: Pool, served: bool) -> None:
    one, other = await pool.take(), await pool.take()
    leaving, staying = asyncio.ensure_future(pool.take()), asyncio.ensure_future(pool.take())
    await settled()
    if served:
        pool.give(one)
    leaving.cancel()
    if not served:
        await settled()
        pool.give(one)
    assert await staying is one
    assert leaving.cancelled()
    pool.give(other)
    assert await pool.take() is other


async def test_who_leaves_while_a_connection_is_made_leaves_it_to_the_others(pool: Pool) -> None:
    for _ in range(3 * SIZE):
        leaving = asyncio.ensure_future(pool.take())
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
    lent = [await asyncio.wait_for(pool.take(), 5) for _ in range(SIZE)]
    assert lent[0] is not lent[1]
    for held in lent:
        pool.give(held)
    await pool.close()


async def test_one_that_is_lost_is_replaced_also_for_who_waits_for_it(pool: Pool) -> None:
    one, _ = await pool.take(), await pool.take()
    waiting = asyncio.ensure_future(pool.take())
    await settled()
    one.invalidate()
    pool.lose()
    assert (await asyncio.wait_for(waiting, 5)).is_valid


async def test_waiting_has_an_end(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    one, _ = await pool.take(), await pool.take()
    with pytest.raises(PoolExhausted):
        await pool.take()
    pool.give(one)
    assert await pool.take() is one


async def test_a_failure_to_connect_costs_no_place() -> None:
    nowhere, _ = open_pools("postgresql+asyncpg://nobody@127.0.0.1:1/nothing", 1)
    for _ in range(3):
        with pytest.raises(OSError):
            await asyncio.wait_for(nowhere.take(), 5)
    await nowhere.close()
