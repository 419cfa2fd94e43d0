"""Months whose figures are closed, and what changed of them afterwards: both append-only."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant

closed_month = Table(
    "closed_month",
    metadata,
    tenant(),
    Column("month", Date, nullable=False),
    instant("closed_at"),
    Column("basis", Text, nullable=False),
    instant("recorded_at"),
    link("recorded_by", nullable=True),
    key("month"),
    of_tenant(),
)
"""``month`` is its first day; ``closed_at`` legal time. A month is closed once, and not opened again."""

month_adjustment = Table(
    "month_adjustment",
    metadata,
    tenant(),
    identity(),
    Column("month", Date, nullable=False),
    link("case_id"),
    link("step_id"),
    Column("cause", Text, nullable=False),
    Column("measure", Text, nullable=False),
    link("unit_id", nullable=True),
    Column("category", Text),
    Column("track", Text),
    Column("change", Integer, nullable=False),
    Column("reason", Text),
    instant("recorded_at"),
    link("recorded_by", nullable=True),
    key(),
    refers("month", "closed_month", "month"),
    refers("case_id", "cases"),
    refers("step_id", "case_step"),
    Index(None, "tenant", "month", "id"),
)
"""By how much one figure of a closed month changed through one step of one case. ``cause``: registration, step, correction;
``measure``: received, closed, due, met, overdue, justified; ``unit_id`` the holder of the deadlines that are counted."""
