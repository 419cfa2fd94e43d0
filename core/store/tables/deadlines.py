"""Deadlines, many per case, and the ledger of pauses, extensions and replacements from which their due dates follow."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, Table, Text, UniqueConstraint, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

_HELD = text("holder_unit_id IS NOT NULL")

deadline = Table(
    "deadline",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("key", Text, nullable=False),
    link("holder_unit_id", nullable=True),
    Column("holder", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("law_version", Text, nullable=False),
    Column("encoding_revision", Integer, nullable=False),
    link("step_id"),
    instant("starts_at"),
    Column("original_due_on", Date, nullable=False),
    instant("original_due_at"),
    Column("due_on", Date, nullable=False),
    instant("due_at"),
    Column("state", Text, nullable=False),
    instant("ended_at", nullable=True),
    link("ended_by_step", nullable=True),
    Column("provisional", Boolean, nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("explanation", json_type(), nullable=False),
    instant("justified_at", nullable=True),
    link("justified_step", nullable=True),
    key(),
    refers("case_id", "cases"),
    refers("step_id", "case_step"),
    Index(None, "tenant", "case_id"),
    Index(None, "tenant", "state", "due_at", "id"),
    Index(None, "tenant", "holder_unit_id", "state", "due_at", "id", postgresql_where=_HELD, sqlite_where=_HELD),
)
"""``state``: open, paused, met, met-late, lapsed … ``due_at`` is exclusive (R5). ``explanation``: how it was counted.
``justified_at`` and ``justified_step``: when, in legal time, and by which step its lateness was found justified; what counts
as unjustified has no ``justified_at``."""

deadline_entry = Table(
    "deadline_entry",
    metadata,
    tenant(),
    identity(),
    link("deadline_id"),
    Column("seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    instant("at"),
    Column("due_on", Date),
    instant("due_at", nullable=True),
    Column("reason", Text, nullable=False),
    Column("basis", Text, nullable=False),
    link("allowed_by", nullable=True),
    link("step_id", nullable=True),
    Column("explanation", json_type()),
    key(),
    UniqueConstraint("tenant", "deadline_id", "seq"),
    refers("deadline_id", "deadline"),
)
"""Append-only. ``kind``: pause, resume, extension; justification and justification-withdrawn; replacement, whose
``explanation`` is the one that was replaced; removal, of a deadline that a correction found never to have been due."""
