"""Creates the recusals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import protect

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Creates the table, guarded: of a recusal only its withdrawal can be written later."""
    op.create_table(
        "recusal",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_recusal"),
        _refers("case_id", "cases"),
        _refers("person_id", "person"),
    )
    op.create_index("ix_recusal_tenant_case_id_id", "recusal", ["tenant", "case_id", "id"])
    stands = sa.text("withdrawn_at IS NULL")
    op.create_index(
        "ix_recusal_tenant_person_id_case_id",
        "recusal",
        ["tenant", "person_id", "case_id"],
        postgresql_where=stands,
        sqlite_where=stands,
    )
    protect("recusal", update=("withdrawn_by", "withdrawn_at", "withdrawal_reason"))


def downgrade() -> None:
    """Drops them."""
    op.drop_table("recusal")


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", column], [f"{table}.tenant", f"{table}.id"], name=f"fk_recusal_tenant_{column}"
    )
