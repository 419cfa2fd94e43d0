"""What accountability cases have come to, as it is asked for across cases: decisions, their sources, effects, copies."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant

_OF_PERSON = text("person_id IS NOT NULL")
_MISSING = text("sent_on IS NULL")

accountability_decision = Table(
    "accountability_decision",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("step_id"),
    Column("regime", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    link("unit_id"),
    link("person_id", nullable=True),
    Column("sanctioned", Boolean, nullable=False),
    Column("effective_on", Date, nullable=False),
    instant("decided_at"),
    Column("state", Text, nullable=False),
    key(),
    refers("case_id", "cases"),
    refers("step_id", "case_step"),
    Index(None, "tenant", "case_id", "id"),
    Index(None, "tenant", "unit_id", "effective_on", "id"),
    Index(None, "tenant", "person_id", "effective_on", "id", postgresql_where=_OF_PERSON, sqlite_where=_OF_PERSON),
)
"""``unit_id``: the unit itself, or a person's home unit. ``state``: stands, changed or revoked. Nobody is named here."""

accountability_source = Table(
    "accountability_source",
    metadata,
    tenant(),
    identity(),
    link("decision_id"),
    Column("act", Text, nullable=False),
    link("source_id"),
    key(),
    refers("decision_id", "accountability_decision"),
    UniqueConstraint("tenant", "decision_id", "act", "source_id"),
    Index(None, "tenant", "source_id"),
)
"""Append-only. What the acts are proved by for which a decision sanctions: a case, a deadline, a supervision item; by which
it is found that an act has been sanctioned elsewhere (R13)."""

accountability_effect = Table(
    "accountability_effect",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("decision_id"),
    Column("number", Integer, nullable=False),
    Column("subject_kind", Text, nullable=False),
    link("unit_id"),
    link("person_id", nullable=True),
    Column("clause", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("lifted_on", Date),
    key(),
    refers("case_id", "cases"),
    refers("decision_id", "accountability_decision"),
    UniqueConstraint("tenant", "case_id", "number"),
    Index(None, "tenant", "from_on", "id"),
    Index(None, "tenant", "unit_id", "from_on", "id"),
)

accountability_copy = Table(
    "accountability_copy",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("ref", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("step", Text, nullable=False),
    instant("arose_at"),
    Column("sent_on", Date),
    Column("received_on", Date),
    Column("reference", Text),
    key(),
    refers("case_id", "cases"),
    UniqueConstraint("tenant", "case_id", "ref"),
    Index(None, "tenant", "arose_at", "id"),
    Index(None, "tenant", "arose_at", postgresql_where=_MISSING, sqlite_where=_MISSING),
)
