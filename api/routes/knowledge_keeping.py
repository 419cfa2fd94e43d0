"""The knowledge base over HTTP, for those who keep it: write, publish, review, withdraw."""

from __future__ import annotations

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import desk_of
from api.routes.knowledge_reading import TAG, tell_article
from api.routes.knowledge_views import ArticleView, Publication, Review, Withdrawal
from core.errors import Forbidden, NotFound, OutOfOrder, Refused, Stale
from core.knowledge.article import Article, NewArticle, Revision
from core.knowledge.rules import FOUR_EYES, REVIEW
from core.knowledge.service import draft_article, publish_article, review_article, revise_article, withdraw_article
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope

KEEPERS = (Role.UNIT_OFFICER, Role.SUPERVISOR)
_EXAMPLE = {
    "question": "公租房申请需要哪些材料？",
    "answer": "请携带身份证、户口簿、收入证明到户籍所在地社区办理。",
    "phrasings": ["廉租房怎么申请", "公共租赁住房 条件"],
    "valid_from": "2026-01-01",
    "review_due_on": "2030-06-30",
}


async def _changed(call: Call, article: Article) -> Reply:
    await call.session.flush()
    return await tell_article(call, article)


async def _draft(call: Call) -> Reply:
    article = await draft_article(desk_of(call), call.body)
    told = await _changed(call, article)
    return Reply(told.value, etag=told.etag, location=f"/knowledge/{article.id}")


async def _revise(call: Call) -> Reply:
    return await _changed(call, await revise_article(desk_of(call), call.id("article_id"), call.body, call.expected or 0))


async def _publish(call: Call) -> Reply:
    published = await publish_article(desk_of(call), call.id("article_id"), call.body.note, call.expected or 0)
    return await _changed(call, published)


async def _review(call: Call) -> Reply:
    body: Review = call.body
    reviewed = await review_article(desk_of(call), call.id("article_id"), body.review_due_on, body.note, call.expected or 0)
    return await _changed(call, reviewed)


async def _withdraw(call: Call) -> Reply:
    withdrawn = await withdraw_article(desk_of(call), call.id("article_id"), call.body.reason, call.expected or 0)
    return await _changed(call, withdrawn)


_KEEPING = {
    NotFound: ("knowledge.unknown",),
    Forbidden: ("knowledge.not-your-unit",),
    Stale: ("knowledge.stale",),
}
_FAULTS = ("tenants.ends-before-it-begins", "knowledge.review-day-past", "knowledge.category-unknown")

OPERATIONS = (
    Operation(
        id="draftArticle",
        method=Method.POST,
        path="/knowledge",
        tag=TAG,
        title=Text(zh="起草知识条目", en="Draft an article"),
        description=Text(
            zh="起草一条问答，须写明责任单位、有效期和复核期限。发布之前不可检索。",
            en="Drafts a question and its answer for a unit, with the days between which it may be given and the day by "
            "which it must be reviewed. Nobody finds it before it is published.",
        ),
        handler=_draft,
        scope=Scope.KNOWLEDGE_WRITE,
        roles=KEEPERS,
        body=NewArticle,
        reply=ArticleView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        errors={
            Forbidden: ("knowledge.not-your-unit",),
            Refused: (*_FAULTS, "tenants.unit-unknown", "tenants.unit-not-active"),
        },
        examples=lambda _: {"housing": {"unit_id": "{unit_id}", **_EXAMPLE}},
    ),
    Operation(
        id="reviseArticle",
        method=Method.POST,
        path="/knowledge/{article_id}/versions",
        tag=TAG,
        title=Text(zh="修改知识条目", en="Revise an article"),
        description=Text(
            zh="写出下一版本，全文提交。已发布的条目在新版本发布之前仍按原内容答复；已撤下的重新成为草稿。",
            en="Writes the next version, said whole. A published article is told as before until that version is published; "
            "a withdrawn one becomes a draft again.",
        ),
        handler=_revise,
        scope=Scope.KNOWLEDGE_WRITE,
        roles=KEEPERS,
        body=Revision,
        reply=ArticleView,
        status=201,
        idempotent=True,
        if_match=True,
        etag=True,
        errors=_KEEPING | {Refused: _FAULTS},
        examples=lambda _: {"housing": _EXAMPLE},
    ),
    Operation(
        id="publishArticle",
        method=Method.POST,
        path="/knowledge/{article_id}/publication",
        tag=TAG,
        title=Text(zh="发布知识条目", en="Publish an article"),
        description=Text(
            zh="发布最新版本，自其生效日起可以检索。起草人不得发布自己起草的版本。",
            en="Has the newest version told from now on, from its first day on. Its author cannot publish it: a second "
            "officer of the unit or a supervisor does.",
        ),
        handler=_publish,
        scope=Scope.KNOWLEDGE_WRITE,
        roles=KEEPERS,
        body=Publication,
        reply=ArticleView,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=FOUR_EYES,
        errors=_KEEPING
        | {
            OutOfOrder: ("knowledge.nothing-to-publish",),
            Refused: ("knowledge.own-text", "knowledge.review-day-past", "knowledge.gap"),
        },
        examples=lambda _: {"checked": {"note": "已与政策文件核对"}},
    ),
    Operation(
        id="reviewArticle",
        method=Method.POST,
        path="/knowledge/{article_id}/reviews",
        tag=TAG,
        title=Text(zh="复核知识条目", en="Review an article"),
        description=Text(
            zh="确认现行答复无误，并定下次复核期限。内容有变的，请修改或撤下。",
            en="Confirms the answer as it stands, and says by when it is to be reviewed next. Where it is not right any "
            "more, revise or withdraw it.",
        ),
        handler=_review,
        scope=Scope.KNOWLEDGE_WRITE,
        roles=KEEPERS,
        body=Review,
        reply=ArticleView,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=REVIEW,
        errors=_KEEPING | {OutOfOrder: ("knowledge.not-published",), Refused: ("knowledge.review-day-past",)},
        examples=lambda _: {"unchanged": {"review_due_on": "2030-12-31", "note": "政策未变"}},
    ),
    Operation(
        id="withdrawArticle",
        method=Method.POST,
        path="/knowledge/{article_id}/withdrawal",
        tag=TAG,
        title=Text(zh="撤下知识条目", en="Withdraw an article"),
        description=Text(
            zh="立即停止使用一条答复。全部版本保留。",
            en="Nobody finds the answer from now on. All its versions stay.",
        ),
        handler=_withdraw,
        scope=Scope.KNOWLEDGE_WRITE,
        roles=KEEPERS,
        body=Withdrawal,
        reply=ArticleView,
        idempotent=True,
        if_match=True,
        etag=True,
        errors=_KEEPING | {OutOfOrder: ("knowledge.withdrawn-before",)},
        examples=lambda _: {"obsolete": {"reason": "政策已废止"}},
    ),
)
