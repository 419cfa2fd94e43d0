"""Creates the knowledge base and the templates of replies and notices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.store.types import Instant, json_type
from migrations.security import protect

revision = "0007"
down_revision = "0006"

_TABLES = (
    "knowledge_article",
    "knowledge_version",
    "knowledge_act",
    "knowledge_category",
    "knowledge_gram",
    "knowledge_use",
    "knowledge_tally",
    "template",
    "template_version",
)
"""In the order of their foreign keys."""


def upgrade() -> None:
    """Creates the tables, each guarded."""
    _create_articles()
    _create_versions()
    _create_acts()
    _create_categories()
    _create_grams()
    _create_uses()
    _create_tallies()
    _create_templates()
    _create_template_versions()


def downgrade() -> None:
    """Drops them with all that they hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _create_articles() -> None:
    op.create_table(
        "knowledge_article",
        *_identified("knowledge_article"),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        *_dates(),
        sa.Column("created_at", Instant(), nullable=False),
        _refers("knowledge_article", "unit_id", "unit"),
    )
    _index("knowledge_article", "unit_id", "id")
    _index("knowledge_article", "state", "id")
    published = sa.text("state = 'published'")
    _index("knowledge_article", "review_due_on", "id", postgresql_where=published, sqlite_where=published)
    changed = ("state", "version", "head", "shown", "valid_from", "valid_to", "review_due_on")
    protect("knowledge_article", update=changed)


def _create_versions() -> None:
    op.create_table(
        "knowledge_version",
        *_identified("knowledge_version"),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("phrasings", json_type(), nullable=False),
        sa.Column("categories", json_type(), nullable=False),
        *_dates(),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.UniqueConstraint("tenant", "article_id", "number", name="uq_knowledge_version_tenant_article_id_number"),
        _refers("knowledge_version", "article_id", "knowledge_article"),
    )
    protect("knowledge_version")


def _create_acts() -> None:
    op.create_table(
        "knowledge_act",
        *_identified("knowledge_act"),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("review_due_on", sa.Date(), nullable=True),
        *_by_whom(),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.UniqueConstraint("tenant", "article_id", "seq", name="uq_knowledge_act_tenant_article_id_seq"),
        _refers("knowledge_act", "article_id", "knowledge_article"),
    )
    protect("knowledge_act")


def _create_categories() -> None:
    op.create_table(
        "knowledge_category",
        _tenant(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "code", "article_id", name="pk_knowledge_category"),
        _refers("knowledge_category", "article_id", "knowledge_article"),
    )
    _index("knowledge_category", "article_id")
    protect("knowledge_category", delete=True)


def _create_grams() -> None:
    op.create_table(
        "knowledge_gram",
        _tenant(),
        sa.Column("gram", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "gram", "article_id", name="pk_knowledge_gram"),
        _refers("knowledge_gram", "article_id", "knowledge_article"),
    )
    _index("knowledge_gram", "article_id")
    protect("knowledge_gram", delete=True)


def _create_uses() -> None:
    op.create_table(
        "knowledge_use",
        *_identified("knowledge_use"),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=False),
        *_by_whom(),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        _refers("knowledge_use", "article_id", "knowledge_article"),
        _refers("knowledge_use", "case_id", "cases"),
    )
    _index("knowledge_use", "article_id", "id")
    protect("knowledge_use")


def _create_tallies() -> None:
    op.create_table(
        "knowledge_tally",
        _tenant(),
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("helped", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "article_id", "day", "shard", name="pk_knowledge_tally"),
        _refers("knowledge_tally", "article_id", "knowledge_article"),
    )
    _index("knowledge_tally", "day", "article_id")
    protect("knowledge_tally", update=("uses", "helped"))


def _create_templates() -> None:
    op.create_table(
        "template",
        *_identified("template"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("case_kind", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("tenant", "key", name="uq_template_tenant_key"),
    )
    protect("template", update=("version",))


def _create_template_versions() -> None:
    op.create_table(
        "template_version",
        *_identified("template_version"),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked", json_type(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.UniqueConstraint("tenant", "template_id", "number", name="uq_template_version_tenant_template_id_number"),
        _refers("template_version", "template_id", "template"),
    )
    protect("template_version")


def _tenant() -> sa.Column[int]:
    return sa.Column("tenant", sa.Integer(), nullable=False, autoincrement=False)


def _identified(table: str) -> tuple[Any, ...]:
    key = sa.PrimaryKeyConstraint("tenant", "id", name=f"pk_{table}")
    return _tenant(), sa.Column("id", sa.Uuid(), nullable=False), key


def _dates() -> tuple[Any, ...]:
    return (
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("review_due_on", sa.Date(), nullable=False),
    )


def _by_whom() -> tuple[Any, ...]:
    return sa.Column("person_id", sa.Uuid(), nullable=False), sa.Column("client_id", sa.Uuid(), nullable=False)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_tenant_{column}"
    return sa.ForeignKeyConstraint(["tenant", column], [f"{other}.tenant", f"{other}.id"], name=name)


def _index(table: str, *columns: str, **where: Any) -> None:
    op.create_index(f"ix_{table}_tenant_{'_'.join(columns)}", table, ["tenant", *columns], **where)
