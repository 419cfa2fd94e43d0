"""Accounts of staff: what they sign in with, where else they sign in, and their sign-ins."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

account = Table(
    "account",
    metadata,
    tenant(),
    identity(),
    link("person_id"),
    Column("login", Text, nullable=False),
    Column("password_hash", Text),
    instant("password_set_at", nullable=True),
    Column("totp_sealed", LargeBinary),
    instant("totp_confirmed_at", nullable=True),
    Column("totp_step", BigInteger),
    Column("recovery", json_type(), nullable=False),
    instant("created_at"),
    instant("disabled_at", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    UniqueConstraint("tenant", "login"),
    UniqueConstraint("tenant", "person_id"),
    refers("person_id", "person"),
    of_tenant(),
)
"""``totp_step`` is the last step whose code was taken, so that none is taken twice (RFC 6238, section 5.2); ``recovery``
holds hashes of the recovery codes that are left."""

account_invitation = Table(
    "account_invitation",
    metadata,
    tenant(),
    Column("code_hash", LargeBinary, nullable=False),
    link("account_id"),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    key("code_hash"),
    refers("account_id", "account"),
    Index(None, "tenant", "account_id"),
)
"""A code, told once, with which a person sets a password (the first, or one in place of a forgotten one)."""

known_device = Table(
    "known_device",
    metadata,
    tenant(),
    Column("token_hash", LargeBinary, nullable=False),
    link("account_id"),
    instant("seen_at"),
    instant("expires_at"),
    key("token_hash", "account_id"),
    refers("account_id", "account"),
    Index(None, "tenant", "account_id"),
)
"""A browser from which an account has signed in: its failures are counted apart, so that strangers lock nobody out. One
token stands for a browser, whoever signs in from it."""

sign_in = Table(
    "sign_in",
    metadata,
    tenant(),
    identity(),
    link("account_id"),
    Column("token_hash", LargeBinary, nullable=False),
    Column("methods", json_type(), nullable=False),
    instant("opened_at"),
    instant("authenticated_at"),
    instant("seen_at"),
    Column("idle_seconds", Integer, nullable=False),
    instant("expires_at"),
    instant("ended_at", nullable=True),
    Column("ended_for", Text),
    Column("agent", Text, nullable=False),
    Column("address", Text, nullable=False),
    key(),
    UniqueConstraint("tenant", "token_hash"),
    refers("account_id", "account"),
    Index(None, "tenant", "account_id", "opened_at"),
)
"""``methods`` are those of RFC 8176 (``pwd``, ``otp``, ``mfa``) or ``fed`` for the city's own identity provider; it is
good while ``idle_seconds`` have not passed since ``seen_at``, and until ``expires_at``."""

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    tenant(),
    Column("counter", LargeBinary, nullable=False),
    Column("failures", Integer, nullable=False),
    instant("since"),
    instant("blocked_until", nullable=True),
    instant("expires_at"),
    key("counter"),
    Index(None, "tenant", "expires_at"),
)
"""``counter`` is a keyed hash of what failures are counted by (account, device, address), so that no name stands here."""

identity_provider = Table(
    "identity_provider",
    metadata,
    tenant(),
    identity(),
    Column("key", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("secret_sealed", LargeBinary),
    Column("scopes", json_type(), nullable=False),
    Column("satisfies_second_factor", Boolean, nullable=False),
    Column("link_by", Text),
    instant("created_at"),
    instant("disabled_at", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    UniqueConstraint("tenant", "key"),
    of_tenant(),
)
"""The city's own identity provider (OpenID Connect). ``link_by`` names the claim that equals an account's login, where
accounts are linked without being asked; ``None`` where each person links the account while signed in."""

account_link = Table(
    "account_link",
    metadata,
    tenant(),
    identity(),
    link("account_id"),
    link("provider_id"),
    Column("subject", Text, nullable=False),
    instant("created_at"),
    instant("seen_at", nullable=True),
    key(),
    UniqueConstraint("tenant", "provider_id", "subject"),
    refers("account_id", "account"),
    refers("provider_id", "identity_provider"),
    Index(None, "tenant", "account_id"),
)
"""A person of a provider, by its subject, who is the account's."""

federated_attempt = Table(
    "federated_attempt",
    metadata,
    tenant(),
    Column("state_hash", LargeBinary, nullable=False),
    link("provider_id"),
    Column("sealed", LargeBinary, nullable=False),
    link("linking_account_id", nullable=True),
    instant("expires_at"),
    key("state_hash"),
    refers("provider_id", "identity_provider"),
    Index(None, "tenant", "expires_at"),
)
"""A sign-in that is under way at a provider; ``sealed`` holds nonce, code verifier, the browser it began in and where to go
on."""
