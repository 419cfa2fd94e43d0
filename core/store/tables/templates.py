"""Templates of replies and notices: each with its key, and its text in append-only versions, each from a day on."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, Table, Text, UniqueConstraint

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

template = Table(
    "template",
    metadata,
    tenant(),
    identity(),
    Column("key", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("case_kind", Text),
    Column("version", Integer, nullable=False),
    instant("created_at"),
    key(),
    UniqueConstraint("tenant", "key"),
)
"""``version`` counts the versions of the text and is the ETag; a template without ``case_kind`` is for every kind."""

template_version = Table(
    "template_version",
    metadata,
    tenant(),
    identity(),
    link("template_id"),
    Column("number", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("asked", json_type(), nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    link("author_id"),
    link("client_id"),
    instant("recorded_at"),
    key(),
    UniqueConstraint("tenant", "template_id", "number"),
    refers("template_id", "template"),
)
"""Append-only. Of two versions from the same day the later recorded one counts; ``retired`` ends the template from that
day on."""
