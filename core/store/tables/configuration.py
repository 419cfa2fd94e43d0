"""What a tenant decides where the regulation leaves it open (R11), and its calendar: dated, with a basis, append-only."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, tenant
from core.store.types import json_type

setting = Table(
    "setting",
    metadata,
    tenant(),
    identity(),
    Column("key", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("value", json_type(), nullable=False),
    Column("basis", Text, nullable=False),
    Column("reason", Text, nullable=False),
    instant("recorded_at"),
    link("recorded_by", nullable=True),
    key(),
    of_tenant(),
    Index(None, "tenant", "key", "effective_from"),
)
"""Of two values of a key with the same date the later recorded one counts."""

calendar_version = Table(
    "calendar_version",
    metadata,
    tenant(),
    Column("number", Integer, nullable=False, autoincrement=False),
    instant("known_from"),
    Column("content", json_type(), nullable=False),
    instant("recorded_at"),
    link("recorded_by", nullable=True),
    key("number"),
    of_tenant(),
)
