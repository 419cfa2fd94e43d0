"""Creates the attachments of cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import protect

revision = "0006"
down_revision = "0005"

_CHANGED = ("case_id", "step_id", "part", "attached_at", "expires_at", "version")
"""What attaching and disclosing change."""


def upgrade() -> None:
    """Creates the table, guarded; only what was never attached may be deleted, which the service sees to."""
    op.create_table(
        "attachment",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("scan", sa.Text(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("step_id", sa.Uuid(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("attached_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_attachment"),
        _refers_at_commit("case_id", "cases"),
        _refers_at_commit("step_id", "case_step"),
    )
    _index(["tenant", "case_id", "id"], "case_id IS NOT NULL")
    _index(["tenant", "expires_at"], "case_id IS NULL")
    protect("attachment", update=_CHANGED, delete=True)


def downgrade() -> None:
    """Drops it with all that it holds; the sealed contents stay in the object store, and nothing opens them any more."""
    op.drop_table("attachment")


def _refers_at_commit(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", column],
        [f"{table}.tenant", f"{table}.id"],
        name=f"fk_attachment_tenant_{column}",
        deferrable=True,
        initially="DEFERRED",
    )


def _index(columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    name = "_".join(["ix_attachment", *columns])
    op.create_index(name, "attachment", columns, postgresql_where=where, sqlite_where=where)
