"""The warning ladder: due soon, overdue, key (重点督办). Its rungs are a tenant's dated setting, or the law."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from core.law.instrument import Key, TermFigure, Unit

BREACH = "breach"
"""The rung that every deadline has, at the first instant that is too late (R5); no tenant needs to set it."""
DISTANCES = frozenset({Unit.MINUTE, Unit.HOUR, Unit.WORKING_DAY, Unit.CALENDAR_DAY})
"""The units in which a rung can be away from the due date."""


class Level(StrEnum):
    """How far it has come with a deadline."""

    DUE_SOON = "due-soon"
    OVERDUE = "overdue"
    KEY = "key"


class Rung(Struct, frozen=True, forbid_unknown_fields=True):
    """One rung: how long before the due date (``due-soon``) or after it (``overdue``, ``key``) it is reached.

    In days it is reached as that day begins: of a warning the office hours of that day, where there are any. In hours or
    minutes it is reached to the minute. ``deadlines`` are the keys of those that it is for; all of them where none is named.
    """

    key: Key
    level: Level
    distance: TermFigure
    deadlines: tuple[Key, ...] = ()


class LawfulRung(Rung, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rung that the regulation itself has, with its clause."""

    clause: Annotated[str, Meta(max_length=128)]
