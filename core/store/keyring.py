"""The opened keys of tenants, kept per process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from core.store.envelope import MasterKey, TenantKeys, Wrapped
from core.store.tables.schema import TENANT
from core.store.tables.tenancy import tenant_key

if TYPE_CHECKING:
    from core.store.session import TenantSession

_KEYS = (
    select(tenant_key.c.kid, tenant_key.c.alg, tenant_key.c.wrapped)
    .where(tenant_key.c.tenant == TENANT)
    .order_by(tenant_key.c.created_at, tenant_key.c.kid)
)


class Keyring:
    """Opens a tenant's keys when they are first needed, and again when its configuration has changed."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._kept: dict[int, tuple[int, TenantKeys]] = {}

    async def of(self, session: TenantSession) -> TenantKeys:
        """The keys of the session's tenant, oldest first."""
        revision, keys = self._kept.get(session.tenant, (None, None))
        if keys is not None and revision == session.configuration:
            return keys
        rows = [Wrapped(row["kid"], row["alg"], bytes(row["wrapped"])) for row in await session.all(_KEYS)]
        keys = TenantKeys({row.kid: self._master.open_tenant_key(session.tenant, row) for row in rows})
        if not session.bumped:  # a revision that is not committed can come to stand for something else
            self._kept[session.tenant] = (session.configuration, keys)
        return keys
