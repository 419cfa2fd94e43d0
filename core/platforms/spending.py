"""Assertions are used once: each that was used is kept until it would have expired."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, delete

from core.errors import Unauthenticated
from core.platforms.assertions import Assertion
from core.store.database import Database
from core.store.session import TenantSession
from core.store.tables.platforms import spent_assertion
from core.store.tables.schema import TENANT
from core.store.violations import Taken

_PURGE = delete(spent_assertion).where(spent_assertion.c.tenant == TENANT, spent_assertion.c.expires_at <= bindparam("now"))


async def spend_assertion(database: Database, tenant: int, client_id: UUID, assertion: Assertion) -> None:
    """Uses an assertion up, in a transaction of its own; raises :class:`Unauthenticated` where it was used before.

    Of any number of requests at once one gets through, in whatever process: the key of the row decides.
    """
    try:
        async with database.tenant(tenant) as session:
            row = {"client_id": client_id, "jti": assertion.jti, "expires_at": assertion.expires_at}
            session.add(spent_assertion, row)
    except Taken as taken:
        raise Unauthenticated("platforms.assertion-replayed") from taken


async def purge_spent(session: TenantSession) -> int:
    """Forgets the assertions that have expired since; answers how many."""
    return await session.execute(_PURGE, {"now": session.recorded_at})
