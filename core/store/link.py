"""One connection of the pool while a session has it: begins, runs, ends, and is thrown away when in doubt.

The engines run in autocommit, so that a transaction begins and ends where it says so here and nowhere else.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Connection, Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from core.logs import logger
from core.store import inserts
from core.store.inserts import Fan
from core.store.pool import Pool
from core.store.prepared import Params, Plan, Row, plan_of
from core.store.violations import Violation, translated

T = TypeVar("T")
_log = logger(__name__)
_PATIENCE_SECONDS = 5
_clearing: set[asyncio.Future[None]] = set()


class Link(ABC):
    """A connection, in a transaction from :meth:`begin` to :meth:`commit` or :meth:`rollback`."""

    def __init__(self, pool: Pool, held: PoolProxiedConnection) -> None:
        self._pool, self._engine, self._held = pool, pool.engine, held
        self._driver: Any = held.driver_connection
        self._connection: Connection | None = None
        self._running: asyncio.Future[Any] | None = None

    @property
    def dialect(self) -> Dialect:
        """What statements are compiled for."""
        return self._engine.dialect

    @property
    def dialect_name(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    @abstractmethod
    async def begin(self, tenant: int | None) -> None:
        """Begins a transaction that writes, bound to a tenant or (None) to none."""

    @abstractmethod
    async def begin_reading(self, tenant: int | None) -> None:
        """Begins a transaction that only reads."""

    @abstractmethod
    async def insert(self, rows: Iterable[tuple[Table, Row]], fans: Sequence[Fan] = ()) -> None:
        """Inserts rows of any tables, in as few statements as the engine allows."""

    async def commit(self) -> None:
        """Makes the transaction durable."""
        await self._driver.execute("COMMIT")

    async def rollback(self) -> None:
        """Undoes the transaction."""
        await self._driver.execute("ROLLBACK")

    async def fetch(self, statement: Any, params: Params) -> list[Row]:
        """The rows that the statement answers with."""

        def run(connection: Connection) -> list[Row]:
            return [dict(row) for row in connection.execute(statement, dict(params)).mappings()]

        return await self.run(run)

    async def execute(self, statement: Any, params: Params) -> int:
        """How many rows the statement changed."""
        values = dict(params)
        return await self.run(lambda connection: connection.execute(statement, values).rowcount)

    async def execute_each(self, statement: Any, params: Sequence[Params]) -> None:
        """Runs the statement with each of these parameters, all in one batch."""
        values = [dict(item) for item in params]
        await self.run(lambda connection: connection.execute(statement, values))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Does the work on SQLAlchemy's own connection."""
        if self._connection is None:
            self._connection = Connection(self._engine, self._held)
        try:
            return await greenlet_spawn(work, self._connection)
        except Violation as error:
            raise translated(error) from error

    def release(self) -> None:
        """Gives the connection back to the pool."""
        self._pool.give(self._held)

    def abandon(self) -> None:
        """Leaves the connection where a request was cancelled: it is cleared up aside, and nobody gets it before.

        To wait here would hold up the cancellation; :func:`cleared` waits for all that is left.
        """
        _kept(asyncio.ensure_future(self._clear()))

    async def discard(self) -> None:
        """Throws the connection away: nobody may get one whose state is not known."""
        if self._held.is_valid:
            await greenlet_spawn(self._held.invalidate)
        self._pool.lose()

    @abstractmethod
    async def _clear(self) -> None:
        """Ends what was going on, whatever it was."""


class SqliteLink(Link):
    """A connection to a SQLite file; the writer's or a reader's."""

    async def begin(self, tenant: int | None) -> None:  # noqa: ARG002  row security is PostgreSQL's
        """Takes the write lock at once: a read lock that is upgraded later fails without waiting."""
        await self._driver.execute("BEGIN IMMEDIATE")

    async def begin_reading(self, tenant: int | None) -> None:  # noqa: ARG002  as above
        """Begins to read one state of the file."""
        await self._driver.execute("BEGIN")

    async def insert(self, rows: Iterable[tuple[Table, Row]], fans: Sequence[Fan] = ()) -> None:
        """One ``executemany`` per table, in the order of the foreign keys."""

        def run(connection: Connection) -> None:
            for fan in fans:
                connection.execute(insert(fan.table), fan.rows)
            for (table, _), group in inserts.grouped(rows).items():
                connection.execute(insert(table), [dict(row) for row in group])

        await self.run(run)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """As of any link, but to its end."""
        # A statement in SQLite's thread cannot be called back. Cut off in the middle it would keep its lock for as long as
        # anything refers to its cursor, so it is let run to its end, and only then rolled back.
        self._running = asyncio.ensure_future(super().run(work))
        done: T = await asyncio.shield(self._running)
        return done

    async def _clear(self) -> None:
        if self._running is not None:
            await asyncio.wait([self._running])
        await _rolled_back(self)


