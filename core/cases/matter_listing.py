"""Across accountability cases: decisions and effects by unit or person, and copies that nobody has sent.

Told of the kinds alone that the reader works on: of others not even that there is such a case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, bindparam, or_, select

from core.cases.disclosure import is_entrusted
from core.cases.filters import one_of
from core.cases.recusal_rows import find_recused
from core.cases.service import Desk
from core.store.tables import TENANT, accountability_copy, accountability_decision, accountability_effect, cases

Line = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterFilter:
    """What a list is narrowed to; all that is given must hold."""

    unit_id: UUID | None = None
    person_id: UUID | None = None
    on: date | None = None
    """Effects that hold on the day; decisions that had effect by then."""
    missing: bool | None = None
    """Copies that were not sent, or those that were."""


_DECISION, _EFFECT, _COPY = accountability_decision.c, accountability_effect.c, accountability_copy.c
_CONDITIONS: dict[str, dict[str, ColumnElement[bool]]] = {
    "accountability_decision": {
        "unit_id": _DECISION.unit_id == bindparam("unit_id"),
        "person_id": _DECISION.person_id == bindparam("person_id"),
        "on": _DECISION.effective_on <= bindparam("on"),
    },
    "accountability_effect": {
        "unit_id": _EFFECT.unit_id == bindparam("unit_id"),
        "person_id": _EFFECT.person_id == bindparam("person_id"),
        "on": (_EFFECT.from_on <= bindparam("on"))
        & or_(_EFFECT.until_on.is_(None), _EFFECT.until_on >= bindparam("on"))
        & or_(_EFFECT.lifted_on.is_(None), _EFFECT.lifted_on > bindparam("on")),
    },
    "accountability_copy": {"missing:true": _COPY.sent_on.is_(None), "missing:false": _COPY.sent_on.is_not(None)},
}


@dataclass(frozen=True, slots=True)
class MatterPage:
    """The lines of a page, and after which the next one begins; ``None`` behind the last."""

    lines: tuple[Line, ...] = ()
    following: UUID | None = None


async def list_matters(desk: Desk, table: Table, wanted: MatterFilter, limit: int, after: UUID | None = None) -> MatterPage:
    """The newest lines first of one of the tables of :data:`_CONDITIONS`; none of a case that the reader is recused from."""
    kinds = desk.snapshot.jurisdiction.kinds
    seen = sorted(key for key, kind in kinds.items() if kind.regime and is_entrusted(kind, desk.principal))
    if not seen:
        return MatterPage()
    values: dict[str, object] = {"page": limit + 1, **{f"kind_{index}": key for index, key in enumerate(seen)}}
    asked = []
    for name in wanted.__slots__:
        value = getattr(wanted, name)
        if isinstance(value, bool):
            asked.append(f"{name}:{value}".lower())
        elif value is not None:
            asked.append(name)
            values[name] = value
    values |= {"after_id": after} if after else {}
    rows = await desk.session.all(_statement(table.name, tuple(asked), len(seen), after is not None), values)
    recused = await find_recused(desk.session, desk.me) if rows else frozenset()
    lines = tuple(dict(row) for row in rows[:limit] if row["case_id"] not in recused)
    return MatterPage(lines, rows[limit - 1]["id"] if len(rows) > limit else None)


@lru_cache(maxsize=256)
def _statement(name: str, asked: tuple[str, ...], kinds: int, paged: bool) -> Select[Any]:
    table = _TABLES[name]
    conditions = [_CONDITIONS[name][it] for it in asked if it in _CONDITIONS[name]]
    conditions += [table.c.id < bindparam("after_id")] if paged else []
    return (
        select(table, cases.c.number.label("case_number"), cases.c.kind)
        .join(cases, (cases.c.tenant == table.c.tenant) & (cases.c.id == table.c.case_id))
        .where(table.c.tenant == TENANT, one_of(cases.c.kind, "kind", kinds), *conditions)
        .order_by(table.c.id.desc())
        .limit(bindparam("page"))
    )


_TABLES = {it.name: it for it in (accountability_decision, accountability_effect, accountability_copy)}
