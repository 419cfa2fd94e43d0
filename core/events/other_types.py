"""The types of event that no case has: knowledge, templates, organisation, configuration, accounts, webhooks."""

from __future__ import annotations

from core.events.event_type import Audience, EventType
from core.law.instrument import Text

_ARTICLE = ("article_id", "version", "number", "state")
_TEMPLATE = ("template_id", "key", "version", "valid_from")
_UNIT = ("unit_id", "version_id", "valid_from")
_CATEGORY = ("category", "version_id", "valid_from")
_CLIENT = ("client_id", "person_id")
_PLATFORM = ("client_id", "version")
_OPERATOR = ("client_id", "operator_id", "person_id")
_CONTACT = ("contact_id", "person_id", "unit_id")
_AUTHORIZATION = ("account_id", "authorization", "count", "reason")


def _type(name: str, zh: str, en: str, *refs: str, audience: Audience = Audience.ADMINISTRATION) -> EventType:
    return EventType(name, Text(zh=zh, en=en), audience, refs)


def _account(name: str, zh: str, en: str) -> EventType:
    return _type(name, zh, en, "account_id")


def _message(name: str, zh: str, en: str) -> EventType:
    refs = ("message_id", "case_id", "channel_id")
    return _type(f"message.{name}", zh, en, *refs, audience=Audience.STAFF)


