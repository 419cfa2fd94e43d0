"""The feed: a tenant's events in their order, from a position on; each reader's own share of them.

What is looked at is bounded: a page looks at so many numbers at most, and says how far it has looked, so that a reader whose
filter fits hardly anything gets on all the same. It never looks past what is numbered, so that nothing appears behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from core.cases.capacity import visible_units
from core.cases.filters import Narrowing, Shape, held_by, one_of
from core.events.envelope import EVENT_COLUMNS
from core.events.event_type import Audience, event_types, is_wanted, told_to
from core.procedure import Role
from core.store.session import TenantSession
from core.store.tables.cases import case_unit, cases
from core.store.tables.records import outbox
from core.store.tables.schema import TENANT
from core.store.tables.timers import event_sequence
from core.tenants.principal import Principal

MOST_LOOKED_AT = 5_000
"""How many numbers one page looks at, whatever it finds among them."""
_NUMBERED = select(event_sequence.c.last).where(event_sequence.c.tenant == TENANT)
_ALL_SEEING = (Role.TENANT_ADMINISTRATOR, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class Reader:
    """Which events somebody is told of."""

    types: frozenset[str] | None
    """The types; ``None`` for all, whether they are known or not."""
    units: frozenset[UUID] | None
    """The units whose cases are seen; ``None`` for all cases of the tenant."""
    beyond_cases: bool = False
    """Whether events are told that are of no case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What the feed is narrowed to."""

    patterns: tuple[str, ...] = ()
    """Types, or ``case.*``; without any, all."""
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Rows of :data:`core.events.envelope.EVENT_COLUMNS`, how far was looked, and whether there are numbers behind that."""

    last: int
    more: bool
    rows: list[dict[str, Any]] = field(default_factory=list)


def reader_of(principal: Principal) -> Reader:
    """Which events the person is told of: administrators and auditors of all, staff of those of the cases that they see.

    An officer of a unit gets what was made for units, whatever else the person is.
    """
    told = {Audience.CASE} if principal.has(Role.UNIT_OFFICER) else {Audience.CASE, Audience.STAFF}
    if principal.roles.isdisjoint(_ALL_SEEING):
        return Reader(told_to(told), visible_units(principal))
    everything = Audience.STAFF in told
    return Reader(None if everything else told_to({*told, Audience.ADMINISTRATION}), None, beyond_cases=True)


async def read_events(session: TenantSession, reader: Reader, wanted: EventFilter, after: int, limit: int) -> EventPage:
    """At most ``limit`` events behind a position, in their order."""
    # First, and by itself: what is numbered by then is there for every later statement to see.
    end = await session.scalar(_NUMBERED) or 0
    until = end if wanted.case_id else min(end, after + MOST_LOOKED_AT)
    types = _types(reader, wanted.patterns)
    if until <= after or types == frozenset() or reader.units == frozenset():
        return EventPage(max(after, until), more=until < end)
    narrowing = _narrowed(reader, wanted, types)
    narrowing.values |= {"after_position": after, "until_position": until, "page": limit}
    rows = await session.all(_statement(narrowing.shape), narrowing.values)
    last = rows[-1]["position"] if len(rows) == limit else until
    return EventPage(last, last < end, rows)


def _types(reader: Reader, patterns: Iterable[str]) -> frozenset[str] | None:
    """The types to look for; ``None`` for all, whether they are known or not."""
    patterns = tuple(patterns)
    if not patterns:
        return reader.types
    named = frozenset(name for name in event_types() if is_wanted(name, patterns))
    return named if reader.types is None else named & reader.types


def _narrowed(reader: Reader, wanted: EventFilter, types: frozenset[str] | None) -> Narrowing:
    found = Narrowing()
    if types is not None:
        found.add_several("types", types)
    if not reader.beyond_cases:
        found.add("of_a_case")
    if reader.units is not None:
        found.add_several("my_units", reader.units)
    if wanted.case_id is not None:
        found.add("case_id", wanted.case_id)
    return found


@lru_cache(maxsize=256)
def _statement(shape: Shape) -> Select[Any]:
    """The statement for one combination of filters; each is made and checked once."""
    several, position = dict(shape.several), outbox.c.position
    found = [
        outbox.c.tenant == TENANT,
        position > bindparam("after_position"),
        position <= bindparam("until_position"),
    ]
    if "types" in several:
        found.append(one_of(outbox.c.type, "types", several["types"]))
    if "of_a_case" in shape.single:
        found.append(outbox.c.case_id.is_not(None))
    if "case_id" in shape.single:
        found.append(outbox.c.case_id == bindparam("case_id"))
    if "my_units" in several:
        held = held_by(one_of(case_unit.c.unit_id, "my_units", several["my_units"]))
        found += [cases.c.tenant == TENANT, cases.c.id == outbox.c.case_id, held]
    return select(*EVENT_COLUMNS).where(*found).order_by(position).limit(bindparam("page"))
