"""Calendar feeds: addresses by which a calendar reads a unit's open deadlines without a token."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, Table, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant

calendar_feed = Table(
    "calendar_feed",
    metadata,
    tenant(),
    identity(),
    link("unit_id"),
    link("person_id"),
    Column("secret_hash", LargeBinary, nullable=False),
    instant("created_at"),
    link("revoked_by", nullable=True),
    instant("revoked_at", nullable=True),
    key(),
    UniqueConstraint("tenant", "secret_hash"),
    refers("unit_id", "unit"),
    refers("person_id", "person"),
    Index(None, "tenant", "person_id", "id"),
)
"""``person_id`` made it, and is asked about at each reading; ``secret_hash`` is SHA-256 of what the address holds."""
