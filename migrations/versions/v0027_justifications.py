"""Lets a deadline say that its lateness was found justified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import allow_updates, forbid_updates

revision = "0027"
down_revision = "0026"

_BEFORE = (
    "due_on", "due_at", "state", "ended_at", "ended_by_step", "provisional", "calendar_version", "explanation", "starts_at",
    "law_version", "encoding_revision",
)  # fmt: skip
"""The columns of a deadline that could change so far."""
_ADDED = ("justified_at", "justified_step")


def upgrade() -> None:
    """Adds the columns; of no lateness so far was it found."""
    op.add_column("deadline", sa.Column("justified_at", Instant(), nullable=True))
    op.add_column("deadline", sa.Column("justified_step", sa.Uuid(), nullable=True))
    allow_updates("deadline", _ADDED, before=_BEFORE)


def downgrade() -> None:
    """Drops them again."""
    for column in reversed(_ADDED):
        op.drop_column("deadline", column)
    forbid_updates("deadline", left=_BEFORE)
