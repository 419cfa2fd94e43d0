"""Lets deadlines of one state be read in the order in which they fall due, and creates the calendar feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import protect

revision = "0022"
down_revision = "0021"

_OPEN = sa.text("state = 'open'")
_HELD = sa.text("holder_unit_id IS NOT NULL")
_OLD, _IN_ORDER, _OF_UNIT = (
    "ix_deadline_tenant_due_at",
    "ix_deadline_tenant_state_due_at_id",
    "ix_deadline_tenant_holder_unit_id_state_due_at_id",
)


def upgrade() -> None:
    """Many deadlines end at the same midnight: the id in the index keeps a page of them from being sorted."""
    op.create_index(_IN_ORDER, "deadline", ["tenant", "state", "due_at", "id"])
    of_unit = ["tenant", "holder_unit_id", "state", "due_at", "id"]
    op.create_index(_OF_UNIT, "deadline", of_unit, postgresql_where=_HELD, sqlite_where=_HELD)
    op.drop_index(_OLD, "deadline")
    _create_feeds()


def downgrade() -> None:
    """Drops them again."""
    op.drop_table("calendar_feed")
    op.create_index(_OLD, "deadline", ["tenant", "due_at"], postgresql_where=_OPEN, sqlite_where=_OPEN)
    op.drop_index(_OF_UNIT, "deadline")
    op.drop_index(_IN_ORDER, "deadline")


def _create_feeds() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_calendar_feed"),
        sa.UniqueConstraint("tenant", "secret_hash", name="uq_calendar_feed_tenant_secret_hash"),
        _refers("unit_id", "unit"),
        _refers("person_id", "person"),
    )
    op.create_index("ix_calendar_feed_tenant_person_id_id", "calendar_feed", ["tenant", "person_id", "id"])
    protect("calendar_feed", update=("revoked_by", "revoked_at"))


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", column], [f"{table}.tenant", f"{table}.id"], name=f"fk_calendar_feed_tenant_{column}"
    )
