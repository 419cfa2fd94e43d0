"""The knowledge base as integrators see it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from api.pages import PageQuery
from api.routes.organisation_views import Day
from core.cases.bodies import Instant
from core.knowledge.article import Article, ArticleAct, ArticleRecord, ArticleState, ArticleVersion, Note
from core.knowledge.reading import read_article
from core.tenants.category_commands import CategoryCode
from core.tenants.names import Prose
from core.tenants.organisation import OrganisationDay


class ArticleSummary(Struct, frozen=True, kw_only=True):
    """An article of the knowledge base (知识条目) with the text that is told."""

    id: UUID
    unit_id: Annotated[UUID, Meta(title="责任单位", description="The unit that answers for it")]
    unit_name: Annotated[str | None, Meta(title="单位名称", description="The unit's name on the day, if any")]
    state: Annotated[ArticleState, Meta(title="状态", description="draft, published or withdrawn; can grow")]
    question: Annotated[str, Meta(title="问题", description="The question")]
    answer: Annotated[str, Meta(title="答复口径", description="What the operator says; plain text")]
    phrasings: Annotated[tuple[str, ...], Meta(title="其他问法", description="Other ways to put it, and keywords")]
    categories: Annotated[tuple[str, ...], Meta(title="事项分类", description="Codes of the tenant's categories")]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it may be given")]
    valid_to: Annotated[date | None, Meta(title="失效日", description="The last one, if any")]
    review_due_on: Annotated[date, Meta(title="复核期限", description="By which local day the unit must have reviewed it")]
    review_overdue: Annotated[
        bool, Meta(title="逾期未复核", description="Whether that day has passed, so that the answer may be out of date")
    ]
    pending: Annotated[bool, Meta(title="待发布", description="Whether a text waits to be published")]
    number: Annotated[int, Meta(title="版本号", description="The number of the version that is told")]
    uses: Annotated[int, Meta(title="使用次数", description="How often it was told to a caller")]
    matched: Annotated[
        int | None,
        Meta(title="匹配度", description="In percent of the best possible match with the words; null in a list without any"),
    ]
    version: Annotated[int, Meta(description="Counts the acts; the entity tag")]


class VersionView(Struct, frozen=True, kw_only=True):
    """A version of an article (知识条目的一个版本) as it was written."""

    number: int
    question: str
    answer: str
    phrasings: tuple[str, ...]
    categories: tuple[str, ...]
    valid_from: date
    valid_to: date | None
    review_due_on: date
    author_id: Annotated[UUID, Meta(title="起草人", description="Who wrote it, and may not publish it")]
    recorded_at: Instant


class ArticleView(ArticleSummary, frozen=True, kw_only=True):
    """An article, with the text that waits to be published where that is another than the one that is told."""

    waiting: VersionView | None


class ArticlePage(Struct, frozen=True):
    """A page of articles. ``next`` is the cursor of the following page."""

    items: tuple[ArticleSummary, ...]
    next: str | None


class ActView(Struct, frozen=True, kw_only=True):
    """What was done to an article (操作记录), to which version, by whom and when."""

    act: Annotated[ArticleAct, Meta(description="drafted, revised, published, reviewed or withdrawn; can grow")]
    number: int
    note: str | None
    review_due_on: Annotated[date | None, Meta(description="By when it was to be reviewed from then on")]
    person_id: UUID
    client_id: UUID
    occurred_at: Instant
    recorded_at: Instant


class ArticleHistory(Struct, frozen=True):
    """Every version of an article and every act on it, oldest first. Nothing is ever edited."""

    versions: tuple[VersionView, ...]
    acts: tuple[ActView, ...]


class KnowledgeQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What articles are asked for; all that is given must hold."""

    q: (
        Annotated[
            str, Meta(min_length=1, max_length=100, title="检索词", description="The caller's words, two characters or more")
        ]
        | None
    ) = None
    category: (
        Annotated[CategoryCode, Meta(title="事项分类", description="A category; what is below it counts, too")] | None
    ) = None
    unit_id: Annotated[UUID | None, Meta(title="责任单位", description="The unit that answers for it")] = None
    state: Annotated[ArticleState, Meta(title="状态", description="The state")] | None = None
    review: (
        Annotated[
            Literal["overdue"], Meta(title="复核", description="`overdue`: published ones whose day of review has passed")
        ]
        | None
    ) = None
    on: Day = None


