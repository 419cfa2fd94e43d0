"""Petitioners, apart from their cases and sealed under a key of their own: erasing the key erases the person."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant

petitioner = Table(
    "petitioner",
    metadata,
    tenant(),
    identity(),
    Column("alg", Text, nullable=False),
    Column("kid", Text, nullable=False),
    Column("wrapped_key", LargeBinary),
    Column("identity", LargeBinary),
    Column("phone_hash", LargeBinary),
    Column("id_hash", LargeBinary),
    instant("created_at"),
    instant("erased_at", nullable=True),
    key(),
    Index(None, "tenant", "phone_hash"),
    Index(None, "tenant", "id_hash"),
)
"""``kid`` names the tenant's key that wraps ``wrapped_key``; the hashes are keyed and find a person by phone or id."""

identity_reading = Table(
    "identity_reading",
    metadata,
    tenant(),
    identity(),
    link("petitioner_id"),
    link("case_id", nullable=True),
    Column("purpose", Text, nullable=False),
    Column("note", Text, nullable=False),
    link("person_id", nullable=True),
    link("client_id", nullable=True),
    instant("at"),
    key(),
    refers("petitioner_id", "petitioner"),
    Index(None, "tenant", "petitioner_id"),
)
"""Append-only: each reading of an identity, with its purpose and what the reader wrote of it."""
