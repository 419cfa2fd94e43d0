"""Callers over HTTP: the earlier cases of whoever gives a phone or an id number, each look-up on record."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from api.faults import BadInput
from api.operations import Call, Method, Operation, Reply
from api.pages import Cursor, make_cursor, read_cursor
from api.routes.cases import desk_of
from core.cases.bodies import Instant
from core.cases.callers import CALLER, LATELY, MOST_CASES, CallerHistory, look_up_caller, retell_caller
from core.cases.identity import IdNumber, Phone
from core.cases.lookup import Known
from core.errors import Forbidden, Invalid, Refused
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope

TAG = "petitioners"


class CallerQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """What a caller is recognised by; it stands in the body and in no log of addresses (PITFALLS 22)."""

    phone: Annotated[Phone | None, Meta(title="电话号码", description="However it is written")] = None
    id_number: Annotated[IdNumber | None, Meta(title="证件号")] = None
    limit: Annotated[int, Meta(ge=1, le=100, title="条数", description="How many cases are told at most")] = 20
    cursor: Cursor | None = None

    def __repr__(self) -> str:
        return "CallerQuestion(…)"  # nobody's phone in a log or a traceback


class CallerCase(Struct, frozen=True):
    """An earlier case of a caller; nothing of it says who brought it."""

    case_id: UUID
    number: str
    kind: str
    state: str
    title: str
    channel: str
    category: str | None
    received_at: Instant
    closed_at: Instant | None
    lead_unit_id: UUID | None
    merged_into: UUID | None
    satisfied: Annotated[bool | None, Meta(title="是否满意", description="What was said of the last reply, if anything")]


class CallerView(Struct, frozen=True):
    """A caller's earlier cases (来电人历史事项), and numbers; what they mean is for people to say."""

    items: Annotated[tuple[CallerCase, ...], Meta(description="Open ones first, then the newest")]
    next: Annotated[str | None, Meta(title="续查自", description="The `cursor` of the following page")]
    total: int
    open: Annotated[int, Meta(title="未结束", description="How many are not over")]
    lately: Annotated[int, Meta(title="近期", description=f"How many were registered in the last {LATELY.days} days")]
    counts: Annotated[dict[str, int], Meta(title="各状态件数", description="How many stand in each state")]
    complete: Annotated[bool, Meta(description=f"False where there are more than the newest {MOST_CASES}")]


async def _look_up(call: Call) -> Reply:
    asked, last = call.body, _last(call.body)
    return Reply(_page(asked, last, await look_up_caller(desk_of(call), _known(asked))))


async def _retell(call: Call, _kept: bytes) -> Reply:
    asked, last = call.body, _last(call.body)
    return Reply(_page(asked, last, await retell_caller(desk_of(call), _known(asked))))


def _known(asked: CallerQuestion) -> Known:
    if asked.phone is None and asked.id_number is None:
        raise Refused("callers.nothing-known", field="/phone", clause=CALLER)
    return Known(asked.phone, asked.id_number)


def _last(asked: CallerQuestion) -> UUID | None:
    """The last case of the page before; the cursor stands in the body, where no address keeps it."""
    try:
        return read_cursor(asked.cursor, UUID) if asked.cursor else None
    except BadInput as error:
        raise BadInput(error.code, field="/cursor") from error


def _page(asked: CallerQuestion, last: UUID | None, history: CallerHistory) -> CallerView:
    ids = [row["id"] for row in history.items]
    start = ids.index(last) + 1 if last in ids else 0
    page = history.items[start : start + asked.limit]
    more = start + asked.limit < len(ids)
    return CallerView(
        items=tuple(_case(row) for row in page),
        next=make_cursor(page[-1]["id"]) if more else None,
        total=history.total,
        open=history.open,
        lately=history.lately,
        counts=history.counts,
        complete=history.complete,
    )


def _case(row: dict[str, UUID | str | datetime | None]) -> CallerCase:
    told = {name: row[name] for name in CallerCase.__struct_fields__ if name != "case_id"}
    return CallerCase(case_id=row["id"], **told)  # type: ignore[arg-type]  # a row's columns have these types


def _readers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    roles = (role for kind in jurisdiction.kinds.values() if kind.petitioner != "none" for role in kind.identity_roles)
    return tuple(dict.fromkeys(role for role in roles if role is not Role.UNIT_OFFICER))


OPERATIONS = (
    Operation(
        id="lookUpCaller",
        method=Method.POST,
        path="/callers/lookups",
        tag=TAG,
        title=Text(zh="来电识别", en="Recognise a caller"),
        description=Text(
            zh="按电话号码或证件号查询来电人以往的事项：未结束的在前，附各状态件数。不返回姓名等身份信息；每次查询留痕。",
            en="The earlier cases of whoever gives a phone or an id number: open ones first, with counts. No name and no "
            "other value comes back. Each look-up is on record, for it tells that cases are of one person; a replay adds "
            "none.",
        ),
        handler=_look_up,
        scope=Scope.PETITIONERS_READ,
        roles=_readers,
        body=CallerQuestion,
        reply=CallerView,
        idempotent=True,
        retell=_retell,
        clause=CALLER,
        available=lambda city: any(kind.petitioner != "none" for kind in city.kinds.values()),
        errors={
            Invalid: ("api.cursor-malformed",),
            Forbidden: ("callers.role-missing",),
            Refused: ("callers.nothing-known",),
        },
        examples=lambda _: {"phone": {"phone": "13800138000"}},
    ),
)
