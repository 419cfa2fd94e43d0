"""The units of a case as rows, by which lists find the cases of a unit and of its officers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, update

from core.cases.case import Assignment, Case
from core.cases.order import Order
from core.ids import new_id
from core.procedure import Verb
from core.store.session import TenantSession
from core.store.tables.cases import case_unit
from core.store.tables.schema import TENANT

ANSWERABLE = "answerable"
"""The part of a unit that passed the case on to one below it: it answers for that, and sees the case."""
_HELD = update(case_unit).where(
    case_unit.c.tenant == TENANT, case_unit.c.case_id == bindparam("of_case"), case_unit.c.until.is_(None)
)
_RELEASE = _HELD.values(until=bindparam("released"))
_RELEASE_ONE = _HELD.where(case_unit.c.unit_id == bindparam("of_unit"), case_unit.c.part == bindparam("of_part")).values(
    until=bindparam("released")
)
_SIGN = _HELD.where(case_unit.c.unit_id == bindparam("of_unit"), case_unit.c.part != ANSWERABLE).values(
    signed_at=bindparam("signed"), officer_id=bindparam("officer")
)

Place = tuple[UUID, str]
"""A unit and its part."""


async def write_units(session: TenantSession, before: Case, after: Case, order: Order) -> None:
    """Writes what a step changed of the units of a case; a dispatch begins anew with all of them."""
    old, new = dict(_places(before)), dict(_places(after))
    if old == new and order.step.verb is not Verb.DISPATCH:
        return
    at = order.occurred_at
    if order.step.verb is Verb.DISPATCH or not new:
        if old:
            await session.execute(_RELEASE, {"of_case": after.id, "released": at})
        old = {}
    for unit_id, part in old.keys() - new.keys():
        await session.execute(_RELEASE_ONE, {"of_case": after.id, "of_unit": unit_id, "of_part": part, "released": at})
    for place, item in new.items():
        if place not in old:
            session.add(case_unit, _row(after.id, place, item, at))
        elif item is not None and item.signed_at is not None and item != old[place]:
            signed = {"signed": item.signed_at, "officer": item.officer_id}
            await session.execute(_SIGN, {"of_case": after.id, "of_unit": item.unit_id, **signed})


def _places(case: Case) -> Iterator[tuple[Place, Assignment | None]]:
    for item in case.standing.units:
        yield (item.unit_id, item.part.value), item
        yield from (((unit_id, ANSWERABLE), None) for unit_id in item.via)


def _row(case_id: UUID, place: Place, item: Assignment | None, since: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "case_id": case_id,
        "unit_id": place[0],
        "part": place[1],
        "since": since,
        "until": None,
        "officer_id": item.officer_id if item else None,
        "signed_at": item.signed_at if item else None,
    }
