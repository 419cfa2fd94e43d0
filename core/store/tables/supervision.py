"""Matters that must be supervised, as they were found, and what became of each."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

_OPEN = text("state = 'found'")
_STANDS = text("state <> 'over'")

supervision_item = Table(
    "supervision_item",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    Column("rule", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("law_version", Text, nullable=False),
    Column("cause", Text, nullable=False),
    link("deadline_id", nullable=True),
    link("unit_id", nullable=True),
    Column("facts", json_type(), nullable=False),
    instant("found_at"),
    instant("recorded_at"),
    Column("state", Text, nullable=False),
    Column("ending", Text),
    instant("ended_at", nullable=True),
    link("step_id", nullable=True),
    Column("reason", Text),
    link("person_id", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    refers("case_id", "cases"),
    refers("deadline_id", "deadline"),
    Index(None, "tenant", "case_id", "rule", "cause", unique=True, postgresql_where=_STANDS, sqlite_where=_STANDS),
    Index(None, "tenant", "case_id", "id"),
    Index(None, "tenant", "deadline_id", postgresql_where=_STANDS, sqlite_where=_STANDS),
    Index(None, "tenant", "found_at", "id", postgresql_where=_OPEN, sqlite_where=_OPEN),
)
"""``state``: found, supervised, over or departed. ``cause`` is what it was found by: a deadline, or a round of answers.
Once for each rule, case and cause, unless what was found is over and comes again. ``facts`` are those on which it was found;
``ending`` is how it ended, ``step_id`` the step that ended it, ``reason`` and ``person_id`` why and by whom it was departed
from."""
