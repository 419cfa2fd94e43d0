"""Finds the cases that may be about the same matter, in one statement: of the same person, of the same category and place,
or with words of the title; and tells the likeliest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    bindparam,
    case,
    column,
    func,
    literal_column,
    select,
    true,
    type_coerce,
    union_all,
)

from core.cases.capacity import visible_units
from core.cases.case import Case
from core.cases.duplicates import Candidate, Likely, Matter, rank_duplicates
from core.cases.identity import Identity, hash_id_number, hash_phone
from core.cases.lookup import Known
from core.cases.reading_rules import is_about_others, names_units, near_units
from core.procedure import CaseKind, Role
from core.search.grams import find_grams
from core.search.indexing import PURPOSE, NumberedGrams
from core.search.keyed import number_grams
from core.store.tables import TENANT, case_gram, case_petitioner, cases, petitioner
from core.store.types import Json
from core.tenants.scopes import Scope

if TYPE_CHECKING:
    from core.cases.service import Desk

SPAN = timedelta(days=60)
"""How far back is looked, by the machine's time of registering."""
_GRAMS, _OF_EACH_GRAM, _OF_WORDS, _OF_PLACE, _OF_PERSON = 10, 20, 10, 15, 10
_PERSONS = 20
"""So many of a person's entries are looked at, the newest: each matter that somebody brings makes one."""
_NO_GRAM = -1
_SINCE: BindParameter[UUID] = bindparam("since", type_=Uuid)
_TOLD = [cases.c[name] for name in ("id", "number", "state", "title", "category", "division", "received_at", "closed_at")]


def _with_gram(gram: ColumnElement[int]) -> Select[Any]:
    """The newest cases that have a word."""
    return (
        select(case_gram.c.case_id.label("id"))
        .where(case_gram.c.tenant == TENANT, case_gram.c.gram == gram, case_gram.c.case_id > _SINCE)
        .order_by(case_gram.c.case_id.desc())
        .limit(_OF_EACH_GRAM)
    )


def _of_words(dialect: str) -> Select[Any]:
    """The cases that have most of the words, two at least."""
    if dialect == "postgresql":
        given = bindparam("grams", type_=ARRAY(BigInteger))
        grams = func.unnest(given).table_valued(column("gram", BigInteger)).render_derived()
        of_each = _with_gram(grams.c.gram).lateral()
        hits = select(of_each.c.id).select_from(grams).join(of_each, true()).subquery()
    else:
        parts = (_with_gram(bindparam(f"gram_{place}")).subquery() for place in range(_GRAMS))
        hits = union_all(*(select(part.c.id) for part in parts)).subquery()
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


def _with_hash(hashed: Column[Any], name: str) -> Select[Any]:
    found = select(petitioner.c.id).where(petitioner.c.tenant == TENANT, hashed == bindparam(name))
    return select(found.order_by(petitioner.c.id.desc()).limit(_PERSONS).subquery().c.id)


def _of_person(dialect: str) -> tuple[Select[Any], Select[Any]]:
    """The newest cases that a person brought first, and those brought along."""
    persons = union_all(_with_hash(petitioner.c.phone_hash, "of_phone"), _with_hash(petitioner.c.id_hash, "of_number")).cte(
        "persons"
    )

    def newest(tenant: Column[Any], id_: Column[Any], person: Column[Any]) -> Select[Any]:
        found = select(id_.label("id")).where(tenant == TENANT, id_ > _SINCE).order_by(id_.desc()).limit(_OF_PERSON)
        if dialect != "postgresql":
            return found.where(person.in_(select(persons.c.id)))
        of_each = found.where(person == persons.c.id).lateral()
        every = select(of_each.c.id).select_from(persons).join(of_each, true())
        return every.order_by(of_each.c.id.desc()).limit(_OF_PERSON)

    return (
        newest(cases.c.tenant, cases.c.id, cases.c.petitioner_id),
        newest(case_petitioner.c.tenant, case_petitioner.c.case_id, case_petitioner.c.petitioner_id),
    )


