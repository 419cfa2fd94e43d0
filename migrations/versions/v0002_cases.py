"""Creates the cases: petitioners, cases with their units, steps and numbers, deadlines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0002"
down_revision = "0001"

_TABLES = ("petitioner", "identity_reading", "cases", "case_unit", "case_step", "case_number", "deadline", "deadline_entry")
"""In the order of their foreign keys."""
_RESEALED = ("alg", "kid", "wrapped_key", "identity", "phone_hash", "id_hash", "erased_at")
_MOVED_BY_STEPS = (
    "state", "track", "closed_at", "facts", "facts_version", "law_version", "version", "lead_unit_id", "due_at", "standing",
)  # fmt: skip
"""What follows from a case's steps. Its number, receipt, words, petitioner and times of receipt are written once."""
_DERIVED = ("due_on", "due_at", "state", "ended_at", "ended_by_step", "provisional", "calendar_version", "explanation")
"""What follows from a deadline's ledger. Its original due date, clause, start and holder are written once (promise 3)."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_petitioner()
    _create_identity_reading()
    _create_cases()
    _create_case_unit()
    _create_case_step()
    _create_case_number()
    _create_deadline()
    _create_deadline_entry()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_petitioner() -> None:
    op.create_table(
        "petitioner",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alg", sa.Text(), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("identity", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("id_hash", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_petitioner"),
    )
    op.create_index("ix_petitioner_tenant_id_hash", "petitioner", ["tenant", "id_hash"])
    op.create_index("ix_petitioner_tenant_phone_hash", "petitioner", ["tenant", "phone_hash"])
    protect("petitioner", update=_RESEALED)


def _create_identity_reading() -> None:
    op.create_table(
        "identity_reading",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petitioner_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_identity_reading"),
        sa.ForeignKeyConstraint(
            ["tenant", "petitioner_id"],
            ["petitioner.tenant", "petitioner.id"],
            name="fk_identity_reading_tenant_petitioner_id",
        ),
    )
    op.create_index("ix_identity_reading_tenant_petitioner_id", "identity_reading", ["tenant", "petitioner_id"])
    protect("identity_reading")


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("track", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("narrative", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("petitioner_id", sa.Uuid(), nullable=True),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("facts", json_type(), nullable=False),
        sa.Column("facts_version", sa.Integer(), nullable=False),
        sa.Column("standing", json_type(), nullable=False),
        sa.Column("law_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_cases"),
        sa.UniqueConstraint("tenant", "number", name="uq_cases_tenant_number"),
        sa.UniqueConstraint("tenant", "receipt_hash", name="uq_cases_tenant_receipt_hash"),
        sa.ForeignKeyConstraint(["tenant", "lead_unit_id"], ["unit.tenant", "unit.id"], name="fk_cases_tenant_lead_unit_id"),
        sa.ForeignKeyConstraint(["tenant", "parent_id"], ["cases.tenant", "cases.id"], name="fk_cases_tenant_parent_id"),
        sa.ForeignKeyConstraint(
            ["tenant", "petitioner_id"], ["petitioner.tenant", "petitioner.id"], name="fk_cases_tenant_petitioner_id"
        ),
    )
    _index_cases()
    protect("cases", update=_MOVED_BY_STEPS)


def _index_cases() -> None:
    for column in ("state", "kind"):
        op.create_index(f"ix_cases_tenant_{column}_id", "cases", ["tenant", column, "id"])
    for column in ("due_at", "lead_unit_id", "parent_id"):
        told = sa.text(f"{column} IS NOT NULL")
        columns = ["tenant", column, "id"]
        op.create_index(f"ix_cases_tenant_{column}_id", "cases", columns, postgresql_where=told, sqlite_where=told)


def _create_case_unit() -> None:
    op.create_table(
        "case_unit",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_case_unit"),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_case_unit_tenant_case_id"),
        sa.ForeignKeyConstraint(["tenant", "unit_id"], ["unit.tenant", "unit.id"], name="fk_case_unit_tenant_unit_id"),
    )
    op.create_index("ix_case_unit_tenant_case_id", "case_unit", ["tenant", "case_id"])
    op.create_index("ix_case_unit_tenant_unit_id_case_id", "case_unit", ["tenant", "unit_id", "case_id"])
    protect("case_unit", update=("until",))


def _create_case_step() -> None:
    op.create_table(
        "case_step",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("law_version", sa.Text(), nullable=True),
        sa.Column("data", json_type(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_case_step"),
        sa.UniqueConstraint("tenant", "case_id", "seq", name="uq_case_step_tenant_case_id_seq"),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_case_step_tenant_case_id"),
    )
    protect("case_step")


def _create_case_number() -> None:
    op.create_table(
        "case_number",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "kind", "year", name="pk_case_number"),
    )
    protect("case_number", update=("last",))


def _create_deadline() -> None:
    op.create_table(
        "deadline",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("holder_unit_id", sa.Uuid(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("law_version", sa.Text(), nullable=False),
        sa.Column("encoding_revision", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("original_due_at", Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by_step", sa.Uuid(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("explanation", json_type(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_deadline"),
        sa.ForeignKeyConstraint(["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_deadline_tenant_case_id"),
        sa.ForeignKeyConstraint(
            ["tenant", "step_id"], ["case_step.tenant", "case_step.id"], name="fk_deadline_tenant_step_id"
        ),
    )
    op.create_index("ix_deadline_tenant_case_id", "deadline", ["tenant", "case_id"])
    op.create_index(
        "ix_deadline_tenant_due_at",
        "deadline",
        ["tenant", "due_at"],
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    protect("deadline", update=_DERIVED)


def _create_deadline_entry() -> None:
    op.create_table(
        "deadline_entry",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.Uuid(), nullable=True),
        sa.Column("step_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_deadline_entry"),
        sa.UniqueConstraint("tenant", "deadline_id", "seq", name="uq_deadline_entry_tenant_deadline_id_seq"),
        sa.ForeignKeyConstraint(
            ["tenant", "deadline_id"], ["deadline.tenant", "deadline.id"], name="fk_deadline_entry_tenant_deadline_id"
        ),
    )
    protect("deadline_entry")