class Publication(Struct, frozen=True, forbid_unknown_fields=True):
    """That the newest text is told from now on."""

    note: Note = None


class Review(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That the answer is right as it stands."""

    review_due_on: Annotated[date, Meta(title="下次复核期限", description="The local day of the next review; no default.")]
    note: Note = None


class Withdrawal(Struct, frozen=True, forbid_unknown_fields=True):
    """That the answer is not to be given any more."""

    reason: Annotated[Prose, Meta(title="理由", description="Why; kept with the act.")]


class NewUse(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That the answer was told to a caller."""

    helped: Annotated[bool, Meta(title="是否解决", description="Whether it answered the caller's question.")]
    case_id: Annotated[
        UUID | None, Meta(title="事项", description="The case that it was told in; most calls end without one.")
    ] = None


class UseView(Struct, frozen=True):
    """One use of an answer (使用记录)."""

    id: UUID
    article_id: UUID
    number: Annotated[int, Meta(description="The number of the version that was told")]
    case_id: UUID | None
    helped: bool


class PeriodQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A period of local days, both included."""

    first: Annotated[date, Meta(title="起始日", description="The first local day.")] = field(name="from")
    last: Annotated[date, Meta(title="截止日", description="The last local day.")] = field(name="to")
    unit_id: Annotated[UUID | None, Meta(title="责任单位", description="The answers of this unit alone")] = None


class UnitUses(Struct, frozen=True, kw_only=True):
    """How often the answers of a unit were told in the period."""

    unit_id: UUID
    unit_name: str | None
    uses: int
    helped: Annotated[int, Meta(title="解决数", description="How many of them answered the caller's question")]


class ArticleUses(Struct, frozen=True, kw_only=True):
    """How often an answer was told in the period."""

    article_id: UUID
    question: str
    unit_id: UUID
    uses: int
    helped: int


class UsesPage(Struct, frozen=True, kw_only=True):
    """The uses of a period: of every unit, and of a page of articles, the most used first."""

    units: tuple[UnitUses, ...]
    items: tuple[ArticleUses, ...]
    next: str | None


def name_of(view: OrganisationDay, unit_id: UUID) -> str | None:
    """A unit's name on the day."""
    version = view.versions.get(unit_id)
    return version.name if version else None


def summary_of(row: dict[str, Any], view: OrganisationDay, matched: int | None = None) -> ArticleSummary:
    """A line of a list; ``view`` is the organisation on the day by which a review is overdue."""
    return ArticleSummary(**_told(read_article(row), row, view), matched=matched)


def article_view(article: Article, texts: dict[int, ArticleVersion], uses: int, view: OrganisationDay) -> ArticleView:
    """An article with the text that is told and, where that is another, the one that waits; ``texts`` by number."""
    shown = {name: getattr(texts[article.shown], name) for name in ("question", "answer", "phrasings", "categories")}
    waiting = version_view(texts[article.head]) if article.is_pending and article.head != article.shown else None
    return ArticleView(**_told(article, shown | {"uses": uses}, view), matched=None, waiting=waiting)


def version_view(version: ArticleVersion) -> VersionView:
    """A version as it was written."""
    return VersionView(**{name: getattr(version, name) for name in VersionView.__struct_fields__})


def act_view(record: ArticleRecord) -> ActView:
    """One act."""
    return ActView(**{name: getattr(record, name) for name in ActView.__struct_fields__})


def _told(article: Article, text: dict[str, Any], view: OrganisationDay) -> dict[str, Any]:
    published = article.state is ArticleState.PUBLISHED
    return {
        "id": article.id,
        "unit_id": article.unit_id,
        "unit_name": name_of(view, article.unit_id),
        "state": article.state,
        "question": text["question"],
        "answer": text["answer"],
        "phrasings": text["phrasings"],
        "categories": text["categories"],
        "valid_from": article.valid_from,
        "valid_to": article.valid_to,
        "review_due_on": article.review_due_on,
        "review_overdue": published and article.review_due_on < view.day,
        "pending": article.is_pending,
        "number": article.shown,
        "uses": text["uses"],
        "version": article.version,
    }
