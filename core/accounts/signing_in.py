"""Signing in: by password and second factor, or through a provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.accounts.limits import SignInLimits
from core.accounts.passwords import Passwords
from core.accounts.sign_ins import SignIn
from core.store.database import Database
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Browser:
    """What is known of the browser that signs in: the token of its device cookie, its User-Agent and its address."""

    device_token: str | None = field(repr=False)
    agent: str
    address: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A sign-in just opened or raised, with the tokens for its cookies; they are stored nowhere."""

    sign_in: SignIn
    token: str = field(repr=False)
    device_token: str | None = field(repr=False)
    """None until the second factor is confirmed."""


async def open_by_password(
    database: Database,
    snapshot: Snapshot,
    passwords: Passwords,
    login: str,
    password: str,
    browser: Browser,
    now: datetime,
    *,
    limits: SignInLimits,
) -> Opened:
    """Raises Unauthenticated("accounts.sign-in-failed") and Limited("accounts.too-many-attempts", wait=seconds)."""
    raise NotImplementedError


async def confirm_second_factor(
    database: Database,
    snapshot: Snapshot,
    token: str,
    code: str,
    browser: Browser,
    now: datetime,
    *,
    limits: SignInLimits,
) -> Opened:
    """Raises as :func:`open_by_password` does, and Unauthenticated("accounts.sign-in-gone")."""
    raise NotImplementedError


async def open_by_provider(
    session: TenantSession,
    snapshot: Snapshot,
    account_id: UUID,
    methods: tuple[str, ...],
    browser: Browser,
    now: datetime,
    *,
    satisfied: bool,
    limits: SignInLimits,
) -> Opened:
    """``satisfied``: the provider has asked for a second factor, so that none of ours is."""
    raise NotImplementedError
