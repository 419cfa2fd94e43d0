"""Deadlines across cases over HTTP: those that run, fall due and are late, page by page, and how many each holder has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from api.faults import BadInput
from api.operations import Call, Method, Operation, Reply
from api.pages import PageQuery, make_cursor
from api.routes.case_deadline_views import JUSTIFIED, JustifiedBrief, justified_brief
from api.routes.case_filters import split_values
from api.routes.case_lists import read_position
from api.routes.cases import READERS, desk_of
from api.routes.unit_names import UnitNames, name_units, unit_name
from core.cases.bodies import Instant
from core.cases.deadline_counts import DeadlineCount, count_deadlines
from core.cases.deadline_listing import DeadlineFilter, DeadlineLine, list_deadlines
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.cases.listing import Sort
from core.errors import Invalid, Refused
from core.law.instrument import Text, Unit
from core.tenants.scopes import Scope

TAG = "deadlines"
OVERDUE = "wenze:readings#r10"
MOST_STATES = 8
LONGEST_LOOK, LONGEST_LATENESS = 60, 1_000
"""How many working days ahead, and how many days of lateness, a count can be asked for."""
_Several = Meta(min_length=1, max_length=400, pattern=r"^[^,]+(,[^,]+)*$(?!\n)")
_Word = Meta(min_length=1, max_length=200)


class DeadlineQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of deadlines; all that are given must hold. Where several values are parted by commas, any of them will do."""

    state: (
        Annotated[str, _Several, Meta(title="状态", description="The state, or several; the open ones where none is named")]
        | None
    ) = None
    windows: Annotated[
        bool, Meta(title="含权利期限", description="Limits of rights, too, for which nobody is ever late")
    ] = False
    due_from: Annotated[date | None, Meta(title="到期日自", description="Due on this local day or later")] = None
    due_to: Annotated[date | None, Meta(title="到期日至", description="Due on this local day or earlier")] = None
    overdue: Annotated[bool | None, Meta(title="是否逾期", description="Whether it is open and has run out")] = None
    holder_unit: Annotated[UUID | None, Meta(title="责任单位", description="The unit that holds it")] = None
    case_id: Annotated[UUID | None, Meta(title="事项", description="The case that it is of")] = None
    key: Annotated[str, _Word, Meta(title="期限种类", description="Its key in the kind of case")] | None = None
    kind: Annotated[str, _Several, Meta(title="事项类型", description="The kind of case, or several")] | None = None
    clause: Annotated[str, _Word, Meta(title="条款", description="The citation of the clause that sets it")] | None = None
    provisional: Annotated[
        bool | None, Meta(title="暂定", description="Whether a year that it touches is not announced yet")
    ] = None
    justified: Annotated[bool | None, Meta(title="有正当理由", description="Whether its lateness was found justified")] = (
        None
    )


class CountQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What else is counted."""

    soon: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=LONGEST_LOOK,
                title="临期工作日数",
                description="Also those due within so many of the tenant's working days, what is due today included",
            ),
        ]
        | None
    ) = None
    overdue_by: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=LONGEST_LATENESS,
                title="逾期天数",
                description="Also those overdue by so many days or more, each in the unit of its own term (R10)",
            ),
        ]
        | None
    ) = None


class DeadlineEntry(Struct, frozen=True, kw_only=True):
    """One deadline (期限) of a case. ``due_on`` is the last local day, ``due_at`` the first instant that is too late."""

    id: UUID
    case_id: UUID
    number: Annotated[str, Meta(title="事项编号", description="The number of the case")]
    kind: Annotated[str, Meta(title="事项类型", description="The kind of case; can grow")]
    key: str
    title: Annotated[Text | None, Meta(description="What the rule calls it; null where the present rules have it no more")]
    clause: Annotated[str, Meta(description="The citation of the clause that sets it")]
    holder: Annotated[
        str, Meta(title="责任方", description="office:… of the tenant, lead-unit, cooperating-units, each-unit")
    ]
    holder_unit_id: Annotated[UUID | None, Meta(title="责任单位")]
    starts_at: Annotated[Instant, Meta(title="起算时间")]
    original_due_on: date
    due_on: date
    due_at: Instant
    state: Annotated[
        str, Meta(description="As of the deadlines of a case: open, paused, met, met-late and others. Can grow")
    ]
    overdue: bool
    overdue_days: Annotated[
        int,
        Meta(
            ge=0,
            title="逾期天数",
            description="By R10, until today or until it was met late; rest days count for nothing where the term is one of "
            "working days, and it can be 0 on the day itself on which an hour was missed",
        ),
    ]
    overdue_unit: Annotated[
        Literal["working_day", "calendar_day"], Meta(title="逾期单位", description="In what it is overdue, as its own term")
    ]
    window: Annotated[bool, Meta(title="权利期限", description="Whether it limits a right: nobody is ever late for it")]
    provisional: Annotated[bool, Meta(title="暂定", description="A year that it touches is not announced yet")]
    ended_at: Instant | None
    justified: Annotated[JustifiedBrief | None, JUSTIFIED]


class DeadlinePage(Struct, frozen=True):
    """A page of deadlines, earliest due first. ``next`` is the cursor of the following page."""

    items: tuple[DeadlineEntry, ...]
    next: str | None
    unit_names: UnitNames


class DeadlineTally(Struct, frozen=True, kw_only=True):
    """How many deadlines one unit, or one office of the tenant, holds at this moment."""

    unit_id: Annotated[UUID | None, Meta(title="单位", description="Null where no unit fills the office")]
    unit_name: Annotated[str | None, Meta(title="单位名称", description="What it is called today")]
    office: Annotated[
        str | None, Meta(title="机构职责", description="The office that holds them; null for a unit's own part")
    ]
    open: Annotated[int, Meta(ge=0, title="未结", description="All that run, the overdue ones among them")]
    due_today: Annotated[int, Meta(ge=0, title="今日到期", description="Not run out, due by the end of the local day")]
    due_soon: Annotated[int, Meta(ge=0, title="临期", description="As `soon` asks; null without it")] | None
    overdue: Annotated[int, Meta(ge=0, title="逾期")]
    unjustified: Annotated[
        int,
        Meta(ge=0, title="无正当理由的逾期", description="Of the overdue ones those whose lateness is not found justified"),
    ]
    overdue_by: Annotated[int, Meta(ge=0, title="逾期达天数", description="As `overdue_by` asks; null without it")] | None


class DeadlineTallies(Struct, frozen=True):
    """The counts of every holder who has any, the most overdue first."""

    items: tuple[DeadlineTally, ...]


async def _list(call: Call) -> Reply:
    query: DeadlineQuery = call.query
    after = read_position(Sort.DUE, query.cursor)
    page = await list_deadlines(desk_of(call), _filter(query), query.limit, after)
    following = make_cursor([page.following.due_at, page.following.id]) if page.following else None
    names = name_units(call, (line.holder_unit_id for line in page.lines))
    now = call.legal_now
    return Reply(
        DeadlinePage(tuple(_entry(call, line, now) for line in page.lines), following, names), next_cursor=following
    )


def _filter(query: DeadlineQuery) -> DeadlineFilter:
    for name in ("due_from", "due_to"):
        day: date | None = getattr(query, name)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise BadInput("cases.instant-out-of-reach", place="query", field=name, first=FIRST_YEAR, last=LAST_YEAR)
    plain = (
        "due_from",
        "due_to",
        "overdue",
        "holder_unit",
        "case_id",
        "key",
        "clause",
        "provisional",
        "justified",
        "windows",
    )
    return DeadlineFilter(
        **{name: getattr(query, name) for name in plain},
        states=split_values("state", query.state, MOST_STATES),
        kinds=split_values("kind", query.kind),
    )


def _entry(call: Call, line: DeadlineLine, now: datetime) -> DeadlineEntry:
    city, window = call.jurisdiction, line.is_window(call.jurisdiction)
    told: dict[str, Any] = {name: getattr(line, name) for name in _AS_THEY_STAND}
    return DeadlineEntry(
        **told,
        title=line.title(city),
        overdue=line.overdue_at(now),
        overdue_days=0 if window else line.overdue_days(call.snapshot, now),
        overdue_unit="working_day" if line.overdue_unit is Unit.WORKING_DAY else "calendar_day",
        window=window,
        justified=justified_brief(line.justified_step, line.justified_at),
    )


_AS_THEY_STAND = tuple(name for name in DeadlineEntry.__struct_fields__ if name in DeadlineLine.__slots__)


async def _count(call: Call) -> Reply:
    query: CountQuery = call.query
    found = await count_deadlines(desk_of(call), query.soon, query.overdue_by)
    return Reply(DeadlineTallies(tuple(_tally(call, item) for item in found)))


def _tally(call: Call, item: DeadlineCount) -> DeadlineTally:
    told = {name: getattr(item, name) for name in DeadlineCount.__slots__}
    return DeadlineTally(**told, unit_name=unit_name(call, item.unit_id) if item.unit_id else None)


OPERATIONS = (
    Operation(
        id="listDeadlinesAcrossCases",
        method=Method.GET,
        path="/deadlines",
        tag=TAG,
        title=Text(zh="期限列表", en="List deadlines"),
        description=Text(
            zh="可见事项的期限，最早到期的在前；默认只列未结的。可按到期日、是否逾期、逾期有无正当理由、状态、责任单位、种类、条款、是否暂定等筛选。"
            "逾期天数依 R10 按期限自身单位和本租户的工作日历计算。看不到事项的，也看不到其期限。",
            en="Deadlines of the cases that you may see, earliest due first; the open ones where no state is named. By due "
            "day, lateness, state, holder, key, kind of case, clause and whether the date is provisional. Days overdue are "
            "counted in the unit of each term by the tenant's calendar (R10). Whoever does not see a case sees none of its "
            "deadlines. Limits of rights are listed with `windows=true` alone.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=DeadlineQuery,
        reply=DeadlinePage,
        clause=OVERDUE,
        errors={Invalid: ("cases.instant-out-of-reach", "lists.too-many-values")},
    ),
    Operation(
        id="countDeadlines",
        method=Method.GET,
        path="/deadlines/counts",
        tag=TAG,
        title=Text(zh="期限统计", en="Count deadlines"),
        description=Text(
            zh="各单位和各机构职责此刻未结、今日到期、临期（soon 个工作日内）、逾期、"
            "其中无正当理由的逾期及逾期达 overdue_by 天的期限数；"
            "范围同期限列表。",
            en="How many deadlines each unit and each office of the tenant has open, due today, due within `soon` working "
            "days, overdue, overdue without being found justified, and overdue by `overdue_by` days or more, over what the "
            "list shows you.",
        ),
        handler=_count,
        scope=Scope.CASES_READ,
        roles=READERS,
        query=CountQuery,
        reply=DeadlineTallies,
        clause=OVERDUE,
        errors={Refused: ("calendar.term-out-of-reach",)},
    ),
)
