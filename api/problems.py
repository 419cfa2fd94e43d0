"""Problem details (RFC 9457): every error as one shape, in the reader's language, with a type that never changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from api.faults import BadInput
from api.languages import TAGS
from core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Limited,
    NotFound,
    OutOfOrder,
    PreconditionMissing,
    Refused,
    Stale,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WenzeError,
)
from core.texts import render

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:problem-type:wenze:"
NOT_FOUND = "api.not-found"
_PUBLIC_MISSES = ("law.", "jurisdictions.")


class UnsupportedMedia(WenzeError):
    """The body is of a kind that the operation does not take."""


class HeadTooLarge(WenzeError):
    """The request has more headers, or longer ones, than are read."""


class TooSlow(WenzeError):
    """The body did not come in the time that is waited for it."""


class MethodNotAllowed(WenzeError):
    """The path exists, the method does not."""


STATUSES: dict[type[WenzeError], int] = {
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    TooSlow: 408,
    Conflict: 409,
    OutOfOrder: 409,
    Stale: 412,
    TooLarge: 413,
    UnsupportedMedia: 415,
    Refused: 422,
    PreconditionMissing: 428,
    Limited: 429,
    HeadTooLarge: 431,
    Unavailable: 503,
}


class ProblemPart(Struct, frozen=True, omit_defaults=True, rename={"in_": "in"}):
    """One of several things that are wrong."""

    code: Annotated[str, Meta(description="The stable code of this part.")]
    detail: Annotated[str, Meta(description="What is wrong and what to do, in the reader's language.")]
    field: Annotated[str | None, Meta(description="A JSON pointer into the body, or the name of a parameter.")] = None
    in_: Annotated[str | None, Meta(description="Where the field stands: body, query, header or path.")] = None
    clause: Annotated[str | None, Meta(description="The clause or the rule of the house that asks for it.")] = None


class Problem(Struct, frozen=True, omit_defaults=True, rename={"in_": "in"}):
    """What went wrong (RFC 9457)."""

    type: Annotated[str, Meta(description="A URN that names the kind of problem and never changes.")]
    title: Annotated[str, Meta(description="The kind of problem in short, in the reader's language.")]
    status: Annotated[int, Meta(ge=400, le=599, description="The HTTP status.")]
    detail: Annotated[str, Meta(description="What is wrong and what to do, in the reader's language.")]
    instance: Annotated[str, Meta(description="A URN of this one occurrence: the id of the request in the service's log.")]
    code: Annotated[str, Meta(description="The code at the end of the type.")]
    field: Annotated[str | None, Meta(description="A JSON pointer into the body, or the name of a parameter.")] = None
    in_: Annotated[str | None, Meta(description="Where the field stands: body, query, header or path.")] = None
    clause: Annotated[str | None, Meta(description="The clause or the rule of the house on which a refusal rests.")] = None
    errors: Annotated[tuple[ProblemPart, ...], Meta(description="Each thing that is wrong, where there are several.")] = ()


@dataclass(frozen=True, slots=True)
class ProblemReply:
    """A problem as it goes out."""

    status: int
    code: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())


def status_of(error: WenzeError) -> int:
    """The HTTP status of an error, by the nearest class that has one."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def code_of(error: WenzeError) -> str:
    """The code that goes out. A missing thing says no more than that, so that another's looks the same (PITFALLS 7)."""
    if isinstance(error, NotFound) and not error.field and not error.code.startswith(_PUBLIC_MISSES):
        return NOT_FOUND
    return error.code


def render_problem(errors: Iterable[WenzeError], language: str, request_id: str) -> ProblemReply:
    """The problem of one error, or of several of which the first gives the status."""
    first, *others = errors
    code, status = code_of(first), status_of(first)
    problem = Problem(
        type=TYPE_PREFIX + code,
        title=render(f"api.status-{status}", {}, language),
        status=status,
        detail=_detail(first, language),
        instance=f"urn:uuid:{request_id}",
        code=code,
        field=first.field,
        in_=_place(first),
        clause=first.clause,
        errors=tuple(_part(error, language) for error in (first, *others)) if others else (),
    )
    return ProblemReply(status, code, msgspec.json.encode(problem), _headers(language))


def render_internal(language: str, request_id: str) -> ProblemReply:
    """The problem of something unforeseen: it says nothing but where to look in the log."""
    return render_problem((WenzeError("api.internal"),), language, request_id)


def flatten(error: BaseException) -> tuple[WenzeError, ...]:
    """The errors of a group, or the error alone; empty where one of them is none of ours."""
    if isinstance(error, WenzeError):
        return (error,)
    if isinstance(error, BaseExceptionGroup):
        parts = [flatten(part) for part in error.exceptions]
        return tuple(item for part in parts for item in part) if all(parts) else ()
    return ()


def _part(error: WenzeError, language: str) -> ProblemPart:
    return ProblemPart(code_of(error), _detail(error, language), error.field, _place(error), error.clause)


def _detail(error: WenzeError, language: str) -> str:
    code = code_of(error)
    return render(code, error.params if code == error.code else {}, language)


def _place(error: WenzeError) -> str | None:
    if error.field is None:
        return None
    if isinstance(error, BadInput):
        return error.place
    # Where no decoder said it, the form does: a pointer is empty or begins with a slash, a parameter has a name.
    return "body" if error.field == "" or error.field.startswith("/") else "query"


def _headers(language: str) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-language", TAGS[language].encode()),
        (b"vary", b"Accept-Language, Origin"),  # alike wherever they come from, so that what is missing looks the same
        (b"cache-control", b"no-store"),
    )
