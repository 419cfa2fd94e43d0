"""The knowledge base over HTTP, for whoever answers: search, read, and the history of an article."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from api.operations import Call, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import STAFF, day_of
from api.routes.cases import desk_of
from api.routes.knowledge_views import (
    ArticleHistory,
    ArticlePage,
    ArticleView,
    KnowledgeQuery,
    act_view,
    article_view,
    summary_of,
    version_view,
)
from core.errors import NotFound
from core.knowledge.article import Article
from core.knowledge.reading import count_uses_of, find_article, find_version, list_acts, list_versions
from core.knowledge.searching import KnowledgeFilter, Rank, codes_under, list_articles, search_articles
from core.knowledge.words import share_of_best
from core.law.instrument import Text
from core.tenants.organisation import OrganisationDay
from core.tenants.scopes import Scope

TAG = "knowledge"


def _organisation(call: Call, day: date | None = None) -> OrganisationDay:
    return call.snapshot.organisation.on(day_of(call, day))


async def _list(call: Call) -> Reply:
    query: KnowledgeQuery = call.query
    return await (_listed(call, query) if query.q is None else _searched(call, query, query.q))


async def _listed(call: Call, query: KnowledgeQuery) -> Reply:
    view = _organisation(call, query.on)
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    found = await list_articles(desk_of(call), _filter(call, query, query.on, view.day), query.limit + 1, after)
    page = found[: query.limit]
    following = make_cursor(page[-1]["id"]) if len(found) > query.limit else None
    return Reply(ArticlePage(tuple(summary_of(row, view) for row in page), following), next_cursor=following)


async def _searched(call: Call, query: KnowledgeQuery, words: str) -> Reply:
    view = _organisation(call, query.on)
    after = Rank(*read_cursor(query.cursor, tuple[int, int, UUID])) if query.cursor else None
    wanted = _filter(call, query, view.day, view.day)
    hits = await search_articles(desk_of(call), words, wanted, query.limit + 1, after)
    page = hits.rows[: query.limit]
    following = make_cursor(_rank(page[-1])) if len(hits.rows) > query.limit else None
    items = (summary_of(row, view, share_of_best(row["score"], hits.asked)) for row in page)
    return Reply(ArticlePage(tuple(items), following), next_cursor=following)


def _rank(row: dict[str, object]) -> tuple[object, ...]:
    return row["score"], row["uses"], row["id"]


def _filter(call: Call, query: KnowledgeQuery, valid_on: date | None, today: date) -> KnowledgeFilter:
    return KnowledgeFilter(
        state=query.state,
        unit_id=query.unit_id,
        categories=codes_under(call.snapshot.categories.on(today), query.category) if query.category else None,
        valid_on=valid_on,
        overdue_on=today if query.review else None,
    )


async def _read(call: Call) -> Reply:
    return await tell_article(call, await find_article(call.session, call.id("article_id")))


async def tell_article(call: Call, article: Article) -> Reply:
    """The article as it stands, with its entity tag."""
    numbers = {article.shown, article.head}
    texts = {number: await find_version(call.session, article.id, number) for number in numbers}
    uses = await count_uses_of(call.session, article.id)
    return Reply(article_view(article, texts, uses, _organisation(call)), etag=article.version)


async def _history(call: Call) -> Reply:
    article = await find_article(call.session, call.id("article_id"))
    versions, acts = await list_versions(call.session, article.id), await list_acts(call.session, article.id)
    return Reply(ArticleHistory(tuple(map(version_view, versions)), tuple(map(act_view, acts))))


OPERATIONS = (
    Operation(
        id="listKnowledge",
        method=Method.GET,
        path="/knowledge",
        tag=TAG,
        title=Text(zh="检索知识库", en="Search the knowledge base"),
        description=Text(
            zh="按来电人的话检索：只找当日有效的已发布答复，检索词中至少一半的相邻两字须出现在条目中；按出现在问题、其他问法、答复中"
            "的程度排列，其次按使用次数。不填检索词则列出全部条目，新的在前，供维护使用。",
            en="With `q`, finds published answers that may be given on the day. At least half of the pairs of neighbouring "
            "characters (and of the words in letters and the numbers) of `q` must stand in an article. Best match first: a "
            "pair counts 3 in the question, 2 in another phrasing and 1 in the answer; then by uses, then the newest. "
            "Without `q`, lists the articles in whatever state, newest first, for those who keep them; `on` narrows to "
            "those that may be given on that day. `review_overdue` warns that an answer may be out of date.",
        ),
        handler=_list,
        scope=Scope.KNOWLEDGE_READ,
        roles=STAFF,
        query=KnowledgeQuery,
        reply=ArticlePage,
    ),
    Operation(
        id="readArticle",
        method=Method.GET,
        path="/knowledge/{article_id}",
        tag=TAG,
        title=Text(zh="查看知识条目", en="Read an article"),
        description=Text(
            zh="查看一条知识：现行答复、有效期、复核期限、使用次数，以及待发布的内容。",
            en="An article with the text that is told, its days, its uses, and the text that waits to be published.",
        ),
        handler=_read,
        scope=Scope.KNOWLEDGE_READ,
        roles=STAFF,
        reply=ArticleView,
        etag=True,
        errors={NotFound: ("knowledge.unknown",)},
    ),
    Operation(
        id="listArticleVersions",
        method=Method.GET,
        path="/knowledge/{article_id}/versions",
        tag=TAG,
        title=Text(zh="知识条目历史", en="The history of an article"),
        description=Text(
            zh="一条知识的全部版本和操作记录：谁起草、修改、发布、复核、撤下。",
            en="Every version as it was written, and who drafted, revised, published, reviewed or withdrew which, and when.",
        ),
        handler=_history,
        scope=Scope.KNOWLEDGE_READ,
        roles=STAFF,
        reply=ArticleHistory,
        errors={NotFound: ("knowledge.unknown",)},
    ),
)
