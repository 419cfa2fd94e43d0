"""Who keeps an article, and what each act makes of it; pure."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from uuid import UUID

from msgspec.structs import replace

from core.errors import Forbidden, OutOfOrder, Refused, Stale
from core.knowledge.article import Article, ArticleState, ArticleVersion, Keeper
from core.procedure import Role
from core.tenants.principal import Principal

FOUR_EYES = "wenze:house#foureyes"
REVIEW = "wenze:house#upkeep"


def find_keeper(principal: Principal, unit_id: UUID) -> Keeper:
    """In which role the person keeps the articles of a unit: a supervisor all, an officer those of the own unit.

    Raises :class:`Forbidden`.
    """
    if principal.has(Role.SUPERVISOR):
        return Keeper(Role.SUPERVISOR, None)
    if principal.has(Role.UNIT_OFFICER, unit_id):
        return Keeper(Role.UNIT_OFFICER, unit_id)
    raise Forbidden("knowledge.not-your-unit")


def check_version(article: Article, expected: int) -> None:
    """Raises :class:`Stale` where the article has changed since it was read."""
    if article.version != expected:
        raise Stale("knowledge.stale", current=article.version)


def revise(article: Article, version: ArticleVersion) -> Article:
    """The article with a further text. A published one goes on being told as it was until that text is published."""
    after = replace(article, version=article.version + 1, head=version.number)
    if article.state is ArticleState.PUBLISHED:
        return after
    return show(replace(after, state=ArticleState.DRAFT), version)


def publish(article: Article, version: ArticleVersion, hands: Container[UUID], today: date) -> Article:
    """The article with its newest text told from now on; ``version`` is that text, ``hands`` whose hand publishes it.

    Raises :class:`OutOfOrder` where nothing waits to be published, and :class:`Refused` for the author of the text, for a
    day of review that has passed, and where there would be no answer until the new one may be given.
    """
    if not article.is_pending:
        raise OutOfOrder("knowledge.nothing-to-publish", state=article.state.value)
    if version.author_id in hands:
        raise Refused("knowledge.own-text", clause=FOUR_EYES)
    check_review_day(version.review_due_on, today)
    if article.state is ArticleState.PUBLISHED and version.valid_from > today and article.holds_on(today):
        raise Refused("knowledge.gap", field="/valid_from", valid_from=version.valid_from.isoformat())
    return show(replace(article, version=article.version + 1, state=ArticleState.PUBLISHED), version)


def review(article: Article, due_on: date, today: date) -> Article:
    """The article confirmed as it stands, to be reviewed again by another day.

    Raises :class:`OutOfOrder` for one that is not published and :class:`Refused` for a day that has passed.
    """
    if article.state is not ArticleState.PUBLISHED:
        raise OutOfOrder("knowledge.not-published", state=article.state.value)
    check_review_day(due_on, today)
    return replace(article, version=article.version + 1, review_due_on=due_on)


def withdraw(article: Article) -> Article:
    """The article that nobody finds and tells any more; raises :class:`OutOfOrder` for one that is withdrawn."""
    if article.state is ArticleState.WITHDRAWN:
        raise OutOfOrder("knowledge.withdrawn-before")
    return replace(article, version=article.version + 1, state=ArticleState.WITHDRAWN)


def show(article: Article, version: ArticleVersion) -> Article:
    """The article with that version as the one that is told, and its dates."""
    return replace(
        article,
        shown=version.number,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        review_due_on=version.review_due_on,
    )


def check_review_day(due_on: date, today: date) -> None:
    """Raises :class:`Refused` for a review that would be overdue at once."""
    if due_on < today:
        raise Refused("knowledge.review-day-past", field="/review_due_on", clause=REVIEW, today=today.isoformat())
