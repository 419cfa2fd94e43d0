"""Lets cases be found by what was said of the last reply."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.security import allow_updates, forbid_updates, on_postgresql

revision = "0018"
down_revision = "0017"

_BEFORE = (
    "state", "track", "closed_at", "facts", "facts_version", "law_version", "version", "lead_unit_id", "due_at", "standing",
    "category", "division", "urgent", "intake", "returns", "rendition", "rendition_state", "merged_into", "anonymous",
    "received_at",
)  # fmt: skip
"""The columns of a case that could change so far."""
_ADDED, _INDEX, _ANSWERED = ("satisfied", "asking"), "ix_cases_tenant_satisfied_id", sa.text("satisfied IS NOT NULL")
_ON_SQLITE = """
    UPDATE cases SET asking = coalesce(json_extract(standing, '$.asking'), 0),
        satisfied = CASE json_extract(facts, '$.satisfaction') WHEN 'satisfied' THEN 1 WHEN 'unsatisfied' THEN 0 END
    WHERE json_extract(standing, '$.asking') OR json_extract(facts, '$.satisfaction') IS NOT NULL
"""
_ON_POSTGRESQL = """
    UPDATE cases SET asking = coalesce((standing ->> 'asking')::boolean, false),
        satisfied = CASE facts ->> 'satisfaction' WHEN 'satisfied' THEN true WHEN 'unsatisfied' THEN false END
    WHERE (standing ->> 'asking')::boolean OR facts ->> 'satisfaction' IS NOT NULL
"""


def upgrade() -> None:
    """Adds the columns, fills them from what each case says, and indexes the cases of which something was said."""
    op.add_column("cases", sa.Column("satisfied", sa.Boolean(), nullable=True))
    op.add_column("cases", sa.Column("asking", sa.Boolean(), nullable=False, server_default=sa.false()))
    allow_updates("cases", _ADDED, before=_BEFORE)
    _fill()
    columns = ["tenant", "satisfied", "id"]
    op.create_index(_INDEX, "cases", columns, postgresql_where=_ANSWERED, sqlite_where=_ANSWERED)


def downgrade() -> None:
    """Drops them again."""
    op.drop_index(_INDEX, "cases")
    for column in reversed(_ADDED):
        op.drop_column("cases", column)
    forbid_updates("cases", left=_BEFORE)


def _fill() -> None:
    """The owner of a table is bound by its forced row security, too, and is let through for this statement alone."""
    if not on_postgresql():
        op.execute(_ON_SQLITE)
        return
    op.execute("ALTER TABLE cases NO FORCE ROW LEVEL SECURITY")
    op.execute(_ON_POSTGRESQL)
    op.execute("ALTER TABLE cases FORCE ROW LEVEL SECURITY")
