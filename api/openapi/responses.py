"""What an operation can answer: its reply, and every problem by status with the codes that it can have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from api.catalogue import Bound
from api.openapi.examples import reply_examples, shown
from api.openapi.schemas import Schema, Schemas
from api.operations import Access, Method
from api.problems import MEDIA_TYPE, NOT_FOUND, STATUSES, UnsupportedMedia
from core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionMissing,
    Refused,
    Stale,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WenzeError,
)

Codes = dict[type[WenzeError], tuple[str, ...]]
_PHRASES = {200: "成功", 201: "已登记", 202: "已接受", 204: "成功，无内容"}
_ENGLISH = {200: "Done.", 201: "Made.", 202: "Accepted.", 204: "Done; there is nothing to say."}

_INPUT: Codes = {
    Invalid: (
        "api.field-unknown",
        "api.field-missing",
        "api.field-type",
        "api.field-choice",
        "api.field-uuid",
        "api.field-instant",
        "api.field-date",
        "api.field-length",
        "api.field-pattern",
        "api.field-plain",
        "api.field-blank",
        "api.field-range",
        "api.number-too-large",
        "api.key-twice",
        "api.text-nul",
        "api.body-malformed",
        "api.body-encoding",
        "api.body-too-deep",
    ),
    TooLarge: ("api.body-too-large",),
    UnsupportedMedia: ("api.media-unsupported", "api.encoding-unsupported"),
}
_QUERY: Codes = {
    Invalid: (
        "api.parameter-unknown",
        "api.parameter-twice",
        "api.parameter-integer",
        "api.parameter-boolean",
        "api.field-missing",
        "api.field-type",
        "api.field-choice",
        "api.field-uuid",
        "api.field-instant",
        "api.field-date",
        "api.field-length",
        "api.field-pattern",
        "api.field-plain",
        "api.field-blank",
        "api.field-range",
    )
}
_PAGED: Codes = {Invalid: ("api.cursor-malformed",)}
_TOKEN: Codes = {
    Unauthenticated: (
        "api.token-missing",
        "api.token-invalid",
        "api.token-expired",
        "api.token-audience",
        "api.token-revoked",
        "api.client-disabled",
        "platforms.operator-ended",
        "platforms.claims-beside-exchange",
        "platforms.assertion-malformed",
        "platforms.assertion-key",
        "platforms.assertion-type",
        "platforms.assertion-issuer",
        "platforms.assertion-audience",
        "platforms.assertion-too-long",
        "platforms.assertion-time",
        "platforms.assertion-elsewhere",
        "platforms.assertion-replayed",
    ),
    Forbidden: ("platforms.way-closed", "platforms.operator-unknown"),
}
_SCOPE: Codes = {Forbidden: ("tenants.scope-missing",)}
_IDEMPOTENT: Codes = {
    Invalid: ("api.idempotency-key-missing", "api.idempotency-key-malformed"),
    Conflict: ("api.idempotency-in-progress",),
    Refused: ("api.idempotency-key-reused",),
}
_MATCH: Codes = {Invalid: ("api.if-match-malformed",), PreconditionMissing: ("api.if-match-missing",), Stale: ()}
_ALWAYS: Codes = {Invalid: ("api.parameter-unknown",), NotFound: (NOT_FOUND,)}
_STORE: Codes = {Unavailable: ("api.unavailable",)}


def codes_of(bound: Bound) -> dict[type[WenzeError], list[str]]:
    """Every code that the operation can answer, by the class that gives its status."""
    operation = bound.operation
    parts = [_ALWAYS, operation.errors]
    parts += [_SCOPE] if operation.scope else []
    parts += [_TOKEN] if operation.asks_token else []
    parts += [{Forbidden: ("tenants.role-missing",)}] if bound.roles else []
    parts += [_INPUT] if bound.body is not None else [{Invalid: ("api.body-unexpected",)}] if _has_body(bound) else []
    parts += [_QUERY] if operation.query is not None else []
    parts += [_PAGED] if _is_paged(bound) else []
    parts += [_IDEMPOTENT] if operation.idempotent else []
    parts += [_MATCH] if operation.if_match else []
    parts += [_STORE] if operation.needs is not Access.NONE else []
    codes: dict[type[WenzeError], list[str]] = defaultdict(list)
    for part in parts:
        for kind, names in part.items():
            known = NotFound if kind is NotFound else kind
            codes[known].extend(name for name in _public(kind, names) if name not in codes[known])
    return codes


def _has_body(bound: Bound) -> bool:
    return bound.operation.method is not Method.GET and bound.operation.receive is None


def _public(kind: type[WenzeError], names: tuple[str, ...]) -> list[str]:
    # A missing thing is told by one code, except in the rulebook, which is no secret.
    if not issubclass(kind, NotFound):
        return list(names)
    return [name if name == NOT_FOUND or name.startswith("law.") else NOT_FOUND for name in names]


class Responses:
    """Makes the responses of operations. What several can answer alike stands in ``shared`` once."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.shared: dict[str, Schema] = {"Problem": _any_problem()}

    def of(self, bound: Bound) -> dict[str, Any]:
        """The responses of an operation by status."""
        operation = bound.operation
        statuses = sorted({operation.status, *operation.also})
        responses: dict[str, Any] = {str(status): _reply(bound, self._schemas, status) for status in statuses}
        if operation.etag and operation.method is Method.GET:
            unchanged = "未变更。Unchanged since the ETag at hand."
            responses["304"] = {"description": unchanged, "headers": _headers("ETag", "RequestId")}
        by_status: dict[int, list[str]] = defaultdict(list)
        for kind, codes in codes_of(bound).items():
            by_status[_status(kind)].extend(codes)
        own = {code for codes in operation.errors.values() for code in codes}
        for status, codes in sorted(by_status.items()):
            problem = _problem(status, codes)
            responses[str(status)] = problem if own & set(codes) else self._share(status, codes, problem)
        responses["default"] = _reference("Problem")
        return responses

    def _share(self, status: int, codes: list[str], problem: Schema) -> Schema:
        name = next(_names(_NAMES[status] + _kind_of(codes), self.shared, problem))
        self.shared[name] = problem
        return _reference(name)


