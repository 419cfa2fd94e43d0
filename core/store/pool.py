"""The connections of one engine, lent without a point at which the loop is left while there is one at hand.

SQLAlchemy makes them, and has its own pool's queue, tasks and greenlets for each time one is taken; here it is a list.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

_PATIENCE_SECONDS = 60


class Pool:
    """At most ``size`` connections. The one used last is lent first; who waits is served in the order of coming."""

    def __init__(self, engine: Engine, size: int) -> None:
        self.engine = engine
        self._unmade = size
        self._idle: list[PoolProxiedConnection] = []
        self._waiting: deque[asyncio.Future[PoolProxiedConnection | None]] = deque()

    async def take(self) -> PoolProxiedConnection:
        """A connection; raises :class:`sqlalchemy.exc.TimeoutError` when none comes free for too long."""
        while True:
            if self._idle:
                return self._idle.pop()
            if self._unmade:
                return await self._make()
            held = await self._wait()
            if held is not None:
                return held

    def give(self, held: PoolProxiedConnection) -> None:
        """Takes a connection back, whose state is known."""
        if not self._hand_on(held):
            self._idle.append(held)

    def lose(self) -> None:
        """Counts a connection as gone, so that another can be made in its place."""
        self._unmade += 1
        self._hand_on(None)

    async def close(self) -> None:
        """Closes what is at hand."""
        while self._idle:
            self._idle.pop().close()
            self._unmade += 1
        await greenlet_spawn(self.engine.dispose)

    def _hand_on(self, held: PoolProxiedConnection | None) -> bool:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(held)
                return True
        return False

    async def _make(self) -> PoolProxiedConnection:
        self._unmade -= 1
        making = asyncio.ensure_future(greenlet_spawn(self.engine.raw_connection))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            # Who is cancelled while a connection is made for him leaves it to the others.
            making.add_done_callback(self._keep)
            raise
        except Exception:
            self.lose()
            raise

    def _keep(self, making: asyncio.Future[PoolProxiedConnection]) -> None:
        if making.cancelled() or making.exception() is not None:
            self.lose()
        else:
            self.give(making.result())

    async def _wait(self) -> PoolProxiedConnection | None:
        turn: asyncio.Future[PoolProxiedConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await turn
        except BaseException as error:
            self._pass_on(turn)
            if isinstance(error, TimeoutError):
                raise PoolExhausted(f"no connection came free within {_PATIENCE_SECONDS} s") from error
            raise

    def _pass_on(self, turn: asyncio.Future[PoolProxiedConnection | None]) -> None:
        """Gives to the next what came in the moment in which its receiver stopped waiting."""
        with suppress(ValueError):
            self._waiting.remove(turn)
        if turn.done() and not turn.cancelled():
            held = turn.result()
            self.give(held) if held is not None else self._hand_on(None)
