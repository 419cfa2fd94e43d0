"""Lists of cases: filters on indexed columns, one statement a page, newest registration first (keyset on the id)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, false, func, select, type_coerce

from core.cases.capacity import visible_units
from core.cases.case import Assignment
from core.cases.service import Desk
from core.store.tables.cases import case_unit, cases
from core.store.tables.schema import TENANT
from core.store.types import Json

_COLUMNS = (
    "id", "number", "kind", "state", "channel", "track", "title", "received_at", "registered_at", "closed_at", "anonymous",
    "due_at", "version",
)  # fmt: skip
_LINE = [
    *(cases.c[name] for name in _COLUMNS),
    type_coerce(cases.c.standing["units"], Json(tuple[Assignment, ...])).label("units"),
    func.coalesce(cases.c.due_at <= bindparam("now"), false()).label("overdue"),
]
"""What a list says of a case; neither the narrative nor the facts leave the database for it."""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list is narrowed to. ``due_before`` and ``overdue`` speak of the next open deadline."""

    number: str | None = None
    state: str | None = None
    kind: str | None = None
    unit_id: UUID | None = None
    due_before: datetime | None = None
    overdue: bool | None = None
    registered_from: datetime | None = None
    registered_before: datetime | None = None


async def list_cases(desk: Desk, wanted: CaseFilter, limit: int, after: UUID | None) -> list[dict[str, Any]]:
    """At most ``limit`` cases that the person may see, registered before the case ``after``: the lines of a list."""
    units = visible_units(desk.principal)
    if units is not None and not units:
        return []
    given = _parameters(desk, wanted, after)
    statement = _statement(frozenset(given), wanted.overdue, units is not None)
    values = given | {"page": limit} | ({"my_units": sorted(units)} if units is not None else {})
    return await desk.session.all(statement, values)


def _parameters(desk: Desk, wanted: CaseFilter, after: UUID | None) -> dict[str, Any]:
    told = {
        "number": wanted.number,
        "state": wanted.state,
        "kind": wanted.kind,
        "unit": wanted.unit_id,
        "due_before": wanted.due_before,
        "now": desk.now,
        "registered_from": wanted.registered_from,
        "registered_before": wanted.registered_before,
        "after": after,
    }
    return {name: value for name, value in told.items() if value is not None}


_CONDITIONS = {
    "number": cases.c.number == bindparam("number"),
    "state": cases.c.state == bindparam("state"),
    "kind": cases.c.kind == bindparam("kind"),
    "due_before": cases.c.due_at < bindparam("due_before"),
    "registered_from": cases.c.registered_at >= bindparam("registered_from"),
    "registered_before": cases.c.registered_at < bindparam("registered_before"),
    "after": cases.c.id < bindparam("after"),
}


@lru_cache(maxsize=512)
def _statement(given: frozenset[str], overdue: bool | None, mine: bool) -> Select[Any]:
    """The statement for one combination of filters; there are few, and each is made and checked once."""
    statement = select(*_LINE).where(cases.c.tenant == TENANT)
    statement = statement.where(*(_CONDITIONS[name] for name in sorted(given & _CONDITIONS.keys())))
    if overdue is True:
        statement = statement.where(cases.c.due_at <= bindparam("now"))
    if overdue is False:
        statement = statement.where(cases.c.due_at.is_(None) | (cases.c.due_at > bindparam("now")))
    if "unit" in given:
        statement = statement.where(_held_by(case_unit.c.unit_id == bindparam("unit")))
    if mine:
        statement = statement.where(_held_by(case_unit.c.unit_id.in_(bindparam("my_units", expanding=True))))
    return statement.order_by(cases.c.id.desc()).limit(bindparam("page"))


def _held_by(condition: Any) -> Any:
    return exists().where(
        case_unit.c.tenant == TENANT, case_unit.c.case_id == cases.c.id, case_unit.c.until.is_(None), condition
    )
