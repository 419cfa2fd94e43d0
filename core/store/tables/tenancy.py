"""The directory of tenants (the only table that stands outside row security for reading), their clocks and keys."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from core.store.tables.schema import instant, key, metadata, of_tenant
from core.store.tables.schema import tenant as tenant_column
from core.store.types import json_type

tenant = Table(
    "tenant",
    metadata,
    Column("id", Integer, nullable=False, autoincrement=False),
    Column("slug", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("parent_id", Integer),
    Column("origin", Text),
    Column("sandbox", Boolean, nullable=False),
    Column("revision", BigInteger, nullable=False),
    instant("created_at"),
    instant("closed_at", nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("slug"),
    Index("uq_tenant_origin", "origin", unique=True),
)
"""``origin`` is scheme and host of its own. ``revision`` counts every change of the tenant's configuration in its low 32
bits, and every change of what is revoked above them: processes cache configuration by (tenant, low part)."""

tenant_clock = Table(
    "tenant_clock",
    metadata,
    tenant_column(),
    Column("offset_seconds", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
    of_tenant(),
)

signing_key = Table(
    "signing_key",
    metadata,
    tenant_column(),
    Column("kid", Text, nullable=False),
    Column("alg", Text, nullable=False),
    Column("public_jwk", json_type(), nullable=False),
    Column("private_sealed", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    instant("created_at"),
    instant("retires_at", nullable=True),
    key("kid"),
    of_tenant(),
)
"""``state``: active, retiring (still verifies), retired. ``private_sealed`` is sealed with the tenant's key."""

tenant_key = Table(
    "tenant_key",
    metadata,
    tenant_column(),
    Column("kid", Text, nullable=False),
    Column("alg", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    instant("created_at"),
    key("kid"),
    of_tenant(),
)
"""The tenant's key, wrapped by the master key; the newest seals, all of them open."""
