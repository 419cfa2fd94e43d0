"""What types of event there are: what each means, what it refers to, and who is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from core.law.instrument import Text

EVERYTHING = "*"
BELOW = ".*"
"""Behind a word: every type that begins with it."""


class Audience(StrEnum):
    """Who is told of events of a type. One without a case is told to administrators and auditors, whatever its type."""

    CASE = "case"
    """Whoever sees the case."""
    STAFF = "staff"
    """Who sees the case and works for none of the units that cases are sent to."""
    ADMINISTRATION = "administration"
    """The tenant's administrators and auditors."""


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event. ``refs`` are the names of all that its events can refer to; not each has all of them."""

    name: str
    title: Text
    audience: Audience
    refs: tuple[str, ...]
    version: int = 1
    """Of the form of its references; a change that breaks readers raises it."""


def is_wanted(type_: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names the type: itself, ``case.*`` with all that begin so, or ``*``."""
    return any(
        pattern in {type_, EVERYTHING} or (pattern.endswith(BELOW) and type_.startswith(pattern[:-1]))
        for pattern in patterns
    )


@cache
def event_types() -> dict[str, EventType]:
    """Every type by its name, in the order in which they are listed."""
    from core.events.case_types import CASE_TYPES  # here: they are made of what stands above
    from core.events.other_types import OTHER_TYPES

    return {item.name: item for item in (*CASE_TYPES, *OTHER_TYPES)}


def told_to(audiences: Iterable[Audience]) -> frozenset[str]:
    """The types that one of the audiences is told of."""
    wanted = frozenset(audiences)
    return frozenset(item.name for item in event_types().values() if item.audience in wanted)
