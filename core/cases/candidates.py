"""Finds the cases that may be about the same matter, in one statement: of the same person, of the same category and place,
or with words of the title; and tells the likeliest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, Uuid, bindparam, func, literal, select, type_coerce, union_all

from core.cases.capacity import visible_units
from core.cases.case import Case, Intake
from core.cases.duplicates import Candidate, Likely, Matter, rank_duplicates
from core.cases.identity import Identity, hash_id_number, hash_phone
from core.cases.lookup import Known
from core.cases.reading_rules import is_about_others
from core.procedure import CaseKind, Role
from core.search.grams import find_grams
from core.search.indexing import PURPOSE
from core.search.keyed import number_grams
from core.store.tables import TENANT, case_gram, case_petitioner, cases, petitioner
from core.store.types import Json
from core.tenants.scopes import Scope

if TYPE_CHECKING:
    from core.cases.service import Desk

SPAN = timedelta(days=60)
"""How far back is looked, by the machine's time of registering."""
_GRAMS, _OF_EACH_GRAM, _OF_WORDS, _OF_PLACE, _OF_PERSON = 10, 20, 10, 15, 10
_NO_GRAM = -1
_SINCE: BindParameter[UUID] = bindparam("since", type_=Uuid)


def _of_gram(number: int) -> Select[Any]:
    """The newest cases that have one of the words."""
    return (
        select(case_gram.c.case_id.label("id"))
        .where(case_gram.c.tenant == TENANT, case_gram.c.gram == bindparam(f"gram_{number}"), case_gram.c.case_id > _SINCE)
        .order_by(case_gram.c.case_id.desc())
        .limit(_OF_EACH_GRAM)
    )


def _found(statement: Select[Any], same: int) -> Select[Any]:
    found = statement.subquery()
    return select(found.c.id, literal(same).label("same"))


def _of_words() -> Select[Any]:
    hits = union_all(*(select(_of_gram(number).subquery().c.id) for number in range(_GRAMS))).subquery()
    several = func.count()
    return (
        select(hits.c.id).group_by(hits.c.id).having(several > 1).order_by(several.desc(), hits.c.id.desc()).limit(_OF_WORDS)
    )


_OF_PLACE_AND_CATEGORY = (
    select(cases.c.id)
    .where(
        cases.c.tenant == TENANT,
        cases.c.category == bindparam("category"),
        cases.c.division == bindparam("division"),
        cases.c.id > _SINCE,
    )
    .order_by(cases.c.id.desc())
    .limit(_OF_PLACE)
)
_PERSONS = union_all(
    select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.phone_hash == bindparam("of_phone")),
    select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.id_hash == bindparam("of_number")),
).cte("persons")
_FIRST = (
    select(cases.c.id)
    .where(cases.c.tenant == TENANT, cases.c.petitioner_id == _PERSONS.c.id, cases.c.id > _SINCE)
    .order_by(cases.c.id.desc())
    .limit(_OF_PERSON)
)
_FURTHER = (
    select(case_petitioner.c.case_id.label("id"))
    .where(
        case_petitioner.c.tenant == TENANT,
        case_petitioner.c.petitioner_id == _PERSONS.c.id,
        case_petitioner.c.case_id > _SINCE,
    )
    .order_by(case_petitioner.c.case_id.desc())
    .limit(_OF_PERSON)
)
_IDS = union_all(
    _found(_of_words(), 0), _found(_OF_PLACE_AND_CATEGORY, 0), _found(_FIRST, 1), _found(_FURTHER, 1)
).subquery()
_CANDIDATES = select(
    cases.c.id,
    cases.c.number,
    cases.c.state,
    cases.c.title,
    cases.c.category,
    cases.c.division,
    cases.c.received_at,
    cases.c.closed_at,
    cases.c.facts,
    type_coerce(cases.c.intake, Json(Intake)).label("intake"),
    _IDS.c.same,
).where(
    cases.c.tenant == TENANT,
    cases.c.id == _IDS.c.id,
    cases.c.kind == bindparam("of_kind"),
    cases.c.merged_into.is_(None),
)
"""At most some forty rows; a case can come twice, once as the same person's."""


async def suggest_duplicates(desk: Desk, kind: CaseKind, draft: Case, people: Sequence[Identity]) -> tuple[Likely, ...]:
    """The cases that a case under registration may repeat, those that the clerk may see; of a confidential kind none."""
    matter = Matter(draft.title, draft.received_at, draft.category, draft.division, draft.intake.address)
    first = next(iter(people), None)
    known = Known(first.phone, first.id_number) if first else Known()
    return await find_duplicates(desk, kind, matter, known)


async def find_duplicates(desk: Desk, kind: CaseKind, matter: Matter, known: Known) -> tuple[Likely, ...]:
    """The likeliest cases of the kind about the same matter; whose they are counts for who may read identities alone."""
    if kind.confidential or visible_units(desk.principal) is not None:
        return ()
    keys = await desk.session.keys()
    asked = known if may_compare(desk, kind) else Known()
    numbers = number_grams(keys, PURPOSE, _some(find_grams(matter.title)))
    values: dict[str, Any] = {f"gram_{place}": _NO_GRAM for place in range(_GRAMS)}
    values |= {f"gram_{place}": number for place, number in enumerate(numbers)}
    values |= {
        "since": _first_id(desk.recorded_at - SPAN),
        "category": matter.category,
        "division": matter.division,
        "of_phone": hash_phone(keys, asked.phone) if asked.phone else None,
        "of_number": hash_id_number(keys, asked.id_number) if asked.id_number else None,
        "of_kind": kind.key,
    }
    rows = await desk.session.all(_CANDIDATES, values)
    return rank_duplicates(matter, _candidates(row for row in rows if _may_tell(desk, kind, row)))


def may_compare(desk: Desk, kind: CaseKind) -> bool:
    """Whether the person, by a client that may ask for identities, may be told that two cases are of one person."""
    principal = desk.principal
    if principal.has(Role.UNIT_OFFICER) or Scope.PETITIONERS_READ not in principal.scopes:
        return False
    return any(principal.has(role) for role in kind.identity_roles)


def _may_tell(desk: Desk, kind: CaseKind, row: dict[str, Any]) -> bool:
    """Whether a find is told: that a case about a unit of the person's own is of the same petitioner never is."""
    return not row["same"] or is_about_others(desk.principal, kind, row["facts"])


def _candidates(rows: Iterable[dict[str, Any]]) -> Iterable[Candidate]:
    found: dict[UUID, Candidate] = {}
    for row in sorted(rows, key=lambda row: int(row["same"])):
        matter = Matter(row["title"], row["received_at"], row["category"], row["division"], row["intake"].address)
        found[row["id"]] = Candidate(
            row["id"], row["number"], row["state"], matter, row["closed_at"], same_petitioner=bool(row["same"])
        )
    return found.values()


def _some(grams: frozenset[str]) -> list[str]:
    """Some of the grams, evenly from all over, where there are many."""
    ordered = sorted(grams)
    step = -(-len(ordered) // _GRAMS) or 1
    return ordered[::step]


def _first_id(moment: datetime) -> UUID:
    """The smallest id that is made from that moment on (RFC 9562: the time in milliseconds stands first)."""
    return UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)
