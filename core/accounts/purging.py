"""Forgets what has expired: sign-ins, counters of failures, invitations and browsers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, exists

from core.store.session import TenantSession
from core.store.tables import (
    TENANT,
    account_invitation,
    client_authorization,
    federated_attempt,
    known_device,
    sign_in,
    sign_in_failure,
)

KEPT = timedelta(days=30)
"""How long an ended sign-in and a used invitation can still be looked up; what happened stays in the audit trail."""
_SIGN_INS = delete(sign_in).where(
    sign_in.c.tenant == TENANT,
    sign_in.c.expires_at <= bindparam("before"),
    ~exists().where(client_authorization.c.tenant == TENANT, client_authorization.c.sign_in_id == sign_in.c.id),
)
_INVITATIONS = delete(account_invitation).where(
    account_invitation.c.tenant == TENANT, account_invitation.c.expires_at <= bindparam("before")
)
_FAILURES = delete(sign_in_failure).where(
    sign_in_failure.c.tenant == TENANT, sign_in_failure.c.expires_at <= bindparam("before")
)
_DEVICES = delete(known_device).where(known_device.c.tenant == TENANT, known_device.c.expires_at <= bindparam("before"))
_ATTEMPTS = delete(federated_attempt).where(
    federated_attempt.c.tenant == TENANT, federated_attempt.c.expires_at <= bindparam("before")
)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many of each were forgotten."""

    sign_ins: int
    invitations: int
    failures: int
    devices: int
    attempts: int


async def purge_expired(session: TenantSession, now: datetime) -> Purged:
    """Forgets what has expired. A sign-in stays as long as an authorization that came of it does."""
    return Purged(
        sign_ins=await session.execute(_SIGN_INS, {"before": now - KEPT}),
        invitations=await session.execute(_INVITATIONS, {"before": now - KEPT}),
        failures=await session.execute(_FAILURES, {"before": now}),
        devices=await session.execute(_DEVICES, {"before": now}),
        attempts=await session.execute(_ATTEMPTS, {"before": now}),
    )
