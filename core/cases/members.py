"""Who brings a matter: the petitioners of a case and of those that were merged into it, in one reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, bindparam, literal, or_, select, type_coerce, union_all

from core.cases.case import Case, Standing
from core.cases.identity import Identity
from core.cases.order import Order
from core.cases.rendition import FIELD, check_rendition
from core.cases.sealing import open_identity
from core.store.session import TenantSession
from core.store.tables import TENANT, case_petitioner, case_unit, cases, petitioner
from core.store.types import Json


def _joined() -> CTE:
    """The case itself and, over any number of mergers, those that were merged into it."""
    itself = select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.id == bindparam("of_case"))
    joined = itself.cte("joined", recursive=True)
    return joined.union_all(select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.merged_into == joined.c.id))


def family_of(begun: ColumnElement[bool]) -> CTE:
    """Every case in which the matter is handled: those begun with, what they were split from or merged into, and all that
    came of those or was merged into them. The same people bring it, so that whoever is kept from one is kept from all."""
    own = select(cases.c.id, cases.c.parent_id, cases.c.merged_into)
    above = own.where(cases.c.tenant == TENANT, begun).cte("above", recursive=True)
    led_to = or_(cases.c.id == above.c.parent_id, cases.c.id == above.c.merged_into)
    found = above.union(own.where(cases.c.tenant == TENANT, led_to))
    # One link after the other: an OR of both reads every case of the tenant on SQLite.
    for name, link in (("merged", cases.c.merged_into), ("parts", cases.c.parent_id), ("late", cases.c.merged_into)):
        further = select(found.c.id).cte(name, recursive=True)
        found = further.union(select(cases.c.id).where(cases.c.tenant == TENANT, link == further.c.id))
    return found


_JOINED = _joined()
_FAMILY = family_of(cases.c.id == bindparam("of_case"))
_OF_CASE = (cases.c.tenant == TENANT, cases.c.id == _JOINED.c.id)
_STANDING = type_coerce(cases.c.standing, Json(Standing)).label("standing")
_KNOWN = (cases.c.id, cases.c.number, cases.c.kind, cases.c.facts, cases.c.merged_into, _STANDING)
_CASES = select(*_KNOWN).where(*_OF_CASE).order_by(cases.c.id)
_RELATED = (
    select(cases.c.kind, cases.c.facts)
    .where(cases.c.tenant == TENANT, cases.c.id.in_(select(_FAMILY.c.id)))
    .order_by(cases.c.id)
)
_HANDLING = select(case_unit.c.unit_id).where(case_unit.c.tenant == TENANT, case_unit.c.case_id.in_(select(_FAMILY.c.id)))
_SEALED = ("id", "alg", "kid", "wrapped_key", "identity")
_NAMED = (
    *(petitioner.c[name] for name in _SEALED),
    cases.c.id.label("case_id"),
    cases.c.number,
)


def _further(of_case: Any) -> Select[Any]:
    """Those beyond the first, by the case beside which they stand: the case itself, or the one that it is a part of."""
    return select(*_NAMED, case_petitioner.c.seq).where(
        *_OF_CASE,
        case_petitioner.c.tenant == TENANT,
        case_petitioner.c.case_id == of_case,
        petitioner.c.tenant == TENANT,
        petitioner.c.id == case_petitioner.c.petitioner_id,
    )


_PETITIONERS: CompoundSelect[Any] = union_all(
    select(*_NAMED, literal(1).label("seq")).where(
        *_OF_CASE, petitioner.c.tenant == TENANT, petitioner.c.id == cases.c.petitioner_id
    ),
    _further(cases.c.id),
    _further(cases.c.parent_id),
)


async def find_joined(session: TenantSession, case_id: UUID) -> list[dict[str, Any]]:
    """The case and those that were merged into it, each as it is known and stands; none for a case that is not there."""
    return await session.all(_CASES, {"of_case": case_id})


async def find_related(session: TenantSession, case_id: UUID) -> list[dict[str, Any]]:
    """The kind and the facts of every case in which the matter is handled; none for a case that is not there."""
    return await session.all(_RELATED, {"of_case": case_id})


async def find_handling(session: TenantSession, case_id: UUID) -> frozenset[UUID]:
    """Every unit that has or had the matter: the case, what it was split from or merged into, and all that came of those."""
    return frozenset(row["unit_id"] for row in await session.all(_HANDLING, {"of_case": case_id}))


async def find_members(session: TenantSession, case_id: UUID) -> list[dict[str, Any]]:
    """The sealed petitioners with the case and the number that each came with: the case's own first, then by merger."""
    rows = await session.all(_PETITIONERS, {"of_case": case_id})
    found: dict[UUID, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["case_id"] != case_id, row["case_id"], row["seq"])):
        found.setdefault(row["id"], row)
    return [*found.values()]


async def open_members(session: TenantSession, case_id: UUID) -> tuple[Identity, ...]:
    """Who brings a case, for a comparison that the service makes by itself; nobody is told, so that it is no reading.

    Those whose identity was erased are left out: nothing of them is known any more.
    """
    rows: Iterable[dict[str, Any]] = await find_members(session, case_id)
    keys = await session.keys()
    return tuple(open_identity(keys, row) for row in rows if row["wrapped_key"] is not None)


async def check_told(session: TenantSession, case: Case, order: Order) -> None:
    """A rendition that a step brings tells nothing of who brings the case; raises :class:`core.errors.Refused`."""
    text = order.data.get(FIELD)
    if text is not None:
        # Who brings a case that was split brings every part of it, though only the first of them is noted there.
        found = [await open_members(session, id_) for id_ in (case.id, case.parent_id) if id_ is not None]
        check_rendition(text, [identity for some in found for identity in some], case.intake.address)
