"""Reads articles with their versions and acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select, type_coerce

from core.errors import NotFound
from core.knowledge.article import Article, ArticleAct, ArticleRecord, ArticleState, ArticleVersion
from core.store.session import TenantSession
from core.store.tables import TENANT, knowledge_act, knowledge_article, knowledge_tally, knowledge_version
from core.store.types import Json

TEXT_FIELDS = [
    type_coerce(knowledge_version.c[name], Json(tuple[str, ...])).label(name)
    if name in {"phrasings", "categories"}
    else knowledge_version.c[name]
    for name in ArticleVersion.__struct_fields__
]
"""The columns of a version as a statement selects them."""
_ARTICLE = select(*(knowledge_article.c[name] for name in Article.__struct_fields__)).where(
    knowledge_article.c.tenant == TENANT, knowledge_article.c.id == bindparam("of_id")
)
_LOCK = _ARTICLE.with_for_update()
_VERSIONS = select(*TEXT_FIELDS).where(
    knowledge_version.c.tenant == TENANT, knowledge_version.c.article_id == bindparam("of_id")
)
_VERSION = _VERSIONS.where(knowledge_version.c.number == bindparam("of_number"))
_ALL_VERSIONS = _VERSIONS.order_by(knowledge_version.c.number)
_ACTS = (
    select(*(knowledge_act.c[name] for name in ArticleRecord.__struct_fields__))
    .where(knowledge_act.c.tenant == TENANT, knowledge_act.c.article_id == bindparam("of_id"))
    .order_by(knowledge_act.c.seq)
)
_USES = select(func.coalesce(func.sum(knowledge_tally.c.uses), 0).label("uses")).where(
    knowledge_tally.c.tenant == TENANT, knowledge_tally.c.article_id == bindparam("of_id")
)


def read_article(row: Mapping[str, Any]) -> Article:
    """The article that a row holds, whatever else it holds."""
    values = {name: row[name] for name in Article.__struct_fields__}
    return Article(**values | {"state": ArticleState(row["state"])})


async def find_article(session: TenantSession, article_id: UUID, *, lock: bool = False) -> Article:
    """The article; raises :class:`NotFound`, the same for what is foreign and what is not there."""
    row = await session.one(_LOCK if lock else _ARTICLE, {"of_id": article_id})
    if row is None:
        raise NotFound("knowledge.unknown")
    return read_article(row)


async def find_version(session: TenantSession, article_id: UUID, number: int) -> ArticleVersion:
    """A version of an article that has it."""
    rows = await session.all(_VERSION, {"of_id": article_id, "of_number": number})
    return ArticleVersion(**rows[0])


async def list_versions(session: TenantSession, article_id: UUID) -> list[ArticleVersion]:
    """Every version, in the order in which they were written."""
    return [ArticleVersion(**row) for row in await session.all(_ALL_VERSIONS, {"of_id": article_id})]


async def list_acts(session: TenantSession, article_id: UUID) -> list[ArticleRecord]:
    """Every act, in order."""
    return [
        ArticleRecord(**{**row, "act": ArticleAct(row["act"])}) for row in await session.all(_ACTS, {"of_id": article_id})
    ]


async def count_uses_of(session: TenantSession, article_id: UUID) -> int:
    """How often the article was told."""
    uses: Any = await session.scalar(_USES, {"of_id": article_id})
    return int(uses)
