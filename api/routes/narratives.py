"""The words of cases over HTTP: the rendition that units read, and the original, read for a stated purpose."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.case_schemas import case_reply
from api.routes.case_views import view
from api.routes.cases import desk_of
from core.cases.bodies import Instant
from core.cases.case import Case
from core.cases.disclosure import disclose_case
from core.cases.house_steps import sorting_roles
from core.cases.narratives import (
    ORIGINAL,
    Confirmation,
    NarrativePurpose,
    NarrativeReading,
    confirm_rendition,
    list_narrative_readings,
    read_narrative,
    reading_roles,
    retell_narrative,
)
from core.cases.rendition import RENDITION, has_rendition
from core.cases.service import find_case
from core.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused, Stale
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import CaseKind, Role
from core.tenants.names import Prose
from core.tenants.scopes import Scope

TAG = "narratives"


class NarrativeRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the original words are needed for."""

    purpose: Annotated[NarrativePurpose, Meta(title="目的", description="What they are read for; can grow")]
    note: Annotated[Prose, Meta(title="说明", description="Why they are needed, in words; stays on record")]


class NarrativeReadingView(Struct, frozen=True):
    """One reading of original words (查阅记录)."""

    id: UUID
    purpose: NarrativePurpose
    note: str
    role: str
    person_id: UUID
    client_id: UUID
    at: Instant


class OriginalView(Struct, frozen=True):
    """The words as they were told, and the record of this reading."""

    reading: NarrativeReadingView
    narrative: Annotated[str | None, Meta(title="诉求原文", description="Word for word, as it was registered")]


class NarrativeReadingList(Struct, frozen=True):
    """Every reading of a case's original words, oldest first."""

    items: tuple[NarrativeReadingView, ...]


def reading_view(reading: NarrativeReading) -> NarrativeReadingView:
    """One reading as it is shown."""
    return NarrativeReadingView(**{name: getattr(reading, name) for name in NarrativeReadingView.__struct_fields__})


async def _confirm(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"), lock=True)
    after = await confirm_rendition(desk, case, call.body, call.expected or 0)
    kind = call.jurisdiction.kind(after.kind)
    shown = disclose_case(after, kind, call.principal)
    return Reply(view(shown, kind, call.legal_now, call.principal), etag=after.version)


async def _read(call: Call) -> Reply:
    asked: NarrativeRequest = call.body
    reading, case = await read_narrative(desk_of(call), call.id("case_id"), asked.purpose, asked.note)
    return Reply(_original(reading, case), kept=reading.id)


async def _retell(call: Call, kept: bytes) -> Reply:
    reading_id = msgspec.json.decode(kept, type=UUID)
    return Reply(_original(*await retell_narrative(desk_of(call), call.id("case_id"), reading_id)))


def _original(reading: NarrativeReading, case: Case) -> OriginalView:
    return OriginalView(reading_view(reading), case.narrative)


async def _list(call: Call) -> Reply:
    found = await list_narrative_readings(call.session, call.id("case_id"))
    return Reply(NarrativeReadingList(tuple(map(reading_view, found))))


def _of(jurisdiction: Jurisdiction) -> list[CaseKind]:
    return [kind for kind in jurisdiction.kinds.values() if has_rendition(kind)]


def _has_any(jurisdiction: Jurisdiction) -> bool:
    return bool(_of(jurisdiction))


def _confirmers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in _of(jurisdiction) for role in sorting_roles(kind)))


def _readers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in reading_roles(kind)))


def _case_reply(jurisdiction: Jurisdiction) -> Any:
    return case_reply(jurisdiction)


OPERATIONS = (
    Operation(
        id="confirmRendition",
        method=Method.POST,
        path="/cases/{case_id}/rendition",
        tag=TAG,
        title=Text(zh="确认脱敏文本", en="Confirm the rendition of a case"),
        description=Text(
            zh="确认承办单位将看到的脱敏文本：由人撰写，或按登记时生成的文本确认。未确认的事项不得交办。"
            "文本中不得有诉求人的身份信息、电话号码或证件号。",
            en="Confirms the text that units will read: one that a person has written, or the one made at registration as "
            "it stands. A case goes to no unit before; a dispatch can bring the text itself. It may have nothing in it that "
            "the petitioners gave of themselves, and no phone or id number.",
        ),
        handler=_confirm,
        scope=Scope.CASES_WRITE,
        roles=_confirmers,
        body=Confirmation,
        reply=_case_reply,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=RENDITION,
        recusal=True,
        available=_has_any,
        errors={
            Invalid: ("cases.instant-out-of-reach",),
            Forbidden: ("cases.role-missing", "recusals.recused"),
            NotFound: ("cases.unknown",),
            OutOfOrder: ("cases.step-out-of-order",),
            Refused: (
                "cases.rendition-tells",
                "cases.rendition-unwritten",
                "cases.rendition-none",
                "cases.time-in-future",
                "cases.time-before-last-step",
            ),
            Stale: ("cases.stale",),
        },
        examples=lambda _: {"written": {"rendition": "反映窗口排队时间过长，材料齐全仍未办结。"}},
    ),
    Operation(
        id="readNarrative",
        method=Method.POST,
        path="/cases/{case_id}/narrative/readings",
        tag=TAG,
        title=Text(zh="查阅诉求原文", en="Read the original words of a case"),
        description=Text(
            zh="按目的查阅诉求原文，每次查阅留痕。限办理此类事项的人员；被反映单位及承办单位人员不得查阅。",
            en="What was told, word for word, to a person who works on cases of this kind, for a stated purpose. Each "
            "reading stays on record. Staff of a unit that the case is about, and officers of one that has or had it, are "
            "refused.",
        ),
        handler=_read,
        scope=Scope.PETITIONERS_READ,
        roles=_readers,
        body=NarrativeRequest,
        reply=OriginalView,
        status=201,
        idempotent=True,
        retell=_retell,
        clause=ORIGINAL,
        recusal=True,
        errors={
            Forbidden: ("cases.narrative-role-missing", "petitioners.own-unit", "recusals.recused"),
            NotFound: ("cases.unknown", "petitioners.reading-unknown"),
        },
        examples=lambda _: {"redact": {"purpose": "redact", "note": "撰写脱敏文本"}},
    ),
    Operation(
        id="listNarrativeReadings",
        method=Method.GET,
        path="/cases/{case_id}/narrative/readings",
        tag=TAG,
        title=Text(zh="诉求原文查阅记录", en="List the readings of original words"),
        description=Text(
            zh="谁在何时因何目的查阅过诉求原文。",
            en="Who read the original words of a case, when and for what. Says nothing of the words.",
        ),
        handler=_list,
        scope=Scope.AUDIT_READ,
        roles=(Role.AUDITOR,),
        reply=NarrativeReadingList,
        clause=ORIGINAL,
        errors={NotFound: ("cases.unknown",)},
    ),
)
