"""An article of the knowledge base: a question, the answer that an operator gives, and until when it may be given."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from core.procedure import Role
from core.tenants.category_commands import CategoryCode
from core.tenants.names import VISIBLE, Prose, normalise

LONGEST_ANSWER, LONGEST_QUESTION = 10_000, 500
Question = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_QUESTION,
        pattern=VISIBLE,
        title="问题",
        description="The question, as callers mostly put it.",
    ),
]
Answer = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_ANSWER,
        pattern=VISIBLE,
        title="答复口径",
        description="What the operator says; plain text, shown as it stands.",
    ),
]
Phrasing = Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE)]
Note = Annotated[Prose | None, Meta(title="说明", description="A remark, kept with the act.")]


class ArticleState(StrEnum):
    """Where an article stands. Only a published one is found and told."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ArticleAct(StrEnum):
    """What somebody did to an article."""

    DRAFTED = "drafted"
    REVISED = "revised"
    PUBLISHED = "published"
    REVIEWED = "reviewed"
    WITHDRAWN = "withdrawn"


class ArticleText(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of an article, said whole."""

    question: Question
    answer: Answer
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which the answer may be given.")]
    review_due_on: Annotated[
        date,
        Meta(title="复核期限", description="The local day by which the unit must have reviewed it; nothing is assumed."),
    ]
    valid_to: Annotated[
        date | None,
        Meta(title="失效日", description="The last local day on which the answer may be given; open, if left out."),
    ] = None
    phrasings: Annotated[
        tuple[Phrasing, ...],
        Meta(max_length=50, title="其他问法", description="Other ways to put the question, and keywords; searched too."),
    ] = ()
    categories: Annotated[
        tuple[CategoryCode, ...],
        Meta(max_length=20, title="事项分类", description="Codes of the tenant's categories that it belongs to."),
    ] = ()


class NewArticle(ArticleText, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An article that is not there yet, with its first version."""

    unit_id: Annotated[UUID, Meta(title="责任单位", description="The unit that answers for it and must review it.")]


class Revision(ArticleText, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The next version of an article."""

    note: Note = None


class Article(Struct, frozen=True, kw_only=True):
    """An article as it stands. ``version`` counts the acts; ``head`` is the newest text, ``shown`` the one that is told."""

    id: UUID
    unit_id: UUID
    state: ArticleState
    version: int
    head: int
    shown: int
    valid_from: date
    valid_to: date | None
    review_due_on: date

    @property
    def is_pending(self) -> bool:
        """Whether there is a text that waits to be published."""
        return self.state is ArticleState.DRAFT or (self.state is ArticleState.PUBLISHED and self.head != self.shown)

    def holds_on(self, day: date) -> bool:
        """Whether the answer may be given on that day, its last day included (R1)."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class ArticleVersion(Struct, frozen=True, kw_only=True):
    """A version as it was written. ``author_id`` may not publish it."""

    number: int
    question: str
    answer: str
    phrasings: tuple[str, ...]
    categories: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    review_due_on: date
    author_id: UUID
    recorded_at: datetime


class ArticleRecord(Struct, frozen=True, kw_only=True):
    """One act on an article: what was done to which version, by whom and when."""

    act: ArticleAct
    number: int
    note: str | None
    review_due_on: date | None
    person_id: UUID
    client_id: UUID
    occurred_at: datetime
    recorded_at: datetime


class Keeper(Struct, frozen=True):
    """In which role, and for which unit, somebody keeps an article."""

    role: Role
    unit_id: UUID | None


def write_version(text: ArticleText, number: int, author_id: UUID, recorded_at: datetime) -> ArticleVersion:
    """The version that a text becomes: normalised, each phrasing and category once."""
    return ArticleVersion(
        number=number,
        question=normalise(text.question),
        answer=normalise(text.answer),
        phrasings=tuple(dict.fromkeys(map(normalise, text.phrasings))),
        categories=tuple(dict.fromkeys(text.categories)),
        valid_from=text.valid_from,
        valid_to=text.valid_to,
        review_due_on=text.review_due_on,
        author_id=author_id,
        recorded_at=recorded_at,
    )
