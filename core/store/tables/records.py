"""What is written beside each change in the same transaction: audit trail, outbox, and the answer to an idempotency key."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from core.store.tables.schema import identity, instant, key, link, metadata, tenant
from core.store.types import json_type

_UNNUMBERED = text("position IS NULL")

idempotency = Table(
    "idempotency",
    metadata,
    tenant(),
    link("client_id"),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("response", LargeBinary, nullable=False),
    Column("headers", json_type(), nullable=False),
    instant("created_at"),
    instant("expires_at"),
    key("client_id", "route", "key"),
    Index(None, "tenant", "expires_at"),
)
"""``response`` is sealed with the tenant's key: it can hold a receipt."""

audit = Table(
    "audit",
    metadata,
    tenant(),
    Column("stream", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, autoincrement=False),
    instant("at"),
    link("client_id", nullable=True),
    link("person_id", nullable=True),
    link("unit_id", nullable=True),
    Column("role", Text),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    key("stream", "seq"),
)
"""Append-only, chained per stream; of the content it holds a salted digest only."""

audit_content = Table(
    "audit_content",
    metadata,
    tenant(),
    Column("stream", Text, nullable=False),
    Column("seq", BigInteger, nullable=False, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("content", Text, nullable=False),
    key("stream", "seq"),
)
"""What changed, as the canonical JSON that was digested; a row can be erased by retention and the chain still holds."""

outbox = Table(
    "outbox",
    metadata,
    tenant(),
    identity(),
    Column("type", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("refs", json_type(), nullable=False),
    link("case_id", nullable=True),
    link("change_id"),
    Column("complete", Boolean, nullable=False),
    instant("recorded_at"),
    Column("position", BigInteger),
    key(),
    UniqueConstraint("tenant", "position"),
    Index(None, "tenant", "case_id", "position"),
    Index("ix_outbox_unnumbered", "tenant", "id", postgresql_where=_UNNUMBERED, sqlite_where=_UNNUMBERED),
)
"""Append-only but for ``position``, which the sequencer gives after commit: sequences commit out of order. The events of one
transaction have one ``change_id``, and the last of them is ``complete``: all that belongs to the change is there."""
