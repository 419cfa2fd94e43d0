"""Keeps the knowledge base: drafts, revises, publishes, reviews and withdraws articles, each act on record.

Each function works in the caller's transaction.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, delete, update

from core.cases.service import Desk
from core.errors import Refused, Stale
from core.ids import new_id
from core.knowledge import rules
from core.knowledge.article import (
    Article,
    ArticleAct,
    ArticleState,
    ArticleText,
    ArticleVersion,
    Keeper,
    NewArticle,
    Revision,
    write_version,
)
from core.knowledge.reading import find_article, find_version
from core.knowledge.words import weigh_grams
from core.search.keyed import number_grams
from core.store.change import Change
from core.store.tables import (
    TENANT,
    knowledge_act,
    knowledge_article,
    knowledge_category,
    knowledge_gram,
    knowledge_version,
)
from core.tenants.checks import check_active, check_span
from core.tenants.names import normalise

GRAMS = "knowledge"
"""What the grams' key is for; the grams of cases are numbered otherwise."""
_CHANGED = ("state", "version", "head", "shown", "valid_from", "valid_to", "review_due_on")
_CHANGE = (
    update(knowledge_article)
    .where(
        knowledge_article.c.tenant == TENANT,
        knowledge_article.c.id == bindparam("of_id"),
        knowledge_article.c.version == bindparam("expected"),
    )
    .values({name: bindparam(f"new_{name}") for name in _CHANGED})
)
_FORGET_GRAMS = delete(knowledge_gram).where(
    knowledge_gram.c.tenant == TENANT, knowledge_gram.c.article_id == bindparam("of_id")
)
_FORGET_CATEGORIES = delete(knowledge_category).where(
    knowledge_category.c.tenant == TENANT, knowledge_category.c.article_id == bindparam("of_id")
)


async def draft_article(desk: Desk, new: NewArticle) -> Article:
    """A new article with its first version, which nobody finds before it is published.

    Raises :class:`core.errors.Forbidden` and :class:`core.errors.Refused`.
    """
    _check_text(desk, new)
    check_active(desk.snapshot.organisation, new.unit_id, _today(desk), "/unit_id")
    keeper = rules.find_keeper(desk.principal, new.unit_id)
    version = write_version(new, 1, desk.principal.person_id, desk.recorded_at)
    article = Article(
        id=new_id(),
        unit_id=new.unit_id,
        state=ArticleState.DRAFT,
        version=1,
        head=1,
        shown=1,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        review_due_on=version.review_due_on,
    )
    desk.session.add(knowledge_article, _row(article) | {"created_at": desk.recorded_at})
    _write_version(desk, article, version)
    _write_categories(desk, article, version)
    _record(desk, article, keeper, ArticleAct.DRAFTED, version)
    return article


async def revise_article(desk: Desk, article_id: UUID, text: Revision, expected: int) -> Article:
    """The article with a further version; a published one is told as before until that is published."""
    before, keeper = await _take_up(desk, article_id, expected)
    _check_text(desk, text)
    version = write_version(text, before.head + 1, desk.principal.person_id, desk.recorded_at)
    after = rules.revise(before, version)
    await _change(desk, before, after)
    _write_version(desk, after, version)
    if after.shown == version.number:
        await _replace_categories(desk, after, version)
    _record(desk, after, keeper, ArticleAct.REVISED, version, text.note)
    return after


async def publish_article(desk: Desk, article_id: UUID, note: str | None, expected: int) -> Article:
    """The article with its newest version told, from its first day on; by somebody who did not write it."""
    before, keeper = await _take_up(desk, article_id, expected)
    version = await find_version(desk.session, article_id, before.head)
    after = rules.publish(before, version, desk.hands, _today(desk))
    await _change(desk, before, after)
    await _replace_categories(desk, after, version)
    await _replace_grams(desk, after, version)
    _record(desk, after, keeper, ArticleAct.PUBLISHED, version, note)
    return after


async def review_article(desk: Desk, article_id: UUID, due_on: date, note: str | None, expected: int) -> Article:
    """The article confirmed unchanged, to be reviewed again by another day."""
    before, keeper = await _take_up(desk, article_id, expected)
    after = rules.review(before, due_on, _today(desk))
    await _change(desk, before, after)
    _record(desk, after, keeper, ArticleAct.REVIEWED, None, note)
    return after


