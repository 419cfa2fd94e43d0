"""Petitioners, apart from their cases and sealed under a key of their own: erasing the key erases the person."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant

_OF_CASE = text("case_id IS NOT NULL")

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

case_petitioner = Table(
    "case_petitioner",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("petitioner_id"),
    Column("seq", Integer, nullable=False),
    Column("receipt_hash", LargeBinary, nullable=False),
    instant("since"),
    key(),
    UniqueConstraint("tenant", "case_id", "seq"),
    UniqueConstraint("tenant", "receipt_hash"),
    refers("case_id", "cases"),
    refers("petitioner_id", "petitioner"),
    Index(None, "tenant", "petitioner_id", "case_id"),
)
"""Append-only: the petitioners of a case after the first, who stands in the case itself and is number 1 of them. Those of
a case that was merged into another stay where they are, and count for the other for as long as it is merged."""

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
    Index(None, "tenant", "case_id", "id", postgresql_where=_OF_CASE, sqlite_where=_OF_CASE),
)
"""Append-only: each reading of an identity, with its purpose and what the reader wrote of it."""

narrative_reading = Table(
    "narrative_reading",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("purpose", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("role", Text, nullable=False),
    link("person_id"),
    link("client_id"),
    instant("at"),
    key(),
    refers("case_id", "cases"),
    Index(None, "tenant", "case_id", "id"),
)
"""Append-only: each reading of a case's original words, with its purpose. Who it was is a record, not a reference."""
