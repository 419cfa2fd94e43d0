"""Creates the notices of what deadlines reached."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "deadline_notice",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("distance", json_type(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("reached_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_deadline_notice"),
        sa.UniqueConstraint(
            "tenant", "deadline_id", "due_at", "rung", name="uq_deadline_notice_tenant_deadline_id_due_at_rung"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "deadline_id"], ["deadline.tenant", "deadline.id"], name="fk_deadline_notice_tenant_deadline_id"
        ),
    )
    op.create_index("ix_deadline_notice_tenant_case_id", "deadline_notice", ["tenant", "case_id"])
    protect("deadline_notice")


def downgrade() -> None:
    """Drops it."""
    op.drop_table("deadline_notice")
