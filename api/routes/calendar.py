"""The working calendar over HTTP: the version that holds, each day's kind, and the next version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.administration import ADMINISTRATORS, STAFF, administration_of
from core.cases.bodies import Instant
from core.errors import Refused, Stale
from core.jurisdictions import Jurisdiction
from core.law.calendar import Day, working_calendar
from core.law.calendar_version import CalendarVersion
from core.law.instrument import Text
from core.tenants.loading import load_calendar_known_at
from core.tenants.scopes import Scope
from core.tenants.service.calendars import CalendarStatement, publish_calendar

TAG = "calendar"
MOST_DAYS = 400
_CLAUSE = "wenze:readings#r2"


class CalendarView(Struct, frozen=True):
    """A version of the tenant's calendar (工作日历). ``announced_years`` are known whole; any other is provisional."""

    version: CalendarVersion
    announced_years: tuple[int, ...]
    source: Annotated[str, Meta(description="Where the State Council's arrangements come from")]


class DaysQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """A span of days, both ends included."""

    first: Annotated[date, Meta(title="起日", description="The first day")]
    last: Annotated[date, Meta(title="止日", description="The last day, at most 400 days on")]


class DayList(Struct, frozen=True):
    """Each day of a span and what it is: working, weekend, holiday, make-up or closure."""

    number: Annotated[int, Meta(description="The version of the calendar")]
    items: tuple[Day, ...]


def _view(version: CalendarVersion) -> CalendarView:
    calendar = working_calendar(version)
    return CalendarView(version, calendar.announced_years, calendar.source)


class CalendarQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which version is asked for."""

    known_at: Annotated[
        Instant | None,
        Meta(title="已知时点", description="The version that was known at this instant of legal time; now, if left out."),
    ] = None


async def _read(call: Call) -> Reply:
    known_at: datetime | None = call.query.known_at
    current = call.snapshot.calendar.version
    version = current if known_at is None else await load_calendar_known_at(call.session, known_at)
    return Reply(_view(version), etag=version.number)


async def _days(call: Call) -> Reply:
    query: DaysQuery = call.query
    if not 0 <= (query.last - query.first).days < MOST_DAYS:
        raise Refused("tenants.days-span", field="to", most=MOST_DAYS)
    days = tuple(call.snapshot.calendar.days(query.first, query.last))
    return Reply(DayList(call.snapshot.calendar_number, days))


async def _publish(call: Call) -> Reply:
    version = await publish_calendar(administration_of(call), call.body, call.expected or 0)
    return Reply(_view(version), etag=version.number)


def _examples(_: Jurisdiction) -> Mapping[str, Any]:
    hours = [{"start": "09:00", "end": "12:00"}, {"start": "13:30", "end": "17:30"}]
    closure = {"date": "2026-12-31", "name": "系统切换停办", "basis": "市政务服务管理局通告〔2026〕3号"}
    notice = {"date": "2027-01-01", "kind": "holiday", "name": "元旦"}
    return {
        "hours": {"basis": "市政府办公室关于办公时间的通知", "office_hours": hours, "closing_hour": "17:30"},
        "closure": {"basis": "市政务服务管理局通告〔2026〕3号", "closures": [closure]},
        "year": {"basis": "国务院办公厅关于2027年部分节假日安排的通知", "years": [{"year": 2027, "days": [notice]}]},
    }


OPERATIONS = (
    Operation(
        id="readCalendar",
        method=Method.GET,
        path="/calendar",
        tag=TAG,
        title=Text(zh="查看工作日历", en="Read the calendar"),
        description=Text(
            zh="工作日历的现行版本，或某一时点已知的版本：对国务院放假安排的补充、停办日、办公时间和业务截止时刻。",
            en="The version that holds now, or that was known at an instant: what it adds to the State Council's "
            "arrangements, closures, office hours and the closing hour.",
        ),
        handler=_read,
        scope=Scope.CALENDAR_READ,
        roles=STAFF,
        query=CalendarQuery,
        reply=CalendarView,
        etag=True,
        clause=_CLAUSE,
    ),
    Operation(
        id="publishCalendar",
        method=Method.PUT,
        path="/calendar",
        tag=TAG,
        title=Text(zh="发布新版工作日历", en="Publish the next version of the calendar"),
        description=Text(
            zh="发布工作日历的下一版本，须写全；自此刻起为已知。原版本保留，已算出的期限注明所据版本。",
            en="Publishes the next version, said whole, known from now on. Earlier versions stay, and every deadline names "
            "the version that it was computed with.",
        ),
        handler=_publish,
        scope=Scope.CALENDAR_WRITE,
        roles=ADMINISTRATORS,
        body=CalendarStatement,
        reply=CalendarView,
        if_match=True,
        etag=True,
        clause=_CLAUSE,
        errors={
            Refused: (
                "calendar.year-twice",
                "calendar.day-twice",
                "calendar.day-of-other-year",
                "calendar.day-out-of-reach",
                "calendar.weekday-twice",
                "calendar.periods-out-of-order",
                "calendar.closing-at-midnight",
            ),
            Stale: ("tenants.calendar-stale",),
        },
        examples=_examples,
    ),
    Operation(
        id="listDays",
        method=Method.GET,
        path="/calendar/days",
        tag=TAG,
        title=Text(zh="逐日类别", en="List the days of a span"),
        description=Text(
            zh="一段日期内每日的类别：工作日、周末、节假日、调休上班日、停办日；未公布安排的年份为暂定。",
            en="What each day of a span is. A day of a year that is not announced yet is provisional.",
        ),
        handler=_days,
        scope=Scope.CALENDAR_READ,
        roles=STAFF,
        query=DaysQuery,
        reply=DayList,
        clause=_CLAUSE,
        errors={Refused: ("tenants.days-span", "calendar.day-out-of-reach")},
    ),
)
