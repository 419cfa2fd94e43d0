"""Counts how often an answer is told, with a case and, as most calls end, without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from core.cases.service import Desk, find_case
from core.errors import NotFound, OutOfOrder, Refused
from core.ids import new_id
from core.knowledge.article import Article, ArticleState
from core.knowledge.reading import find_article
from core.store.change import Change, RefValue
from core.store.tables import TENANT, knowledge_article, knowledge_tally, knowledge_use, knowledge_version

SHARDS = 8
"""So many rows share the count of one article and day. A count's row is held until its transaction ends; with several,
operators who tell the same answer at the same moment seldom meet on one."""
_COUNT: dict[str, Any] = {
    name: dialect.insert(knowledge_tally)
    .values(
        tenant=TENANT,
        article_id=bindparam("of_article"),
        day=bindparam("on_day"),
        shard=bindparam("in_shard"),
        uses=1,
        helped=bindparam("plus"),
    )
    .on_conflict_do_update(
        index_elements=["tenant", "article_id", "day", "shard"],
        set_={"uses": knowledge_tally.c.uses + 1, "helped": knowledge_tally.c.helped + bindparam("plus")},
    )
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


@dataclass(frozen=True, slots=True)
class Use:
    """One time that an answer was told; ``number`` is the version that was."""

    id: UUID
    article_id: UUID
    number: int
    case_id: UUID | None
    helped: bool


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included; ``unit_id`` narrows to the articles of one unit."""

    first: date
    last: date
    unit_id: UUID | None = None


async def record_use(desk: Desk, article_id: UUID, case_id: UUID | None, helped: bool) -> Use:
    """The use of a published answer. Those who tell it at once seldom wait for one another.

    Raises :class:`NotFound`, :class:`OutOfOrder` for what is not published, and :class:`Refused` for a case that is not
    there or that the person may not see.
    """
    article = await find_article(desk.session, article_id)
    if article.state is not ArticleState.PUBLISHED:
        raise OutOfOrder("knowledge.not-published", state=article.state.value)
    if case_id is not None:
        await _check_case(desk, case_id)
    use = Use(new_id(), article_id, article.shown, case_id, helped)
    row = {name: getattr(use, name) for name in Use.__slots__}
    person = {"person_id": desk.principal.person_id, "client_id": desk.principal.client_id}
    desk.session.add(knowledge_use, row | person | {"occurred_at": desk.now, "recorded_at": desk.recorded_at})
    desk.session.record(_told(use, article))
    await _count(desk, use)
    return use


async def _check_case(desk: Desk, case_id: UUID) -> None:
    try:
        await find_case(desk, case_id)
    except NotFound as error:
        raise Refused("knowledge.case-unknown", field="/case_id") from error


async def _count(desk: Desk, use: Use) -> None:
    day = desk.snapshot.local_day(desk.now)
    values = {"of_article": use.article_id, "on_day": day, "in_shard": _shard(use), "plus": int(use.helped)}
    await desk.session.execute(_COUNT[desk.session.dialect_name], values)


def _shard(use: Use) -> int:
    return use.id.int % SHARDS


def _told(use: Use, article: Article) -> Change:
    """A stream for each of the article's counts, whose row this transaction holds: so nobody writes to it meanwhile, and
    the uses of an answer are a few long streams instead of one for each call."""
    told: dict[str, RefValue] = {"article_id": str(use.article_id), "use_id": str(use.id), "number": use.number}
    told |= {"helped": use.helped} | ({"case_id": str(use.case_id)} if use.case_id else {})
    return Change(
        action="knowledge.used",
        stream=f"knowledge:{article.id}:uses:{_shard(use)}",
        subject=f"knowledge:{article.id}",
        content=told,
        event_type="knowledge.used",
        refs=told,
    )


_SUMS = [func.sum(knowledge_tally.c.uses).label("uses"), func.sum(knowledge_tally.c.helped).label("helped")]
_IN_PERIOD = (
    knowledge_tally.c.tenant == TENANT,
    knowledge_tally.c.day >= bindparam("first"),
    knowledge_tally.c.day <= bindparam("last"),
    knowledge_article.c.tenant == TENANT,
    knowledge_article.c.id == knowledge_tally.c.article_id,
)
_OF_UNIT = knowledge_article.c.unit_id == bindparam("unit")
_BY_UNIT = (
    select(knowledge_article.c.unit_id, *_SUMS)
    .where(*_IN_PERIOD)
    .group_by(knowledge_article.c.unit_id)
    .order_by(_SUMS[0].desc(), knowledge_article.c.unit_id)
)
_BY_ONE_UNIT = _BY_UNIT.where(_OF_UNIT)


async def count_by_unit(desk: Desk, period: Period) -> list[dict[str, Any]]:
    """The uses of each unit's answers in a period, the most used first; units without any are not in it."""
    return await desk.session.all(_BY_ONE_UNIT if period.unit_id else _BY_UNIT, _values(period))


async def count_by_article(desk: Desk, period: Period, limit: int, after: tuple[int, UUID] | None) -> list[dict[str, Any]]:
    """At most ``limit`` articles with their uses in a period, the most used first, behind ``after`` (uses and id)."""
    values = _values(period) | {"page": limit} | ({"after_uses": after[0], "after": after[1]} if after else {})
    return await desk.session.all(_STATEMENTS[period.unit_id is not None, after is not None], values)


def _values(period: Period) -> dict[str, Any]:
    values: dict[str, Any] = {"first": period.first, "last": period.last}
    return values | ({"unit": period.unit_id} if period.unit_id else {})


def _by_article(of_unit: bool, goes_on: bool) -> Select[Any]:
    counted = select(knowledge_article.c.id, *_SUMS).where(*_IN_PERIOD).group_by(knowledge_article.c.id)
    found = (counted.where(_OF_UNIT) if of_unit else counted).subquery()
    statement = (
        select(found, knowledge_article.c.unit_id, knowledge_version.c.question)
        .where(knowledge_article.c.tenant == TENANT, knowledge_article.c.id == found.c.id)
        .where(knowledge_version.c.tenant == TENANT, knowledge_version.c.article_id == found.c.id)
        .where(knowledge_version.c.number == knowledge_article.c.shown)
    )
    if goes_on:
        position = tuple_(bindparam("after_uses", type_=BigInteger), bindparam("after", type_=knowledge_article.c.id.type))
        statement = statement.where(tuple_(found.c.uses, found.c.id) < position)
    return statement.order_by(found.c.uses.desc(), found.c.id.desc()).limit(bindparam("page"))


_STATEMENTS = {(of_unit, goes_on): _by_article(of_unit, goes_on) for of_unit in (False, True) for goes_on in (False, True)}
