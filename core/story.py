"""A city's main job as a play: who there is, what happens, and what the regulation says must come of each act.

Hook types, like those of :mod:`core.procedure`: frozen values, read from the city's data.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from core.law.instrument import Key, Text
from core.procedure import Reference, Role

DEADLINE = "@deadline:"
"""How a body names a deadline of its case, with the key behind it: the first of that key. ``@`` alone names a unit."""


class StoryUnit(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit in a city's story."""

    key: Key
    name: str
    parent: Key | None = None
    ranking_group: str | None = None
    member: bool = True
    offices: tuple[Key, ...] = ()


class StoryCategory(Struct, frozen=True, forbid_unknown_fields=True):
    """A category of the tenant in a city's story. Those above it stand before it."""

    key: Key
    title: Text
    parent: Key | None = None
    default_unit: Key | None = None


class StoryPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """A person in a city's story, with the roles held and the unit they are held in."""

    key: Key
    name: str
    unit: Key
    roles: tuple[Role, ...]
    title: str = ""


class StorySetting(Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant setting that the story makes, with its basis."""

    key: Key
    value: dict[str, Any] | str
    effective_from: date
    basis: str


class ExpectedDeadline(Struct, frozen=True, forbid_unknown_fields=True):
    """A deadline that must stand after an act."""

    key: Key
    clause: Reference
    due_on: date
    state: str = "open"
    unit: Key | None = None


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """What the regulation says must come of an act: the case's state and deadlines, or a refusal with its clause."""

    state: Key | None = None
    deadlines: tuple[ExpectedDeadline, ...] = ()
    refused_by: Reference | None = None
    overdue: bool | None = None


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that somebody does in a story. ``at`` moves the legal clock to a local time first."""

    who: Key
    does: Key
    case: Key
    why: Text
    at: datetime | None = None
    kind: Key | None = None
    body: dict[str, Any] = field(default_factory=dict)
    """What is sent; ``@`` and a unit's key stand for the unit's id, ``@deadline:`` and a key for that of a deadline."""
    expect: Expectation = Expectation()


class Scene(Struct, frozen=True, forbid_unknown_fields=True):
    """One matter, from beginning to end."""

    title: Text
    acts: Annotated[tuple[Act, ...], Meta(min_length=1)]


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """A city's main job as a play: who there is, what is set, and what happens. The demo and the tests play it."""

    opens_at: datetime
    units: Annotated[tuple[StoryUnit, ...], Meta(min_length=1)]
    people: Annotated[tuple[StoryPerson, ...], Meta(min_length=1)]
    scenes: Annotated[tuple[Scene, ...], Meta(min_length=1)]
    settings: tuple[StorySetting, ...] = ()
    categories: tuple[StoryCategory, ...] = ()
