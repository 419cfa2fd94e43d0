"""What an integrator reads first: the document's introduction, and what each group of operations is about."""

from __future__ import annotations

from core.law.instrument import Text

API_VERSION = "1.0.0"
"""The version of the contract; a breaking change raises its first number."""

INTRODUCTION = """\
{title}：登记、受理、交办、办理、答复、办结，法定期限逐日可查，每个结果可以追到条款。

The API by which {english} runs its complaints, orders and inspections under its own regulations. What the city \
does not have is not in this document; its channels, grounds and tracks are enumerations, each value with its \
clause and Chinese title (`x-enum`). Enumerations can grow; a client must bear a value that it does not know.

**Tokens.** Every tenant has its own issuer, described at \
`/.well-known/oauth-authorization-server/t/{{tenant}}/oauth` and, for OpenID Connect, at \
`/t/{{tenant}}/oauth/.well-known/openid-configuration`. A machine gets an access token there with its own credentials \
(`grant_type=client_credentials`). A front-end sends its user to the tenant's pages and exchanges the code that comes back \
(`authorization_code`, with PKCE S256 for every client; `state` and `iss` are to be compared); it goes on with the refresh \
token, each good once. A terminal without a browser uses the device grant (RFC 8628). Clients show who they are by \
`client_secret_basic`, `client_secret_post` or `private_key_jwt`; pages and apps, which can keep no secret, by nothing. \
The token is sent as `Authorization: Bearer …`, never in an address.

**What may be done** is decided twice: each operation names the scope that the client needs in `security` and, under \
`x-roles`, the roles of which the person must hold one: the person who signed in or, for a machine, the one behind \
the client. `x-recusal` says that it is refused to a person who is recused from the case as its subject or with an interest \
in it (`/cases/{{case_id}}/recusals`). A page in a browser may ask from the origins that are registered for its client \
(CORS, without cookies); a secret is kept by a server.

**Platforms.** A hotline platform that the tenant has registered acts for its named operators, with their roles and \
units. Either it exchanges a JWT that it has signed by a registered key for a token of the operator (RFC 8693, with \
`subject_token_type=urn:ietf:params:oauth:token-type:jwt`): `iss` is its client id, `sub` the operator's id in its own \
namespace, `aud` the issuer, `exp` lies at most 300 seconds after `iat`, and `jti` is used once. Or, where the tenant \
allows it, it sends the same claims with every request, with the `typ` `operator+jwt` and this request's method and \
address as `htm` and `htu` (a HEAD is said as GET), in the header `Wenze-Operator` beside its own token.

**Forms.** What a step takes is the schema of its body: each field with its title, its clause, its values (`x-enum`; \
one with `needs_reason` asks for `catch_all_reason` and `catch_all_basis`), and under `x-required-when` the facts of \
the case or of the step under which a field that may be left out is needed all the same. `GET /case-kinds` says which \
steps there are, in which state, under which condition and after which other step each is open, and to which roles. \
`next_steps` of a case are those that its state allows; the roles and the steps that must come before are not \
looked at.

**Doing things once.** A POST that changes something needs an `Idempotency-Key`. The same request with the same \
key is done once and answered with the first answer (`Idempotency-Replayed: true`); another request with that \
key is refused (422).

**Changing what exists.** Reads carry an `ETag`; a change names it in `If-Match`. Without it the answer is 428, \
with a stale one 412.

**Lists** come in pages, newest first: follow the `Link` header with `rel="next"`, or pass `next` as `cursor`.

**Time.** Instants are RFC 3339 with an offset and answered in UTC; dates are local dates (Asia/Shanghai). A \
deadline's `due_on` is the last local day, `due_at` the first instant that is too late. A deadline that touches \
a year whose holidays are not yet announced is `provisional`.

**Problems** are RFC 9457 documents, in Chinese or (with `Accept-Language: en`) English. `code` is stable, \
`field` points to what was wrong, `clause` names the rule that refused. Another tenant's thing looks exactly \
like one that does not exist.

**Files.** A file is streamed to `POST /attachments` as it is and attached to a case by its id, with the registration, a \
step or afterwards; it is read by links that open one content for a few minutes and need no token.

**Limits.** Other bodies are JSON in UTF-8 of at most 1 MiB, nested at most 64 deep; integers lie within ±(2^53−1) and \
are written without a fraction; unknown or repeated fields, U+0000 and unpaired surrogates are refused.

Ids in the examples stand for ids of your own; in the examples of problems, `{{name}}` stands for what the answer \
puts there."""

