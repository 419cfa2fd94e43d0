"""Requests: what somebody asked for in a case, who decides it, and what was decided."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

_PENDING = text("state = 'pending'")
_OF_UNIT = text("decider_unit_id IS NOT NULL")

case_request = Table(
    "case_request",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("topic", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    link("person_id", nullable=True),
    link("unit_id", nullable=True),
    instant("asked_at"),
    Column("reason", Text, nullable=False),
    Column("data", json_type(), nullable=False),
    link("decider_unit_id", nullable=True),
    link("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    Column("decision_reason", Text),
    link("decision_step", nullable=True),
    key(),
    refers("case_id", "cases"),
    refers("unit_id", "unit"),
    refers("decider_unit_id", "unit"),
    Index(None, "tenant", "case_id", "id"),
    Index(None, "tenant", "state", "id"),
    Index(None, "tenant", "unit_id", "id"),
    Index(None, "tenant", "topic", "id", postgresql_where=_PENDING, sqlite_where=_PENDING),
    Index(None, "tenant", "decider_unit_id", "id", postgresql_where=_OF_UNIT, sqlite_where=_OF_UNIT),
)
"""``kind``: return, co-handler, a city's own; ``topic``: the kind of case and that, by which whoever decides such requests
finds them; ``state``: pending, granted, declined, lapsed. ``decider_unit_id`` is the unit that decides where it is not the
roles of the deciding step; ``data`` what the asking step said. The id is that of the asking step."""
