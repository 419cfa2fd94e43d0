"""What petitioners say of a result: one row an attempt or an answer, their own words sealed apart."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant

feedback = Table(
    "feedback",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("round", Integer, nullable=False),
    Column("petitioner_number", Integer, nullable=False),
    link("merged_case_id", nullable=True),
    link("lead_unit_id", nullable=True),
    Column("way", Text, nullable=False),
    Column("reached", Text, nullable=False),
    Column("satisfied", Boolean),
    Column("dissatisfaction", Text),
    Column("words", LargeBinary),
    link("person_id", nullable=True),
    instant("occurred_at"),
    instant("recorded_at"),
    key(),
    refers("case_id", "cases"),
    refers("id", "case_step"),
    Index(None, "tenant", "case_id", "id"),
    Index(None, "tenant", "occurred_at"),
)
"""Append-only; ``id`` is that of the step. ``round`` counts the replies; ``lead_unit_id`` is who led when it was asked;
``words`` are sealed with the tenant's key, because what somebody says can tell who it is."""
