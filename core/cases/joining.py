"""A further petitioner of a case that is on: somebody else who brings the same matter, with a receipt of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, defstruct
from sqlalchemy import bindparam, func, select

from core.cases.bodies import Instant, Reason
from core.cases.case import Case
from core.cases.house_steps import ADD_PETITIONER, JOINED_BY_NAME, JOINT, house_step
from core.cases.identity import Identity
from core.cases.joint import seal_others
from core.cases.rendition import check_for_newcomers
from core.cases.service import Desk, take_step
from core.cases.splitting import list_parts
from core.errors import Refused
from core.store.tables import TENANT, case_petitioner

_LAST = select(func.max(case_petitioner.c.seq)).where(
    case_petitioner.c.tenant == TENANT, case_petitioner.c.case_id == bindparam("of_case")
)


class Joining(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who brings a matter that is registered already."""

    petitioner: Annotated[Identity, Meta(title="诉求人", description="Who it is, stored apart and sealed")]
    note: Annotated[Reason | None, Meta(title="备注", description="A remark, kept with the step.")] = None
    occurred_at: Annotated[Instant | None, Meta(title="发生时间", description="In legal time; now, if left out.")] = None


_Joined = defstruct("_Joined", [(JOINED_BY_NAME, bool), ("note", str | None), ("occurred_at", datetime | None)], frozen=True)
"""What the step keeps of it: never who it is."""


async def add_petitioner(desk: Desk, case: Case, asked: Joining, expected: int) -> tuple[Case, str]:
    """Adds a petitioner; a step of the case. Answers the case and the receipt, told this once.

    Raises :class:`Refused` for a kind without petitioners, for an identity that names nobody and where the confirmed
    rendition or the title, of the case or of a part of it, would tell who it is; and what
    :func:`core.cases.service.take_step` raises.
    """
    kind = desk.snapshot.jurisdiction.kind(case.kind)
    if kind.petitioner == "none":
        raise Refused("cases.petitioner-not-here", clause=JOINT)
    for read_by_units in (case, *await list_parts(desk.session, case)):
        check_for_newcomers(read_by_units, kind, [asked.petitioner], "/petitioner")
    standing = msgspec.structs.replace(case.standing, petitioners=case.standing.petitioners + 1)
    anonymous = case.anonymous and asked.petitioner.name is None
    joined = msgspec.structs.replace(case, standing=standing, anonymous=anonymous)
    told = _Joined(asked.petitioner.name is not None, asked.note, asked.occurred_at)
    after = await take_step(desk, joined, house_step(kind, ADD_PETITIONER), told, expected)
    last = await desk.session.scalar(_LAST, {"of_case": case.id}) or 1
    (receipt,) = await seal_others(desk.session, case, [asked.petitioner], "/petitioner", last + 1)
    return after, receipt
