"""Finds articles: by the words of a caller's question, best answer first, or as a list for those who keep them.

Callers word things otherwise than units do, so that not every pair of characters has to stand in an article, but at least
half of them must. One statement a page; words are found by equality of numbers, which is indexed under row security.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, Subquery, and_, bindparam, exists, func, select, tuple_

from core.cases.service import Desk
from core.knowledge.article import Article, ArticleState
from core.knowledge.reading import TEXT_FIELDS
from core.knowledge.service import GRAMS
from core.search.grams import find_grams
from core.search.keyed import number_grams
from core.store.tables import (
    TENANT,
    knowledge_article,
    knowledge_category,
    knowledge_gram,
    knowledge_tally,
    knowledge_version,
)
from core.tenants.categories import CategoryDay

_SMALLEST = 8
"""So many numbers a statement takes at least; sizes double, so that there are few statements and each is prepared once."""


@dataclass(frozen=True, slots=True)
class KnowledgeFilter:
    """What articles are narrowed to; all that is given must hold. ``valid_on`` and ``overdue_on`` are local days.

    Of ``categories`` an article has one; empty ones are no category that there is, and no article has them.
    """

    state: ArticleState | None = None
    unit_id: UUID | None = None
    categories: tuple[str, ...] | None = None
    valid_on: date | None = None
    overdue_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """Where an article stands among the hits: its score, then its uses, then the newest first."""

    score: int
    uses: int
    id: UUID


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found for a question; ``asked`` is the number of its grams."""

    rows: list[dict[str, Any]]
    asked: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the text of a statement depends on: which conditions it has, and how many places its lists have."""

    given: frozenset[str]
    categories: int = 0
    grams: int = 0


def codes_under(view: CategoryDay, code: str) -> tuple[str, ...]:
    """The codes of a category, of all below it, and of what was merged into one of them."""
    within = view.within(code)
    return tuple(sorted(other for other in view.versions if other in within or view.successor(other) in within))


async def list_articles(desk: Desk, wanted: KnowledgeFilter, limit: int, after: UUID | None) -> list[dict[str, Any]]:
    """At most ``limit`` articles, newest first, with the text that is told and how often it was."""
    if wanted.categories == ():
        return []
    values, places = _parameters(wanted) | ({"after": after} if after else {}), _places("category", wanted.categories or ())
    shape = _Shape(frozenset(values), len(places))
    return await desk.session.all(_listing(shape), values | places | {"page": limit})


async def search_articles(desk: Desk, words: str, wanted: KnowledgeFilter, limit: int, after: Rank | None) -> Hits:
    """At most ``limit`` published articles for a question, best first. What has no word to look for finds nothing."""
    grams = tuple(find_grams(words))
    if not grams or wanted.categories == ():
        return Hits([], 0)
    numbers = sorted(set(number_grams(await desk.session.keys(), GRAMS, grams)))
    values, sought = _parameters(wanted), _places("gram", numbers)
    places = _places("category", wanted.categories or ())
    statement = _search(_Shape(frozenset(values), len(places), len(sought)), after is not None)
    page = {"asked": len(numbers), "page": limit} | (_position(after) if after else {})
    return Hits(await desk.session.all(statement, values | sought | places | page), len(numbers))


def _position(after: Rank) -> dict[str, Any]:
    return {"after_score": after.score, "after_uses": after.uses, "after": after.id}


def _parameters(wanted: KnowledgeFilter) -> dict[str, Any]:
    told = {
        "state": wanted.state.value if wanted.state else None,
        "unit": wanted.unit_id,
        "valid_on": wanted.valid_on,
        "overdue_on": wanted.overdue_on,
    }
    return {name: value for name, value in told.items() if value is not None}


def _places(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """The parameters of an IN over the values. What stands in it twice counts once, so that the last fills it up."""
    size = _SMALLEST
    while size < len(values):
        size *= 2
    return {f"{name}{place}": values[min(place, len(values) - 1)] for place in range(size)} if values else {}


_article, _version, _tally = knowledge_article, knowledge_version, knowledge_tally
_USES = (
    select(func.coalesce(func.sum(_tally.c.uses), 0))
    .where(_tally.c.tenant == TENANT, _tally.c.article_id == _article.c.id)
    .scalar_subquery()
)
_SHOWN = _article.join(
    _version,
    and_(
        _version.c.tenant == _article.c.tenant,
        _version.c.article_id == _article.c.id,
        _version.c.number == _article.c.shown,
    ),
)
_OWN = set(Article.__struct_fields__)
_TEXT = [column for column in TEXT_FIELDS if column.name not in {*_OWN, "number", "author_id", "recorded_at"}]
_OF_ARTICLE = [_article.c[name] for name in Article.__struct_fields__]
_CONDITIONS: dict[str, Any] = {
    "state": _article.c.state == bindparam("state"),
    "unit": _article.c.unit_id == bindparam("unit"),
    "valid_on": and_(
        _article.c.valid_from <= bindparam("valid_on"),
        _article.c.valid_to.is_(None) | (_article.c.valid_to >= bindparam("valid_on")),
    ),
    "overdue_on": and_(_article.c.state == ArticleState.PUBLISHED.value, _article.c.review_due_on < bindparam("overdue_on")),
    "after": _article.c.id < bindparam("after"),
}


def _conditions(shape: _Shape) -> list[Any]:
    conditions = [_CONDITIONS[name] for name in sorted(shape.given)]
    return conditions + ([_has_category(shape.categories)] if shape.categories else [])


def _has_category(places: int) -> Any:
    return exists().where(
        knowledge_category.c.tenant == TENANT,
        knowledge_category.c.code.in_(_binds("category", places)),
        knowledge_category.c.article_id == _article.c.id,
    )


def _binds(name: str, places: int) -> list[Any]:
    return [bindparam(f"{name}{place}") for place in range(places)]


@lru_cache(maxsize=256)
def _listing(shape: _Shape) -> Select[Any]:
    statement = select(*_OF_ARTICLE, *_TEXT, _USES.label("uses")).select_from(_SHOWN).where(_article.c.tenant == TENANT)
    return statement.where(*_conditions(shape)).order_by(_article.c.id.desc()).limit(bindparam("page"))


@lru_cache(maxsize=512)
def _search(shape: _Shape, goes_on: bool) -> Select[Any]:
    found = (
        select(knowledge_gram.c.article_id, func.sum(knowledge_gram.c.weight).label("score"))
        .where(knowledge_gram.c.tenant == TENANT, knowledge_gram.c.gram.in_(_binds("gram", shape.grams)))
        .group_by(knowledge_gram.c.article_id)
        .having(func.count() * 2 >= bindparam("asked"))
        .subquery()
    )
    statement = (
        select(*_OF_ARTICLE, found.c.score, _USES.label("uses"))
        .select_from(_article.join(found, found.c.article_id == _article.c.id))
        .where(_article.c.tenant == TENANT, _article.c.state == ArticleState.PUBLISHED.value)
        .where(*_conditions(shape))
    )
    if goes_on:
        uses, id_ = bindparam("after_uses", type_=BigInteger), bindparam("after", type_=_article.c.id.type)
        position = tuple_(bindparam("after_score", type_=BigInteger), uses, id_)
        statement = statement.where(tuple_(found.c.score, _USES, _article.c.id) < position)
    ranked = statement.order_by(found.c.score.desc(), _USES.desc(), _article.c.id.desc()).limit(bindparam("page")).subquery()
    return _with_texts(ranked)


def _with_texts(ranked: Subquery) -> Select[Any]:
    """The texts of one page alone: those of all hits would be read for nothing."""
    return (
        select(*ranked.c, *_TEXT)
        .select_from(ranked)
        .join(
            _version,
            and_(_version.c.tenant == TENANT, _version.c.article_id == ranked.c.id, _version.c.number == ranked.c.shown),
        )
        .order_by(ranked.c.score.desc(), ranked.c.uses.desc(), ranked.c.id.desc())
    )
