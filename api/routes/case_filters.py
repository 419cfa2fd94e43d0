"""The filters of lists of cases, as a query and as a body, read into what the core asks the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.faults import BadInput
from api.operations import Call
from api.pages import Cursor, Limit
from core.cases.filters import CaseFilter
from core.cases.identity import IdNumber, Phone
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.cases.listing import Sort
from core.search.question import LONGEST, read_words
from core.tenants.categories import CategoryDay

MOST_VALUES = 32
_SEVERAL = {"state": "states", "kind": "kinds", "channel": "channels", "track": "tracks", "category": "categories"}
"""The filters of which any of several values will do, and what the core calls them."""
_PLAIN = (
    "number", "division", "urgent", "anonymous", "overdue", "closed", "unit_id", "clerk_id", "returns_from", "due_from",
    "due_before", "received_from", "received_before", "registered_from", "registered_before", "closed_from", "closed_before",
    "satisfied",
)  # fmt: skip

_Several = Meta(min_length=1, max_length=2_000, pattern=r"^[^,]+(,[^,]+)*$(?!\n)")
_Value = Annotated[str, Meta(min_length=1, max_length=128)]
_Values = Meta(max_length=MOST_VALUES)
_Q = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST,
        title="关键词",
        description="Words parted by spaces; each must stand somewhere in the case. Chinese words of two characters and "
        "more are found anywhere in a text, numbers and words of letters whole, a number also without its leading zeros. "
        "What the reader does not see in the case is not searched.",
    ),
]
_Number = Annotated[str, Meta(max_length=40, title="编号", description="The case's number")]
_Division = Annotated[
    str,
    Meta(
        pattern=r"^[1-8][0-9]{1,11}$(?!\n)",
        title="行政区划",
        description="An administrative division code or its beginning: the division and all in it",
    ),
]
_Returns = Annotated[int, Meta(ge=1, le=1_000, title="退单次数", description="Returned by units at least so often")]
_Urgent = Annotated[bool | None, Meta(title="紧急", description="Whether it is urgent")]
_Anonymous = Annotated[bool | None, Meta(title="匿名", description="Whether no name was given")]
_Overdue = Annotated[bool | None, Meta(title="是否逾期", description="Whether an open deadline has run out")]
_Closed = Annotated[bool | None, Meta(title="是否办结", description="Whether it has come to an end")]
_Satisfied = Annotated[
    bool | None,
    Meta(
        title="是否满意",
        description="What was said of the last reply: true where everybody who answered is satisfied, false where somebody "
        "is not. Officers of units find the cases in which nobody is asked any more",
    ),
]
_Unit = Annotated[UUID | None, Meta(title="承办单位", description="A unit that has the case now")]
_Clerk = Annotated[UUID | None, Meta(title="登记人", description="The person who registered it")]
_Sort = Annotated[
    Sort,
    Meta(title="排序", description="`newest`: newest registration first; `due`: earliest due first, what has a deadline"),
]
_DueFrom = Annotated[datetime, Meta(tz=True, title="到期不早于", description="Next deadline from")]
_DueBefore = Annotated[datetime, Meta(tz=True, title="到期早于", description="Next deadline before")]
_ReceivedFrom = Annotated[datetime, Meta(tz=True, title="收到不早于", description="Received from")]
_ReceivedBefore = Annotated[datetime, Meta(tz=True, title="收到早于", description="Received before")]
_RegisteredFrom = Annotated[datetime, Meta(tz=True, title="登记不早于", description="Registered from")]
_RegisteredBefore = Annotated[datetime, Meta(tz=True, title="登记早于", description="Registered before")]
_ClosedFrom = Annotated[datetime, Meta(tz=True, title="办结不早于", description="Came to its end from")]
_ClosedBefore = Annotated[datetime, Meta(tz=True, title="办结早于", description="Came to its end before")]


class _Common(Struct, frozen=True, kw_only=True):
    """The filters that are the same in a query and in a body."""

    q: _Q | None = None
    number: _Number | None = None
    division: _Division | None = None
    urgent: _Urgent = None
    anonymous: _Anonymous = None
    overdue: _Overdue = None
    closed: _Closed = None
    satisfied: _Satisfied = None
    unit_id: _Unit = None
    clerk_id: _Clerk = None
    returns_from: _Returns | None = None
    due_from: _DueFrom | None = None
    due_before: _DueBefore | None = None
    received_from: _ReceivedFrom | None = None
    received_before: _ReceivedBefore | None = None
    registered_from: _RegisteredFrom | None = None
    registered_before: _RegisteredBefore | None = None
    closed_from: _ClosedFrom | None = None
    closed_before: _ClosedBefore | None = None


class FilterQuery(_Common, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of cases; all that are given must hold. Where several values are parted by commas, any of them will do."""

    state: Annotated[str, _Several, Meta(title="状态", description="The state, or several")] | None = None
    kind: Annotated[str, _Several, Meta(title="类型", description="The kind of case, or several")] | None = None
    channel: Annotated[str, _Several, Meta(title="渠道", description="The channel, or several")] | None = None
    track: Annotated[str, _Several, Meta(title="办理方式", description="The track, or several")] | None = None
    category: (
        Annotated[str, _Several, Meta(title="分类", description="The code of a category with all below it, or several")]
        | None
    ) = None


class CaseQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A page of cases."""

    sort: _Sort = Sort.NEWEST
    limit: Limit = 50
    cursor: Cursor | None = None


class CaseSearch(_Common, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The filters as a body, where several values are a list, and the petitioner's phone or id number beside them."""

    state: Annotated[list[_Value], _Values, Meta(title="状态", description="Any of these states")] = []
    kind: Annotated[list[_Value], _Values, Meta(title="类型", description="Any of these kinds")] = []
    channel: Annotated[list[_Value], _Values, Meta(title="渠道", description="Any of these channels")] = []
    track: Annotated[list[_Value], _Values, Meta(title="办理方式", description="Any of these tracks")] = []
    category: Annotated[
        list[_Value], _Values, Meta(title="分类", description="Any of these categories, each with all below it")
    ] = []
    phone: Annotated[Phone, Meta(title="电话", description="The petitioner's phone")] | None = None
    id_number: Annotated[IdNumber, Meta(title="证件号码", description="The petitioner's id number")] | None = None
    sort: _Sort = Sort.NEWEST
    limit: Limit = 50
    cursor: Cursor | None = None


def read_filter(call: Call, asked: FilterQuery | CaseSearch) -> CaseFilter:
    """The filters as the core has them; raises :class:`BadInput` for what no database can be asked about."""
    in_query = isinstance(asked, FilterQuery)
    plain: dict[str, Any] = {name: getattr(asked, name) for name in _PLAIN}
    for name, value in plain.items():
        if isinstance(value, datetime) and not FIRST_YEAR <= value.year <= LAST_YEAR:
            place, field = ("query", name) if in_query else ("body", f"/{name}")
            raise BadInput("cases.instant-out-of-reach", place=place, field=field, first=FIRST_YEAR, last=LAST_YEAR)
    several: dict[str, Any] = {name: split_values(field, getattr(asked, field)) for field, name in _SEVERAL.items()}
    several["categories"] = _within(call, several["categories"])
    words = read_words(asked.q, "q" if in_query else "/q") if asked.q else None
    return CaseFilter(**plain, **several, words=words)


def split_values(name: str, given: str | list[str] | None, most: int = MOST_VALUES) -> tuple[str, ...]:
    """The several values of a filter; raises :class:`BadInput` for more than are taken."""
    values = given.split(",") if isinstance(given, str) else given or ()
    if len(values) > most:
        raise BadInput("lists.too-many-values", place="query", field=name, name=name, most=most)
    return tuple(dict.fromkeys(values))


def _within(call: Call, codes: Iterable[str]) -> tuple[str, ...]:
    """The categories with all that counts as them today, which those below them do and those merged into them."""
    day = call.snapshot.categories.on(call.snapshot.local_day(call.legal_now))
    return tuple({below: None for code in codes for below in (code, *_counting_as(day, code))})


def _counting_as(day: CategoryDay, code: str) -> Iterable[str]:
    return (below for below in day.versions if any(version.code == code for version in day.lineage(below)))
