"""The uses of the knowledge base over HTTP: recorded call by call, and counted for a period."""

from __future__ import annotations

from dataclasses import astuple
from uuid import UUID

from api.operations import Call, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import STAFF, day_of
from api.routes.cases import desk_of
from api.routes.knowledge_reading import TAG
from api.routes.knowledge_views import ArticleUses, NewUse, PeriodQuery, UnitUses, UsesPage, UseView, name_of
from core.errors import NotFound, OutOfOrder, Refused
from core.knowledge.uses import Period, count_by_article, count_by_unit, record_use
from core.law.instrument import Text
from core.tenants.checks import check_span
from core.tenants.scopes import Scope


async def _use(call: Call) -> Reply:
    body: NewUse = call.body
    return Reply(UseView(*astuple(await record_use(desk_of(call), call.id("article_id"), body.case_id, body.helped))))


async def _uses(call: Call) -> Reply:
    query: PeriodQuery = call.query
    check_span(query.first, query.last, "to")
    period, desk = Period(query.first, query.last, query.unit_id), desk_of(call)
    after = read_cursor(query.cursor, tuple[int, UUID]) if query.cursor else None
    found = await count_by_article(desk, period, query.limit + 1, after)
    page, view = found[: query.limit], call.snapshot.organisation.on(day_of(call, None))
    following = make_cursor((page[-1]["uses"], page[-1]["id"])) if len(found) > query.limit else None
    units = (UnitUses(**row, unit_name=name_of(view, row["unit_id"])) for row in await count_by_unit(desk, period))
    items = (ArticleUses(article_id=row.pop("id"), **row) for row in page)
    return Reply(UsesPage(units=tuple(units), items=tuple(items), next=following), next_cursor=following)


OPERATIONS = (
    Operation(
        id="recordUse",
        method=Method.POST,
        path="/knowledge/{article_id}/uses",
        tag=TAG,
        title=Text(zh="记录使用", en="Record the use of an answer"),
        description=Text(
            zh="记录一次答复：有无事项均可，是否解决了来电人的问题。",
            en="Records that the answer was told to a caller, in a case or, as most calls end, without one, and whether it "
            "answered the question.",
        ),
        handler=_use,
        scope=Scope.KNOWLEDGE_WRITE,
        roles=STAFF,
        body=NewUse,
        reply=UseView,
        status=201,
        idempotent=True,
        errors={
            OutOfOrder: ("knowledge.not-published",),
            NotFound: ("knowledge.unknown",),
            Refused: ("knowledge.case-unknown",),
        },
        examples=lambda _: {"answered": {"helped": True}},
    ),
    Operation(
        id="countUses",
        method=Method.GET,
        path="/knowledge/uses",
        tag=TAG,
        title=Text(zh="使用统计", en="Count the uses of answers"),
        description=Text(
            zh="某段时间内各单位、各条答复的使用次数和解决数，多的在前。",
            en="How often each unit's answers, and each answer, were told in a period, and how many of the calls they "
            "answered; the most used first.",
        ),
        handler=_uses,
        scope=Scope.KNOWLEDGE_READ,
        roles=STAFF,
        query=PeriodQuery,
        reply=UsesPage,
        errors={Refused: ("tenants.ends-before-it-begins",)},
    ),
)
