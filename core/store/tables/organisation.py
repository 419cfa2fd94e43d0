"""The organisation, each part from a date: units in a tree with superiors, people with posts and roles."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

unit = Table(
    "unit",
    metadata,
    tenant(),
    identity(),
    Column("code", Text, nullable=False),
    key(),
    UniqueConstraint("tenant", "code"),
    of_tenant(),
)

unit_version = Table(
    "unit_version",
    metadata,
    tenant(),
    identity(),
    link("unit_id"),
    Column("valid_from", Date, nullable=False),
    Column("name", Text, nullable=False),
    link("parent_id", nullable=True),
    link("superior_id", nullable=True),
    Column("ranking_group", Text),
    Column("member", Boolean, nullable=False),
    Column("offices", json_type(), nullable=False),
    Column("dissolved", Boolean, nullable=False),
    link("merged_into", nullable=True),
    Column("basis", Text, nullable=False),
    instant("recorded_at"),
    key(),
    refers("unit_id", "unit"),
    refers("parent_id", "unit"),
    refers("superior_id", "unit"),
    refers("merged_into", "unit"),
    Index(None, "tenant", "unit_id", "valid_from"),
)
"""A unit as it is from ``valid_from`` on; of two with the same date the later recorded one counts. ``offices`` are keys such
as ``supervision-office``."""

person = Table(
    "person",
    metadata,
    tenant(),
    identity(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    instant("created_at"),
    key(),
    of_tenant(),
)
"""``kind``: human, or service (what a machine client acts as)."""

post = Table(
    "post",
    metadata,
    tenant(),
    identity(),
    link("person_id"),
    link("unit_id"),
    Column("title", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    key(),
    refers("person_id", "person"),
    refers("unit_id", "unit"),
    Index(None, "tenant", "person_id"),
    Index(None, "tenant", "unit_id"),
)

role_grant = Table(
    "role_grant",
    metadata,
    tenant(),
    identity(),
    link("person_id"),
    Column("role", Text, nullable=False),
    link("unit_id", nullable=True),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    key(),
    refers("person_id", "person"),
    refers("unit_id", "unit"),
    Index(None, "tenant", "person_id"),
)
"""A role, in one unit or (``unit_id`` null) for the tenant; ``valid_to`` is the last day."""
