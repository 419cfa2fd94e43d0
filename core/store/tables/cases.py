"""Cases, the units that handle them, their append-only steps, and the gap-free counters of their numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, false, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

_WITH_LEAD = text("lead_unit_id IS NOT NULL")
_WITH_DEADLINE = text("due_at IS NOT NULL")
_WITH_PARENT = text("parent_id IS NOT NULL")
_CLOSED = text("closed_at IS NOT NULL")
_OPEN = text("closed_at IS NULL")
_WITH_DIVISION = text("division IS NOT NULL")
_RETURNED = text("returns > 0")
_SIGNED = text("officer_id IS NOT NULL")
_WITH_PETITIONER = text("petitioner_id IS NOT NULL")
_WITH_CATEGORY = text("category IS NOT NULL")
_MERGED = text("merged_into IS NOT NULL")
_ANSWERED = text("satisfied IS NOT NULL")

cases = Table(
    "cases",
    metadata,
    tenant(),
    identity(),
    Column("number", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("channel", Text),
    Column("track", Text),
    Column("title", Text, nullable=False),
    Column("narrative", Text, nullable=False),
    instant("received_at"),
    instant("registered_at"),
    instant("closed_at", nullable=True),
    Column("anonymous", Boolean, nullable=False),
    link("petitioner_id", nullable=True),
    link("lead_unit_id", nullable=True),
    link("parent_id", nullable=True),
    instant("due_at", nullable=True),
    Column("facts", json_type(), nullable=False),
    Column("facts_version", Integer, nullable=False),
    Column("standing", json_type(), nullable=False),
    Column("law_version", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("receipt_hash", LargeBinary),
    Column("category", Text),
    Column("division", Text),
    Column("urgent", Boolean, nullable=False),
    Column("intake", json_type(), nullable=False),
    link("clerk_id", nullable=True),
    Column("returns", Integer, nullable=False),
    Column("rendition", Text),
    Column("rendition_state", Text),
    link("merged_into", nullable=True),
    Column("satisfied", Boolean),
    Column("asking", Boolean, nullable=False, server_default=false()),
    key(),
    UniqueConstraint("tenant", "number"),
    UniqueConstraint("tenant", "receipt_hash"),
    refers("petitioner_id", "petitioner"),
    refers("lead_unit_id", "unit"),
    refers("parent_id", "cases"),
    Index(None, "tenant", "state", "id"),
    Index(None, "tenant", "kind", "id"),
    Index(None, "tenant", "lead_unit_id", "id", postgresql_where=_WITH_LEAD, sqlite_where=_WITH_LEAD),
    Index(None, "tenant", "due_at", "id", postgresql_where=_WITH_DEADLINE, sqlite_where=_WITH_DEADLINE),
    Index(None, "tenant", "parent_id", "id", postgresql_where=_WITH_PARENT, sqlite_where=_WITH_PARENT),
    Index(None, "tenant", "petitioner_id", "id", postgresql_where=_WITH_PETITIONER, sqlite_where=_WITH_PETITIONER),
    Index(None, "tenant", "category", "division", "id", postgresql_where=_WITH_CATEGORY, sqlite_where=_WITH_CATEGORY),
    Index(None, "tenant", "merged_into", "id", postgresql_where=_MERGED, sqlite_where=_MERGED),
    Index(None, "tenant", "registered_at", "id"),
    Index(None, "tenant", "received_at", "id"),
    Index(None, "tenant", "closed_at", "id", postgresql_where=_CLOSED, sqlite_where=_CLOSED),
    Index(None, "tenant", "division", "id", postgresql_where=_WITH_DIVISION, sqlite_where=_WITH_DIVISION),
    Index(None, "tenant", "returns", "id", postgresql_where=_RETURNED, sqlite_where=_RETURNED),
    Index(None, "tenant", "clerk_id", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
    Index(None, "tenant", "satisfied", "id", postgresql_where=_ANSWERED, sqlite_where=_ANSWERED),
)
"""``due_at`` is the earliest open deadline; ``version`` is the ETag; ``receipt_hash`` finds the case by its receipt. The
state follows from the steps and is kept here to be filtered on; so does ``standing`` (units, deadlines, steps taken), so
that one read tells the case. ``category`` is the code of one of the tenant's categories, ``division`` an administrative
division code, ``clerk_id`` who registered it, ``returns`` how often a unit gave it back; ``rendition`` is the narrative as
units may read it, ``rendition_state`` made or confirmed; ``satisfied`` what was said of the last reply, ``asking`` whether
answers to it are still heard."""

case_unit = Table(
    "case_unit",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("unit_id"),
    Column("part", Text, nullable=False),
    instant("since"),
    instant("until", nullable=True),
    link("officer_id", nullable=True),
    instant("signed_at", nullable=True),
    instant("corrected_at", nullable=True),
    key(),
    refers("case_id", "cases"),
    refers("unit_id", "unit"),
    Index(None, "tenant", "case_id"),
    Index(None, "tenant", "unit_id", "case_id"),
    Index(None, "tenant", "officer_id", "case_id", postgresql_where=_SIGNED, sqlite_where=_SIGNED),
)
"""``part``: lead or cooperating, or answerable for a unit that passed the case on to one below it; ``until`` is null while
the unit has the case; ``officer_id`` who signed for the unit, at ``signed_at``;
``corrected_at`` when it was found that the unit had been recorded by mistake: it never had the case."""

case_step = Table(
    "case_step",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("seq", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    instant("occurred_at"),
    instant("recorded_at"),
    link("client_id", nullable=True),
    link("person_id", nullable=True),
    link("unit_id", nullable=True),
    Column("role", Text, nullable=False),
    Column("clause", Text),
    Column("law_version", Text),
    Column("data", json_type(), nullable=False),
    key(),
    UniqueConstraint("tenant", "case_id", "seq"),
    refers("case_id", "cases"),
)
"""Append-only. The actor's columns are a record of who it was, not references: a key check would lock the same person's
row in every registration."""

case_number = Table(
    "case_number",
    metadata,
    tenant(),
    Column("kind", Text, nullable=False),
    Column("year", Integer, nullable=False, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    key("kind", "year"),
)
"""The number given last, of each kind and year; taken last in the transaction, so that its lock is held shortest."""
