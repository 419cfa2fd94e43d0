"""What a list of cases is narrowed to, as conditions on typed columns: one statement per combination of filters.

Several values of one filter are so many parameters, filled up to the next power of two, so that the statements stay few and
are prepared, which an IN that is expanded at run time is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, bindparam, exists, false, or_, select, true, union_all

from core.cases.reach import Reach
from core.search.indexing import Scope
from core.search.question import MOST_GRAMS, Words
from core.store.tables import TENANT, case_gram, case_petitioner, case_unit, cases, petitioner

Values = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list is narrowed to; all that is given must hold. ``due_…`` and ``overdue`` speak of the next open deadline."""

    number: str | None = None
    states: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    division: str | None = None
    """The beginning of an administrative division code: the division and all in it."""
    urgent: bool | None = None
    anonymous: bool | None = None
    overdue: bool | None = None
    closed: bool | None = None
    satisfied: bool | None = None
    """What was said of the last reply."""
    unit_id: UUID | None = None
    clerk_id: UUID | None = None
    returns_from: int | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    registered_from: datetime | None = None
    registered_before: datetime | None = None
    closed_from: datetime | None = None
    closed_before: datetime | None = None
    words: Words | None = None
    among: frozenset[str] | None = None
    """The kinds that it is narrowed to, whichever are asked for."""
    phone_hash: bytes | None = None
    """The petitioner's phone and id number, as :mod:`core.cases.identity` hashes them."""
    id_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a statement depends on: which filters, and how many values each has."""

    single: frozenset[str] = frozenset()
    several: frozenset[tuple[str, int]] = frozenset()
    grams: int = 0
    scoped: bool = False
    """Whether there are kinds of which not every word may be searched."""


@dataclass(slots=True)
class Narrowing:
    """The conditions of a list under way: their shape and their values."""

    single: set[str] = field(default_factory=set)
    several: dict[str, int] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    grams: int = 0
    scoped: bool = False

    @property
    def shape(self) -> Shape:
        """Under which the statement is kept."""
        return Shape(frozenset(self.single), frozenset(self.several.items()), self.grams, self.scoped)

    def add(self, name: str, value: object = None) -> None:
        """A condition with one value, or with none of its own."""
        self.single.add(name)
        self.values[name] = value

    def add_several(self, name: str, values: Iterable[object]) -> None:
        """A condition that one of some values must meet; there must be one."""
        padded = _padded(sorted(values, key=str))
        self.several[name] = len(padded)
        self.values |= {f"{name}_{index}": value for index, value in enumerate(padded)}


def narrow(wanted: CaseFilter, reach: Reach, now: datetime, grams: Sequence[int]) -> Narrowing | None:
    """The conditions of a list for a reader; ``None`` where no case can meet them. ``grams`` are those of the words."""
    kinds = _kinds(wanted, reach)
    if reach.sees_nothing or kinds == frozenset():
        return None
    found = Narrowing(values={"now": now})
    for name in _SINGLE:
        value = getattr(wanted, name)
        if value is not None:
            found.add(name, value)
    found.single |= _flags(wanted, reach)
    if wanted.division is not None:
        found.add("division", wanted.division)
        found.values["division_end"] = str(int(wanted.division) + 1)
    several: dict[str, Collection[object] | None] = {
        "states": wanted.states, "channels": wanted.channels, "tracks": wanted.tracks, "kinds": kinds,
        "categories": wanted.categories, "my_units": reach.units,
    }  # fmt: skip
    for name, values in several.items():
        if values:
            found.add_several(name, values)
    _add_grams(found, grams, reach)
    return found


def _kinds(wanted: CaseFilter, reach: Reach) -> frozenset[str] | None:
    """The kinds to look among; ``None`` for all. What a case hides from the reader, no filter tells either."""
    hidden = any(value is not None for value in (wanted.division, wanted.clerk_id, wanted.satisfied))
    told = (frozenset(wanted.kinds) or None, wanted.among, reach.entrusted if hidden else None)
    limits = [kinds for kinds in told if kinds is not None and kinds != reach.kinds]
    return frozenset.intersection(*limits) if limits else None


def _flags(wanted: CaseFilter, reach: Reach) -> set[str]:
    given = {name: getattr(wanted, name) for name in _FLAGS}
    told = {f"{name}:{value}".lower() for name, value in given.items() if value is not None}
    return told if wanted.satisfied is None or reach.hears else told | {"asking:false"}


def _add_grams(found: Narrowing, grams: Sequence[int], reach: Reach) -> None:
    found.grams = len(grams)
    found.values |= {f"gram_{index}": gram for index, gram in enumerate(grams)}
    found.scoped = bool(grams) and reach.original != reach.kinds
    for name, kinds in (("staff", reach.staff), ("original", reach.original)):
        if found.scoped and kinds:
            found.add_several(name, kinds)


def _padded(values: list[Any]) -> list[Any]:
    size = 1
    while size < len(values):
        size *= 2
    return values + values[-1:] * (size - len(values))


def conditions(shape: Shape) -> list[ColumnElement[bool]]:
    """The WHERE of a statement of that shape, the tenant's own condition first."""
    several = dict(shape.several)
    found: list[ColumnElement[bool]] = [cases.c.tenant == TENANT]
    found += [_CONDITIONS[name] for name in sorted(shape.single)]
    found += [one_of(_SEVERAL[name], name, size) for name, size in sorted(several.items()) if name in _SEVERAL]
    if "my_units" in several:
        found.append(held_by(one_of(case_unit.c.unit_id, "my_units", several["my_units"])))
    for index in range(shape.grams):
        found += _with_gram(_GRAMS[index], index, shape, several)
    return found


