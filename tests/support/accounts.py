"""Accounts that nobody has to sign in with: rows, as signing in would have left them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.ids import new_id, new_secret, secret_hash
from core.store import tables
from core.store.session import TenantSession


def seed_sign_in(session: TenantSession, person_id: UUID, at: datetime) -> tuple[UUID, UUID]:
    """An account of a person, a service person's too, that is signed in for a day; answers the ids of both."""
    account_id, sign_in_id = new_id(), new_id()
    account = {"id": account_id, "person_id": person_id, "login": f"login-{account_id}", "password_hash": None}
    factor = {"totp_sealed": None, "totp_confirmed_at": None, "totp_step": None, "recovery": []}
    state = {"password_set_at": None, "created_at": at, "disabled_at": None, "version": 1}
    session.add(tables.account, account | factor | state)
    sign_in = {"id": sign_in_id, "account_id": account_id, "token_hash": secret_hash(new_secret()), "methods": ["pwd"]}
    times = {"opened_at": at, "authenticated_at": at, "seen_at": at, "expires_at": at + timedelta(days=1)}
    rest = {"idle_seconds": 86_400, "ended_at": None, "ended_for": None, "agent": "Firefox/140", "address": "192.0.2.7"}
    session.add(tables.sign_in, sign_in | times | rest)
    return account_id, sign_in_id
