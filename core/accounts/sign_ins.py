"""Sign-ins: found by the token of a cookie, listed, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.store.session import TenantSession


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in as it stands. Until ``needs_second_factor`` is gone it is good for nothing but confirming that."""

    id: UUID
    account_id: UUID
    person_id: UUID
    login: str
    name: str
    methods: tuple[str, ...]
    opened_at: datetime
    authenticated_at: datetime
    seen_at: datetime
    expires_at: datetime
    needs_second_factor: bool
    agent: str
    address: str


async def find_sign_in(session: TenantSession, token: str, now: datetime) -> SignIn | None:
    """The sign-in of a cookie; None where it has ended or expired, or where its account is disabled."""
    raise NotImplementedError


async def touch_sign_in(session: TenantSession, sign_in: SignIn, now: datetime) -> None:
    """Says that it was used; writes at most once a minute."""
    raise NotImplementedError


async def list_sign_ins(session: TenantSession, account_id: UUID, now: datetime) -> list[SignIn]:
    """The live sign-ins of an account, newest first."""
    raise NotImplementedError


async def end_sign_in(session: TenantSession, sign_in_id: UUID, reason: str, now: datetime) -> None:
    """Ends it, with the authorizations that came of it; raises :class:`core.errors.NotFound` for one that is not live."""
    raise NotImplementedError


async def end_all(
    session: TenantSession, account_id: UUID, reason: str, now: datetime, *, but: UUID | None = None
) -> int:
    """Ends every sign-in of an account, or all but one; answers how many."""
    raise NotImplementedError
