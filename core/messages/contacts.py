"""Contacts (联系方式): where people and units are reached. Addresses are sealed; nobody but their owner is told them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from core.store.envelope import TenantKeys
from core.store.session import TenantSession
from core.store.tables.messages import message_contact
from core.store.tables.schema import TENANT

_C = message_contact.c
ALL_CONTACTS = select(*(column for column in _C if column.name != "tenant")).where(_C.tenant == TENANT)
_VALID = ALL_CONTACTS.where(
    _C.valid_from <= bindparam("day"),
    or_(_C.valid_to.is_(None), _C.valid_to >= bindparam("day")),
    or_(_C.person_id.in_(bindparam("people", expanding=True)), _C.unit_id.in_(bindparam("units", expanding=True))),
).order_by(_C.valid_from, _C.id)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact as it stands."""

    id: UUID
    person_id: UUID | None
    unit_id: UUID | None
    kind: str
    address_sealed: bytes = field(repr=False)
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    recorded_by: UUID

    @property
    def version(self) -> int:
        """The entity tag: a contact changes once, when it ends."""
        return 1 if self.valid_to is None else 2


class Addresses:
    """Where people and units are reached on a day: of several addresses of a kind the one that began last."""

    def __init__(self, contacts: Iterable[Contact]) -> None:
        self._found = {(item.kind, item.person_id, item.unit_id): item for item in contacts}

    def find(self, kind: str, person_id: UUID | None, unit_id: UUID | None) -> Contact | None:
        """A person's own address of a kind, else (without a person) the unit's."""
        return self._found.get((kind, person_id, None if person_id else unit_id))


async def load_addresses(session: TenantSession, people: Iterable[UUID], units: Iterable[UUID], day: date) -> Addresses:
    """Those of these people and units."""
    rows = await session.all(_VALID, {"people": list(people), "units": list(units), "day": day})
    return Addresses(Contact(**row) for row in rows)


def open_address(keys: TenantKeys, found: Contact) -> str:
    """The address itself; it goes to whoever owns it, and to the channel."""
    return keys.open(bytes(found.address_sealed), _purpose(found.id)).decode()


def seal_address(keys: TenantKeys, contact_id: UUID, address: str) -> bytes:
    """An address as it is stored."""
    return keys.seal(address.encode(), _purpose(contact_id))


def _purpose(contact_id: UUID) -> str:
    return f"message contact {contact_id}"
