"""Keyset pages: an opaque cursor says after which row the next page begins; the Link header leads there (RFC 8288)."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import msgspec
from msgspec import Meta, Struct

from api.faults import BadInput
from api.guard import guard_json
from core.errors import Invalid

T = TypeVar("T")
LARGEST_PAGE = 200

Limit = Annotated[int, Meta(ge=1, le=LARGEST_PAGE, title="每页条数", description="How many items a page holds at most.")]
Cursor = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=512,
        title="游标",
        description="Where the page begins: the cursor of a Link header, unchanged. Only the service makes them.",
    ),
]


class PageQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The parameters of every list; a list with filters inherits from it."""

    limit: Limit = 50
    cursor: Cursor | None = None


def make_cursor(position: Any) -> str:
    """An opaque cursor of a position: what the rows are ordered by, of the last row of a page."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def read_cursor(cursor: str, type_: type[T]) -> T:
    """The position of a cursor; raises :class:`BadInput` for one that this list has not made."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = base64.b64decode(padded, altchars=b"-_", validate=True)
        guard_json(position)
        return msgspec.json.decode(position, type=type_)
    except (ValueError, binascii.Error, msgspec.DecodeError, Invalid) as error:
        raise BadInput("api.cursor-malformed", place="query", field="cursor") from error


def link_next(address: str, query_string: bytes, cursor: str) -> str:
    """The Link header to the next page: the same list and filters, from the cursor on."""
    kept = [(name, value) for name, value in parse_qsl(query_string.decode("utf-8")) if name != "cursor"]
    return f'<{address}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'
