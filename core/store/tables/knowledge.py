"""The knowledge base: articles, their append-only versions and acts, what finds them, and how often they are used."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, SmallInteger, Table, Text, UniqueConstraint, text

from core.store.tables.schema import identity, instant, key, link, metadata, refers, tenant
from core.store.types import json_type

_PUBLISHED = text("state = 'published'")

knowledge_article = Table(
    "knowledge_article",
    metadata,
    tenant(),
    identity(),
    link("unit_id"),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("head", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("review_due_on", Date, nullable=False),
    instant("created_at"),
    key(),
    refers("unit_id", "unit"),
    Index(None, "tenant", "unit_id", "id"),
    Index(None, "tenant", "state", "id"),
    Index(None, "tenant", "review_due_on", "id", postgresql_where=_PUBLISHED, sqlite_where=_PUBLISHED),
)
"""``version`` counts the acts and is the ETag; ``head`` is the number of the newest version of the text, ``shown`` that of
the one that is told: the published one, or before there was any the newest. The dates are those of ``shown``, so that they
can be filtered on."""

knowledge_version = Table(
    "knowledge_version",
    metadata,
    tenant(),
    identity(),
    link("article_id"),
    Column("number", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("phrasings", json_type(), nullable=False),
    Column("categories", json_type(), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("review_due_on", Date, nullable=False),
    link("author_id"),
    instant("recorded_at"),
    key(),
    UniqueConstraint("tenant", "article_id", "number"),
    refers("article_id", "knowledge_article"),
)
"""Append-only: the text as somebody wrote it. The author is a record of who it was, not a reference."""

knowledge_act = Table(
    "knowledge_act",
    metadata,
    tenant(),
    identity(),
    link("article_id"),
    Column("seq", Integer, nullable=False),
    Column("act", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("note", Text),
    Column("review_due_on", Date),
    link("person_id"),
    link("client_id"),
    instant("occurred_at"),
    instant("recorded_at"),
    key(),
    UniqueConstraint("tenant", "article_id", "seq"),
    refers("article_id", "knowledge_article"),
)
"""Append-only: who drafted, revised, published, reviewed or withdrew which version, and when; ``review_due_on`` is the day
by which the article was to be reviewed from then on."""

knowledge_category = Table(
    "knowledge_category",
    metadata,
    tenant(),
    Column("code", Text, nullable=False),
    link("article_id"),
    key("code", "article_id"),
    refers("article_id", "knowledge_article"),
    Index(None, "tenant", "article_id"),
)
"""The categories of the version that is told, to be filtered by; the versions themselves hold theirs."""

knowledge_gram = Table(
    "knowledge_gram",
    metadata,
    tenant(),
    Column("gram", BigInteger, nullable=False, autoincrement=False),
    link("article_id"),
    Column("weight", SmallInteger, nullable=False),
    key("gram", "article_id"),
    refers("article_id", "knowledge_article"),
    Index(None, "tenant", "article_id"),
)
"""The words of published articles, found by plain equality, which alone is indexed under row security. ``weight`` is that of
the best place at which the gram stands, so that one row tells a hit and its worth."""

knowledge_use = Table(
    "knowledge_use",
    metadata,
    tenant(),
    identity(),
    link("article_id"),
    Column("number", Integer, nullable=False),
    link("case_id", nullable=True),
    Column("helped", Boolean, nullable=False),
    link("person_id"),
    link("client_id"),
    instant("occurred_at"),
    instant("recorded_at"),
    key(),
    refers("article_id", "knowledge_article"),
    refers("case_id", "cases"),
    Index(None, "tenant", "article_id", "id"),
)
"""Append-only: each time that an answer was told, with the version that was told and the case, where there was one."""

knowledge_tally = Table(
    "knowledge_tally",
    metadata,
    tenant(),
    link("article_id"),
    Column("day", Date, nullable=False),
    Column("shard", SmallInteger, nullable=False, autoincrement=False),
    Column("uses", Integer, nullable=False),
    Column("helped", Integer, nullable=False),
    key("article_id", "day", "shard"),
    refers("article_id", "knowledge_article"),
    Index(None, "tenant", "day", "article_id"),
)
"""The uses counted by local day, so that a search and a period's report sum days and not calls; in shards, so that many
operators who tell the same answer do not wait for one another."""
