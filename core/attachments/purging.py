"""Gives up what nobody attached, and clears from the vault what no row speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from core.attachments.vault import Vault
from core.store.actor import OPERATOR
from core.store.change import Change
from core.store.database import Database
from core.store.session import TenantSession
from core.store.tables.attachments import attachment
from core.store.tables.schema import TENANT

_AT_ONCE = 100
_EXPIRED = (
    select(attachment.c.id)
    .where(attachment.c.tenant == TENANT, attachment.c.case_id.is_(None), attachment.c.expires_at <= bindparam("now"))
    .order_by(attachment.c.expires_at)
    .limit(_AT_ONCE)
)
_GIVE_UP = (
    delete(attachment)
    .where(attachment.c.tenant == TENANT, attachment.c.case_id.is_(None), attachment.c.id.in_(_EXPIRED.scalar_subquery()))
    .returning(attachment.c.id)
)
_KNOWN: Any = select(attachment.c.id).where(
    attachment.c.tenant == TENANT, attachment.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many attachments were given up, objects without a row removed, and unfinished files cleared."""

    given_up: int
    orphans: int
    unfinished: int


async def purge_unattached(database: Database, vault: Vault, tenant: int, hours: int) -> Purged:
    """Removes the expired attachments of a tenant; rows first, so that a crash in between leaves an object, never a row.

    An object without a row is removed when it is older than ``hours``: younger ones can be of a request on its way.
    """
    before = database.clock.now() - timedelta(hours=hours)
    given_up = await _give_up(database, vault, tenant)
    orphans = await _sweep(database, vault, tenant, before)
    return Purged(given_up, orphans, await vault.clear_unfinished(tenant, before))


async def _give_up(database: Database, vault: Vault, tenant: int) -> int:
    count = 0
    while True:
        async with database.tenant(tenant, actor=OPERATOR) as session:
            ids = [row["id"] for row in await session.all(_GIVE_UP, {"now": session.recorded_at})]
            for id_ in ids:
                _record(session, id_)
        for id_ in ids:
            await vault.remove(tenant, id_)
        count += len(ids)
        if len(ids) < _AT_ONCE:
            return count


async def _sweep(database: Database, vault: Vault, tenant: int, before: datetime) -> int:
    count = 0
    async for batch in vault.find_older(tenant, before):
        ids = [item.attachment_id for item in batch]
        async with database.reading(tenant) as session:
            known = {row["id"] for row in await session.all(_KNOWN, {"ids": ids})} if ids else set()
        for id_ in (id_ for id_ in ids if id_ not in known):
            await vault.remove(tenant, id_)
            count += 1
    return count


def _record(session: TenantSession, attachment_id: UUID) -> None:
    stream, refs = f"attachment:{attachment_id}", {"attachment_id": str(attachment_id)}
    session.record(
        Change(
            action="attachment.given-up", stream=stream, subject=stream, content=refs, event_type="attachment.given-up",
            refs=refs,
        )
    )  # fmt: skip
