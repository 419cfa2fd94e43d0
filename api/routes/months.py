"""Closed months over HTTP: a month's figures stay once it is closed, and what changes them later stands beside them."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

from api.operations import Call, Method, Operation, PathParameter, Reply
from api.pages import PageQuery, make_cursor, read_cursor
from api.routes.administration import EXAMPLE_BASIS, administration_of
from api.routes.correction_views import (
    AdjustmentPage,
    AdjustmentView,
    ClosedMonths,
    ClosedMonthView,
    MonthClosure,
    MonthView,
    SumView,
)
from core.cases.disclosure import is_entrusted
from core.corrections.closing import (
    Adjustment,
    ClosedMonth,
    close_month,
    find_month,
    list_adjustments,
    list_months,
    sum_adjustments,
)
from core.corrections.months import MONTH
from core.errors import Conflict, NotFound, Refused
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope

TAG = "months"
_PATTERN = r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])$(?!\n)"
_CLOSING = (Role.SUPERVISOR, Role.TENANT_ADMINISTRATOR)
_SEEING = (*_CLOSING, Role.DISPATCHER, Role.INSPECTION_OFFICE, Role.AUDITOR)
_PARAMETERS = {"month": PathParameter(Text(zh="月份", en="The month"), _PATTERN, "2026-10")}


def _month_of(call: Call) -> date:
    """The month of the path; raises :class:`NotFound` for what is none."""
    given = call.path["month"]
    if re.fullmatch(_PATTERN, given, re.ASCII) is None:
        raise NotFound("months.no-month")
    return date(int(given[:4]), int(given[5:]), 1)


async def _close(call: Call) -> Reply:
    role = next(role for role in _CLOSING if call.principal.has(role))
    made = await close_month(administration_of(call), _month_of(call), call.body.basis, role)
    return Reply(_view(made), location=f"/months/{made.month:%Y-%m}")


async def _list(call: Call) -> Reply:
    return Reply(ClosedMonths(tuple(map(_view, await list_months(call.session)))))


async def _read(call: Call) -> Reply:
    found = await find_month(call.session, _month_of(call))
    sums = await sum_adjustments(call.session, found.month)
    told = {name: getattr(_view(found), name) for name in ClosedMonthView.__struct_fields__}
    return Reply(MonthView(**told, sums=tuple(SumView(item.measure, item.change, item.count) for item in sums)))


async def _adjustments(call: Call) -> Reply:
    query: PageQuery = call.query
    found = await find_month(call.session, _month_of(call))
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    rows = await list_adjustments(call.session, found.month, query.limit + 1, after)
    page, more = rows[: query.limit], len(rows) > query.limit
    cursor = make_cursor(page[-1].id) if more else None
    return Reply(AdjustmentPage(tuple(_adjustment(call, item) for item in page), cursor), next_cursor=cursor)


def _view(found: ClosedMonth) -> ClosedMonthView:
    return ClosedMonthView(f"{found.month:%Y-%m}", found.closed_at, found.basis, found.recorded_at, found.recorded_by)


def _adjustment(call: Call, found: Adjustment) -> AdjustmentView:
    """A change as the reader may see it: of a confidential case not why nor by whom, which its steps do not say either."""
    told = {name: getattr(found, name) for name in AdjustmentView.__struct_fields__}
    if not is_entrusted(call.jurisdiction.kind(found.case_kind), call.principal):
        told |= {"reason": None, "recorded_by": None}
    return AdjustmentView(**told)


OPERATIONS = (
    Operation(
        id="closeMonth",
        method=Method.POST,
        path="/months/{month}/closure",
        tag=TAG,
        title=Text(zh="月度封账", en="Close a month"),
        description=Text(
            zh="月份结束后封账，其公布的数字不再变动；封账后的补登、补记和更正另列调整。每月只封账一次，不能撤销。",
            en="Closes a month that is over: the figures that are published of it stay. What is registered, reported or "
            "corrected afterwards and falls into it is written beside them as an adjustment. A month is closed once, and"
            " stays closed.",
        ),
        handler=_close,
        scope=Scope.SETTINGS_WRITE,
        roles=_CLOSING,
        body=MonthClosure,
        reply=ClosedMonthView,
        status=201,
        idempotent=True,
        location=True,
        clause=MONTH,
        path_parameters=_PARAMETERS,
        errors={
            NotFound: ("months.no-month",),
            Conflict: ("months.closed-before",),
            Refused: ("months.not-past",),
        },
        examples=lambda _: {"closure": {"basis": EXAMPLE_BASIS}},
    ),
    Operation(
        id="listMonths",
        method=Method.GET,
        path="/months",
        tag=TAG,
        title=Text(zh="已封账月份", en="List the closed months"),
        description=Text(
            zh="全部已封账月份，近者在前。",
            en="The months that were closed, the newest first, each with when, on what basis and by whom.",
        ),
        handler=_list,
        scope=Scope.SETTINGS_READ,
        roles=_SEEING,
        reply=ClosedMonths,
        clause=MONTH,
    ),
    Operation(
        id="readMonth",
        method=Method.GET,
        path="/months/{month}",
        tag=TAG,
        title=Text(zh="查看已封账月份", en="Read a closed month"),
        description=Text(
            zh="月份的封账情况及封账后各项数字的调整合计。",
            en="When a month was closed, and by how much each of its figures has changed since.",
        ),
        handler=_read,
        scope=Scope.SETTINGS_READ,
        roles=_SEEING,
        reply=MonthView,
        clause=MONTH,
        path_parameters=_PARAMETERS,
        errors={NotFound: ("months.no-month", "months.unknown")},
    ),
    Operation(
        id="listAdjustments",
        method=Method.GET,
        path="/months/{month}/adjustments",
        tag=TAG,
        title=Text(zh="封账后调整", en="List the adjustments of a closed month"),
        description=Text(
            zh="封账后的每一项调整：哪一事项、因何步骤、哪项数字变动多少。",
            en="Each change of a figure since the month was closed: through which step of which case, by how much and why.",
        ),
        handler=_adjustments,
        scope=Scope.SETTINGS_READ,
        roles=_SEEING,
        query=PageQuery,
        reply=AdjustmentPage,
        clause=MONTH,
        path_parameters=_PARAMETERS,
        errors={NotFound: ("months.no-month", "months.unknown")},
    ),
)
