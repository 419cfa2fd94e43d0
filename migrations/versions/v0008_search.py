"""Creates the n-gram index of cases, and the indexes of lists and work lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.security import allow_updates, forbid_updates, protect

revision = "0008"
down_revision = "0007"

_INDEXES = (
    ("registered_at", None),
    ("received_at", None),
    ("closed_at", "closed_at IS NOT NULL"),
    ("division", "division IS NOT NULL"),
    ("returns", "returns > 0"),
    ("clerk_id", "closed_at IS NULL"),
)
"""The columns of cases by which lists are narrowed, and the condition of a partial index."""
_OFFICER = "ix_case_unit_tenant_officer_id_case_id"


def upgrade() -> None:
    """Creates the table, guarded, the indexes, and the column of the officer who signed for a unit."""
    op.create_table(
        "case_gram",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("gram", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "gram", "case_id", name="pk_case_gram"),
    )
    protect("case_gram", delete=True)
    for column, condition in _INDEXES:
        _index(f"ix_cases_tenant_{column}_id", "cases", [column, "id"], condition)
    op.add_column("case_unit", sa.Column("officer_id", sa.Uuid(), nullable=True))
    _index(_OFFICER, "case_unit", ["officer_id", "case_id"], "officer_id IS NOT NULL")
    allow_updates("case_unit", ("officer_id",), before=("until",))


def downgrade() -> None:
    """Drops them with all that they hold."""
    op.drop_index(_OFFICER, "case_unit")
    op.drop_column("case_unit", "officer_id")
    forbid_updates("case_unit", left=("until",))
    for column, _ in _INDEXES:
        op.drop_index(f"ix_cases_tenant_{column}_id", "cases")
    op.drop_table("case_gram")


def _index(name: str, table: str, columns: list[str], condition: str | None) -> None:
    where = sa.text(condition) if condition else None
    op.create_index(name, table, ["tenant", *columns], postgresql_where=where, sqlite_where=where)
