"""The tenant-bound session: one transaction of one tenant. Everything that is read or written goes through one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Insert, Table, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import NotFound
from core.store.actor import OPERATOR, Actor
from core.store.change import Change
from core.store.envelope import TenantKeys
from core.store.guard import NotBoundToTenant, require_tenant
from core.store.inserts import Fan
from core.store.link import Link, PostgresLink, end_safely
from core.store.prepared import Params, Row, plan_of
from core.store.tables.cases import case_number
from core.store.tables.schema import TENANT, TENANT_PARAMETER
from core.store.tables.tenancy import tenant as directory
from core.store.trail import HEAD, HEADS, Trail

if TYPE_CHECKING:
    from core.store.database import Database

__all__ = ["OPERATOR", "Actor", "ReadOnly", "Reconfigured", "TenantSession"]

REVISION = select(directory.c.revision).where(directory.c.id == TENANT)
ONE_REVOCATION = 1 << 32
"""A revision counts two things: its low 32 bits changes of the configuration, the rest changes of what is revoked. What is
cached of the configuration goes by the low part, so that ending a token does not make every process read all of it anew."""
_BUMP, _BUMP_REVOCATIONS = (
    update(directory)
    .where(directory.c.id == TENANT)
    .values(revision=directory.c.revision + step)
    .returning(directory.c.revision)
    for step in (1, ONE_REVOCATION)
)
_NUMBER: dict[str, Any] = {
    name: dialect.insert(case_number)
    .values(tenant=TENANT, kind=bindparam("of_kind"), year=bindparam("of_year"), last=1)
    .on_conflict_do_update(index_elements=["tenant", "kind", "year"], set_={"last": case_number.c.last + 1})
    .returning(case_number.c.last)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_TURN = select(func.pg_advisory_xact_lock(bindparam("turn", type_=BigInteger)).label("turn"))
"""Held until the transaction ends, so that it is sound behind a pooler of transactions, too."""
_NOTHING: Params = MappingProxyType({})


class ReadOnly(RuntimeError):
    """A session that only reads was asked to write; a fault of the program."""


class Reconfigured(RuntimeError):
    """The tenant's configuration is not the one that the caller decided on: look at the present one, and decide anew."""