async def withdraw_article(desk: Desk, article_id: UUID, reason: str, expected: int) -> Article:
    """The article that nobody finds any more; its versions stay."""
    before, keeper = await _take_up(desk, article_id, expected)
    after = rules.withdraw(before)
    await _change(desk, before, after)
    await desk.session.execute(_FORGET_GRAMS, {"of_id": article_id})
    _record(desk, after, keeper, ArticleAct.WITHDRAWN, None, reason)
    return after


async def _take_up(desk: Desk, article_id: UUID, expected: int) -> tuple[Article, Keeper]:
    article = await find_article(desk.session, article_id, lock=True)
    keeper = rules.find_keeper(desk.principal, article.unit_id)
    rules.check_version(article, expected)
    return article, keeper


def _check_text(desk: Desk, text: ArticleText) -> None:
    check_span(text.valid_from, text.valid_to, "/valid_to")
    rules.check_review_day(text.review_due_on, _today(desk))
    view = desk.snapshot.categories.on(_today(desk))
    for index, code in enumerate(text.categories):
        if not view.is_open(code):
            raise Refused("knowledge.category-unknown", field=f"/categories/{index}", category=code)


def _today(desk: Desk) -> date:
    return desk.snapshot.local_day(desk.now)


async def _change(desk: Desk, before: Article, after: Article) -> None:
    values = {f"new_{name}": getattr(after, name) for name in _CHANGED} | {"new_state": after.state.value}
    if await desk.session.execute(_CHANGE, values | {"of_id": before.id, "expected": before.version}) != 1:
        raise Stale("knowledge.stale", current=before.version + 1)


def _row(article: Article) -> dict[str, Any]:
    return msgspec.structs.asdict(article) | {"state": article.state.value}


def _write_version(desk: Desk, article: Article, version: ArticleVersion) -> None:
    lists = {"phrasings": list(version.phrasings), "categories": list(version.categories)}
    row = msgspec.structs.asdict(version) | lists | {"id": new_id(), "article_id": article.id}
    desk.session.add(knowledge_version, row)


async def _replace_categories(desk: Desk, article: Article, version: ArticleVersion) -> None:
    await desk.session.execute(_FORGET_CATEGORIES, {"of_id": article.id})
    _write_categories(desk, article, version)


def _write_categories(desk: Desk, article: Article, version: ArticleVersion) -> None:
    for code in version.categories:
        desk.session.add(knowledge_category, {"code": code, "article_id": article.id})


async def _replace_grams(desk: Desk, article: Article, version: ArticleVersion) -> None:
    weights = weigh_grams(version)
    numbers = number_grams(await desk.session.keys(), GRAMS, tuple(weights))
    await desk.session.execute(_FORGET_GRAMS, {"of_id": article.id})
    # By number, so that two grams that share one (once in 2⁶³) are one row and no violation.
    for number, weight in dict(zip(numbers, weights.values(), strict=True)).items():
        desk.session.add(knowledge_gram, {"gram": number, "article_id": article.id, "weight": weight})


def _record(
    desk: Desk, article: Article, keeper: Keeper, act: ArticleAct, version: ArticleVersion | None, note: str | None = None
) -> None:
    number = version.number if version else article.shown
    said = normalise(note) if note else None
    row = {
        "id": new_id(),
        "article_id": article.id,
        "seq": article.version,
        "act": act.value,
        "number": number,
        "note": said,
        "review_due_on": article.review_due_on if version is None else version.review_due_on,
        "person_id": desk.principal.person_id,
        "client_id": desk.principal.client_id,
        "occurred_at": desk.now,
        "recorded_at": desk.recorded_at,
    }
    desk.session.add(knowledge_act, row)
    written = act in {ArticleAct.DRAFTED, ArticleAct.REVISED}
    desk.session.record(_told(article, keeper, act, number, said, version if written else None))


def _told(
    article: Article, keeper: Keeper, act: ArticleAct, number: int, note: str | None, version: ArticleVersion | None
) -> Change:
    stream = f"knowledge:{article.id}"
    content = {"act": act.value, "number": number, "note": note, "article": msgspec.to_builtins(article)}
    return Change(
        action=f"knowledge.{act.value}",
        stream=stream,
        subject=stream,
        content=content | ({"text": msgspec.to_builtins(version)} if version else {}),
        event_type=f"knowledge.{act.value}",
        refs={"article_id": str(article.id), "version": article.version, "number": number, "state": article.state.value},
        new_stream=article.version == 1,
        role=keeper.role.value,
        unit_id=keeper.unit_id,
    )