OAUTH = """\
本租户签发的访问令牌；没有浏览器的终端用设备授权（OpenAPI 3.1 无此项）。\
Access tokens of the tenant's own issuer (ES256, RFC 9068). Beside these flows there are the device grant (RFC 8628; \
OpenAPI 3.1 cannot say so) and token exchange (RFC 8693): the metadata (RFC 8414) tell their addresses.\
"""
OPENID_CONNECT = """\
工作人员在本租户的页面登录；客户端由此得知使用者。\
Staff sign in on the tenant's own pages; with `openid` the front-end is told who its user is. The access token is the \
same, with the same scopes.\
"""

TAGS: dict[str, Text] = {
    "cases": Text(zh="事项：登记、受理、交办、办理、答复、办结", en="Cases, from registration to close"),
    "accountability": Text(
        zh="问责：书面通知、案卷目录，跨事项的决定、影响期和抄送。",
        en="Accountability: notices, the file of a case, and decisions, effects and copies across cases.",
    ),
    "worklists": Text(
        zh="待办：我的、本单位的、今日到期、已逾期、待我审批",
        en="Work lists: mine, my units', due today, overdue, approvals",
    ),
    "deadlines": Text(
        zh="期限：列表、各单位统计、日历订阅", en="Deadlines across cases: lists, counts per unit, calendar feeds"
    ),
    "requests": Text(zh="申请：退单、协办等及其决定", en="Requests: what units asked for, and what was decided"),
    "recusals": Text(zh="回避：当事人和利害关系人不得决定、核实或复核", en="Recusals: who takes no part in a case, and why"),
    "merging": Text(zh="并案与撤销并案", en="Merging duplicates, and taking a merger back"),
    "routing": Text(zh="派单规则与派单建议：只建议，由派单员决定", en="Routing: rules propose a unit, a dispatcher decides"),
    "narratives": Text(zh="诉求原文与脱敏文本", en="What petitioners told, and the renditions that units read"),
    "feedback": Text(zh="回访与评价：谁说了什么不告知承办单位", en="Feedback: units never learn who said what"),
    "corrections": Text(
        zh="更正：误登的事实经他人批准后更正，期限重新推算", en="Corrections: put right with another's approval"
    ),
    "receipts": Text(zh="凭查询码查询", en="What a petitioner may ask by receipt"),
    "attachments": Text(
        zh="附件：按内容核验、加密保存，凭短时链接下载", en="Attachments, checked by content, sealed, read by links"
    ),
    "petitioners": Text(zh="诉求人身份：加密保存，按目的查阅并留痕", en="Petitioners' identities, read for a purpose"),
    "knowledge": Text(zh="知识库：起草、发布、复核、检索、使用", en="The knowledge base: answers that operators find"),
    "templates": Text(zh="答复和通知的模板", en="Templates of replies and notices"),
    "messages": Text(
        zh="消息：渠道、规则、联系方式，发给谁、是否送达", en="Messages: what is sent when to whom, and whether it arrived"
    ),
    "organisation": Text(zh="单位、人员、职务、角色", en="Units, people, posts and roles, each from a date"),
    "categories": Text(zh="事项分类目录", en="The tree of categories, each from a date"),
    "accounts": Text(
        zh="账户：登记、停用、重置，查看和结束登录", en="Accounts of staff: who may sign in, and where they are signed in"
    ),
    "identity-providers": Text(
        zh="身份提供方：本市统一身份认证等，凭其登录", en="Identity providers, by which staff sign in beside their passwords"
    ),
    "clients": Text(
        zh="客户端：登记、变更、停用、更换密钥、初始访问令牌", en="Clients, and what lets others register their own"
    ),
    "platforms": Text(
        zh="平台代操作员办理，按平台编号报送事项", en="Platforms: acting for operators, cases by their own ids"
    ),
    "events": Text(zh="事件：按序号跟踪发生了什么", en="Events: what happened, in an order that every reader sees alike"),
    "webhooks": Text(zh="事件推送：签名、重试、投递记录、重新推送", en="Webhooks: signed, retried, on record, replayed"),
    "settings": Text(zh="法规留待本地确定的数值", en="The figures that the regulations leave to the tenant"),
    "months": Text(zh="月度封账与封账后调整", en="Closed months, and what changed of them afterwards"),
    "calendar": Text(zh="工作日历", en="The working calendar"),
    "rulebook": Text(zh="法规文件与事项类型", en="The regulations and the kinds of case"),
    "calculations": Text(zh="试算", en="Calculations without a record"),
    "sandbox": Text(zh="沙箱", en="Sandboxes: legal time can be moved"),
    "description": Text(zh="接口说明", en="This document"),
}
