"""Routing rules (派单规则): which unit is proposed for which orders, from a day on; and what came of each proposal."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text

from core.store.tables.schema import identity, instant, key, link, metadata, of_tenant, refers, tenant
from core.store.types import json_type

routing_rule = Table(
    "routing_rule",
    metadata,
    tenant(),
    identity(),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("priority", Integer, nullable=False),
    Column("category", Text),
    Column("division", Text),
    Column("kind", Text),
    Column("channel", Text),
    Column("urgent", Boolean),
    Column("target", Text, nullable=False),
    link("unit_id", nullable=True),
    Column("cooperating", json_type(), nullable=False),
    Column("basis", Text, nullable=False),
    instant("recorded_at"),
    link("recorded_by", nullable=True),
    key(),
    of_tenant(),
    refers("category", "category", "code"),
    refers("unit_id", "unit"),
)
"""What is null of ``category`` … ``urgent`` matches anything. ``target``: unit (``unit_id`` leads), or the lead unit of the
last order of the same petitioner, or of the same category and division. ``valid_to`` is the last day."""

routing_outcome = Table(
    "routing_outcome",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("step_id"),
    link("rule_id", nullable=True),
    link("proposed_unit_id"),
    link("lead_unit_id"),
    Column("returns_before", Integer, nullable=False),
    instant("occurred_at"),
    key(),
    refers("case_id", "cases"),
    refers("step_id", "case_step"),
    Index(None, "tenant", "rule_id", "occurred_at"),
    Index(None, "tenant", "case_id"),
)
"""Append-only; ``rule_id`` and the units are a record, no references: a key check would lock the same rule's row in every
dispatch. What was proposed for a dispatch (``rule_id`` null: by the category's default), and which unit leads by the
dispatcher's decision. ``returns_before`` are the returns of the order until then: more of them later came afterwards."""
