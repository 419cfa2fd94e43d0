"""What was sent about a case, over HTTP."""

from __future__ import annotations

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import READERS, desk_of
from api.routes.message_views import MessageList, message_view
from core.cases.service import find_case
from core.errors import NotFound
from core.law.instrument import Text
from core.messages.listing import list_case_messages
from core.messages.rule_service import HOUSE
from core.tenants.scopes import Scope

TAG = "messages"


async def _list(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"))
    found = await list_case_messages(desk, case)
    return Reply(MessageList(tuple(message_view(call, line) for line in found)))


OPERATIONS = (
    Operation(
        id="listCaseMessages",
        method=Method.GET,
        path="/cases/{case_id}/messages",
        tag=TAG,
        title=Text(zh="事项的消息", en="What was sent about a case"),
        description=Text(
            zh="就该事项按消息规则发送的提醒：发给谁、何时、何渠道、内容、是否送达和每次尝试；地址隐去。单位人员只看到发给本单位的。",
            en="The messages that the tenant's rules had sent: to whom, when, by which channel, in which words, and whether "
            "they arrived, with each attempt. Addresses are masked. Officers of a unit see those to their own; who is "
            "recused sees those to themself. A message that cannot go out stands here, too, with the reason.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=MessageList,
        clause=HOUSE,
        errors={NotFound: ("cases.unknown",)},
    ),
)
