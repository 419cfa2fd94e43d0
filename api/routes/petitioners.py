"""Petitioners' identities over HTTP: read for a stated purpose, each reading on record."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from core.cases.bodies import Instant
from core.cases.identity import Identity
from core.cases.petitioners import Reading, list_readings, read_identity, retell_reading
from core.cases.reading_rules import PRIVACY, Purpose
from core.errors import Forbidden, NotFound, Refused
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.names import Prose
from core.tenants.scopes import Scope

TAG = "petitioners"


class ReadingRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What an identity is needed for."""

    purpose: Annotated[Purpose, Meta(title="目的", description="What it is read for; can grow")]
    note: Annotated[Prose, Meta(title="说明", description="Why it is needed, in words; stays on record")]


class ReadingView(Struct, frozen=True):
    """One reading of an identity (查阅记录)."""

    id: UUID
    purpose: Purpose
    note: str
    person_id: UUID
    client_id: UUID
    at: Instant


class IdentityView(Struct, frozen=True):
    """Who brought the case, and the record of this reading."""

    reading: ReadingView
    petitioner: Identity


class ReadingList(Struct, frozen=True):
    """Every reading of a case's petitioner, oldest first."""

    items: tuple[ReadingView, ...]


def _view(reading: Reading) -> ReadingView:
    return ReadingView(**{name: getattr(reading, name) for name in ReadingView.__struct_fields__})


async def _read(call: Call) -> Reply:
    asked: ReadingRequest = call.body
    reading, identity = await read_identity(
        call.session, call.snapshot, call.principal, call.id("case_id"), asked.purpose, asked.note
    )
    return Reply(IdentityView(_view(reading), identity), kept=reading.id)


async def _retell(call: Call, kept: bytes) -> Reply:
    reading_id = msgspec.json.decode(kept, type=UUID)
    reading, identity = await retell_reading(
        call.session, call.snapshot, call.principal, call.id("case_id"), reading_id
    )
    return Reply(IdentityView(_view(reading), identity))


async def _list(call: Call) -> Reply:
    return Reply(ReadingList(tuple(map(_view, await list_readings(call.session, call.id("case_id"))))))


def _has_petitioners(jurisdiction: Jurisdiction) -> bool:
    return any(kind.petitioner != "none" for kind in jurisdiction.kinds.values())


OPERATIONS = (
    Operation(
        id="readPetitioner",
        method=Method.POST,
        path="/cases/{case_id}/petitioner/readings",
        tag=TAG,
        title=Text(zh="查阅诉求人身份", en="Read a petitioner's identity"),
        description=Text(
            zh="按目的查阅诉求人身份，每次查阅留痕。仅限该类事项规定的角色；被反映单位及承办单位人员不得查阅。",
            en="Who brought the case, to a person whose role the city names for this kind of case, for a stated purpose. "
            "Each reading stays on record. Staff of a unit that the case is about, and officers of a unit that has or had "
            "it, are refused.",
        ),
        handler=_read,
        scope=Scope.PETITIONERS_READ,
        roles=tuple(role for role in Role if role not in {Role.UNIT_OFFICER, Role.PETITIONER, Role.PLATFORM_OPERATOR}),
        body=ReadingRequest,
        reply=IdentityView,
        status=201,
        idempotent=True,
        retell=_retell,
        clause=PRIVACY,
        available=_has_petitioners,
        errors={
            Forbidden: ("petitioners.role-missing", "petitioners.own-unit"),
            NotFound: ("cases.unknown",),
            Refused: ("petitioners.anonymous", "petitioners.erased"),
        },
        examples=lambda _: {"contact": {"purpose": "contact", "note": "联系投诉人核实办理时间"}},
    ),
    Operation(
        id="listPetitionerReadings",
        method=Method.GET,
        path="/cases/{case_id}/petitioner/readings",
        tag=TAG,
        title=Text(zh="身份查阅记录", en="List the readings of an identity"),
        description=Text(
            zh="谁在何时因何目的查阅过诉求人身份。",
            en="Who read the petitioner's identity, when and for what. Says nothing about the petitioner.",
        ),
        handler=_list,
        scope=Scope.AUDIT_READ,
        roles=(Role.AUDITOR,),
        reply=ReadingList,
        clause=PRIVACY,
        available=_has_petitioners,
        errors={NotFound: ("cases.unknown",)},
    ),
)
