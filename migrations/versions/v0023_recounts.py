"""Creates the recounts of open deadlines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import protect

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "recount",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("examined", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("reached_due_at", Instant(), nullable=True),
        sa.Column("reached_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_recount"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_recount_tenant"),
    )
    op.create_index("ix_recount_tenant_begun_at", "recount", ["tenant", "begun_at"])
    protect("recount", update=("examined", "moved", "reached_due_at", "reached_id", "ended_at"))


def downgrade() -> None:
    """Drops it."""
    op.drop_table("recount")
