"""Work lists over HTTP: what I have to do, what my units have, what falls due today, what is late; and how many of each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.faults import BadInput
from api.operations import Call, Handler, Method, Operation, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.case_lists import summaries, unit_names
from api.routes.case_schemas import page_reply
from api.routes.case_views import CasePage, CaseSummary
from api.routes.cases import READERS, desk_of
from api.routes.requests import details_of
from api.routes.unit_names import UnitNames, name_units, units_told
from core.cases.approvals import count_approvals, list_approvals
from core.cases.bodies import Instant
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.cases.listing import Position
from core.cases.worklists import WorkList, count_work, list_work
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.supervision.listing import count_supervision
from core.tenants.scopes import Scope

TAG = "worklists"
APPROVALS, SUPERVISION = "approvals", "supervision"


class WorkQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which page of a work list."""


class WorkCursor(Struct, frozen=True, array_like=True):
    """The position of a cursor: the last case of a page, and when it falls due."""

    due_at: Annotated[datetime, Meta(tz=True)] | None
    id: UUID


class WorkCount(Struct, frozen=True):
    """How many cases a work list has."""

    list: Annotated[
        str, Meta(title="待办列表", description="mine, unit, due-today, overdue, approvals or supervision; can grow")
    ]
    count: Annotated[int, Meta(ge=0, title="件数")]


class WorkCounts(Struct, frozen=True):
    """How many cases each work list has at this moment."""

    items: tuple[WorkCount, ...]


class RequestView(Struct, frozen=True):
    """A request that waits for a decision (待批申请)."""

    id: Annotated[UUID, Meta(description="The id of the step that asked, or of the correction; name it where you decide")]
    kind: Annotated[str, Meta(description="What is asked: `return`, `co-handler`, `correction`, a city's own; can grow")]
    step: Annotated[str, Meta(description="The step by which it was asked")]
    person_id: Annotated[UUID | None, Meta(title="申请人")]
    unit_id: Annotated[UUID | None, Meta(title="申请单位")]
    asked_at: Annotated[Instant, Meta(title="申请时间")]
    reason: Annotated[str, Meta(title="理由")]
    details: Annotated[dict[str, Any], Meta(title="申请内容", description="What the step said; see the step's fields")]
    decider_unit_id: Annotated[UUID | None, Meta(description="The unit that decides; null where a role does")]
    case: CaseSummary


class RequestPage(Struct, frozen=True):
    """A page of requests, earliest due case first. ``next`` is the cursor of the following page."""

    items: tuple[RequestView, ...]
    next: str | None
    unit_names: UnitNames


def _lister(wanted: WorkList) -> Handler:
    async def handle(call: Call) -> Reply:
        query: WorkQuery = call.query
        page = await list_work(desk_of(call), wanted, query.limit, read_work_position(query.cursor))
        lines, last = tuple(summaries(call, page.lines)), page.following
        following = make_cursor([last.due_at, last.id]) if last else None
        return Reply(CasePage(lines, following, unit_names(call, lines)), next_cursor=following)

    return handle


def read_work_position(cursor: str | None) -> Position | None:
    """After what a page of a work list begins; raises :class:`BadInput` for a cursor that is none of ours."""
    if cursor is None:
        return None
    last = read_cursor(cursor, WorkCursor)
    if last.due_at is not None and not FIRST_YEAR <= last.due_at.year <= LAST_YEAR:
        raise BadInput("api.cursor-malformed", place="query", field="cursor")
    return Position(last.id, last.due_at)


async def _list_approvals(call: Call) -> Reply:
    query: WorkQuery = call.query
    page = await list_approvals(desk_of(call), query.limit, read_work_position(query.cursor))
    lines, last = summaries(call, tuple(item.line for item in page.items)), page.following
    items = tuple(_request(item.request, line) for item, line in zip(page.items, lines, strict=True))
    following = make_cursor([last.due_at, last.id]) if last else None
    named = (id_ for item in items for id_ in (item.unit_id, item.decider_unit_id, *units_told(item.details)))
    names = unit_names(call, lines) | name_units(call, named)
    return Reply(RequestPage(items, following, names), next_cursor=following)


