"""What a person has allowed a client (an authorization, the family of its tokens), and the codes and tokens of it."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

client_authorization = Table(
    "client_authorization",
    metadata,
    tenant(),
    identity(),
    link("client_id"),
    link("account_id"),
    link("person_id"),
    link("sign_in_id"),
    Column("grant_type", Text, nullable=False),
    Column("scopes", json_type(), nullable=False),
    Column("methods", json_type(), nullable=False),
    instant("authenticated_at"),
    instant("created_at"),
    instant("expires_at"),
    instant("revoked_at", nullable=True),
    Column("revoked_for", Text),
    key(),
    refers("client_id", "client"),
    refers("account_id", "account"),
    refers("person_id", "person"),
    refers("sign_in_id", "sign_in"),
    of_tenant(),
    Index(None, "tenant", "account_id", "created_at"),
    Index(None, "tenant", "client_id"),
    Index(None, "tenant", "sign_in_id"),
)
"""``expires_at`` is absolute: no refresh token of the family outlives it. ``scopes`` are the strings that were allowed,
those of OpenID Connect among them."""

authorization_code = Table(
    "authorization_code",
    metadata,
    tenant(),
    Column("code_hash", LargeBinary, nullable=False),
    link("authorization_id"),
    Column("redirect_uri", Text, nullable=False),
    Column("redirect_told", Boolean, nullable=False),
    Column("challenge", Text, nullable=False),
    Column("nonce", Text),
    instant("expires_at"),
    instant("used_at", nullable=True),
    key("code_hash"),
    refers("authorization_id", "client_authorization"),
    Index(None, "tenant", "expires_at"),
)
"""A code is used once, by the update that finds it unused; used ones are kept until their family ends, so that a replay is
known. ``redirect_told``: whether the request named the address, so that the token request must repeat it."""

refresh_token = Table(
    "refresh_token",
    metadata,
    tenant(),
    Column("token_hash", LargeBinary, nullable=False),
    link("authorization_id"),
    Column("predecessor", LargeBinary),
    instant("issued_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    instant("voided_at", nullable=True),
    key("token_hash"),
    refers("authorization_id", "client_authorization"),
    Index(None, "tenant", "authorization_id"),
    Index(None, "tenant", "expires_at"),
)
"""``predecessor`` is the token that was given for it; ``voided_at`` says that it never reached its client, which asked again
with the predecessor within the grace."""

device_authorization = Table(
    "device_authorization",
    metadata,
    tenant(),
    identity(),
    Column("device_hash", LargeBinary, nullable=False),
    Column("user_code", Text, nullable=False),
    link("client_id"),
    Column("scopes", json_type(), nullable=False),
    instant("created_at"),
    instant("expires_at"),
    Column("interval_seconds", Integer, nullable=False),
    instant("polled_at", nullable=True),
    instant("decided_at", nullable=True),
    link("authorization_id", nullable=True),
    instant("used_at", nullable=True),
    key(),
    UniqueConstraint("tenant", "device_hash"),
    UniqueConstraint("tenant", "user_code"),
    refers("client_id", "client"),
    refers("authorization_id", "client_authorization"),
    of_tenant(),
    Index(None, "tenant", "expires_at"),
)
"""RFC 8628. Decided without an authorization is denied."""
