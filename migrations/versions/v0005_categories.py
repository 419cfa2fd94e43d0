"""Creates the tenant's categories and routing rules, each dated, and the ways to the last order of the like."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0005"
down_revision = "0004"

_TABLES = ("category", "category_version", "routing_rule", "routing_outcome")
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded, and the indexes by which the unit of the last order is found."""
    _create_category()
    _create_category_version()
    _create_routing_rule()
    _create_routing_outcome()
    _index_known("cases", "petitioner_id")
    _index_known("cases", "category", "division")


def downgrade() -> None:
    """Drops them with all that they hold."""
    op.drop_index("ix_cases_tenant_category_division_id", "cases")
    op.drop_index("ix_cases_tenant_petitioner_id_id", "cases")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _index_known(table: str, *columns: str) -> None:
    """An index of the rows in which the first column is known."""
    known = sa.text(f"{columns[0]} IS NOT NULL")
    name = "_".join(("ix", table, "tenant", *columns, "id"))
    op.create_index(name, table, ["tenant", *columns, "id"], postgresql_where=known, sqlite_where=known)


def _create_category() -> None:
    op.create_table(
        "category",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "code", name="pk_category"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_category_tenant"),
    )
    protect("category")


def _create_category_version() -> None:
    category = ["category.tenant", "category.code"]
    op.create_table(
        "category_version",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.Column("kinds", json_type(), nullable=False),
        sa.Column("default_unit_id", sa.Uuid(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("limits", json_type(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_category_version"),
        sa.ForeignKeyConstraint(["tenant", "code"], category, name="fk_category_version_tenant_code"),
        sa.ForeignKeyConstraint(["tenant", "parent"], category, name="fk_category_version_tenant_parent"),
        sa.ForeignKeyConstraint(["tenant", "merged_into"], category, name="fk_category_version_tenant_merged_into"),
        sa.ForeignKeyConstraint(
            ["tenant", "default_unit_id"], ["unit.tenant", "unit.id"], name="fk_category_version_tenant_default_unit_id"
        ),
    )
    op.create_index("ix_category_version_tenant_code_valid_from", "category_version", ["tenant", "code", "valid_from"])
    protect("category_version")


def _create_routing_rule() -> None:
    op.create_table(
        "routing_rule",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=True),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("cooperating", json_type(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_routing_rule"),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.id"], name="fk_routing_rule_tenant"),
        sa.ForeignKeyConstraint(
            ["tenant", "category"], ["category.tenant", "category.code"], name="fk_routing_rule_tenant_category"
        ),
        sa.ForeignKeyConstraint(["tenant", "unit_id"], ["unit.tenant", "unit.id"], name="fk_routing_rule_tenant_unit_id"),
    )
    protect("routing_rule", update=("valid_to",))


def _create_routing_outcome() -> None:
    op.create_table(
        "routing_outcome",
        sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_unit_id", sa.Uuid(), nullable=False),
        sa.Column("lead_unit_id", sa.Uuid(), nullable=False),
        sa.Column("returns_before", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_routing_outcome"),
        sa.ForeignKeyConstraint(
            ["tenant", "case_id"], ["cases.tenant", "cases.id"], name="fk_routing_outcome_tenant_case_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "step_id"], ["case_step.tenant", "case_step.id"], name="fk_routing_outcome_tenant_step_id"
        ),
    )
    op.create_index("ix_routing_outcome_tenant_rule_id_occurred_at", "routing_outcome", ["tenant", "rule_id", "occurred_at"])
    op.create_index("ix_routing_outcome_tenant_case_id", "routing_outcome", ["tenant", "case_id"])
    protect("routing_outcome")
