"""How many cases a list has of each state, kind, category …: one statement per facet, over what the reader's list shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, case, false, func, select

from core.cases.filters import CaseFilter, Shape, conditions, narrow
from core.cases.listing import grams_asked, kinds_about_units
from core.cases.reach import Reach, reach_of
from core.cases.service import Desk
from core.store.tables import TENANT, case_unit, cases

MOST_COUNTED = 20_000
"""So many cases are counted at most, the newest ones, so that no count takes longer the larger a tenant is."""
MOST_VALUES = 200


class Facet(StrEnum):
    """By what cases are counted."""

    STATE = "state"
    KIND = "kind"
    CHANNEL = "channel"
    TRACK = "track"
    CATEGORY = "category"
    DIVISION = "division"
    URGENT = "urgent"
    UNIT = "unit"
    SATISFIED = "satisfied"


_HIDDEN = frozenset({Facet.DIVISION, Facet.SATISFIED})
"""What some cases do not tell to everybody who sees them."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases have a value; ``None`` for those without one."""

    value: str | None
    count: int


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of one facet, largest first."""

    facet: Facet
    counts: tuple[Count, ...]
    whole: bool
    """Whether every case of the list is counted, and each value told."""


async def count_facets(desk: Desk, wanted: CaseFilter, facets: tuple[Facet, ...]) -> tuple[FacetCounts, ...]:
    """The counts of each facet over the cases that a list with these filters shows."""
    # Counts look at no case alone, and so leave out the words of all that could be about a unit of the person's own.
    reach = reach_of(desk.principal, desk.snapshot.jurisdiction).without_original(kinds_about_units(desk))
    grams = await grams_asked(desk, wanted)
    return tuple([await _count(desk, wanted, reach, facet, grams) for facet in facets])


async def _count(desk: Desk, wanted: CaseFilter, reach: Reach, facet: Facet, grams: tuple[int, ...]) -> FacetCounts:
    if facet in _HIDDEN:
        wanted = replace(wanted, among=reach.entrusted if wanted.among is None else wanted.among & reach.entrusted)
    narrowing = narrow(wanted, reach, desk.now, grams)
    if narrowing is None:
        return FacetCounts(facet, (), whole=True)
    values = narrowing.values | {"most": MOST_COUNTED, "values": MOST_VALUES + 1}
    rows = await desk.session.all(_statement(narrowing.shape, facet, hears=reach.hears), values)
    counts = tuple(Count(_plain(row["value"]), row["count"]) for row in rows[:MOST_VALUES])
    return FacetCounts(facet, counts, whole=len(rows) <= MOST_VALUES and sum(row["count"] for row in rows) < MOST_COUNTED)


def _plain(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else None if value is None else str(value)


@lru_cache(maxsize=2048)
def _statement(shape: Shape, facet: Facet, *, hears: bool = True) -> Select[Any]:
    newest = select(_value(facet, hears=hears).label("value")).where(*conditions(shape)).order_by(cases.c.id.desc())
    if facet is Facet.UNIT:
        newest = newest.where(case_unit.c.tenant == TENANT, case_unit.c.case_id == cases.c.id, case_unit.c.until.is_(None))
    counted = newest.limit(bindparam("most")).subquery("newest")
    number = func.count().label("count")
    grouped = select(counted.c.value, number).group_by(counted.c.value)
    return grouped.order_by(number.desc(), counted.c.value).limit(bindparam("values"))


def _value(facet: Facet, *, hears: bool) -> Any:
    if facet is Facet.SATISFIED and not hears:
        return case((cases.c.asking == false(), cases.c.satisfied))
    return case_unit.c.unit_id if facet is Facet.UNIT else cases.c[facet.value]
