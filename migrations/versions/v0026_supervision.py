"""Creates the matters that must be supervised."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0026"
down_revision = "0025"

_TABLE = "supervision_item"
_STANDS, _OPEN = sa.text("state <> 'over'"), sa.text("state = 'found'")
_CHANGED = ("state", "ending", "ended_at", "step_id", "reason", "person_id", "version")


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        _TABLE,
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("law_version", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("facts", json_type(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ending", sa.Text(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("step_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{_TABLE}"),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name=f"fk_{_TABLE}_tenant_case_id"),
        sa.ForeignKeyConstraint(
            ["tenant", "deadline_id"], ["deadline.tenant", "deadline.id"], name=f"fk_{_TABLE}_tenant_deadline_id"
        ),
    )
    _index("case_id", "rule", "cause", where=_STANDS, unique=True)
    _index("case_id", "id")
    _index("deadline_id", where=_STANDS)
    _index("found_at", "id", where=_OPEN)
    protect(_TABLE, update=_CHANGED)


def downgrade() -> None:
    """Drops it."""
    op.drop_table(_TABLE)


def _index(*columns: str, where: sa.TextClause | None = None, unique: bool = False) -> None:
    name = f"ix_{_TABLE}_{'_'.join(('tenant', *columns))}"
    op.create_index(name, _TABLE, ["tenant", *columns], unique=unique, postgresql_where=where, sqlite_where=where)
