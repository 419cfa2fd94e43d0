"""The ledger of a deadline: what has become of it since it arose, each entry with what it replaced (promise 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select

from core.cases.bodies import Instant
from core.deadlines.explanation import Explanation
from core.store.session import TenantSession
from core.store.tables.deadlines import deadline, deadline_entry
from core.store.tables.schema import TENANT


class LedgerEntry(Struct, frozen=True):
    """One entry (期限台账): where the deadline stood from then on, and the explanation that held before."""

    seq: int
    kind: Annotated[
        str,
        Meta(
            description="pause, resume, extension; justification, justification-withdrawn (the date stays); "
            "replacement (of another deadline, or by a correction), removal or "
            "addition by one. Can grow"
        ),
    ]
    at: Instant
    due_on: date | None
    due_at: Instant | None
    reason: Annotated[str | None, Meta(description="null to units, and to those to whom the matter is not entrusted")]
    basis: str
    allowed_by: UUID | None
    step_id: Annotated[UUID | None, Meta(description="The step of the case by which it was made")]
    replaced: Annotated[Explanation | None, Meta(description="How the date before was counted")]


_COLUMNS = tuple(name for name in LedgerEntry.__struct_fields__ if name != "replaced")
_ENTRIES = (
    select(
        deadline_entry.c.deadline_id,
        deadline_entry.c.explanation,
        *(deadline_entry.c[name] for name in _COLUMNS),
    )
    .select_from(
        deadline_entry.join(
            deadline, (deadline.c.tenant == deadline_entry.c.tenant) & (deadline.c.id == deadline_entry.c.deadline_id)
        )
    )
    .where(deadline_entry.c.tenant == TENANT, deadline.c.tenant == TENANT, deadline.c.case_id == bindparam("of_case"))
    .order_by(deadline_entry.c.deadline_id, deadline_entry.c.seq)
)


async def list_ledgers(session: TenantSession, case_id: UUID) -> Mapping[UUID, tuple[LedgerEntry, ...]]:
    """The entries of each deadline of a case, in order, by the deadline."""
    found: dict[UUID, list[LedgerEntry]] = defaultdict(list)
    for row in await session.all(_ENTRIES, {"of_case": case_id}):
        found[row["deadline_id"]].append(_entry(row))
    return {id_: tuple(entries) for id_, entries in found.items()}


def _entry(row: dict[str, Any]) -> LedgerEntry:
    stored = row["explanation"]
    replaced = msgspec.convert(stored, Explanation) if stored is not None else None
    return LedgerEntry(**{name: row[name] for name in _COLUMNS}, replaced=replaced)
