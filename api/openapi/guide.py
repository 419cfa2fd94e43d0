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
`/.well-known/oauth-authorization-server/t/{{tenant}}/oauth`. A client gets an access token there with its \
credentials (`grant_type=client_credentials`, `client_secret_basic` or `client_secret_post`) and sends it as \
`Authorization: Bearer …`. Each operation names the scope that it needs and, under `x-roles`, the roles of which \
the person behind the client must hold one. The service answers no requests across origins: a browser asks your \
server, which keeps the secret.

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

**Limits.** Bodies are JSON in UTF-8 of at most 1 MiB, nested at most 64 deep; integers lie within ±(2^53−1) and \
are written without a fraction; unknown or repeated fields, U+0000 and unpaired surrogates are refused.

Ids in the examples stand for ids of your own; in the examples of problems, `{{name}}` stands for what the answer \
puts there."""

TAGS: dict[str, Text] = {
    "cases": Text(zh="事项：登记、受理、交办、办理、答复、办结", en="Cases, from registration to close"),
    "receipts": Text(zh="凭查询码查询", en="What a petitioner may ask by receipt"),
    "petitioners": Text(zh="诉求人身份：加密保存，按目的查阅并留痕", en="Petitioners' identities, read for a purpose"),
    "organisation": Text(zh="单位、人员、职务、角色", en="Units, people, posts and roles, each from a date"),
    "settings": Text(zh="法规留待本地确定的数值", en="The figures that the regulations leave to the tenant"),
    "calendar": Text(zh="工作日历", en="The working calendar"),
    "rulebook": Text(zh="法规文件与事项类型", en="The regulations and the kinds of case"),
    "calculations": Text(zh="试算", en="Calculations without a record"),
    "sandbox": Text(zh="沙箱", en="Sandboxes: legal time can be moved"),
    "description": Text(zh="接口说明", en="This document"),
}
