"""How far deadlines have been counted anew, over HTTP."""

from __future__ import annotations

from msgspec import Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.administration import STAFF
from core.law.instrument import Text
from core.recounts.recount import Recount, list_recounts
from core.tenants.scopes import Scope

_MOST = 20


class RecountList(Struct, frozen=True):
    """The newest recounts, the newest first."""

    items: tuple[Recount, ...]


async def _list(call: Call) -> Reply:
    return Reply(RecountList(await list_recounts(call.session, _MOST)))


OPERATIONS = (
    Operation(
        id="listRecounts",
        method=Method.GET,
        path="/calendar/recounts",
        tag="calendar",
        title=Text(zh="期限重算进度", en="How far deadlines have been counted anew"),
        description=Text(
            zh="日历有新版本、国务院公布新年度安排，或预警档次变更后，未结期限由后台逐批重算；此处为最近二十次的进度。已结的期限不变。",
            en="After a new version of the calendar, a newly announced year or another warning ladder, open deadlines are "
            "counted anew, batch by batch, beside everything else. These are the last twenty times, with how far each has "
            "come. What is over stays as it is; what moves keeps what it was in its ledger, gets a step of its case and an "
            "event.",
        ),
        handler=_list,
        scope=Scope.CALENDAR_READ,
        roles=STAFF,
        reply=RecountList,
        clause="wenze:readings#r2",
    ),
)
