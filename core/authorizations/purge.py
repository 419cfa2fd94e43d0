"""Forgets what has expired, and what hung on it; what was allowed stays in the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Delete, Table, bindparam, delete, select

from core.platforms.spending import purge_spent
from core.store.session import TenantSession
from core.store.tables import (
    TENANT,
    authorization_code,
    client_authorization,
    device_authorization,
    refresh_token,
    revoked_token,
)

_ENDED = select(client_authorization.c.id).where(
    client_authorization.c.tenant == TENANT, client_authorization.c.expires_at <= bindparam("now")
)


def _of_ended(table: Table) -> Delete:
    return delete(table).where(table.c.tenant == TENANT, table.c.authorization_id.in_(_ENDED))


def _expired(table: Table) -> Delete:
    return delete(table).where(table.c.tenant == TENANT, table.c.expires_at <= bindparam("now"))


_CODES, _REFRESH, _DECIDED = (_of_ended(table) for table in (authorization_code, refresh_token, device_authorization))
_UNDECIDED = _expired(device_authorization).where(device_authorization.c.authorization_id.is_(None))
_FAMILIES, _REVOKED = _expired(client_authorization), _expired(revoked_token)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each were forgotten."""

    authorizations: int
    """Families of tokens, each with its codes and refresh tokens."""
    devices: int
    """Requests of terminals."""
    revocations: int
    """Notes that a token ended before its time."""
    assertions: int
    """Notes that an assertion was used."""


async def purge_authorizations(session: TenantSession, now: datetime) -> Purged:
    """Forgets what has expired at ``now``. A used code or refresh token is kept until its family would have ended, so that
    a replay is known for what it is."""
    params = {"now": now}
    for statement in (_CODES, _REFRESH):
        await session.execute(statement, params)
    devices = await session.execute(_DECIDED, params) + await session.execute(_UNDECIDED, params)
    return Purged(
        authorizations=await session.execute(_FAMILIES, params),
        devices=devices,
        revocations=await session.execute(_REVOKED, params),
        assertions=await purge_spent(session),
    )
