"""Who a petitioner is: the values, their forms, and the one form in which a phone and an id number are looked up."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from core.errors import Refused
from core.store.envelope import TenantKeys
from core.tenants.names import Name, normalise

Phone = Annotated[str, Meta(max_length=32, pattern=r"^\+?[0-9](?:[ -]?[0-9]){4,19}$(?!\n)")]
IdNumber = Annotated[str, Meta(max_length=32, pattern=r"^[0-9A-Za-z]{5,32}$(?!\n)")]
Email = Annotated[str, Meta(max_length=254, pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$(?!\n)")]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")


class IdKind(StrEnum):
    """What kind of document the id number is of."""

    RESIDENT_ID = "resident-id"
    TRAVEL_PERMIT = "travel-permit"
    PASSPORT = "passport"
    OTHER = "other"


class Identity(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who brings a matter. Each part is optional; a named petitioner gives at least a name or a phone."""

    name: Name | None = None
    phone: Phone | None = None
    id_kind: IdKind = IdKind.RESIDENT_ID
    id_number: IdNumber | None = None
    address: Name | None = None
    email: Email | None = None

    def __repr__(self) -> str:
        return "Identity(…)"  # nobody's name in a log or a traceback


def check_identity(identity: Identity, place: str = "/petitioner") -> Identity:
    """The identity in its stored form; raises :class:`Refused` for one that names nobody or a resident id that is none."""
    if identity.name is None and identity.phone is None:
        raise Refused("petitioners.nobody-named", field=place)
    number = identity.id_number.upper() if identity.id_number else None
    if number and identity.id_kind is IdKind.RESIDENT_ID and not is_resident_id(number):
        raise Refused("petitioners.id-number-wrong", field=f"{place}/id_number")
    return Identity(
        name=normalise(identity.name) if identity.name else None,
        phone=identity.phone,
        id_kind=identity.id_kind,
        id_number=number,
        address=normalise(identity.address) if identity.address else None,
        email=identity.email,
    )


def is_resident_id(number: str) -> bool:
    """Whether it is a resident identity number: a day of birth that exists and the check character of GB 11643-1999."""
    if not _RESIDENT.fullmatch(number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[17] == _CHECK[total % 11]


def hash_phone(keys: TenantKeys, phone: str) -> bytes:
    """By which a phone is looked up: the tenant's keyed hash of its digits."""
    return keys.hash(plain_phone(phone), "phone")


def hash_id_number(keys: TenantKeys, number: str) -> bytes:
    """By which an id number is looked up."""
    return keys.hash(number.upper(), "id-number")


def plain_phone(phone: str) -> str:
    """The digits by which a phone is looked up, without China's country code."""
    digits = re.sub(r"[ +-]", "", phone)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) >= 10:
            return digits.removeprefix(prefix)
    return digits
