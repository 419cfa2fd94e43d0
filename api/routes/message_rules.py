"""Message rules over HTTP: what is sent when, to whom, by which channel and in which words."""

from __future__ import annotations

from api.operations import Call, Method, Operation, Reply
from api.routes.administration import ADMINISTRATORS, EXAMPLE_BASIS, administration_of
from api.routes.message_views import MessageRuleList, MessageRuleView, message_rule_view
from api.routes.messages import TAG
from core.errors import Conflict, NotFound, Refused, Stale
from core.law.instrument import Text
from core.messages.rule_service import HOUSE, NewMessageRule, end_message_rule, record_message_rule
from core.procedure import Role
from core.tenants.commands import Ending
from core.tenants.scopes import Scope

READERS = (Role.SUPERVISOR, Role.TENANT_ADMINISTRATOR, Role.AUDITOR)
_EXAMPLE = {
    "channel": "mail",
    "template": "overdue-notice",
    "valid_from": "2026-12-01",
    "basis": EXAMPLE_BASIS,
}


async def _list(call: Call) -> Reply:
    return Reply(MessageRuleList(tuple(map(message_rule_view, call.snapshot.messages.in_order))))


async def _read(call: Call) -> Reply:
    rule = call.snapshot.messages.rule(call.id("message_rule_id"))
    return Reply(message_rule_view(rule), etag=rule.version)


async def _record(call: Call) -> Reply:
    rule, _, _ = await record_message_rule(administration_of(call), call.body)
    return Reply(message_rule_view(rule), etag=rule.version, location=f"/message-rules/{rule.id}")


async def _end(call: Call) -> Reply:
    rule = await end_message_rule(administration_of(call), call.id("message_rule_id"), call.body, call.expected or 0)
    return Reply(message_rule_view(rule), etag=rule.version)


OPERATIONS = (
    Operation(
        id="listMessageRules",
        method=Method.GET,
        path="/message-rules",
        tag=TAG,
        title=Text(zh="消息规则列表", en="List the message rules"),
        description=Text(
            zh="全部消息规则，含已终止的，按记录先后排列。", en="Every rule, ended ones too, in the order of recording."
        ),
        handler=_list,
        scope=Scope.MESSAGES_READ,
        roles=READERS,
        reply=MessageRuleList,
    ),
    Operation(
        id="recordMessageRule",
        method=Method.POST,
        path="/message-rules",
        tag=TAG,
        title=Text(zh="记录消息规则", en="Record a message rule"),
        description=Text(
            zh="达到某一预警级别、档次或办理某一步骤时，向谁、以何种渠道和模板发送。没有规则的不发送。规则不修改，只终止。"
            "到发送时事项已办结、期限已结束或已改期的，不再发送。",
            en="On a level or rung of the warning ladder, or on a step, whom is written to, by which channel and in which "
            "words. Nothing is sent without a rule. A rule is never edited, only ended. What is over, or has another date, "
            "before the message goes out is not written about any more.",
        ),
        handler=_record,
        scope=Scope.MESSAGES_WRITE,
        roles=ADMINISTRATORS,
        body=NewMessageRule,
        reply=MessageRuleView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        clause=HOUSE,
        errors={
            Refused: (
                "messages.case-kind-unknown",
                "messages.level-unknown",
                "messages.step-unknown",
                "messages.role-unfit",
                "messages.no-such-channel",
                "templates.no-such-template",
                "messages.template-unfit",
                "messages.answer-not-for-units",
            ),
            Conflict: ("messages.too-many-rules",),
        },
        examples=lambda _: {
            "overdue": {"occasion": "level", "key": "overdue", "recipients": "superior", **_EXAMPLE},
            "breach": {"occasion": "rung", "key": "breach", "recipients": "role", "role": "supervisor", **_EXAMPLE},
        },
    ),
    Operation(
        id="readMessageRule",
        method=Method.GET,
        path="/message-rules/{message_rule_id}",
        tag=TAG,
        title=Text(zh="查看消息规则", en="Read a message rule"),
        description=Text(zh="查看一条消息规则。", en="One message rule, ended or not."),
        handler=_read,
        scope=Scope.MESSAGES_READ,
        roles=READERS,
        reply=MessageRuleView,
        etag=True,
        errors={NotFound: ("messages.rule-unknown",)},
    ),
    Operation(
        id="endMessageRule",
        method=Method.POST,
        path="/message-rules/{message_rule_id}/end",
        tag=TAG,
        title=Text(zh="终止消息规则", en="End a message rule"),
        description=Text(zh="写明最后一日和原因。", en="Says which is the last day of a rule, and why. An end stays."),
        handler=_end,
        scope=Scope.MESSAGES_WRITE,
        roles=ADMINISTRATORS,
        body=Ending,
        reply=MessageRuleView,
        idempotent=True,
        if_match=True,
        etag=True,
        errors={
            NotFound: ("messages.rule-unknown",),
            Stale: ("messages.rule-stale",),
            Conflict: ("messages.already-ended",),
            Refused: ("tenants.ends-before-it-begins",),
        },
        examples=lambda _: {"ended": {"last_day": "2027-06-30", "reason": "改用短信"}},
    ),
)
