"""Creates what petitioners say of a result."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import protect

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Creates the table, guarded."""
    op.create_table(
        "feedback",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("petitioner_number", sa.Integer(), nullable=False),
        sa.Column("merged_case_id", sa.Uuid(), nullable=True),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("reached", sa.Text(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("dissatisfaction", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_feedback_tenant_case_id"),
        sa.ForeignKeyConstraint(["tenant", "id"], ["case_step.tenant", "case_step.id"], name="fk_feedback_tenant_id"),
    )
    op.create_index("ix_feedback_tenant_case_id_id", "feedback", ["tenant", "case_id", "id"])
    op.create_index("ix_feedback_tenant_occurred_at", "feedback", ["tenant", "occurred_at"])
    protect("feedback")


def downgrade() -> None:
    """Drops it with all that it holds."""
    op.drop_table("feedback")
