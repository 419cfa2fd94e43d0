"""What is to be done later, and the numbers of events. Timers stand outside the tenants' row security and say no more than
whose, which and when: who works through them takes them first and opens the tenant's session then."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from core.store.tables.schema import instant, key, link, metadata, tenant

timer = Table(
    "timer",
    metadata,
    tenant(),
    Column("kind", Text, nullable=False),
    link("subject_id"),
    instant("at"),
    Column("legal", Boolean, nullable=False),
    instant("run_at"),
    Column("fence", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    key("kind", "subject_id"),
    Index("ix_timer_kind_run_at", "kind", "run_at"),
)
"""``at``: when it is due, in the tenant's legal time where ``legal``. ``run_at``: when a worker may take it, in wall time;
taking it moves that on by the lease and counts ``fence`` up, so that of two who took it only the later one finishes it."""

event_sequence = Table(
    "event_sequence",
    metadata,
    tenant(),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
)
