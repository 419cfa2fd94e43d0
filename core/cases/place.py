"""Where a matter is, and how its petitioner wants to be answered: forms shared by the input and the case."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from core.tenants.names import Name

DivisionCode = Annotated[
    str,
    Meta(
        pattern=r"^[1-9][0-9]{5}([0-9]{3}){0,2}$(?!\n)",
        title="行政区划代码",
        description="Division code: 6 digits (GB/T 2260), 9 with the township (GB/T 10114), 12 with the village.",
    ),
]


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    """A point on the map, in degrees of CGCS2000, which for this purpose is WGS 84."""

    longitude: Annotated[float, Meta(ge=-180, le=180)]
    latitude: Annotated[float, Meta(ge=-90, le=90)]


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the matter is (事发地点), each part as far as it is known."""

    division: DivisionCode | None = None
    address: Annotated[Name, Meta(title="地址", description="The address in words.")] | None = None
    point: Point | None = None


class ReplyChannel(StrEnum):
    """How the petitioner wants to be answered (希望的回复方式)."""

    PHONE = "phone"
    TEXT_MESSAGE = "text-message"
    LETTER = "letter"
    EMAIL = "email"
    ONLINE = "online"
    IN_PERSON = "in-person"
    NONE = "none"
