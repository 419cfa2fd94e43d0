"""Adds to a case what the daily work filters on: category, place, urgency, clerk, returns, the redacted rendition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import json_type
from migrations.security import allow_updates, forbid_updates

revision = "0004"
down_revision = "0003"

_CHANGED = ("category", "division", "urgent", "intake", "returns", "rendition", "rendition_state", "merged_into")
"""What a step can change, beside the columns of before."""
_BEFORE = (
    "state", "track", "closed_at", "facts", "facts_version", "law_version", "version", "lead_unit_id", "due_at", "standing",
)  # fmt: skip


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("cases", sa.Column("category", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("division", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("cases", sa.Column("intake", json_type(), nullable=False, server_default="{}"))
    op.add_column("cases", sa.Column("clerk_id", sa.Uuid(), nullable=True))
    op.add_column("cases", sa.Column("returns", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("cases", sa.Column("rendition", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("rendition_state", sa.Text(), nullable=True))
    op.add_column("cases", sa.Column("merged_into", sa.Uuid(), nullable=True))
    allow_updates("cases", _CHANGED, before=_BEFORE)


def downgrade() -> None:
    """Drops them with all that they hold."""
    for name in (*_CHANGED, "clerk_id"):
        op.drop_column("cases", name)
    forbid_updates("cases", left=_BEFORE)
