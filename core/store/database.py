"""The database as the service sees it: sessions of tenants, look-ups in the directory, and what must hold at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, func, insert, select

from core.clock import Clock, WallClock
from core.settings import Settings
from core.store.actor import Actor
from core.store.engines import is_sqlite, open_pools
from core.store.envelope import MasterKey
from core.store.guard import require_no_tenant_table
from core.store.keyring import Keyring
from core.store.link import Link, checked_out, cleared, end_safely
from core.store.prepared import Params, Row
from core.store.roles import check_role, schema_revision
from core.store.session import TenantSession
from core.store.tables.tenancy import tenant as directory
from core.store.tables.tenancy import tenant_clock, tenant_key
from core.store.violations import Taken

T = TypeVar("T")
NOBODY = Actor()
_NEXT_ID = select((func.coalesce(func.max(directory.c.id), 0) + 1).label("id"))


class Database:
    """One database, with its pool of connections. Opens sessions; holds no state of any tenant but opened keys."""

    def __init__(self, url: str, master_key: bytes, *, pool_size: int = 8, clock: Clock | None = None) -> None:
        self.url, self.clock = url, clock or WallClock()
        self.master = MasterKey(master_key)
        self.keyring = Keyring(self.master)
        self._writer, self._reader = open_pools(url, pool_size)

    @classmethod
    def of(cls, settings: Settings, *, owner: bool = False, clock: Clock | None = None) -> Database:
        """The database of the settings, as the service's role or as its owner."""
        url = settings.owner_database_url if owner else settings.database_url
        return cls(url, settings.master_key, pool_size=settings.pool_size, clock=clock)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return is_sqlite(self.url)

    def tenant(self, tenant: int, *, actor: Actor = NOBODY, expecting: int | None = None) -> TenantSession:
        """A transaction that writes: ``async with database.tenant(7, actor=…) as session``.

        Committed at the end of the block, rolled back by any exception; a cancelled one gives its connection to nobody.
        ``expecting`` is the revision of the configuration that the caller has decided on: it is compared in the first
        statement's round trip, at the latest before the commit, and :class:`core.store.session.Reconfigured` for another.
        Raises :class:`core.store.guard.NotBoundToTenant` without a tenant, :class:`core.errors.NotFound` for an unknown one.
        """
        return TenantSession(self, tenant, actor, writes=True, expecting=expecting)

    def reading(self, tenant: int, *, expecting: int | None = None) -> TenantSession:
        """A session that only reads; each statement sees what is committed when it runs. ``expecting`` is as above."""
        return TenantSession(self, tenant, NOBODY, writes=False, expecting=expecting)

    async def look_up(self, statement: Any, params: Params | None = None) -> list[Row]:
        """Reads the directory of tenants; may not touch a tenant table (:class:`core.store.guard.NotBoundToTenant`)."""
        require_no_tenant_table(statement)
        link = await self.check_out(writes=False)
        try:
            rows = await link.fetch(statement, params or {})
        except BaseException as error:
            link.release() if isinstance(error, Exception) else link.abandon()
            raise
        link.release()
        return rows

    async def find_tenant(self, slug: str) -> Row | None:
        """The directory's row of a slug, or None."""
        rows = await self.look_up(select(directory).where(directory.c.slug == slug))
        return rows[0] if rows else None

    async def add_tenant(
        self,
        *,
        slug: str,
        jurisdiction: str,
        name_zh: str,
        name_en: str,
        sandbox: bool = False,
        parent_id: int | None = None,
    ) -> int:
        """Creates a tenant with its clock and its first key; for the owner's database, because the service's role may not.

        Raises :class:`core.store.violations.Taken` (``uq_tenant_slug``) for a slug in use.
        """
        row = {"slug": slug, "jurisdiction": jurisdiction, "name_zh": name_zh, "name_en": name_en}
        row_ = {**row, "sandbox": sandbox, "parent_id": parent_id, "revision": 1, "created_at": self.clock.now()}
        while True:
            try:
                return await self._add_tenant(row_)
            except Taken as taken:
                if taken.constraint != "pk_tenant":
                    raise

    async def _add_tenant(self, row: Row) -> int:
        number: int = (await self.look_up(_NEXT_ID))[0]["id"]
        link = await self.check_out(writes=True)
        try:
            await link.begin(number)
            await link.execute(insert(directory), {**row, "id": number})
            key = self.master.new_tenant_key(number)
            values = {"kid": key.kid, "alg": key.alg, "wrapped": key.wrapped, "created_at": row["created_at"]}
            await link.insert(
                [(tenant_clock, {"tenant": number, "offset_seconds": 0}), (tenant_key, {"tenant": number, **values})]
            )
            await link.commit()
        except BaseException as error:
            await end_safely(link, error)
            raise
        link.release()
        return number

    async def check_role(self) -> None:
        """Refuses to run as a role that row security does not bind; raises :class:`core.store.roles.UnsafeRole`."""
        if not self.is_sqlite:
            await self._run(check_role)

    async def schema_revision(self) -> str | None:
        """The migration that the database is at, or None before the first; also the sign of life for readiness."""
        return await self._run(schema_revision)

    async def _run(self, work: Callable[[Connection], T]) -> T:
        link = await self.check_out(writes=False)
        try:
            done = await link.run(work)
        except BaseException as error:
            link.release() if isinstance(error, Exception) else link.abandon()
            raise
        link.release()
        return done

    async def check_out(self, *, writes: bool) -> Link:
        """A connection of the pool; for the store's own use."""
        return await checked_out(self._writer if writes else self._reader)

    async def close(self) -> None:
        """Closes all connections, when the abandoned ones are cleared up."""
        await cleared()
        await self._writer.close()
        if self._reader is not self._writer:
            await self._reader.close()
