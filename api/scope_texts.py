"""What each scope lets a client do, in plain words: for the document of the API and for who is asked for consent."""

from __future__ import annotations

from core.law.instrument import Text
from core.tenants.scopes import Scope

SCOPE_TEXTS: dict[Scope, Text] = {
    Scope.CASES_READ: Text("查看事项", "Read cases"),
    Scope.CASES_WRITE: Text("登记和办理事项", "Register cases and take their steps"),
    Scope.PETITIONERS_READ: Text("按目的查阅诉求人身份", "Read petitioners' identities for a purpose"),
    Scope.RECEIPTS_READ: Text("凭查询码查询", "Ask for a status by receipt"),
    Scope.RECEIPTS_WRITE: Text("凭查询码评价", "Say by receipt what one thinks of the result"),
    Scope.ORGANISATION_READ: Text("查看单位和人员", "Read units and people"),
    Scope.ORGANISATION_WRITE: Text("维护单位和人员", "Change units and people"),
    Scope.SETTINGS_READ: Text("查看设置", "Read settings"),
    Scope.SETTINGS_WRITE: Text("维护设置", "Record settings"),
    Scope.CALENDAR_READ: Text("查看工作日历", "Read the calendar"),
    Scope.CALENDAR_WRITE: Text("维护工作日历", "Publish calendars"),
    Scope.RULEBOOK_READ: Text("查看法规条款", "Read the rulebook"),
    Scope.CALCULATIONS_READ: Text("试算", "Calculate without a record"),
    Scope.KNOWLEDGE_READ: Text("查阅知识库", "Read the knowledge base"),
    Scope.KNOWLEDGE_WRITE: Text("维护知识库", "Write the knowledge base"),
    Scope.TEMPLATES_READ: Text("查看模板", "Read templates"),
    Scope.TEMPLATES_WRITE: Text("维护模板", "Write templates"),
    Scope.ACCOUNTS_READ: Text("查看登录账户及其登录情况", "Read accounts and where they are signed in"),
    Scope.ACCOUNTS_WRITE: Text("管理登录账户，结束登录", "Manage accounts and end sign-ins"),
    Scope.CLIENTS_READ: Text("查看客户端", "Read clients"),
    Scope.CLIENTS_WRITE: Text("维护客户端", "Register and change clients"),
    Scope.EVENTS_READ: Text("跟踪事件", "Follow events"),
    Scope.WEBHOOKS_READ: Text("查看事件推送", "Read webhooks and what they delivered"),
    Scope.WEBHOOKS_WRITE: Text("维护事件推送", "Register and change webhooks"),
    Scope.MESSAGES_READ: Text("查看消息渠道、规则和联系方式", "Read channels, rules and contacts of messages"),
    Scope.MESSAGES_WRITE: Text("维护消息渠道、规则和联系方式", "Keep channels, rules and contacts of messages"),
    Scope.AUDIT_READ: Text("查看审计", "Read the audit trail"),
    Scope.TOKENS_INTROSPECT: Text("核验其他应用的令牌", "Check tokens of other clients"),
    Scope.SANDBOX_WRITE: Text("移动沙箱的法定时间", "Move a sandbox's legal time"),
}
"""Each without a full stop at its end."""
