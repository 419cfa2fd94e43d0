"""Creates the closed months, and widens what a correction may change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import allow_updates, forbid_updates, protect, take_back_updates

revision = "0013"
down_revision = "0012"

_CASE = (
    "state", "track", "closed_at", "facts", "facts_version", "law_version", "version", "lead_unit_id", "due_at", "standing",
    "category", "division", "urgent", "intake", "returns", "rendition", "rendition_state", "merged_into", "anonymous",
)  # fmt: skip
"""The columns of a case that could change so far; the moment of receipt joins them."""
_DEADLINE = ("due_on", "due_at", "state", "ended_at", "ended_by_step", "provisional", "calendar_version", "explanation")
"""Those of a deadline; where it starts and by which version joins them. Its original due date stays (promise 3)."""
_STARTED = ("starts_at", "law_version", "encoding_revision")
_UNIT = ("until", "officer_id", "signed_at")
"""Those of a unit's part; when it was corrected joins them."""


def upgrade() -> None:
    """Creates the tables, each guarded, and lets a correction change what it puts right."""
    _create_closed_month()
    _create_month_adjustment()
    op.add_column("case_unit", sa.Column("corrected_at", Instant(), nullable=True))
    op.add_column("deadline_entry", sa.Column("explanation", json_type(), nullable=True))
    allow_updates("cases", ("received_at",), before=_CASE)
    allow_updates("deadline", _STARTED, before=_DEADLINE)
    allow_updates("case_unit", ("corrected_at",), before=_UNIT)


def downgrade() -> None:
    """Drops them with all that they hold, and takes back what a correction may change."""
    op.drop_column("deadline_entry", "explanation")
    op.drop_column("case_unit", "corrected_at")
    forbid_updates("case_unit", left=_UNIT)
    take_back_updates("deadline", _STARTED, left=_DEADLINE)
    take_back_updates("cases", ("received_at",), left=_CASE)
    op.drop_table("month_adjustment")
    op.drop_table("closed_month")


def _create_closed_month() -> None:
    op.create_table(
        "closed_month",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "month", name="pk_closed_month"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_closed_month_tenant"),
    )
    protect("closed_month")


def _create_month_adjustment() -> None:
    op.create_table(
        "month_adjustment",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("track", sa.Text(), nullable=True),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_month_adjustment"),
        _refers("month", "closed_month", "month"),
        _refers("case_id", "cases", "id"),
        _refers("step_id", "case_step", "id"),
    )
    op.create_index("ix_month_adjustment_tenant_month_id", "month_adjustment", ["tenant", "month", "id"])
    protect("month_adjustment")


def _refers(column: str, table: str, to: str) -> sa.ForeignKeyConstraint:
    name = f"fk_month_adjustment_tenant_{column}"
    return sa.ForeignKeyConstraint(["tenant", column], [f"{table}.tenant", f"{table}.{to}"], name=name)
