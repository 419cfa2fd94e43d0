"""Creates the requests that wait for somebody's decision, and notes when a unit signed for a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import allow_updates, forbid_updates, protect

revision = "0010"
down_revision = "0009"

_DECISION = ("state", "decided_by", "decided_at", "decision_reason", "decision_step")
"""What a decision changes of a request."""
_INDEXES = (
    (["case_id", "id"], None),
    (["state", "id"], None),
    (["unit_id", "id"], None),
    (["topic", "id"], "state = 'pending'"),
    (["decider_unit_id", "id"], "decider_unit_id IS NOT NULL"),
)
_SIGNING = ("until", "officer_id")
"""What could change of a unit's part so far."""


def upgrade() -> None:
    """Creates the table, guarded, and the column."""
    op.create_table(
        "case_request",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", json_type(), nullable=False),
        sa.Column("decider_unit_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decision_step", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_case_request"),
        _refers("case_id", "cases"),
        _refers("unit_id", "unit"),
        _refers("decider_unit_id", "unit"),
    )
    for columns, condition in _INDEXES:
        _index(columns, condition)
    protect("case_request", update=_DECISION)
    op.add_column("case_unit", sa.Column("signed_at", Instant(), nullable=True))
    allow_updates("case_unit", ("signed_at",), before=_SIGNING)


def downgrade() -> None:
    """Drops them with all that they hold."""
    op.drop_column("case_unit", "signed_at")
    forbid_updates("case_unit", left=_SIGNING)
    op.drop_table("case_request")


def _refers(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_case_request_tenant_{column}"
    return sa.ForeignKeyConstraint(["tenant", column], [f"{table}.tenant", f"{table}.id"], name=name)


def _index(columns: list[str], condition: str | None) -> None:
    where = sa.text(condition) if condition else None
    name = f"ix_case_request_tenant_{'_'.join(columns)}"
    op.create_index(name, "case_request", ["tenant", *columns], postgresql_where=where, sqlite_where=where)