class PostgresLink(Link):
    """A connection to PostgreSQL; what is prepared runs on asyncpg itself."""

    async def begin(self, tenant: int | None) -> None:
        """``BEGIN`` and the setting that row security reads, local to the transaction, in one round trip."""
        await self._driver.execute(f"BEGIN; {_bound_to(tenant)}")

    async def begin_reading(self, tenant: int | None) -> None:
        """As :meth:`begin`, read-only."""
        await self._driver.execute(f"BEGIN READ ONLY; {_bound_to(tenant)}")

    async def insert(self, rows: Iterable[tuple[Table, Row]], fans: Sequence[Fan] = ()) -> None:
        """All rows in one statement; many rows in one batch per table."""
        groups, dialect = inserts.grouped(rows), self._engine.dialect
        try:
            if sum(map(len, groups.values())) <= inserts.MOST_AT_ONCE:
                text = inserts.text_of(inserts.shape_of(groups), tuple(fan.shape for fan in fans))
                fanned = [value for fan in fans for value in fan.arguments(dialect)]
                await self._driver.execute(text, *fanned, *inserts.arguments(groups, dialect))
                return
            for fan in fans:
                await self._driver.execute(inserts.text_of((), (fan.shape,)), *fan.arguments(dialect))
            for (table, columns), group in groups.items():
                values = [inserts.row_arguments(table, columns, row, dialect) for row in group]
                await self._driver.executemany(inserts.text_of(((table, columns, 1),)), values)
        except Violation as error:
            raise translated(error) from error

    async def fetch(self, statement: Any, params: Params) -> list[Row]:
        """The rows that the statement answers with."""
        plan = plan_of(statement, self._engine.dialect)
        if plan is None:
            return await super().fetch(statement, params)
        try:
            return plan.rows(await self._driver.fetch(plan.text, *plan.arguments(params)))
        except Violation as error:
            raise translated(error) from error

    async def execute(self, statement: Any, params: Params) -> int:
        """How many rows the statement changed."""
        plan = plan_of(statement, self._engine.dialect)
        if plan is None:
            return await super().execute(statement, params)
        try:
            status = await self._driver.execute(plan.text, *plan.arguments(params))
        except Violation as error:
            raise translated(error) from error
        return int(status.rpartition(" ")[2])

    async def execute_each(self, statement: Any, params: Sequence[Params]) -> None:
        """As of any link, by the driver's own batch."""
        plan = plan_of(statement, self._engine.dialect)
        if plan is None:
            return await super().execute_each(statement, params)
        try:
            await self._driver.executemany(plan.text, [plan.arguments(item) for item in params])
        except Violation as error:
            raise translated(error) from error

    async def _clear(self) -> None:
        # The rollback waits until asyncpg has called the running statement back; closed before, it leaves errors behind.
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self.rollback()
        except Exception as failure:  # noqa: BLE001  it is thrown away in any case
            _log.warning("store.rollback-failed", error=repr(failure))
        await self.discard()

    async def fetch_alone(self, plan: Plan, tenant: int, params: Params) -> tuple[int | None, list[Row]]:
        """One read in a transaction of its own, bound to the tenant, in one round trip: the tenant's revision, and the rows.

        The statement runs twice in one implicit transaction (asyncpg pipelines them): the first run only makes the setting
        that row security reads, so that the second sees it whatever plan PostgreSQL chooses. After it the setting is gone.
        """
        arguments = [*plan.arguments(params), tenant, str(tenant)]
        records = await self._driver.fetchmany(plan.alone, [[*arguments, False], [*arguments, True]])
        revision = records[1][1]
        return revision, plan.rows(record[3:] for record in records[1:] if record[2])

    async def fetch_telling(self, plan: Plan, tenant: int, params: Params) -> tuple[int | None, list[Row]]:
        """A read of a transaction that is begun, in one round trip: the tenant's revision, and the rows."""
        records = await self._driver.fetch(plan.telling, *plan.arguments(params), tenant)
        return records[0][0], plan.rows(record[2:] for record in records if record[1])


def _bound_to(tenant: int | None) -> str:
    return f"SELECT set_config('wenze.tenant', '{'' if tenant is None else int(tenant)}', true)"


async def checked_out(pool: Pool) -> Link:
    """A connection of the pool; one that PostgreSQL has closed meanwhile is replaced."""
    while True:
        held = await pool.take()
        if pool.engine.dialect.name == "sqlite":
            return SqliteLink(pool, held)
        driver = held.driver_connection
        if isinstance(driver, asyncpg.Connection) and not driver.is_closed() and not driver.is_in_transaction():
            return PostgresLink(pool, held)
        held.invalidate()
        pool.lose()


async def end_safely(link: Link, error: BaseException) -> None:
    """Ends a failed transaction: rolled back and given back, or thrown away when that cannot be known to have happened."""
    if not isinstance(error, Exception):
        link.abandon()
        return
    # Shielded, so that the connection's end is the same if the caller is cancelled while it waits.
    await asyncio.shield(_kept(asyncio.ensure_future(_rolled_back(link))))


async def _rolled_back(link: Link) -> None:
    try:
        await link.rollback()
    except Exception as failure:  # noqa: BLE001  whatever it is, the connection is not used again
        _log.warning("store.rollback-failed", error=repr(failure))
        await link.discard()
    else:
        link.release()


def _kept(task: asyncio.Future[None]) -> asyncio.Future[None]:
    _clearing.add(task)
    task.add_done_callback(_clearing.discard)
    return task


async def cleared() -> None:
    """Waits until every abandoned connection is cleared up."""
    await asyncio.gather(*_clearing, return_exceptions=True)
