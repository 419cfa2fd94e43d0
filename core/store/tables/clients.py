"""Machine clients, each bound to a service person, and tokens revoked before their time."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, Text, UniqueConstraint

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
    instant("created_at"),
    instant("disabled_at", nullable=True),
    key(),
    UniqueConstraint("tenant", "client_id"),
    refers("person_id", "person"),
    of_tenant(),
)
"""``secret_hash`` is SHA-256 of a secret of high entropy; ``scopes`` is the list of what it may ask for."""

revoked_token = Table(
    "revoked_token",
    metadata,
    tenant(),
    Column("jti", Text, nullable=False),
    instant("expires_at"),
    key("jti"),
    Index(None, "tenant", "expires_at"),
)
