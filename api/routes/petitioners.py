"""Petitioners' identities over HTTP: read for a stated purpose, each reading on record."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import desk_of
from core.cases.bodies import Instant
from core.cases.house_steps import JOINT, sorting_roles
from core.cases.identity import Identity
from core.cases.joining import Joining, add_petitioner
from core.cases.petitioners import Named, ReadIdentity, Reading, list_readings, read_identities, retell_readings
from core.cases.reading_rules import PRIVACY, Purpose
from core.cases.service import find_case
from core.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused, Stale
from core.feedback.bodies import MOST_PETITIONERS
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
    petitioner_number: Annotated[
        Annotated[int, Meta(ge=1, le=MOST_PETITIONERS)] | None,
        Meta(title="第几位诉求人", description="Which of the petitioners, by number; all of them, if left out"),
    ] = None
    merged_case_id: Annotated[
        UUID | None, Meta(title="并入的事项", description="The merged case with which the petitioner came, if any")
    ] = None


class ReadingView(Struct, frozen=True):
    """One reading of an identity (查阅记录)."""

    id: UUID
    purpose: Purpose
    note: str
    person_id: UUID
    client_id: UUID
    at: Instant


class PetitionerView(Struct, frozen=True):
    """One of those who bring a case (诉求人), and the record of this reading; both null where the identity was erased."""

    petitioner_number: Annotated[
        int, Meta(title="第几位诉求人", description="Their number in the case that they came with; call-backs name it, too")
    ]
    merged_case_id: Annotated[
        UUID | None, Meta(title="并入的事项", description="The merged case with which they came; null for this one")
    ]
    number: Annotated[str, Meta(title="事项编号", description="The case that they came with: this one, or a merged one")]
    reading: ReadingView | None
    petitioner: Identity | None


class IdentityView(Struct, frozen=True):
    """Who brought the case, and the record of this reading: the first that was read, and all of them."""

    reading: ReadingView
    petitioner: Identity
    petitioners: tuple[PetitionerView, ...]


class AddedPetitioner(Struct, frozen=True):
    """A further petitioner of a case, with the receipt (查询码) told this once."""

    case_id: UUID
    number: str
    receipt: Annotated[str, Meta(title="查询码", description="Lets the petitioner ask for the status")]
    petitioners: Annotated[int, Meta(title="诉求人数", description="How many bring the case now")]
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class ReadingList(Struct, frozen=True):
    """Every reading of a case's petitioner, oldest first."""

    items: tuple[ReadingView, ...]


def _view(reading: Reading) -> ReadingView:
    return ReadingView(**{name: getattr(reading, name) for name in ReadingView.__struct_fields__})


async def _read(call: Call) -> Reply:
    asked: ReadingRequest = call.body
    named = Named(asked.petitioner_number, asked.merged_case_id)
    found = await read_identities(
        call.session, call.snapshot, call.principal, call.id("case_id"), asked.purpose, asked.note, named
    )
    return Reply(_identities(found), kept=[item.reading.id for item in found if item.reading])


async def _retell(call: Call, kept: bytes) -> Reply:
    readings = msgspec.json.decode(kept, type=list[UUID])
    found = await retell_readings(call.session, call.snapshot, call.principal, call.id("case_id"), readings)
    return Reply(_identities(found))


def _identities(found: tuple[ReadIdentity, ...]) -> IdentityView:
    views = tuple(map(_petitioner, found))
    reading, identity = next((item.reading, item.petitioner) for item in views if item.reading and item.petitioner)
    return IdentityView(reading, identity, views)


def _petitioner(item: ReadIdentity) -> PetitionerView:
    reading = _view(item.reading) if item.reading else None
    return PetitionerView(item.petitioner_number, item.merged_case_id, item.number, reading, item.identity)


async def _add(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"), lock=True)
    after, receipt = await add_petitioner(desk, case, call.body, call.expected or 0)
    value = AddedPetitioner(after.id, after.number, receipt, after.standing.petitioners, after.version)
    return Reply(value, etag=after.version)


async def _list(call: Call) -> Reply:
    return Reply(ReadingList(tuple(map(_view, await list_readings(call.session, call.id("case_id"))))))


def _adders(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    kinds = (kind for kind in jurisdiction.kinds.values() if kind.petitioner != "none")
    return tuple(dict.fromkeys(role for kind in kinds for role in sorting_roles(kind)))


def _has_petitioners(jurisdiction: Jurisdiction) -> bool:
    return any(kind.petitioner != "none" for kind in jurisdiction.kinds.values())


OPERATIONS = (
    Operation(
        id="addPetitioner",
        method=Method.POST,
        path="/cases/{case_id}/petitioners",
        tag=TAG,
        title=Text(zh="增加诉求人", en="Add a petitioner"),
        description=Text(
            zh="同一事项又有人反映时，登记为该事项的又一名诉求人，并给予其本人的查询码（只在此返回一次）。",
            en="Somebody else brings the same matter: adds them to it, their identity stored apart and sealed, with a "
            "receipt of their own, which is told here and never again.",
        ),
        handler=_add,
        scope=Scope.CASES_WRITE,
        roles=_adders,
        body=Joining,
        reply=AddedPetitioner,
        status=201,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=JOINT,
        recusal=True,
        available=_has_petitioners,
        errors={
            Invalid: ("cases.instant-out-of-reach",),
            Forbidden: ("cases.role-missing", "recusals.recused"),
            NotFound: ("cases.unknown",),
            OutOfOrder: ("cases.step-out-of-order",),
            Refused: (
                "cases.petitioner-not-here",
                "cases.rendition-tells",
                "cases.time-in-future",
                "cases.time-before-last-step",
                "cases.title-tells",
                "petitioners.nobody-named",
                "petitioners.id-number-wrong",
            ),
            Stale: ("cases.stale",),
        },
        examples=lambda _: {"named": {"petitioner": {"name": "李建国", "phone": "13800138001"}}},
    ),
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
        recusal=True,
        available=_has_petitioners,
        errors={
            Forbidden: ("petitioners.role-missing", "petitioners.own-unit", "recusals.recused"),
            NotFound: ("cases.unknown", "petitioners.reading-unknown"),
            Refused: ("petitioners.anonymous", "petitioners.erased", "petitioners.no-such-place"),
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