def _candidates(dialect: str) -> Select[Any]:
    """At most some forty rows, each case once.

    ``same`` is 0 for a case of which nobody knows whose it is, 1 for one of the same person, 2 where nothing else has found
    it. Of the person's alone are the facts read, which say whether that may be told.
    """
    found = [(statement, 0) for statement in (_of_words(dialect), _OF_PLACE_AND_CATEGORY)]
    found += [(statement, 1) for statement in _of_person(dialect)]
    every = union_all(
        *(select(part.subquery().c.id, literal_column(str(same), Integer).label("same")) for part, same in found)
    ).subquery()
    same = func.max(every.c.same) + func.min(every.c.same)
    once = select(every.c.id, same.label("same")).group_by(every.c.id).subquery()
    facts = type_coerce(case((once.c.same > 0, cases.c.facts)), Json()).label("facts")
    address = cases.c.intake["address"].as_string().label("address")
    return select(*_TOLD, facts, address, once.c.same).where(
        cases.c.tenant == TENANT,
        cases.c.id == once.c.id,
        cases.c.kind == bindparam("of_kind"),
        cases.c.merged_into.is_(None),
    )


CANDIDATES = {dialect: _candidates(dialect) for dialect in ("postgresql", "sqlite")}
"""PostgreSQL looks up one word and one person after the other, where a join would have it read all cases of the span when it
thinks them few; SQLite has no LATERAL, and does so by itself."""


async def suggest_duplicates(
    desk: Desk, kind: CaseKind, draft: Case, people: Sequence[Identity], words: NumberedGrams
) -> tuple[Likely, ...]:
    """The cases that a case under registration may repeat, those that the clerk may see; of a confidential kind none."""
    matter = Matter(draft.title, draft.received_at, draft.category, draft.division, draft.intake.address)
    first = next(iter(people), None)
    known = Known(first.phone, first.id_number) if first else Known()
    return await find_duplicates(desk, kind, matter, known, words)


async def find_duplicates(
    desk: Desk, kind: CaseKind, matter: Matter, known: Known, words: NumberedGrams | None = None
) -> tuple[Likely, ...]:
    """The likeliest cases of the kind about the same matter; whose they are counts for who may read identities alone.

    ``words`` are those of the whole case, where their numbers are known.
    """
    if kind.confidential or visible_units(desk.principal) is not None:
        return ()
    keys = await desk.session.keys()
    asked = known if may_compare(desk, kind) else Known()
    grams = _some(find_grams(matter.title))
    numbers = tuple(words[gram][0] for gram in grams) if words else number_grams(keys, PURPOSE, grams)
    values = _gram_values(numbers, desk.session.dialect_name) | {
        "since": _first_id(desk.recorded_at - SPAN),
        "category": matter.category,
        "division": matter.division,
        "of_phone": hash_phone(keys, asked.phone) if asked.phone else None,
        "of_number": hash_id_number(keys, asked.id_number) if asked.id_number else None,
        "of_kind": kind.key,
    }
    rows = await desk.session.all(CANDIDATES[desk.session.dialect_name], values)
    careful = bool(names_units(kind) and near_units(desk.principal))
    told = ((row, row["same"] and not (careful and _is_about_own(desk, kind, row))) for row in rows)
    return rank_duplicates(matter, [_candidate(row, same=bool(same)) for row, same in told if same or row["same"] < 2])


def _gram_values(numbers: Sequence[int], dialect: str) -> dict[str, Any]:
    if dialect == "postgresql":
        return {"grams": numbers}
    return {f"gram_{place}": number for place, number in enumerate((*numbers, *[_NO_GRAM] * (_GRAMS - len(numbers))))}


def may_compare(desk: Desk, kind: CaseKind) -> bool:
    """Whether the person, by a client that may ask for identities, may be told that two cases are of one person."""
    principal = desk.principal
    if principal.has(Role.UNIT_OFFICER) or Scope.PETITIONERS_READ not in principal.scopes:
        return False
    return any(principal.has(role) for role in kind.identity_roles)


def _is_about_own(desk: Desk, kind: CaseKind, row: dict[str, Any]) -> bool:
    """Whether a case is about a unit of the person's own: of that it is never told whose it is."""
    return not is_about_others(desk.principal, kind, row["facts"])


def _candidate(row: dict[str, Any], *, same: bool) -> Candidate:
    matter = Matter(row["title"], row["received_at"], row["category"], row["division"], row["address"])
    return Candidate(row["id"], row["number"], row["state"], matter, row["closed_at"], same)


def _some(grams: frozenset[str]) -> list[str]:
    """Some of the grams, evenly from all over, where there are many."""
    ordered = sorted(grams)
    step = -(-len(ordered) // _GRAMS) or 1
    return ordered[::step]


def _first_id(moment: datetime) -> UUID:
    """The smallest id that is made from that moment on (RFC 9562: the time in milliseconds stands first)."""
    return UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)
