"""When all open deadlines of a tenant are counted anew, and how far that has come."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, tenant

recount = Table(
    "recount",
    metadata,
    tenant(),
    identity(),
    Column("cause", Text, nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("total", Integer, nullable=False),
    Column("examined", Integer, nullable=False),
    Column("moved", Integer, nullable=False),
    instant("reached_due_at", nullable=True),
    link("reached_id", nullable=True),
    instant("begun_at"),
    instant("ended_at", nullable=True),
    key(),
    of_tenant(),
    Index(None, "tenant", "begun_at"),
)
"""``cause``: calendar (a version was published), announcement (the State Council's calendar has more years), ladder (other
warnings). ``reached_due_at`` and ``reached_id`` are the last deadline looked at; those that fall due last come first."""
