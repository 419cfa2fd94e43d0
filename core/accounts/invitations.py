"""Invitations: a code, told once, by which a person sets a password that nobody else ever knows."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.accounts.account import Account
from core.accounts.passwords import Passwords
from core.store.database import Database
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot


async def invite(session: TenantSession, account_id: UUID) -> str:
    """A new code; earlier ones are no longer good."""
    raise NotImplementedError


async def redeem(
    database: Database, passwords: Passwords, snapshot: Snapshot, code: str, password: str, now: datetime
) -> Account:
    """Sets the password; raises :class:`core.errors.Refused` for a code or a password that is not good."""
    raise NotImplementedError