def _request(asked: dict[str, Any], line: CaseSummary) -> RequestView:
    told = {name: value for name, value in asked.items() if name != "data"}
    return RequestView(**told, details=details_of(asked["data"]), case=line)


async def _count(call: Call) -> Reply:
    desk = desk_of(call)
    counts = await count_work(desk)
    lists = tuple(WorkCount(wanted.value, count) for wanted, count in counts.items())
    approvals = WorkCount(APPROVALS, await count_approvals(desk))
    return Reply(WorkCounts((*lists, approvals, WorkCount(SUPERVISION, await count_supervision(desk)))))


def _page_reply(jurisdiction: Jurisdiction) -> Any:
    return page_reply(jurisdiction)


_LISTS: dict[WorkList, tuple[str, Text, Text]] = {
    WorkList.MINE: (
        "listMyWork",
        Text(zh="我的待办", en="My work"),
        Text(
            zh="本人登记的、或由本人为单位签收的未办结事项，最早到期的在前。",
            en="Open cases that you registered, or signed for at a unit that has them. Earliest due first; those without an "
            "open deadline come last.",
        ),
    ),
    WorkList.UNIT: (
        "listUnitWork",
        Text(zh="本单位待办", en="The work of my units"),
        Text(
            zh="本人所在单位正在承办的未办结事项，最早到期的在前。",
            en="Open cases that a unit of yours has now, as lead or cooperating. Earliest due first.",
        ),
    ),
    WorkList.DUE_TODAY: (
        "listDueToday",
        Text(zh="今日到期", en="Due today"),
        Text(
            zh="最近期限在今日（法定时间的本地日）结束前到期且尚未逾期的事项。派单、督办、督查人员可见全部，其他人员限本人和本单位的事项。",
            en="Cases whose next deadline falls due by the end of the local day of legal time and has not run out. For "
            "dispatchers, supervisors and the inspection office all that they may see; for others their own, their units'.",
        ),
    ),
    WorkList.OVERDUE: (
        "listOverdue",
        Text(zh="已逾期", en="Overdue"),
        Text(
            zh="已有期限届满的事项，逾期最久的在前；范围同“今日到期”。",
            en="Cases of which an open deadline has run out, the longest overdue first; the same people's as what "
            "is due today.",
        ),
    ),
}


def _operation(wanted: WorkList) -> Operation:
    id_, title, description = _LISTS[wanted]
    return Operation(
        id=id_,
        method=Method.GET,
        path=f"/worklists/{wanted.value}",
        tag=TAG,
        title=title,
        description=description,
        handler=_lister(wanted),
        scope=Scope.CASES_READ,
        roles=READERS,
        query=WorkQuery,
        reply=_page_reply,
    )


OPERATIONS = (
    Operation(
        id="countWork",
        method=Method.GET,
        path="/worklists",
        tag=TAG,
        title=Text(zh="待办统计", en="Count the work"),
        description=Text(
            zh="各待办列表此刻的件数。",
            en="How many cases each work list has at this moment, as the lists themselves would tell them.",
        ),
        handler=_count,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=WorkCounts,
    ),
    *map(_operation, WorkList),
    Operation(
        id="listApprovals",
        method=Method.GET,
        path=f"/worklists/{APPROVALS}",
        tag=TAG,
        title=Text(zh="待我审批", en="Waiting for my decision"),
        description=Text(
            zh="等待本人决定的申请（退单、协办、更正等）及其事项，事项最早到期的在前；本人提出的申请不在其中。",
            en="Requests that you may decide on, by your role or for a unit that passed the case on, with their cases: "
            "returns, co-handling, corrections and what else the city knows. Earliest due case first; never your own.",
        ),
        handler=_list_approvals,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=WorkQuery,
        reply=RequestPage,
    ),
)
