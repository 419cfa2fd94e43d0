"""Requests over HTTP: what waits for somebody's decision, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.cases import READERS, desk_of
from api.routes.unit_names import UnitNames, name_units, units_told
from core.cases.bodies import Instant
from core.cases.disclosure import is_entrusted
from core.cases.request_listing import RequestFilter, list_requests
from core.law.instrument import Text
from core.tenants.scopes import Scope


class RequestState(StrEnum):
    """What became of a request."""

    PENDING = "pending"
    GRANTED = "granted"
    DECLINED = "declined"
    LAPSED = "lapsed"


class RequestQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the list of requests; all that are given must hold."""

    state: Annotated[RequestState | None, Meta(title="状态", description="What became of it")] = None
    kind: (
        Annotated[str, Meta(max_length=64, title="申请种类", description="What is asked for: return, co-handler …")] | None
    ) = None
    case_id: Annotated[UUID | None, Meta(title="事项", description="The case")] = None
    unit_id: Annotated[UUID | None, Meta(title="申请单位", description="The unit that asks")] = None
    mine: Annotated[bool, Meta(title="待我审批", description="Only what waits for your decision")] = False


class RequestLine(Struct, frozen=True, kw_only=True):
    """Something that somebody asked for in a case (申请), and what was decided."""

    id: UUID
    case_id: UUID
    number: Annotated[str, Meta(title="编号", description="The case's number")]
    case_kind: Annotated[str, Meta(title="事项类型", description="The kind of case. Can grow")]
    kind: Annotated[
        str, Meta(title="申请种类", description="What is asked for: return, co-handler, extension, justification. Can grow")
    ]
    step: Annotated[str, Meta(title="申请步骤", description="The step by which it was asked")]
    state: Annotated[str, Meta(title="状态", description="pending, granted, declined or lapsed. Can grow")]
    person_id: Annotated[UUID | None, Meta(title="申请人")]
    unit_id: Annotated[UUID | None, Meta(title="申请单位")]
    asked_at: Annotated[Instant, Meta(title="申请时间")]
    reason: Annotated[str | None, Meta(title="理由", description="Null where it is confidential")]
    details: Annotated[dict[str, Any], Meta(title="申请内容", description="What the step said; see the step's fields")]
    decider_unit_id: Annotated[
        UUID | None, Meta(title="决定单位", description="The unit above that decides; null where a role of the centre does")
    ]
    decided_by: Annotated[UUID | None, Meta(title="决定人")]
    decided_at: Annotated[Instant | None, Meta(title="决定时间", description="When it was decided, or lapsed")]
    decision_reason: Annotated[str | None, Meta(title="决定理由")]


class RequestRegister(Struct, frozen=True):
    """A page of requests, newest first. ``next`` is the cursor of the following page."""

    items: tuple[RequestLine, ...]
    next: str | None
    unit_names: UnitNames


async def _list(call: Call) -> Reply:
    query: RequestQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    state = query.state.value if query.state else None
    wanted = RequestFilter(state, query.kind, query.case_id, query.unit_id, query.mine)
    found = await list_requests(desk_of(call), wanted, query.limit + 1, after)
    page = found[: query.limit]
    following = make_cursor(page[-1]["id"]) if len(found) > query.limit else None
    lines = tuple(_line(call, row) for row in page)
    return Reply(RequestRegister(lines, following, _names(call, lines)), next_cursor=following)


def _names(call: Call, lines: tuple[RequestLine, ...]) -> dict[str, str]:
    return name_units(
        call, (id_ for line in lines for id_ in (line.unit_id, line.decider_unit_id, *units_told(line.details)))
    )


_UNTOLD = dict.fromkeys(("reason", "person_id", "decided_by", "decision_reason"))


def _line(call: Call, row: dict[str, Any]) -> RequestLine:
    """A request as the reader may see it: of a confidential case no more than that it was asked, unless a unit did.

    Then neither why it was asked and decided so, nor by whom, as the steps of such a case do not say it either.
    """
    hidden = row["unit_id"] is None and not is_entrusted(call.jurisdiction.kind(row["case_kind"]), call.principal)
    told = {name: value for name, value in row.items() if name != "data"} | (_UNTOLD if hidden else {})
    return RequestLine(details={} if hidden else details_of(row["data"]), **told)


def details_of(data: dict[str, Any]) -> dict[str, Any]:
    """What a request's step said beside its reason."""
    return {name: value for name, value in data.items() if name != "reason"}


OPERATIONS = (
    Operation(
        id="listRequests",
        method=Method.GET,
        path="/requests",
        tag="requests",
        title=Text(zh="申请列表", en="List requests"),
        description=Text(
            zh="退单、协办等申请及其决定，最新的在前；mine=true 为待我审批。"
            "单位人员只能看到本单位提出的和由本单位决定的申请。",
            en="What was asked for in cases (to return one, for a cooperating unit) and what was decided, newest first; "
            "with `mine` what waits for your decision, which is never your own request. A unit officer sees what the own "
            "unit asked and what it decides on. A request is decided by a step of its case, which names it by `request_id`.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=RequestQuery,
        reply=RequestRegister,
    ),
)
