"""What the deadlines of a case reached, over HTTP."""

from __future__ import annotations

from msgspec import Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import READERS, desk_of
from core.cases.service import find_case
from core.deadlines.notices import NoticeView, list_notices
from core.errors import NotFound
from core.law.instrument import Text
from core.tenants.scopes import Scope


class NoticeList(Struct, frozen=True):
    """The notices of a case, in the order in which they were reached."""

    items: tuple[NoticeView, ...]


async def _list(call: Call) -> Reply:
    case = await find_case(desk_of(call), call.id("case_id"))
    return Reply(NoticeList(await list_notices(call.session, case.id)))


OPERATIONS = (
    Operation(
        id="listNotices",
        method=Method.GET,
        path="/cases/{case_id}/notices",
        tag="cases",
        title=Text(zh="期限预警记录", en="What the deadlines of a case reached"),
        description=Text(
            zh="系统对该事项各期限的预警：临期、逾期、重点督办，达到的时刻、条款和依据。只增不改；回复晚于到期的，逾期记录保留。",
            en="What the service itself noted: warnings before the due date, the breach at its minute, and the rungs after "
            "it, each with the clause or the tenant's basis that it rests on. Never edited: a late reply does not undo that "
            "it was late.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=NoticeList,
        errors={NotFound: ("cases.unknown",)},
    ),
)
