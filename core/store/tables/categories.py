"""The tenant's categories (事项分类): a tree of stable codes, and what is said of each from a day on."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

category = Table(
    "category",
    metadata,
    tenant(),
    Column("code", Text, nullable=False),
    key("code"),
    of_tenant(),
)
"""The code never changes; cases name their category by it."""

category_version = Table(
    "category_version",
    metadata,
    tenant(),
    identity(),
    Column("code", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text),
    Column("parent", Text),
    Column("closed", Boolean, nullable=False),
    Column("merged_into", Text),
    Column("kinds", json_type(), nullable=False),
    link("default_unit_id", nullable=True),
    Column("urgent", Boolean, nullable=False),
    Column("limits", json_type(), nullable=False),
    Column("basis", Text, nullable=False),
    instant("recorded_at"),
    key(),
    refers("code", "category", "code"),
    refers("parent", "category", "code"),
    refers("merged_into", "category", "code"),
    refers("default_unit_id", "unit"),
    Index(None, "tenant", "code", "valid_from"),
)
"""A category as it is from ``valid_from`` on; of two with the same date the later recorded one counts. ``limits`` are the
figures that the tenant gives matters of the category (R11), each with its basis: ``handling``, ``urgent-response``."""
