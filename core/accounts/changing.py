"""A person changes the own password."""

from __future__ import annotations

from datetime import datetime

from core.accounts.passwords import Passwords
from core.accounts.sign_ins import SignIn
from core.accounts.signing_in import Browser
from core.store.database import Database
from core.tenants.snapshot import Snapshot


async def change_password(
    database: Database,
    snapshot: Snapshot,
    passwords: Passwords,
    sign_in: SignIn,
    present: str,
    new: str,
    browser: Browser,
    now: datetime,
) -> None:
    """Sets a new password and ends every other sign-in; raises Unauthenticated, Limited or Refused."""
    raise NotImplementedError
