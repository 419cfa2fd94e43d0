"""Rows of what accounts, sign-ins and authorizations are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from core.ids import new_id
from core.store import tables

Rows = list[tuple[Table, Mapping[str, Any]]]


def account_rows(person: UUID, client: UUID, at: datetime) -> Rows:
    """One of each."""
    account, sign_in, provider = new_id(), new_id(), new_id()
    return [
        (tables.account, {
            "id": account, "person_id": person, "login": "li.ming", "password_hash": "h", "password_set_at": at,
            "totp_sealed": b"s", "totp_confirmed_at": at, "totp_step": 59_000_000, "recovery": ["00"], "created_at": at,
            "disabled_at": None, "version": 1,
        }),
        (tables.account_invitation, {
            "code_hash": b"c", "account_id": account, "created_at": at, "expires_at": at, "used_at": None,
        }),
        (tables.known_device, {"token_hash": b"d", "account_id": account, "seen_at": at, "expires_at": at}),
        (tables.sign_in, {
            "id": sign_in, "account_id": account, "token_hash": b"t", "methods": ["pwd", "otp"], "opened_at": at,
            "authenticated_at": at, "seen_at": at, "idle_seconds": 3_600, "expires_at": at, "ended_at": None,
            "ended_for": None, "agent": "a", "address": "192.0.2.1",
        }),
        (tables.sign_in_failure, {
            "counter": b"f", "failures": 3, "since": at, "blocked_until": None, "expires_at": at,
        }),
        (tables.identity_provider, {
            "id": provider, "key": "city", "name_zh": "统一认证", "name_en": "City sign-in", "issuer": "https://idp.example",
            "client_id": "w", "secret_sealed": b"s", "scopes": ["openid"], "satisfies_second_factor": True,
            "link_by": None, "created_at": at, "disabled_at": None, "version": 1,
        }),
        (tables.account_link, {
            "id": new_id(), "account_id": account, "provider_id": provider, "subject": "248289", "created_at": at,
            "seen_at": None,
        }),
        (tables.federated_attempt, {
            "state_hash": b"s", "provider_id": provider, "sealed": b"x", "linking_account_id": None, "expires_at": at,
        }),
        *_authorization_rows(account, sign_in, person, client, at),
    ]  # fmt: skip


def _authorization_rows(account: UUID, sign_in: UUID, person: UUID, client: UUID, at: datetime) -> Rows:
    authorization = new_id()
    return [
        (tables.client_authorization, {
            "id": authorization, "client_id": client, "account_id": account, "person_id": person, "sign_in_id": sign_in,
            "grant_type": "authorization_code", "scopes": ["cases:read"], "methods": ["pwd"], "authenticated_at": at,
            "created_at": at, "expires_at": at, "revoked_at": None, "revoked_for": None,
        }),
        (tables.authorization_code, {
            "code_hash": b"c", "authorization_id": authorization, "redirect_uri": "https://app.example/back",
            "redirect_told": True, "challenge": "x", "nonce": None, "expires_at": at, "used_at": None,
        }),
        (tables.refresh_token, {
            "token_hash": b"r", "authorization_id": authorization, "predecessor": None, "issued_at": at, "expires_at": at,
            "used_at": None, "voided_at": None,
        }),
        (tables.device_authorization, {
            "id": new_id(), "device_hash": b"d", "user_code": "WDJBMJHT", "client_id": client, "scopes": ["cases:read"],
            "created_at": at, "expires_at": at, "interval_seconds": 5, "polled_at": None, "decided_at": at,
            "authorization_id": authorization, "used_at": None,
        }),
        (tables.initial_access_token, {
            "id": new_id(), "token_hash": b"i", "note": "n", "scopes": ["cases:read"], "grant_types": ["authorization_code"],
            "uses_left": 1, "expires_at": at, "created_at": at, "created_by": person, "revoked_at": None, "version": 1,
        }),
    ]  # fmt: skip
