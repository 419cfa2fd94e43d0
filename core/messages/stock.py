"""What messages are made of, looked up once for any number: cases, recusals, channels, templates, addresses, terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select, type_coerce

from core.cases.case import Case
from core.cases.records import CASE_FIELDS, read_case
from core.cases.recusal_rows import Me, is_recused_from
from core.deadlines.explanation import Explanation
from core.law.instrument import Unit
from core.messages.contacts import Addresses, load_addresses
from core.messages.tenant_channels import TenantChannel, list_tenant_channels
from core.store.session import TenantSession
from core.store.tables.cases import cases
from core.store.tables.deadlines import deadline
from core.store.tables.recusals import recusal
from core.store.tables.schema import TENANT
from core.store.types import Json
from core.templates.reading import list_versions_of
from core.templates.template import TemplateVersion, version_on

_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
_CASES = select(*CASE_FIELDS).where(cases.c.tenant == TENANT, cases.c.id.in_(_AMONG))
_RECUSED = (
    select(recusal.c.person_id)
    .where(recusal.c.tenant == TENANT, recusal.c.person_id.in_(_AMONG), recusal.c.withdrawn_at.is_(None))
    .distinct()
)
_TERMS = select(deadline.c.id, type_coerce(deadline.c.explanation, Json(Explanation)).label("explanation")).where(
    deadline.c.tenant == TENANT, deadline.c.id.in_(_AMONG)
)


@dataclass(frozen=True, slots=True)
class Stock:
    """What was looked up."""

    channels: Mapping[UUID, TenantChannel]
    templates: Mapping[UUID, TemplateVersion | None]
    """The version in force; ``None`` where none is."""
    addresses: Addresses
    terms: Mapping[UUID, Unit]
    """The unit of the term of each deadline."""


async def load_cases(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Cases by their ids."""
    return {row["id"]: read_case(row) for row in await session.all(_CASES, {"among": list(ids)})}


async def load_recused(session: TenantSession, pairs: Iterable[tuple[UUID, UUID]]) -> dict[UUID, frozenset[UUID]]:
    """Of cases and people those who are recused from the matter (R12); hardly anybody is recused from anything at all."""
    asked = sorted(pairs)
    rows = await session.all(_RECUSED, {"among": sorted({person for _, person in asked})})
    some, found = {row["person_id"] for row in rows}, defaultdict[UUID, set[UUID]](set)
    for case_id, person in asked:
        if person in some and await is_recused_from(session, case_id, Me(person, person)):
            found[case_id].add(person)
    return {case_id: frozenset(people) for case_id, people in found.items()}


async def load_stock(
    session: TenantSession,
    day: date,
    templates: Iterable[UUID],
    people: Iterable[UUID],
    units: Iterable[UUID],
    deadlines: Iterable[UUID],
) -> Stock:
    """What is needed for these templates, people, units and deadlines."""
    versions = await list_versions_of(session, templates)
    rows = await session.all(_TERMS, {"among": list(deadlines)})
    return Stock(
        channels={item.id: item for item in await list_tenant_channels(session)},
        templates={id_: version_on(found, day) for id_, found in versions.items()},
        addresses=await load_addresses(session, people, units, day),
        terms={row["id"]: row["explanation"].term.unit for row in rows},
    )
