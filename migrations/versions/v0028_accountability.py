"""Creates what is asked for across accountability cases: decisions, what they rest on, effects, copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant
from migrations.security import protect

revision = "0028"
down_revision = "0027"

_OF_PERSON, _MISSING = sa.text("person_id IS NOT NULL"), sa.text("sent_on IS NULL")
_DECISION, _SOURCE = "accountability_decision", "accountability_source"
_EFFECT, _COPY = "accountability_effect", "accountability_copy"


def upgrade() -> None:
    """Creates the tables."""
    _create_decision()
    _create_source()
    _create_effect()
    _create_copy()
    protect(_DECISION, update=("state",))
    protect(_SOURCE)
    protect(_EFFECT, update=("lifted_on",))
    protect(_COPY, update=("sent_on", "received_on", "reference"))


def downgrade() -> None:
    """Drops them."""
    for table in (_COPY, _EFFECT, _SOURCE, _DECISION):
        op.drop_table(table)


def _create_decision() -> None:
    _create(
        _DECISION,
        _id("case_id"),
        _id("step_id"),
        _text("regime"),
        _text("subject"),
        _text("subject_kind"),
        _id("unit_id"),
        _id("person_id", nullable=True),
        sa.Column("sanctioned", sa.Boolean(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        _text("state"),
        _refers(_DECISION, "case_id", "cases"),
        _refers(_DECISION, "step_id", "case_step"),
    )
    _index(_DECISION, "case_id", "id")
    _index(_DECISION, "unit_id", "effective_on", "id")
    _index(_DECISION, "person_id", "effective_on", "id", where=_OF_PERSON)


def _create_source() -> None:
    columns = ("tenant", "decision_id", "act", "source_id")
    _create(
        _SOURCE,
        _id("decision_id"),
        _text("act"),
        _id("source_id"),
        _refers(_SOURCE, "decision_id", _DECISION),
        sa.UniqueConstraint(*columns, name=f"uq_{_SOURCE}_{'_'.join(columns)}"),
    )
    _index(_SOURCE, "source_id")


def _create_effect() -> None:
    columns = ("tenant", "case_id", "number")
    _create(
        _EFFECT,
        _id("case_id"),
        _id("decision_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("subject_kind"),
        _id("unit_id"),
        _id("person_id", nullable=True),
        _text("clause"),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("lifted_on", sa.Date(), nullable=True),
        _refers(_EFFECT, "case_id", "cases"),
        _refers(_EFFECT, "decision_id", _DECISION),
        sa.UniqueConstraint(*columns, name=f"uq_{_EFFECT}_{'_'.join(columns)}"),
    )
    _index(_EFFECT, "from_on", "id")
    _index(_EFFECT, "unit_id", "from_on", "id")


def _create_copy() -> None:
    columns = ("tenant", "case_id", "ref")
    _create(
        _COPY,
        _id("case_id"),
        _text("ref"),
        _text("clause"),
        _text("receiver"),
        _text("step"),
        sa.Column("arose_at", Instant(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        _text("reference", nullable=True),
        _refers(_COPY, "case_id", "cases"),
        sa.UniqueConstraint(*columns, name=f"uq_{_COPY}_{'_'.join(columns)}"),
    )
    _index(_COPY, "arose_at", "id")
    _index(_COPY, "arose_at", where=_MISSING)


def _create(table: str, *parts: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{table}"),
    )


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant", column], [f"{other}.tenant", f"{other}.id"], name=f"fk_{table}_tenant_{column}"
    )


def _index(table: str, *columns: str, where: sa.TextClause | None = None) -> None:
    name = f"ix_{table}_{'_'.join(('tenant', *columns))}"
    op.create_index(name, table, ["tenant", *columns], postgresql_where=where, sqlite_where=where)
