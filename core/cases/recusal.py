"""Whether somebody is kept from what tells who brings a matter, whatever case of it is asked for (promise 7)."""

from __future__ import annotations

from uuid import UUID

from core.cases.members import find_handling, find_related
from core.cases.reading_rules import check_recusal, near_units
from core.cases.recusal_rows import is_recused_from
from core.cases.recusal_rules import RECUSAL
from core.cases.service import Desk
from core.errors import Forbidden
from core.procedure import CaseKind


async def check_not_recused(desk: Desk, kind: CaseKind, case_id: UUID) -> None:
    """Raises :class:`Forbidden` for who is recused (R12), staff of a unit that the matter is about, and officers of one that
    has or had it.

    A case that was split or merged and those that it came from or went into are one matter, and of one kind.
    """
    session, principal = desk.session, desk.principal
    if await is_recused_from(session, case_id, desk.me):
        raise Forbidden("recusals.recused", clause=RECUSAL)
    if not near_units(principal):
        return
    handling = await find_handling(session, case_id)
    for case in await find_related(session, case_id):
        check_recusal(kind, case["facts"], handling, principal)


async def is_recused(desk: Desk, kind: CaseKind, case_id: UUID) -> bool:
    """The same as an answer."""
    try:
        await check_not_recused(desk, kind, case_id)
    except Forbidden:
        return True
    return False
