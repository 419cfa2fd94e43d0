"""Lists of cases: narrowed on indexed columns and by words, one statement a page, and no more told than the cases tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, false, func, select, tuple_, type_coerce

from core.cases.case import Assignment, Case
from core.cases.filters import CaseFilter, Narrowing, Shape, conditions, narrow, one_of
from core.cases.reach import Reach, reach_of
from core.cases.reading_rules import is_about_others, names_units, near_units
from core.cases.records import CASE_FIELDS, read_case
from core.cases.service import Desk
from core.search.indexing import PURPOSE, Scope, readable_texts
from core.search.keyed import number_grams
from core.store.tables.cases import cases
from core.store.tables.schema import TENANT
from core.store.types import Json

_COLUMNS = (
    "id", "number", "kind", "state", "channel", "track", "title", "received_at", "registered_at", "closed_at", "anonymous",
    "due_at", "category", "division", "urgent", "returns", "version",
)  # fmt: skip
LINE = [
    *(cases.c[name] for name in _COLUMNS),
    type_coerce(cases.c.standing["units"], Json(tuple[Assignment, ...])).label("units"),
    func.coalesce(cases.c.due_at <= bindparam("now"), false()).label("overdue"),
]
"""What a list says of a case; neither the narrative nor the facts leave the database for it."""
MOST_ROUNDS = 8
"""How many times a page is filled up where most of what the index finds has its words apart; then it stays short."""

Line = dict[str, Any]
Examination = Callable[[Case], bool]


class Sort(StrEnum):
    """The order of a list."""

    NEWEST = "newest"
    """Newest registration first."""
    DUE = "due"
    """Earliest due first; only cases that have an open deadline."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after the case of this id, which in the order of due moments is due at ``due_at``."""

    id: UUID
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page, and after which case the next one begins; ``None`` behind the last."""

    lines: tuple[Line, ...] = ()
    following: Position | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A list as somebody asks for it."""

    wanted: CaseFilter
    sort: Sort = Sort.NEWEST
    examine: Examination | None = None
    """What else must hold of a case, beyond what the store can be asked."""


async def list_cases(desk: Desk, asked: Question, limit: int, after: Position | None = None) -> Page:
    """At most ``limit`` cases that the person may see, after a position.

    Where a word is longer than the index tells apart, what was found is looked at, and the page is filled up. A page can be
    shorter than ``limit`` and still have a next one.
    """
    reach = reach_of(desk.principal, desk.snapshot.jurisdiction)
    narrowing = await narrowed(desk, asked.wanted, reach)
    if narrowing is None:
        return Page()
    statement = _statement(_after(narrowing, asked.sort, after), asked.sort)
    found: list[Line] = []
    for _ in range(MOST_ROUNDS):
        lines = await desk.session.all(statement, narrowing.values | {"page": limit + 1})
        found += await _examined(desk, asked, reach, lines)
        if len(found) > limit:
            return Page(tuple(found[:limit]), _position(found[limit - 1]))
        if len(lines) <= limit:
            return Page(tuple(found))
        after = _position(lines[-1])
        statement = _statement(_after(narrowing, asked.sort, after), asked.sort)
    return Page(tuple(found), after)


async def narrowed(desk: Desk, wanted: CaseFilter, reach: Reach) -> Narrowing | None:
    """The conditions of a list, its words as the index knows them; ``None`` where no case can meet them."""
    return narrow(wanted, reach, desk.now, await grams_asked(desk, wanted))


async def grams_asked(desk: Desk, wanted: CaseFilter) -> tuple[int, ...]:
    """The grams that the index is asked for, by their numbers; none where no words are looked for."""
    return number_grams(await desk.session.keys(), PURPOSE, wanted.words.grams) if wanted.words else ()


def _after(narrowing: Narrowing, sort: Sort, after: Position | None) -> Shape:
    """The shape with the condition that the page begins after a case."""
    if after is None:
        return narrowing.shape
    narrowing.values |= {"after": after.id, "after_due": after.due_at}
    shape = narrowing.shape
    return replace(shape, single=shape.single | {"after" if sort is Sort.NEWEST else "after_due"})


@lru_cache(maxsize=2048)
def _statement(shape: Shape, sort: Sort) -> Select[Any]:
    """The statement for one combination of filters; each is made and checked once."""
    statement = select(*LINE).where(*conditions(replace(shape, single=shape.single - {"after_due"})))
    if sort is Sort.NEWEST:
        return statement.order_by(cases.c.id.desc()).limit(bindparam("page"))
    statement = statement.where(cases.c.due_at.is_not(None))
    if "after_due" in shape.single:
        statement = statement.where(
            tuple_(bindparam("after_due", type_=cases.c.due_at.type), bindparam("after", type_=cases.c.id.type)) < DUE_ORDER
        )
    return statement.order_by(cases.c.due_at, cases.c.id).limit(bindparam("page"))


DUE_ORDER = tuple_(cases.c.due_at, cases.c.id)


def _position(line: Line) -> Position:
    return Position(line["id"], line["due_at"])


async def _examined(desk: Desk, asked: Question, reach: Reach, lines: list[Line]) -> list[Line]:
    """The lines of the cases that have the words, and meet what else is asked of them."""
    if not lines or not _needs_a_look(desk, asked, reach):
        return lines
    found = await _read(desk, [line["id"] for line in lines])
    kept = {case.id for case in found if _holds(desk, asked, reach, case)}
    return [line for line in lines if line["id"] in kept]


def _needs_a_look(desk: Desk, asked: Question, reach: Reach) -> bool:
    words = asked.wanted.words
    if words is None or asked.examine is not None:
        return asked.examine is not None
    return not words.settled or bool(reach.original & kinds_about_units(desk))


def _holds(desk: Desk, asked: Question, reach: Reach, case: Case) -> bool:
    words, kind = asked.wanted.words, desk.snapshot.jurisdiction.kind(case.kind)
    widest = reach.widest(case.kind)
    if widest is Scope.ORIGINAL and not is_about_others(desk.principal, kind, case.facts):
        widest = Scope.ENTRUSTED
    stands = words is None or words.stand_in(readable_texts(kind, case, widest))
    return stands and (asked.examine is None or asked.examine(case))


def kinds_about_units(desk: Desk) -> frozenset[str]:
    """The kinds whose cases can be about a unit of the person's own, whose words the person then may not read."""
    if not near_units(desk.principal):
        return frozenset()
    kinds = desk.snapshot.jurisdiction.kinds
    return frozenset(key for key, kind in kinds.items() if names_units(kind))


async def _read(desk: Desk, ids: list[UUID]) -> list[Case]:
    narrowing = Narrowing()
    narrowing.add_several("ids", ids)
    return [read_case(row) for row in await desk.session.all(_whole(narrowing.several["ids"]), narrowing.values)]


@lru_cache(maxsize=16)
def _whole(size: int) -> Select[Any]:
    return select(*CASE_FIELDS).where(cases.c.tenant == TENANT, one_of(cases.c.id, "ids", size))
