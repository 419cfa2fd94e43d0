"""What a receipt stands for: a case, for its first petitioner and for each of the others, whatever it was merged into."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, union_all

from core.cases.case import Case
from core.cases.records import CASE_FIELDS, read_case
from core.errors import NotFound
from core.ids import receipt_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, case_petitioner, cases

_OF_ANY = union_all(
    select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.receipt_hash == bindparam("of_receipt")),
    select(case_petitioner.c.case_id).where(
        case_petitioner.c.tenant == TENANT, case_petitioner.c.receipt_hash == bindparam("of_receipt")
    ),
).subquery()
_FIND_BY_RECEIPT = select(*CASE_FIELDS).where(cases.c.tenant == TENANT, cases.c.id == _OF_ANY.c.id)
_FIND_ONE = select(*CASE_FIELDS).where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_id"))


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody holds a receipt for: the case as they know it, and the one in which the matter goes on."""

    own: Case
    going_on: Case


async def find_by_receipt(session: TenantSession, receipt: str) -> Held:
    """The case that a receipt stands for, and the one that it was merged into; raises :class:`NotFound`."""
    row = await session.one(_FIND_BY_RECEIPT, {"of_receipt": receipt_hash(receipt)})
    if row is None:
        raise NotFound("cases.receipt-unknown")
    own = going_on = read_case(row)
    while going_on.merged_into is not None:
        next_one = await session.one(_FIND_ONE, {"of_id": going_on.merged_into})
        if next_one is None:
            raise LookupError(f"case {going_on.id} was merged into one that is not there")
        going_on = read_case(next_one)
    return Held(own, going_on)
