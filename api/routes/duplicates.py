"""Likely duplicates over HTTP: asked for a draft, before anything is registered."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.cases import desk_of
from api.routes.duplicate_views import LikelyView, likely
from core.cases.callers import CALLER
from core.cases.candidates import find_duplicates
from core.cases.duplicates import Matter
from core.cases.identity import IdNumber, Phone
from core.cases.lookup import Known, identity_role, record_look_up
from core.cases.place import Place
from core.cases.service import Desk
from core.errors import Forbidden
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import CaseKind, Role
from core.tenants.scopes import Scope


class DuplicateDraft(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of a matter while it is being registered."""

    kind: Annotated[str, Meta(max_length=64, title="类型", description="The kind of case; duplicates are of the same one")]
    title: Annotated[str, Meta(min_length=1, max_length=200, title="标题", description="What it is about, in a line")]
    category: Annotated[Annotated[str, Meta(min_length=1, max_length=200)] | None, Meta(title="分类")] = None
    place: Annotated[Place | None, Meta(title="事发地点")] = None
    phone: Annotated[Phone | None, Meta(title="电话号码", description="The caller's; only for who may read identities")] = (
        None
    )
    id_number: Annotated[IdNumber | None, Meta(title="证件号", description="As `phone`")] = None

    def __repr__(self) -> str:
        return "DuplicateDraft(…)"  # nobody's phone in a log or a traceback


class DuplicateList(Struct, frozen=True):
    """Cases that may be about the same matter, the likeliest first."""

    items: tuple[LikelyView, ...]


async def _find(call: Call) -> Reply:
    draft: DuplicateDraft = call.body
    desk, kind, known = desk_of(call), call.jurisdiction.kind(draft.kind), Known(draft.phone, draft.id_number)
    place = draft.place or Place()
    matter = Matter(draft.title, desk.now, draft.category, place.division, place.address)
    if known.by:
        call.principal.require_scope(Scope.PETITIONERS_READ)
    role = _role(desk, kind) if known.by else None
    found = await find_duplicates(desk, kind, matter, known)
    if role is not None:
        await record_look_up(desk, known, len(found), role)
    return Reply(DuplicateList(tuple(map(likely, found))))


def _role(desk: Desk, kind: CaseKind) -> Role:
    role = identity_role(kind, desk)
    if role is None:
        raise Forbidden("callers.role-missing", clause=CALLER)
    return role


def _brought(jurisdiction: Jurisdiction) -> list[CaseKind]:
    return [kind for kind in jurisdiction.kinds.values() if not kind.confidential]


def _draft(jurisdiction: Jurisdiction) -> Any:
    keys = tuple(kind.key for kind in _brought(jurisdiction))
    one: Any = Literal[keys]
    literal = Annotated[one, Meta(title="类型", description="The kind of case; duplicates are of the same one")]
    return msgspec.defstruct(
        "CityDuplicateDraft",
        [("kind", literal)],
        bases=(DuplicateDraft,),
        namespace={"__doc__": DuplicateDraft.__doc__},
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )


def _registrars(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in _brought(jurisdiction) for role in kind.registration.by))


def _examples(jurisdiction: Jurisdiction) -> dict[str, Any]:
    return {"draft": {"kind": _brought(jurisdiction)[0].key, "title": "红旗大道人行道塌陷"}}


OPERATIONS = (
    Operation(
        id="findDuplicates",
        method=Method.POST,
        path="/calculations/duplicates",
        tag="calculations",
        title=Text(zh="查找疑似重复", en="Find likely duplicates"),
        description=Text(
            zh="登记前按标题、分类、地点（有权时也按电话或证件号）查找可能反映同一事项的近期事项，并说明相似之处。"
            "按电话或证件号查找的，留痕。",
            en="Recent cases that may be about the same matter as a draft, by title, category and place, and for who may "
            "read identities by the caller's phone or id number, too, which stays on record. Each says what it shares with "
            "the draft. Nothing follows from it.",
        ),
        handler=_find,
        scope=Scope.CASES_WRITE,
        roles=_registrars,
        body=_draft,
        reply=DuplicateList,
        idempotent=True,
        available=lambda city: bool(_brought(city)),
        errors={Forbidden: ("callers.role-missing", "tenants.scope-missing")},
        examples=_examples,
    ),
)