OTHER_TYPES: tuple[EventType, ...] = (
    _type("attachment.uploaded", "附件已上传", "A file was received", "attachment_id"),
    _type("attachment.given-up", "附件已清除", "A file that nobody attached was removed", "attachment_id"),
    _type("knowledge.drafted", "知识起草", "An article was drafted", *_ARTICLE),
    _type("knowledge.revised", "知识修订", "An article was revised", *_ARTICLE),
    _type("knowledge.published", "知识发布", "An article was published", *_ARTICLE),
    _type("knowledge.reviewed", "知识复核", "An article was reviewed", *_ARTICLE),
    _type("knowledge.withdrawn", "知识撤下", "An article was withdrawn", *_ARTICLE),
    _type(
        "knowledge.used", "知识使用", "An answer was used", "article_id", "use_id", "number", "helped", "case_id",
        audience=Audience.STAFF,
    ),
    _type("template.created", "模板新建", "A template was made", *_TEMPLATE),
    _type("template.changed", "模板变更", "A template has a new version", *_TEMPLATE),
    _type("unit.registered", "单位登记", "A unit was registered", *_UNIT),
    _type("unit.changed", "单位变更", "A unit has a new version", *_UNIT),
    _type("category.registered", "分类登记", "A category was registered", *_CATEGORY),
    _type("category.changed", "分类变更", "A category has a new version", *_CATEGORY),
    _type("routing-rule.recorded", "派单规则登记", "A routing rule was recorded", "rule_id"),
    _type("routing-rule.ended", "派单规则终止", "A routing rule was ended", "rule_id"),
    _type("person.registered", "人员登记", "A person was registered", "person_id", "kind"),
    _type("post.begun", "任职", "Somebody began in a post", "person_id", "post_id", "unit_id"),
    _type("post.ended", "免职", "Somebody's post ended", "person_id", "post_id"),
    _type("role.granted", "授予角色", "Somebody was given a role", "person_id", "grant_id", "role"),
    _type("role.ended", "终止角色", "Somebody's role ended", "person_id", "grant_id", "role"),
    _type("setting.recorded", "设置登记", "A setting was recorded", "setting_id", "key", "effective_from"),
    _type("calendar.published", "工作日历发布", "A version of the calendar was published", "number"),
    _type("clock.moved", "沙箱时间移动", "A sandbox's legal time was moved", "offset_seconds"),
    _type("month.closed", "月度封账", "A month was closed", "month"),
    _type("tenant.created", "租户创建", "The tenant was created", "slug"),
    _type("tenant.origin-set", "租户域名设置", "The tenant has another host name", "slug"),
    _type("key.added", "签名密钥新增", "A signing key was added", "kid"),
    _type("key.active", "签名密钥启用", "A signing key signs", "kid"),
    _type("key.retiring", "签名密钥停签", "A signing key only verifies", "kid"),
    _type("key.retired", "签名密钥停用", "A signing key is good for nothing any more", "kid"),
    _type("client.registered", "客户端登记", "A client was registered", *_CLIENT),
    _type("client.changed", "客户端变更", "A client was changed", *_CLIENT),
    _type("client.secret-rotated", "客户端更换密钥", "A client has a new secret", *_CLIENT),
    _type("client.changed-itself", "客户端自行变更", "A client that registered itself changed itself", *_CLIENT),
    _type("client.disabled", "客户端停用", "A client was disabled", *_CLIENT),
    _type("initial-token.issued", "签发初始访问令牌", "An initial access token was issued", "token_id"),
    _type("initial-token.revoked", "撤销初始访问令牌", "An initial access token was revoked", "token_id"),
    _type("platform.allowed", "平台许可变更", "What a platform may was changed", *_PLATFORM),
    _type("platform.keys-replaced", "平台公钥更换", "A platform's keys were replaced", *_PLATFORM),
    _type("platform.keys-confirmed", "平台公钥确认", "A platform's keys were confirmed", *_PLATFORM),
    _type("operator.named", "指定操作员", "An operator of a platform was named", *_OPERATOR),
    _type("operator.confirmed", "确认操作员", "An operator was confirmed", *_OPERATOR),
    _type("operator.ended", "终止操作员", "An operator was ended", *_OPERATOR),
    _type("identity-provider.registered", "身份提供方登记", "An identity provider was registered", "provider_id"),
    _type("identity-provider.changed", "身份提供方变更", "An identity provider was changed", "provider_id"),
    _account("account.registered", "账户登记", "An account was registered"),
    _account("account.disabled", "账户停用", "An account was disabled"),
    _account("account.enabled", "账户启用", "An account was enabled"),
    _account("account.reset", "账户重置", "An account was reset"),
    _account("account.password-set", "设置密码", "A password was set"),
    _account("account.factor-begun", "开始绑定双重验证", "A second factor was begun"),
    _account("account.factor-confirmed", "绑定双重验证", "A second factor was confirmed"),
    _account("account.factor-removed", "解除双重验证", "A second factor was removed"),
    _account("account.recovery-renewed", "更换恢复码", "Recovery codes were renewed"),
    _account("account.recovery-used", "使用恢复码", "A recovery code was used"),
    _account("account.linked", "关联外部身份", "An account was linked with an identity provider"),
    _account("account.linked-by-claim", "按声明关联外部身份", "An account was linked by a claim"),
    _account("account.unlinked", "解除外部身份关联", "A link with an identity provider was ended"),
    _account("sign-in.opened", "登录", "Somebody signed in"),
    _account("sign-in.confirmed", "完成双重验证", "A sign-in was confirmed by a second factor"),
    _account("sign-in.renewed", "重新登录", "Somebody signed in anew"),
    _account("sign-in.ended", "登录结束", "A sign-in was ended"),
    _account("sign-in.all-ended", "全部登录结束", "Every sign-in of an account was ended"),
    _type("authorization.granted", "授权客户端", "A person allowed a client something", *_AUTHORIZATION),
    _type("authorization.revoked", "授权终止", "What a person allowed a client was ended", *_AUTHORIZATION),
    _type("message-channel.registered", "消息渠道登记", "A channel of messages was registered", "channel_id"),
    _type("message-channel.changed", "消息渠道变更", "A channel of messages was changed", "channel_id"),
    _type("message-channel.report-address-made", "生成回报地址", "A channel has a new address for reports", "channel_id"),
    _type("message-contact.recorded", "联系方式登记", "A contact was recorded", *_CONTACT),
    _type("message-contact.ended", "联系方式终止", "A contact was ended", *_CONTACT),
    _type("message-rule.recorded", "消息规则登记", "A message rule was recorded", "rule_id"),
    _type("message-rule.ended", "消息规则终止", "A message rule was ended", "rule_id"),
    _message("queued", "消息待发", "A message waits to be sent"),
    _message("sent", "消息已发出", "A message was taken over by the other side"),
    _message("arrived", "消息已送达", "A message has arrived"),
    _message("failed", "消息发送失败", "A message could not be sent, or did not arrive"),
    _message("dropped", "消息不再发送", "A message is not sent (any more)"),
    _type("calendar-feed.made", "日历订阅建立", "A calendar feed was made", "feed_id", "unit_id"),
    _type("calendar-feed.revoked", "日历订阅撤销", "A calendar feed was revoked", "feed_id", "unit_id"),
    _type("webhook.registered", "推送登记", "A webhook was registered", "webhook_id"),
    _type("webhook.changed", "推送变更", "A webhook was changed", "webhook_id"),
    _type("webhook.secret-rotated", "推送更换密钥", "A webhook has a new secret", "webhook_id"),
    _type("webhook.enabled", "推送启用", "A webhook was enabled", "webhook_id"),
    _type("webhook.disabled", "推送停用", "A webhook was disabled; why", "webhook_id", "reason"),
    _type("webhook.deleted", "推送删除", "A webhook was deleted", "webhook_id"),
    _type("webhook.tested", "推送测试", "A test event was asked for", "webhook_id"),
    _type("webhook.replayed", "重新推送", "Deliveries were asked for again", "webhook_id", "count"),
)  # fmt: skip
