"""Splitting a case with several matters into cases of their own (拆单), and the parts of a case as the store has them.

A part has its own number and goes its own way; it has the case's petitioner and counts its terms from the case's receipt.
The petitioner's receipt stays that of the case, and tells of all parts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, func, select

from core.cases.case import Case, Standing
from core.cases.members import open_members
from core.cases.order import CasePart
from core.cases.records import CASE_FIELDS, case_row, read_case
from core.cases.rendition import render
from core.cases.step_rows import write_step
from core.corrections.adjusting import adjust_for_step
from core.ids import new_id
from core.search.indexing import index_case, number_words
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.schema import TENANT

if TYPE_CHECKING:
    from core.cases.life import Outcome
    from core.cases.service import Desk

_PARTS = (cases.c.tenant == TENANT, cases.c.parent_id == bindparam("of_parent"))
_OPEN = select(func.count()).select_from(cases).where(*_PARTS, cases.c.closed_at.is_(None))
_LIST = select(*CASE_FIELDS).where(*_PARTS).order_by(cases.c.id)


async def count_open_parts(session: TenantSession, case: Case) -> int:
    """How many parts of a case are not over yet."""
    return int(await session.scalar(_OPEN, {"of_parent": case.id}))


async def list_parts(session: TenantSession, case: Case) -> tuple[Case, ...]:
    """The parts of a case, in the order in which they were named; none of a case that was not split."""
    return tuple(read_case(row) for row in await session.all(_LIST, {"of_parent": case.id}))


async def begin_parts(desk: Desk, parent: Case, outcome: Outcome) -> None:
    """Registers the parts of a case that was just split, each with its first step.

    Raises :class:`core.errors.Refused` for a rendition that tells who brings the matter.
    """
    kind = desk.snapshot.jurisdiction.kind(parent.kind)
    identities = await open_members(desk.session, parent.id)
    drafts = [render(kind, _draft(desk, parent, outcome, part), part.rendition, identities) for part in outcome.order.parts]
    words = [await number_words(desk.session, kind, draft) for draft in drafts]
    year = desk.snapshot.local_day(desk.now).year
    for draft, found in zip(drafts, words, strict=True):
        number = f"{kind.number_prefix}{year}-{await desk.session.next_number(kind.key, year):06d}"
        case = msgspec.structs.replace(draft, number=number)
        await index_case(desk.session, case, found)
        desk.session.add(cases, case_row(case, None))
        first = _first_step(parent, case, outcome)
        write_step(desk, case, first, ())
        adjust_for_step(desk, None, case, first)


def _draft(desk: Desk, parent: Case, outcome: Outcome, part: CasePart) -> Case:
    """A part before it is numbered: the case as it was received, with words of its own."""
    order, was = outcome.order, parent.standing
    standing = Standing(
        starts_at=was.starts_at,
        last_occurred_at=order.occurred_at,
        started_by=was.started_by,
        taken=(order.step.key,),
        petitioners=was.petitioners,
    )
    return msgspec.structs.replace(
        parent,
        id=new_id(),
        number="",
        state=order.step.parts_begin or parent.state,
        title=part.title,
        narrative=part.narrative,
        category=part.category or parent.category,
        registered_at=desk.now,
        version=1,
        standing=standing,
        clerk_id=desk.principal.person_id,
        returns=0,
        rendition=None,
        rendition_state=None,
        parent_id=parent.id,
    )


def _first_step(parent: Case, case: Case, outcome: Outcome) -> Outcome:
    """The split as the part's own first step: from where it comes, and nothing of the other parts."""
    order = replace(outcome.order, id=new_id(), data={"split_from": parent.number}, note=None, parts=(), attachments=())
    return replace(
        outcome, order=order, before=None, after=case.state, category=case.category, standing=case.standing, endings=()
    )
