"""Creates timers and the numbering of events, and arms them for what is there already."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import forbid_updates, on_postgresql, protect, protect_timers

revision = "0019"
down_revision = "0018"

_NOBODY = {"sqlite": "0" * 32, "postgresql": "00000000-0000-0000-0000-000000000000"}
_ADDED = ("case_id", "change_id", "complete")
_ON_SQLITE = """
    UPDATE outbox SET change_id = id, case_id = replace(json_extract(refs, '$.case_id'), '-', '')
"""
_ON_POSTGRESQL = "UPDATE outbox SET change_id = id, case_id = (refs ->> 'case_id')::uuid"
_ARM_EVENTS = """
    INSERT INTO timer (tenant, kind, subject_id, at, legal, run_at, fence, attempts)
    SELECT DISTINCT tenant, 'events', {nobody}, {now}, {no}, {now}, 0, 0 FROM outbox WHERE position IS NULL
"""
_ARM_DEADLINES = """
    INSERT INTO timer (tenant, kind, subject_id, at, legal, run_at, fence, attempts)
    SELECT tenant, 'deadline', id, {now}, {no}, {now}, 0, 0 FROM deadline WHERE state = 'open'
"""


def upgrade() -> None:
    """Creates the tables, tells of each event which change it belongs to, and has all of it looked at."""
    _create_timer()
    op.create_table(
        "event_sequence",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_event_sequence"),
    )
    protect("event_sequence", update=("last",))
    _extend_outbox()
    _arm()


def downgrade() -> None:
    """Drops them again."""
    op.drop_index("ix_outbox_tenant_case_id_position", "outbox")
    forbid_updates("outbox", left=("position", *_ADDED))  # a trigger may not name a column that goes
    for column in reversed(_ADDED):
        op.drop_column("outbox", column)
    forbid_updates("outbox", left=("position",))
    op.drop_table("event_sequence")
    op.drop_table("timer")


def _create_timer() -> None:
    op.create_table(
        "timer",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("legal", sa.Boolean(), nullable=False),
        sa.Column("run_at", Instant(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "subject_id", name="pk_timer"),
    )
    op.create_index("ix_timer_kind_run_at", "timer", ["kind", "run_at"])
    protect_timers("timer", update=("at", "legal", "run_at", "fence", "attempts"))


def _extend_outbox() -> None:
    nobody = _NOBODY[op.get_context().dialect.name]
    op.add_column("outbox", sa.Column("case_id", sa.Uuid(), nullable=True))
    op.add_column("outbox", sa.Column("change_id", sa.Uuid(), nullable=False, server_default=nobody))
    op.add_column("outbox", sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.true()))
    _unforced("outbox", _ON_POSTGRESQL if on_postgresql() else _ON_SQLITE)
    forbid_updates("outbox", left=("position",))
    op.create_index("ix_outbox_tenant_case_id_position", "outbox", ["tenant", "case_id", "position"])


def _arm() -> None:
    """Deadlines that are open, and events that nobody has numbered yet."""
    if on_postgresql():
        told = {"nobody": f"'{_NOBODY['postgresql']}'::uuid", "now": "statement_timestamp()", "no": "false"}
    else:
        now = int(datetime.now(UTC).timestamp() * 1_000_000)
        told = {"nobody": f"'{_NOBODY['sqlite']}'", "now": str(now), "no": "0"}
    _unforced("outbox", _ARM_EVENTS.format(**told))
    _unforced("deadline", _ARM_DEADLINES.format(**told))


def _unforced(table: str, statement: str) -> None:
    """The owner of a table is bound by its forced row security, too, and is let through for this statement alone."""
    if not on_postgresql():
        op.execute(statement)
        return
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
