"""Clients, each bound to a service person, what lets others register one, and what was revoked before its time."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

client = Table(
    "client",
    metadata,
    tenant(),
    identity(),
    Column("client_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("scopes", json_type(), nullable=False),
    link("person_id"),
    Column("auth_method", Text, nullable=False),
    Column("grant_types", json_type(), nullable=False),
    Column("redirect_uris", json_type(), nullable=False),
    Column("post_logout_redirect_uris", json_type(), nullable=False),
    Column("origins", json_type(), nullable=False),
    Column("keys", json_type(), nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("uri", Text),
    Column("registration_hash", LargeBinary),
    link("registered_with", nullable=True),
    link("held_by", nullable=True),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    instant("disabled_at", nullable=True),
    key(),
    UniqueConstraint("tenant", "client_id"),
    refers("person_id", "person"),
    of_tenant(),
)
"""``secret_hash`` is SHA-256 of a secret of high entropy, empty for a client without one; ``scopes`` is the list of what it
may ask for, ``keys`` its public JWKs (RFC 7523). ``trusted``: registered by the tenant, and not by whoever held an initial
access token. ``registration_hash`` is of the token that manages a client which registered itself (RFC 7592),
``registered_with`` the initial access token that let it. ``held_by`` is the administrator who was told its secret last, or
who gave it its keys."""

initial_access_token = Table(
    "initial_access_token",
    metadata,
    tenant(),
    identity(),
    Column("token_hash", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("scopes", json_type(), nullable=False),
    Column("grant_types", json_type(), nullable=False),
    Column("uses_left", Integer, nullable=False),
    instant("expires_at"),
    instant("created_at"),
    link("created_by", nullable=True),
    instant("revoked_at", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    UniqueConstraint("tenant", "token_hash"),
    of_tenant(),
)
"""Lets its holder register clients (RFC 7591, section 3), so many and with no more than these scopes and grants."""


revoked_token = Table(
    "revoked_token",
    metadata,
    tenant(),
    Column("jti", Text, nullable=False),
    instant("expires_at"),
    key("jti"),
    Index(None, "tenant", "expires_at"),
)
"""``jti`` names a token, or ``authorization:…`` or ``sign-in:…`` for every token of one, until the last has expired."""
