"""Units that are no members of the organisation (非成员单位): whose superior is to be told before they are supervised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select, type_coerce

from core.cases.case import Standing
from core.cases.conditions import holds
from core.cases.service import Desk
from core.cases.world import World
from core.procedure import CaseKind
from core.store.tables.cases import cases
from core.store.tables.schema import TENANT
from core.store.types import Json
from core.supervision.item import Item
from core.supervision.rules import find_rule
from core.supervisions import Outside

_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_CASES = select(cases.c.id, cases.c.facts, type_coerce(cases.c.standing, Json(Standing)).label("standing")).where(
    cases.c.tenant == TENANT, cases.c.id.in_(_AMONG)
)


@dataclass(frozen=True, slots=True)
class Untold:
    """The step by which the superior is told, the clause that wants it first, and what that superior is called, if known."""

    step: str
    clause: str
    superior: str | None


async def load_untold(desk: Desk, items: Sequence[tuple[Item, CaseKind]]) -> dict[UUID, Untold]:
    """Of these items those whose unit's superior was not told yet, by their ids; nothing is asked where all are members."""
    day = desk.snapshot.local_day(desk.now)
    worlds = {kind.key: desk.world(kind) for _, kind in items}
    asked = [
        (item, rule.outside, worlds[kind.key])
        for item, kind in items
        if (rule := find_rule(kind, item.rule)) and rule.outside and _is_outside(item, worlds[kind.key], day)
    ]
    if not asked:
        return {}
    rows = await desk.session.all(_CASES, {"among": sorted({item.case_id for item, _, _ in asked})})
    found = {row["id"]: row for row in rows}
    told = ((item, _untold(item, outside, found[item.case_id], world, day)) for item, outside, world in asked)
    return {item.id: untold for item, untold in told if untold is not None}


def _is_outside(item: Item, world: World, day: date) -> bool:
    return item.is_open and item.unit_id is not None and not world.is_member(item.unit_id, day)


def _untold(item: Item, outside: Outside, case: Mapping[str, Any], world: World, day: date) -> Untold | None:
    superior = world.name_superior(item.unit_id, day) if item.unit_id else None
    standing, facts = case["standing"], case["facts"]
    named = outside.names is not None and superior is not None and facts.get(outside.names) == superior
    known = holds(outside.told, facts) or (named and item.unit_id == standing.lead)
    return None if outside.step in standing.taken and known else Untold(outside.step, outside.clause, superior)
