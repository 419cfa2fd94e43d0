"""Keeps contacts: administrators those of everybody, each person the own ones."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import bindparam, func, or_, select, update

from core.cases.service import Desk
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, Stale
from core.ids import new_id
from core.messages.channels import address_kinds
from core.messages.contacts import ALL_CONTACTS, Contact, seal_address
from core.procedure import Role
from core.store.change import Change
from core.store.tables.messages import message_contact
from core.store.tables.organisation import person
from core.store.tables.schema import TENANT
from core.tenants.checks import check_active, check_span
from core.tenants.commands import Ending
from core.tenants.names import normalise

_C = message_contact.c
_BY_ID = ALL_CONTACTS.where(_C.id == bindparam("of_id"))
_PAGE = ALL_CONTACTS.where(_C.id > bindparam("after")).order_by(_C.id).limit(bindparam("most"))
_MINE = _PAGE.where(_C.person_id == bindparam("me"))
_END = (
    update(message_contact)
    .where(_C.tenant == TENANT, _C.id == bindparam("of_id"), _C.valid_to.is_(None))
    .values(valid_to=bindparam("last_day"))
)
_PERSON = select(person.c.id).where(person.c.tenant == TENANT, person.c.id == bindparam("of_person"))
_BEFORE_ALL = UUID(int=0)
MOST_CONTACTS = 50
"""That have not ended, of one person or unit."""
_STANDING = (
    select(func.count())
    .select_from(message_contact)
    .where(
        _C.tenant == TENANT,
        or_(_C.valid_to.is_(None), _C.valid_to >= bindparam("today", type_=_C.valid_to.type)),
        or_(
            _C.person_id == bindparam("of_person", type_=_C.person_id.type),
            _C.unit_id == bindparam("of_unit", type_=_C.unit_id.type),
        ),
    )
)


class NewContact(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An address at which a person or a unit is reached from a day on."""

    kind: Annotated[str, Meta(max_length=64, title="地址类型", description="email, phone or a channel's own; can grow.")]
    address: Annotated[str, Meta(min_length=1, max_length=254, pattern=r"^[\x20-\x7e]+$(?!\n)", title="地址")]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it is used.")]
    valid_to: Annotated[date | None, Meta(title="最后一日")] = None
    person_id: Annotated[
        UUID | None, Meta(title="人员", description="Yourself where neither this nor a unit is named; else administrators.")
    ] = None
    unit_id: Annotated[UUID | None, Meta(title="单位", description="For the unit itself; by administrators.")] = None


async def record_contact(desk: Desk, new: NewContact) -> Contact:
    """A new contact; raises :class:`Forbidden` for somebody else's, :class:`Refused`, :class:`Invalid`, and
    :class:`Conflict` where there are as many as there may be."""
    owner = await _owner(desk, new)
    check_span(new.valid_from, new.valid_to, "/valid_to")
    await _check_room(desk, owner)
    kinds = address_kinds()
    if new.kind not in kinds:
        raise Refused("messages.address-kind-unknown", field="/kind", kind=new.kind, known=", ".join(sorted(kinds)))
    made_id, address = new_id(), kinds[new.kind].read_address(new.address.strip())
    made = Contact(
        id=made_id,
        **owner,
        kind=new.kind,
        address_sealed=seal_address(await desk.session.keys(), made_id, address),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        recorded_at=desk.recorded_at,
        recorded_by=desk.principal.person_id,
    )
    desk.session.add(message_contact, {name: getattr(made, name) for name in Contact.__slots__})
    _record(desk, "message-contact.recorded", made)
    return made


async def _check_room(desk: Desk, owner: dict[str, UUID | None]) -> None:
    asked = {"of_person": owner["person_id"], "of_unit": owner["unit_id"], "today": desk.snapshot.local_day(desk.now)}
    if await desk.session.scalar(_STANDING, asked) >= MOST_CONTACTS:
        raise Conflict("messages.too-many-contacts", most=MOST_CONTACTS)


async def _owner(desk: Desk, new: NewContact) -> dict[str, UUID | None]:
    me = desk.principal.person_id
    if new.person_id is not None and new.unit_id is not None:
        raise Invalid("messages.contact-of-two", field="/unit_id")
    if new.unit_id is None and new.person_id in {None, me}:
        return {"person_id": me, "unit_id": None}
    if not _administers(desk):
        raise Forbidden("messages.contact-of-others")
    if new.unit_id is not None:
        check_active(desk.snapshot.organisation, new.unit_id, new.valid_from, "/unit_id")
    elif await desk.session.one(_PERSON, {"of_person": new.person_id}) is None:
        raise Refused("messages.person-unknown", field="/person_id")
    return {"person_id": new.person_id, "unit_id": new.unit_id}


async def list_contacts(desk: Desk, limit: int, after: UUID | None) -> tuple[Contact, ...]:
    """The person's own, ended ones too, in the order of recording; for an administrator everybody's."""
    asked: dict[str, Any] = {"after": after or _BEFORE_ALL, "most": limit}
    if _administers(desk):
        rows = await desk.session.all(_PAGE, asked)
    else:
        rows = await desk.session.all(_MINE, asked | {"me": desk.principal.person_id})
    return tuple(Contact(**row) for row in rows)


async def find_contact(desk: Desk, contact_id: UUID) -> Contact:
    """A contact of the person's own, or for an administrator anybody's; raises :class:`NotFound`."""
    row = await desk.session.one(_BY_ID, {"of_id": contact_id})
    found = Contact(**row) if row else None
    if found is None or (found.person_id != desk.principal.person_id and not _administers(desk)):
        raise NotFound("messages.contact-unknown")
    return found


async def end_contact(desk: Desk, contact_id: UUID, ending: Ending, expected: int) -> Contact:
    """The contact with its last day; raises :class:`NotFound`, :class:`Stale`, :class:`Conflict` and :class:`Refused`."""
    found = await find_contact(desk, contact_id)
    if expected != found.version:
        raise Stale("messages.contact-stale", current=found.version)
    if found.valid_to is not None:
        raise Conflict("messages.already-ended", day=found.valid_to.isoformat())
    check_span(found.valid_from, ending.last_day, "/last_day")
    if await desk.session.execute(_END, {"of_id": contact_id, "last_day": ending.last_day}) != 1:
        raise Stale("messages.contact-stale", current=2)
    values = {name: getattr(found, name) for name in Contact.__slots__}
    after = Contact(**values | {"valid_to": ending.last_day})
    _record(desk, "message-contact.ended", after, normalise(ending.reason))
    return after


def _administers(desk: Desk) -> bool:
    return desk.principal.has(Role.TENANT_ADMINISTRATOR)


def _record(desk: Desk, action: str, found: Contact, reason: str = "") -> None:
    """What is on record says whose it is and since when, and no address."""
    stream, begins = f"message-contact:{found.id}", action == "message-contact.recorded"
    ids = {name: str(value) for name in ("person_id", "unit_id") if (value := getattr(found, name)) is not None}
    content = ids | {"kind": found.kind, "valid_from": found.valid_from.isoformat(), "reason": reason}
    content |= {"valid_to": found.valid_to.isoformat()} if found.valid_to else {}
    refs = ids | {"contact_id": str(found.id)}
    change = Change(
        action=action, stream=stream, subject=stream, content=content, event_type=action, refs=refs, new_stream=begins
    )
    desk.session.record(change)