class TenantSession:
    """A transaction of one tenant, opened by :meth:`core.store.database.Database.tenant` or ``.reading``.

    Statements are SQLAlchemy Core; each tenant table in them is held by ``table.c.tenant == TENANT``, which the
    session fills (:class:`core.store.guard.NotBoundToTenant` otherwise). Rows are dicts. A statement that is kept at module
    level is compiled once. Unique violations are :class:`core.store.violations.Taken`. ``revision`` counts the changes of
    the tenant's configuration and of what is revoked; ``recorded_at`` is the wall time at which the session was opened.
    """

    def __init__(self, database: Database, tenant: int, actor: Actor, *, writes: bool, expecting: int | None) -> None:
        if not isinstance(tenant, int) or isinstance(tenant, bool) or tenant <= 0:
            raise NotBoundToTenant(f"a session needs a tenant, not {tenant!r}")
        self.tenant, self.actor, self.writes = tenant, actor, writes
        self.recorded_at: datetime = database.clock.now()
        self.reconfigures = False
        """Whether it has counted the revision up: what it sees of the configuration is not committed and nobody else's."""
        self._database, self._revision = database, expecting
        self._link: Link | None = None
        self._begun = self._confirmed = self.bumped = False
        self._rows: list[tuple[Table, Row]] = []
        self._fans: list[Fan] = []
        self._changes: list[Change] = []
        self._trail = Trail(tenant)

    @property
    def revision(self) -> int:
        """The revision of the tenant's configuration that this session sees."""
        if self._revision is None:
            raise RuntimeError("the session is not open")
        return self._revision

    @property
    def configuration(self) -> int:
        """The part of the revision that counts changes of the configuration alone."""
        return configuration_of(self.revision)

    @property
    def dialect_name(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._open_link.dialect_name

    async def all(self, statement: Any, params: Params = _NOTHING) -> list[Row]:
        """All rows of a SELECT, or of the RETURNING of a change."""
        self._check(statement)
        return await self._fetch(statement, {**params, TENANT_PARAMETER: self.tenant})

    async def one(self, statement: Any, params: Params = _NOTHING) -> Row | None:
        """The only row, or None; raises :class:`ValueError` where there are several."""
        rows = await self.all(statement, params)
        if len(rows) > 1:
            raise ValueError(f"{len(rows)} rows where one was expected")
        return rows[0] if rows else None

    async def scalar(self, statement: Any, params: Params = _NOTHING) -> Any:
        """The first column of the only row, or None."""
        row = await self.one(statement, params)
        return None if row is None else next(iter(row.values()))

    async def execute(self, statement: Any, params: Params = _NOTHING) -> int:
        """Changes rows; answers how many. An INSERT's tenant is filled in."""
        return await self._open_link.execute(statement, {**params, **self._own_parameters(statement)})

    async def execute_each(self, statement: Any, params: Sequence[Params]) -> None:
        """Changes rows by one statement with each of these parameters, as one batch; how many is not told."""
        own = self._own_parameters(statement)
        if params:
            await self._open_link.execute_each(statement, [{**item, **own} for item in params])

    def _own_parameters(self, statement: Any) -> Params:
        """The tenant for a statement that changes rows, once it is seen to be one that it holds."""
        self._must_write()
        self._check(statement)
        return {TENANT_PARAMETER: self.tenant, **({"tenant": self.tenant} if isinstance(statement, Insert) else {})}

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        """Adds a row, to be written by :meth:`flush` together with all others in one statement; the tenant is filled in."""
        self._must_write()
        self._must_be_own(table, row)
        self._rows.append((table, {**row, "tenant": self.tenant}))

    def add_fan(self, table: Table, shared: Mapping[str, Any], column: str, values: Sequence[Any]) -> None:
        """Adds rows that differ in one column alone, as many as there are values, as :meth:`add` does one."""
        self._must_write()
        self._must_be_own(table, shared)
        if values:
            self._fans.append(Fan(table, {**shared, "tenant": self.tenant}, column, values))

    def record(self, change: Change) -> None:
        """Writes the change to the audit trail and the outbox, with the next flush."""
        self._must_write()
        self._changes.append(change)

    async def flush(self) -> None:
        """Writes what was added and recorded; the end of the session does it, too.

        Raises :class:`core.store.violations.AlreadyDone` where another request with the same idempotency key was first,
        :class:`core.store.violations.StreamMoved` where another transaction wrote to the same audit stream, and
        :class:`core.store.violations.Taken` for other unique values.
        """
        await self._flush(last=False)

    async def _flush(self, *, last: bool) -> None:
        changes, self._changes = self._changes, []
        await self._take_turns(self._trail.contested(changes))
        await self._look_up_ends(self._trail.unknown(changes))
        for change in changes:
            self._rows += self._trail.rows(change, self.actor, self.recorded_at)
        self._rows += self._trail.last_rows(self.recorded_at) if last else []
        rows, fans, self._rows, self._fans = self._rows, self._fans, [], []
        if rows or fans:
            await self._open_link.insert(rows, fans)

    async def _look_up_ends(self, streams: list[str]) -> None:
        if len(streams) > 1:
            self._trail.know(streams, await self.all(HEADS[self.dialect_name], {"of_streams": streams}))
        elif streams:
            self._trail.know(streams, await self.all(HEAD, {"of_stream": streams[0]}))

    async def _take_turns(self, streams: list[str]) -> None:
        """Waits until nobody else writes to these streams; on SQLite nobody writes beside this session at all."""
        if self.dialect_name == "postgresql":
            for stream in streams:
                await self._open_link.fetch(_TURN, {"turn": self._trail.turn_of(stream)})

    async def next_number(self, kind: str, year: int) -> int:
        """The next number of a kind in a year, without gap: it is given back when the transaction fails.

        To be asked last: from here to the commit all others who need a number of this kind wait.
        """
        self._must_write()
        rows = await self._fetch(
            _NUMBER[self.dialect_name], {TENANT_PARAMETER: self.tenant, "of_kind": kind, "of_year": year}
        )
        number: int = rows[0]["last"]
        return number

    async def bump_revision(self) -> int:
        """Says that the tenant's configuration has changed; others who change it wait until this session ends."""
        return await self._bump(_BUMP)

    async def bump_revocations(self) -> int:
        """Says that something was revoked: each process asks what, at its next request, and keeps all else that it knows."""
        return await self._bump(_BUMP_REVOCATIONS)

    async def _bump(self, statement: Any) -> int:
        self._must_write()
        self.reconfigures = True
        rows = await self._fetch(statement, {TENANT_PARAMETER: self.tenant})
        self._revision = int(rows[0]["revision"])
        self.bumped = True
        return self._revision

    async def keys(self) -> TenantKeys:
        """The tenant's keys, opened; kept per process until the revision changes."""
        return await self._database.keyring.of(self)

    async def confirm(self) -> None:
        """Makes sure that the revision is the expected one; costs nothing once a statement has told it.

        Raises :class:`Reconfigured`, and :class:`core.errors.NotFound` for an unknown tenant.
        """
        if not self._confirmed:
            # The directory is open to reading, so that this needs no binding.
            rows = await self._open_link.fetch(REVISION, {TENANT_PARAMETER: self.tenant})
            self._settle(rows[0]["revision"] if rows else None)

    async def __aenter__(self) -> TenantSession:
        self._link = link = await self._database.check_out(writes=self.writes)
        try:
            await self._begin(link)
        except BaseException as error:
            await end_safely(link, error)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        link = self._open_link
        try:
            if error is None:
                await self._end(link)
        except BaseException as failure:
            await end_safely(link, failure)
            raise
        finally:
            self._link = None
        if error is None:
            link.release()
        else:
            await end_safely(link, error)

    async def _begin(self, link: Link) -> None:
        if self.writes:
            await link.begin(self.tenant)
            self._begun = True
        elif not isinstance(link, PostgresLink):
            await link.begin_reading(self.tenant)
            self._begun = True
        if self._revision is None or not isinstance(link, PostgresLink):
            await self.confirm()

    async def _end(self, link: Link) -> None:
        await self.confirm()
        if self.writes:
            await self._flush(last=True)
        if self._begun:
            await link.commit()

    async def _fetch(self, statement: Any, params: Params) -> list[Row]:
        link = self._open_link
        if isinstance(link, PostgresLink) and not (self._begun and self._confirmed):
            rows = await self._fetch_telling(link, statement, params)
            if rows is not None:
                return rows
        return await link.fetch(statement, params)

    async def _fetch_telling(self, link: PostgresLink, statement: Any, params: Params) -> list[Row] | None:
        """The rows, and in the same round trip whether the revision is the expected one; None where that is asked apart."""
        plan = plan_of(statement, link.dialect)
        if plan is None or (self._begun and not _only_reads(statement)):
            await self.confirm()
            if not self._begun:
                await link.begin_reading(self.tenant)
                self._begun = True
            return None
        fetch = link.fetch_telling if self._begun else link.fetch_alone
        revision, rows = await fetch(plan, self.tenant, params)
        if not self._confirmed:
            self._settle(revision)
        return rows

    def _settle(self, revision: int | None) -> None:
        if revision is None:
            raise NotFound("store.tenant-unknown")
        if self._revision not in {None, revision}:
            raise Reconfigured
        self._revision, self._confirmed = revision, True

    def _check(self, statement: Any) -> None:
        require_tenant(statement)
        if not self.writes and not statement.is_select:
            raise ReadOnly("this session only reads")

    def _must_write(self) -> None:
        if not self.writes:
            raise ReadOnly("this session only reads")

    def _must_be_own(self, table: Table, row: Mapping[str, Any]) -> None:
        if "tenant" not in table.c or row.get("tenant", self.tenant) != self.tenant:
            raise NotBoundToTenant(f"a row of {table.name} is not this tenant's")

    @property
    def _open_link(self) -> Link:
        if self._link is None:
            raise RuntimeError("the session is not open")
        return self._link


def configuration_of(revision: int) -> int:
    """The part of a revision that counts changes of the configuration alone."""
    return revision % ONE_REVOCATION


def _only_reads(statement: Any) -> bool:
    return bool(statement.is_select) and statement._for_update_arg is None
