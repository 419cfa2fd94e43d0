"""Recusals: who takes no part in a case, as its subject or with an interest in it (R12)."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant

_STANDS = text("withdrawn_at IS NULL")

recusal = Table(
    "recusal",
    metadata,
    tenant(),
    identity(),
    link("case_id"),
    link("person_id"),
    Column("ground", Text, nullable=False),
    Column("reason", Text, nullable=False),
    link("declared_by"),
    instant("declared_at"),
    instant("recorded_at"),
    link("withdrawn_by", nullable=True),
    instant("withdrawn_at", nullable=True),
    Column("withdrawal_reason", Text),
    key(),
    refers("case_id", "cases"),
    refers("person_id", "person"),
    Index(None, "tenant", "case_id", "id"),
    Index(None, "tenant", "person_id", "case_id", postgresql_where=_STANDS, sqlite_where=_STANDS),
)
"""``ground``: subject or interest. Never edited; what is found to be wrong is withdrawn, with its reason."""
