"""Matters that must be supervised, over HTTP: what waits, what became of a case's, and departing from the duty (R9)."""

from __future__ import annotations

from api.operations import Call, Method, Operation, Reply
from api.pages import make_cursor
from api.routes.case_lists import summaries, unit_names
from api.routes.cases import desk_of
from api.routes.supervision_views import (
    SupervisionDeparture,
    SupervisionItems,
    SupervisionItemView,
    SupervisionLine,
    SupervisionPage,
    item_fields,
    item_view,
)
from api.routes.unit_names import name_units
from api.routes.worklists import WorkQuery, read_work_position
from core.cases.service import find_case
from core.errors import Conflict, Forbidden, NotFound, Stale
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.supervision.departing import BINDING, DEPARTING, depart_from
from core.supervision.listing import OVERSEEING, list_of_case, list_supervision, note_justified
from core.tenants.scopes import Scope

TAG = "worklists"


async def _list(call: Call) -> Reply:
    query: WorkQuery = call.query
    page = await list_supervision(desk_of(call), query.limit, read_work_position(query.cursor))
    lines, last = summaries(call, tuple(found.line for found in page.items)), page.following
    items = tuple(
        SupervisionLine(**item_fields(call, found.item, call.jurisdiction.kind(found.line["kind"]), page.noted), case=line)
        for found, line in zip(page.items, lines, strict=True)
    )
    following = make_cursor([last.due_at, last.id]) if last else None
    names = unit_names(call, lines) | name_units(call, (item.unit_id for item in items))
    return Reply(SupervisionPage(items, following, names), next_cursor=following)


async def _list_of_case(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"))
    kind = call.jurisdiction.kind(case.kind)
    items, noted = await list_of_case(desk, case)
    return Reply(SupervisionItems(tuple(item_view(call, item, kind, noted) for item in items)))


async def _depart(call: Call) -> Reply:
    desk = desk_of(call)
    item = await depart_from(desk, call.id("item_id"), call.body.reason, call.expected or 0)
    case = await find_case(desk, item.case_id)
    return Reply(item_view(call, item, call.jurisdiction.kind(case.kind), note_justified(case)), etag=item.version)


def _finds(jurisdiction: Jurisdiction) -> bool:
    """Whether the city's regulations say of what can be found that it must be supervised."""
    return any(kind.supervisions for kind in jurisdiction.kinds.values())


def _supervises(jurisdiction: Jurisdiction) -> bool:
    """Whether there is something to depart from: a way of supervising that is asked for."""
    return any(rule.steps for kind in jurisdiction.kinds.values() for rule in kind.supervisions)


OPERATIONS = (
    Operation(
        id="listSupervision",
        method=Method.GET,
        path="/worklists/supervision",
        tag=TAG,
        title=Text(zh="待督办", en="What must be supervised"),
        description=Text(
            zh="系统依条款自动发现、尚未督办的事项，最早发现的在前：条款、事实、督办方式及时限、已提醒几次；提醒当日承办单位仍无动作的，"
            "提示可以上报。承办单位不是成员单位的，先列明须反馈其上级单位的步骤。是否拒不落实、是否属承办单位原因，由人认定。领导交办、热点难点等只能由人判断的，在督办步骤的事由中选择；"
            "兜底事由须写明理由和依据（R8）。",
            en="What a clause says must be supervised, found by the service and not supervised yet, the oldest first: the "
            "clause, the facts, the steps by which it is supervised with their terms, and how often the unit was reminded. "
            "Where no step of the unit fell on the day of the last reminder, the step that is open then is named; of a unit "
            "that is no member, the step by which its superior is told first. Whether "
            "it was ignored, and whose fault it is, people find. What only people can tell (assigned by a leader, a hot "
            "topic) is an option of the supervising steps; a catch-all among them needs a reason and its basis (R8).",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=OVERSEEING,
        query=WorkQuery,
        reply=SupervisionPage,
        available=_finds,
    ),
    Operation(
        id="listCaseSupervision",
        method=Method.GET,
        path="/cases/{case_id}/supervision-items",
        tag="cases",
        title=Text(zh="事项的须督办记录", en="What had to be supervised of a case"),
        description=Text(
            zh="该事项被发现须督办的各项及其结果：已督办、已消除、说明理由不予督办。承办单位只能看到涉及本单位且已督办的。",
            en="Each matter that was found, and what became of it: supervised, over, or departed from with the reason. "
            "Officers of units see those about their own units, once they are supervised.",
        ),
        handler=_list_of_case,
        scope=Scope.CASES_READ,
        roles=(*OVERSEEING, Role.UNIT_OFFICER),
        reply=SupervisionItems,
        available=_finds,
        errors={NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="departFromSupervision",
        method=Method.POST,
        path="/supervision-items/{item_id}/departure",
        tag=TAG,
        title=Text(zh="说明理由不予督办", en="Depart from supervising a matter"),
        description=Text(
            zh="条款要求督办的，督查人员可以书面说明理由不予督办（R9），记入审计；涉及本人所在单位的，须由他人决定。",
            en="What has to be supervised is not, for a reason that stays on record (R9): by a supervisor who belongs to "
            "none of the units that have the case, and is not recused from it.",
        ),
        handler=_depart,
        scope=Scope.CASES_WRITE,
        roles=DEPARTING,
        body=SupervisionDeparture,
        reply=SupervisionItemView,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=BINDING,
        recusal=True,
        available=_supervises,
        errors={
            Forbidden: ("recusals.recused", "supervision.own-unit"),
            NotFound: ("supervision.unknown",),
            Stale: ("supervision.stale",),
            Conflict: ("supervision.ended",),
        },
        examples=lambda _: {"departed": {"reason": "承办单位已于当日书面说明正在施工，预计次日完成。"}},
    ),
)