def one_of(column: Any, name: str, size: int) -> ColumnElement[bool]:
    """Whether the column has one of so many values."""
    found: ColumnElement[bool] = column.in_([bindparam(f"{name}_{index}", type_=column.type) for index in range(size)])
    return found


def held_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a unit that has the case now meets a condition."""
    held = exists().where(
        case_unit.c.tenant == TENANT, case_unit.c.case_id == cases.c.id, case_unit.c.until.is_(None), condition
    )
    return held.correlate(cases)  # and with nothing else: where cases are counted by unit, those stand outside as well


def _brought_by(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a petitioner of the case fits: the first, or one who brought it along or later. Found from the person on."""
    brought, person = cases.alias("brought"), (petitioner.c.tenant == TENANT, condition)
    first = select(brought.c.id).where(brought.c.tenant == TENANT, brought.c.petitioner_id == petitioner.c.id, *person)
    further = select(case_petitioner.c.case_id).where(
        case_petitioner.c.tenant == TENANT, case_petitioner.c.petitioner_id == petitioner.c.id, *person
    )
    return cases.c.id.in_(union_all(first, further))


def _with_gram(grams: Any, index: int, shape: Shape, several: dict[str, int]) -> Iterator[ColumnElement[bool]]:
    yield grams.c.tenant == TENANT
    yield grams.c.gram == bindparam(f"gram_{index}")
    yield grams.c.case_id == cases.c.id
    if "after" in shape.single:  # said again: an inequality does not pass from one table to another by itself
        yield grams.c.case_id < bindparam("after")
    if shape.scoped:
        read = [grams.c.scope == Scope.OPEN.value]
        for name, scope in (("staff", Scope.ENTRUSTED), ("original", Scope.ORIGINAL)):
            if name in several:
                read.append((grams.c.scope == scope.value) & one_of(cases.c.kind, name, several[name]))
        yield or_(*read)


_GRAMS: list[Any] = [case_gram.alias(f"g{index}") for index in range(MOST_GRAMS)]
_SEVERAL: dict[str, Column[Any]] = {
    "states": cases.c.state,
    "kinds": cases.c.kind,
    "channels": cases.c.channel,
    "tracks": cases.c.track,
    "categories": cases.c.category,
}
_RANGES = ("due", "received", "registered", "closed")
_SINGLE = (
    "number", "unit_id", "clerk_id", "returns_from", "phone_hash", "id_hash",
    *(f"{name}_{end}" for name in _RANGES for end in ("from", "before")),
)  # fmt: skip
_FLAGS = ("urgent", "anonymous", "overdue", "closed", "satisfied")
_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "number": cases.c.number == bindparam("number"),
    "unit_id": held_by(case_unit.c.unit_id == bindparam("unit_id")),
    "clerk_id": cases.c.clerk_id == bindparam("clerk_id"),
    # Said apart, so that the index of returned cases can be seen to hold them all.
    "returns_from": (cases.c.returns > 0) & (cases.c.returns >= bindparam("returns_from")),
    "phone_hash": _brought_by(petitioner.c.phone_hash == bindparam("phone_hash")),
    "id_hash": _brought_by(petitioner.c.id_hash == bindparam("id_hash")),
    "division": (cases.c.division >= bindparam("division")) & (cases.c.division < bindparam("division_end")),
    "urgent:true": cases.c.urgent.is_(True),
    "urgent:false": cases.c.urgent.is_(False),
    "anonymous:true": cases.c.anonymous.is_(True),
    "anonymous:false": cases.c.anonymous.is_(False),
    "overdue:true": cases.c.due_at <= bindparam("now"),
    "overdue:false": cases.c.due_at.is_(None) | (cases.c.due_at > bindparam("now")),
    "closed:true": cases.c.closed_at.is_not(None),
    "closed:false": cases.c.closed_at.is_(None),
    # Said apart, so that the index of cases with an answer can be seen to hold them all.
    "satisfied:true": cases.c.satisfied.is_not(None) & (cases.c.satisfied == true()),
    "satisfied:false": cases.c.satisfied.is_not(None) & (cases.c.satisfied == false()),
    "asking:false": cases.c.asking == false(),
    "after": cases.c.id < bindparam("after"),
    **{f"{name}_from": cases.c[f"{name}_at"] >= bindparam(f"{name}_from") for name in _RANGES},
    **{f"{name}_before": cases.c[f"{name}_at"] < bindparam(f"{name}_before") for name in _RANGES},
}
