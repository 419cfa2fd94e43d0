"""Departs from the duty to supervise a matter: on record with the reason, and by nobody of a unit that it is about (R9)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from core.cases.case import Case
from core.cases.reading_rules import near_units
from core.cases.recusal_rules import check_impartial
from core.cases.service import Desk, find_case
from core.errors import Conflict, Forbidden, NotFound, Stale
from core.procedure import Role
from core.supervision.item import End, Ending, Item
from core.supervision.rows import end_items, find_item
from core.tenants.names import normalise

BINDING = "wenze:readings#r9"
DEPARTING = (Role.SUPERVISOR, Role.INSPECTION_OFFICE)
"""Who answers for what is supervised."""


async def depart_from(desk: Desk, item_id: UUID, reason: str, expected: int) -> Item:
    """The item as it is once somebody has departed from it; ``expected`` is the version on which it was decided.

    Raises :class:`NotFound`, :class:`Forbidden` for who is recused or works for a unit that the matter is about,
    :class:`Stale` for another version and :class:`Conflict` for one that is over.
    """
    found = await find_item(desk.session, item_id)
    if found is None:
        raise NotFound("supervision.unknown")
    case = await find_case(desk, found.case_id, lock=True)
    check_impartial(case)
    _check_others(case, found, desk)
    item = await find_item(desk.session, item_id) or found  # as it is now that nobody else changes it
    if expected != item.version:
        raise Stale("supervision.stale", current=item.version)
    if not item.is_open:
        raise Conflict("supervision.ended", clause=BINDING, state=item.state)
    end = End(item, Ending.DEPARTED, desk.now, reason=normalise(reason), person_id=desk.principal.person_id)
    await end_items(desk.session, [end])
    by = replace(item, reason=end.reason, person_id=end.person_id, version=item.version + 1)
    return replace(by, state=end.state, ending=end.ending, ended_at=end.at)


def _check_others(case: Case, item: Item, desk: Desk) -> None:
    own = near_units(desk.principal)
    if item.unit_id in own or case.standing.is_seen_by(own):
        raise Forbidden("supervision.own-unit", clause=BINDING)
