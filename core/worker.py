"""The worker: takes timers that have gone off and does what they are for. Any number run beside any number of services.

What it does is recorded once, however many workers there are and whenever one of them dies: the effect of a timer and its
end are one transaction, and only who took it last can end it. One tenant's failing work holds up no other's.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.timers.taking import Timers
from core.timers.timer import Timer
from core.work import Trade, Workshop

_log: Any = structlog.get_logger("wenze.worker")
_LONGEST_WAIT = timedelta(hours=1)
_AWAY_SECONDS = 5.0
_MUSTER_SECONDS = 600.0


class Worker:
    """Works off the timers of each trade, side by side, until it is told to end."""

    def __init__(self, shop: Workshop, trades: Iterable[Trade]) -> None:
        self._shop, self._trades = shop, tuple(trades)
        self._timers = Timers(shop.database)
        self._ending = asyncio.Event()

    async def run(self) -> None:
        """Works until :meth:`end`; what is in hand then is finished."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._muster())
            for trade in self._trades:
                group.create_task(_Bench(self._shop, self._timers, trade, self._ending).run())

    def end(self) -> None:
        """Takes nothing more."""
        self._ending.set()

    async def _muster(self) -> None:
        """Sees to it that every tenant is seen to, those too that were created since."""
        while not self._ending.is_set():
            try:
                for trade in self._trades:
                    if trade.for_every_tenant:
                        await self._timers.muster(trade.kind, (await self._timers.look(trade.kind)).now)
            except Exception:  # noqa: BLE001  the database may be away for a while
                _log.exception("worker.muster-failed")
            await rest(self._ending, _MUSTER_SECONDS)

    async def catch_up(self) -> None:
        """Works off all that has gone off by now, and what goes off by that; for tests, and for a single run."""
        benches = [_Bench(self._shop, self._timers, trade, self._ending) for trade in self._trades]
        while any([await bench.turn() for bench in benches]):
            await asyncio.gather(*(bench.settle() for bench in benches))


class _Bench:
    """One trade at work."""

    def __init__(self, shop: Workshop, timers: Timers, trade: Trade, ending: asyncio.Event) -> None:
        self._shop, self._timers, self._trade, self._ending = shop, timers, trade, ending
        self._running: set[asyncio.Task[None]] = set()
        self._busy: Counter[int] = Counter()

    async def run(self) -> None:
        while not self._ending.is_set():
            try:
                found = await self.turn()
            except Exception:  # noqa: BLE001  whatever it is, the other trades go on
                # The database may be away for a while; nothing is taken, so nothing is lost.
                _log.exception("worker.turn-failed", trade=self._trade.kind.value)
                await rest(self._ending, _AWAY_SECONDS)
                continue
            if not found:
                await self._pause()
        await self.settle()

    async def turn(self) -> bool:
        """Takes what has gone off and begins it; whether there was anything."""
        await self._make_room()
        look = await self._timers.look(self._trade.kind)
        if not look.is_due:
            return False
        trade = self._trade
        taken = await self._timers.take(trade.kind, look.now, trade.batch, trade.lease, self._full())
        for tenant, timers in _by_tenant(taken).items():
            self._begin(tenant, timers, look.now)
        return bool(taken)

    def _full(self) -> list[int]:
        """The tenants that have all that one may have under way; whatever else of theirs has gone off holds up no other."""
        return [tenant for tenant, batches in self._busy.items() if batches >= self._trade.per_tenant]

    async def _pause(self) -> None:
        """Waits, but no longer than until a tenant of which more may wait has room again."""
        if self._full():
            await asyncio.wait(self._running, timeout=self._trade.pause, return_when=asyncio.FIRST_COMPLETED)
        else:
            await rest(self._ending, self._trade.pause)

    async def settle(self) -> None:
        """Waits until all that was begun is done."""
        while self._running:
            await asyncio.wait(self._running)

    def _begin(self, tenant: int, timers: Sequence[Timer], now: datetime) -> None:
        self._busy[tenant] += 1
        task = asyncio.create_task(self._attend(tenant, timers, now))
        self._running.add(task)
        task.add_done_callback(lambda done: self._put_down(tenant, done))

    def _put_down(self, tenant: int, done: asyncio.Task[None]) -> None:
        self._running.discard(done)
        self._busy[tenant] -= 1
        if not self._busy[tenant]:
            del self._busy[tenant]
        if not done.cancelled() and (error := done.exception()) is not None:
            # Not even put back: whoever takes it when its lease is over tries again.
            _log.error("worker.lost", trade=self._trade.kind.value, tenant=tenant, exc_info=error)

    async def _attend(self, tenant: int, timers: Sequence[Timer], now: datetime) -> None:
        """Works for one tenant; what fails together is done one by one, so that one faulty thing holds up no other."""
        if await self._try(tenant, timers, now):
            return
        for timer in timers if len(timers) > 1 else ():
            await self._try(tenant, [timer], now)

    async def _try(self, tenant: int, timers: Sequence[Timer], now: datetime) -> bool:
        try:
            await self._trade.work(self._shop, tenant, timers, now)
        except Exception:  # noqa: BLE001  whatever it is, the other tenants' work goes on
            alone = len(timers) == 1
            _log.exception(
                "worker.failed" if alone else "worker.failed-together",
                trade=self._trade.kind.value,
                tenant=tenant,
                subjects=[str(item.subject_id) for item in timers[:3]],
                attempts=timers[0].attempts,
            )
            if alone:
                await self._timers.put_back(timers, now + _wait_after(timers[0].attempts))
            return False
        return True

    async def _make_room(self) -> None:
        while len(self._running) >= self._trade.width:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)


async def rest(ending: asyncio.Event, seconds: float) -> None:
    """Waits, but not past the end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(ending.wait(), seconds)


def _by_tenant(taken: Iterable[Timer]) -> dict[int, list[Timer]]:
    groups: dict[int, list[Timer]] = defaultdict(list)
    for timer in taken:
        groups[timer.tenant].append(timer)
    return groups


def _wait_after(attempts: int) -> timedelta:
    """Twice as long after each attempt, an hour at most."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), _LONGEST_WAIT)
