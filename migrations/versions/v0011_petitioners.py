"""Creates the petitioners of a case beyond its first, and the readings of original narratives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import allow_updates, protect, take_back_updates

revision = "0011"
down_revision = "0010"

_BEFORE = (
    "state", "track", "closed_at", "facts", "facts_version", "law_version", "version", "lead_unit_id", "due_at", "standing",
    "category", "division", "urgent", "intake", "returns", "rendition", "rendition_state", "merged_into",
)  # fmt: skip
"""The columns of a case that a step can change so far; ``anonymous`` joins them: a later petitioner can give a name."""
_MERGED, _READ = "ix_cases_tenant_merged_into_id", "ix_identity_reading_tenant_case_id_id"


def upgrade() -> None:
    """Creates the tables, each guarded, and the indexes by which merged cases and readings are found."""
    _create_case_petitioner()
    _create_narrative_reading()
    allow_updates("cases", ("anonymous",), before=_BEFORE)
    _index(_MERGED, "cases", "merged_into")
    _index(_READ, "identity_reading", "case_id")


def downgrade() -> None:
    """Drops them with all that they hold."""
    op.drop_index(_READ, "identity_reading")
    op.drop_index(_MERGED, "cases")
    take_back_updates("cases", ("anonymous",), left=_BEFORE)
    op.drop_table("narrative_reading")
    op.drop_table("case_petitioner")


def _index(name: str, table: str, column: str) -> None:
    told = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, ["tenant", column, "id"], postgresql_where=told, sqlite_where=told)


def _create_case_petitioner() -> None:
    op.create_table(
        "case_petitioner",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("petitioner_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_case_petitioner"),
        sa.UniqueConstraint("tenant", "case_id", "seq", name="uq_case_petitioner_tenant_case_id_seq"),
        sa.UniqueConstraint("tenant", "receipt_hash", name="uq_case_petitioner_tenant_receipt_hash"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_case_petitioner_tenant_case_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "petitioner_id"],
            ["petitioner.tenant", "petitioner.id"],
            name="fk_case_petitioner_tenant_petitioner_id",
        ),
    )
    op.create_index(
        "ix_case_petitioner_tenant_petitioner_id_case_id", "case_petitioner", ["tenant", "petitioner_id", "case_id"]
    )
    protect("case_petitioner")


def _create_narrative_reading() -> None:
    op.create_table(
        "narrative_reading",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_narrative_reading"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_narrative_reading_tenant_case_id"
        ),
    )
    op.create_index("ix_narrative_reading_tenant_case_id_id", "narrative_reading", ["tenant", "case_id", "id"])
    protect("narrative_reading")