def _kind_of(codes: list[str]) -> str:
    """A word for each group of codes, so that the name of a shared response says what it is about."""
    return "".join(word for word, code in _WORDS.items() if code in codes)


_WORDS = {
    "Body": "api.field-unknown",
    "Query": "api.parameter-integer",
    "Page": "api.cursor-malformed",
    "Key": "api.idempotency-key-missing",
    "Match": "api.if-match-malformed",
    "Role": "tenants.role-missing",
}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/responses/{name}"}


def _names(base: str, taken: Mapping[str, Schema], problem: Schema) -> Iterator[str]:
    """The first name under which nothing else stands."""
    for name in (base, *(f"{base}{number}" for number in range(2, 100))):
        if taken.get(name, problem) == problem:
            yield name


def _any_problem() -> Schema:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": "其他错误。Any other problem.", "content": content}


_NAMES = {
    400: "Faulty",
    401: "Unauthenticated",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    412: "Stale",
    413: "TooLarge",
    415: "UnsupportedMedia",
    422: "Refused",
    428: "PreconditionMissing",
    503: "Unavailable",
}


def _status(kind: type[WenzeError]) -> int:
    return next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)


def _reply(bound: Bound, schemas: Schemas, status: int) -> Schema:
    operation = bound.operation
    names = ["RequestId"] + ["ETag"] * operation.etag + ["Location"] * operation.location
    names += ["Link"] if _is_paged(bound) or _is_followed(bound) else []
    names += ["IdempotencyReplayed"] if operation.idempotent else []
    response: Schema = {
        "description": f"{_PHRASES[status]}。{_ENGLISH[status]}",
        "headers": _headers(*names),
    }
    if bound.reply is not None:
        content: Schema = {"schema": schemas.of(bound.reply)}
        examples = shown(reply_examples(bound))
        response["content"] = {"application/json": content | ({"examples": examples} if examples else {})}
    elif operation.sends is not None:
        response["content"] = {operation.sends: {"schema": {"type": "string", "format": "binary"}}}
    return response


def _is_paged(bound: Bound) -> bool:
    return "cursor" in getattr(bound.operation.query, "__struct_fields__", ())


def _is_followed(bound: Bound) -> bool:
    return "after" in getattr(bound.operation.query, "__struct_fields__", ())


def _problem(status: int, codes: list[str]) -> Schema:
    named = {503: ["RetryAfter"], 429: ["RetryAfter"], 401: ["WWWAuthenticate"], 403: ["WWWAuthenticate"]}.get(status, [])
    schema: Schema = {"$ref": "#/components/schemas/Problem"}
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    content = {"schema": schema} | ({"examples": examples} if examples else {})
    return {
        "description": _TITLES[status],
        "headers": _headers("RequestId", "ContentLanguage", *named),
        "content": {MEDIA_TYPE: content},
    }


_TITLES = {
    400: "请求有误。The request is faulty; `field` says where.",
    401: "需要有效令牌。A valid access token is needed.",
    403: "权限不足。The scope, role or unit does not reach this.",
    404: "未找到。There is no such thing for this tenant.",
    409: "与现状冲突。The present state, or another request, stands in the way.",
    412: "对象已变更。The thing has changed since it was read.",
    413: "请求体过大。The body is too large.",
    415: "不支持的媒体类型。The body is of another media type.",
    422: "依规定不予办理。A rule refuses it; `clause` says which.",
    428: "须注明所依据的版本。An If-Match header is needed.",
    429: "请求过多。Too many attempts came from this address.",
    503: "服务暂不可用。Busy; the same request can be sent again.",
}


def _headers(*names: str) -> dict[str, Schema]:
    return {HEADER_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in names}


HEADER_NAMES = {
    "ETag": "ETag",
    "Link": "Link",
    "Location": "Location",
    "RequestId": "X-Request-Id",
    "RetryAfter": "Retry-After",
    "ContentLanguage": "Content-Language",
    "WWWAuthenticate": "WWW-Authenticate",
    "IdempotencyReplayed": "Idempotency-Replayed",
}


def _header(description: str, **schema: Any) -> Schema:
    return {"description": description, "schema": {"type": "string", **schema}}


HEADERS: dict[str, Schema] = {
    "ETag": _header("版本标识。The version of the thing, for If-Match and If-None-Match.", pattern='^"[0-9a-f]+"$'),
    "Link": _header('下一页。The next page, with `rel="next"` (RFC 8288); absent on the last.'),
    "Location": _header("新对象的地址。Where the new thing is found.", format="uri"),
    "RequestId": _header("请求编号。The id under which the service's log knows the request.", format="uuid"),
    "RetryAfter": _header("秒数。Seconds after which to send the request again.", pattern=r"^[0-9]+$(?!\n)"),
    "ContentLanguage": _header("文本语言。The language of the texts.", enum=["zh-CN", "en"]),
    "WWWAuthenticate": _header("How to authenticate (RFC 6750), with the tenant's issuer as the realm."),
    "IdempotencyReplayed": _header("重放标记。`true` where this is the first answer to the key, told again.", enum=["true"]),
}
