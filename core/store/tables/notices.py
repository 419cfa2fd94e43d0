"""What the service itself noted of deadlines: the rungs of the warning ladder that they reached."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

deadline_notice = Table(
    "deadline_notice",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("deadline_id"),
    Column("rung", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("distance", json_type()),
    Column("due_on", Date, nullable=False),
    instant("due_at"),
    instant("reached_at"),
    instant("recorded_at"),
    key(),
    UniqueConstraint("tenant", "deadline_id", "due_at", "rung"),
    refers("deadline_id", "deadline"),
    Index(None, "tenant", "case_id"),
)
"""Append-only, once for each date that the deadline has had. ``reached_at`` is legal time, ``recorded_at`` when a worker
came to it. ``clause`` is the deadline's own, the law's of the rung, or the house's where ``basis`` is the tenant's."""
