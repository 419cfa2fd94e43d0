"""The second factor: one-time codes by time (RFC 6238), and recovery codes for when they are lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.accounts.account import Account
from core.accounts.passwords import Passwords
from core.store.database import Database
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is set up with; ``uri`` is what the QR code says."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


async def begin_totp(session: TenantSession, account: Account, issuer_name: str) -> Enrolment:
    """A new secret, good for nothing until a code confirms it; raises :class:`Conflict` where one is confirmed."""
    raise NotImplementedError


async def open_enrolment(session: TenantSession, account: Account, issuer_name: str) -> Enrolment | None:
    """The secret that waits to be confirmed, to be shown again; None where there is none."""
    raise NotImplementedError


async def confirm_totp(
    session: TenantSession, account: Account, code: str, now: datetime, *, sign_in_id: UUID | None = None
) -> tuple[str, ...]:
    """The recovery codes, told once; raises :class:`core.errors.Refused` for a wrong code."""
    raise NotImplementedError


async def renew_recovery_codes(session: TenantSession, account: Account, now: datetime) -> tuple[str, ...]:
    """New recovery codes in place of those that are left."""
    raise NotImplementedError


async def remove_totp(
    database: Database, snapshot: Snapshot, passwords: Passwords, account_id: UUID, password: str, now: datetime
) -> None:
    """Needs the password, which must be long enough to stand alone."""
    raise NotImplementedError
