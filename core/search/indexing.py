"""Writes which words stand in a case, in the transaction that registers it or changes its words.

A word is kept under the widest scope of the texts that have it, so that a search tells nobody more than they may read: what
everybody reads who may see the case, what only those read to whom it is entrusted, and the words as they were told.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from uuid import UUID

from sqlalchemy import bindparam, delete

from core.cases.case import Case
from core.cases.rendition import RenditionState, has_rendition
from core.procedure import CaseKind, FieldType
from core.search.grams import find_grams
from core.search.keyed import number_grams
from core.store.envelope import TenantKeys
from core.store.session import TenantSession
from core.store.tables import TENANT, case_gram

PURPOSE = "case"
Grams = dict[str, int]
"""The scope under which each gram stands."""
Numbers = dict[int, int]
"""The same, by the numbers of the grams."""
NumberedGrams = dict[str, tuple[int, int]]
"""The number of each gram, and the scope under which it stands."""
_REMOVE = delete(case_gram).where(
    case_gram.c.tenant == TENANT, case_gram.c.gram == bindparam("of_gram"), case_gram.c.case_id == bindparam("of_case")
)


class Scope(IntEnum):
    """Who reads a text of a case."""

    OPEN = 1
    """Everybody who may see the case, officers of its units too."""
    ENTRUSTED = 2
    """To whom such cases are entrusted, and who does not see them for a unit: the place, the answer, what steps wrote."""
    ORIGINAL = 3
    """Who may read the words as they were told: who works on such cases other than for a unit."""


def texts_of(kind: CaseKind, case: Case) -> Iterator[tuple[Scope, str]]:
    """The texts of a case that are searched, with who reads them."""
    confirmed = case.rendition_state == RenditionState.CONFIRMED
    told: tuple[tuple[Scope, str | None], ...] = (
        (Scope.OPEN, case.number),
        (Scope.ENTRUSTED if kind.confidential else Scope.OPEN, case.title),
        (Scope.OPEN if confirmed else Scope.ENTRUSTED, case.rendition),
        (_scope_of_narrative(kind), case.narrative),
        (Scope.ENTRUSTED, case.intake.address),
        (Scope.ENTRUSTED, case.standing.answer),
    )
    facts = ((Scope.ENTRUSTED, case.facts.get(key)) for key in kind.kept_facts[FieldType.TEXT])
    return ((scope, text) for scope, text in (*told, *facts) if text)


def _scope_of_narrative(kind: CaseKind) -> Scope:
    """Where nobody brings the matter, its words are nobody's to protect."""
    if has_rendition(kind):
        return Scope.ORIGINAL
    return Scope.ENTRUSTED if kind.confidential else Scope.OPEN


def readable_texts(kind: CaseKind, case: Case, widest: Scope) -> list[str]:
    """The texts of a case that somebody may search who reads so far."""
    return [text for scope, text in texts_of(kind, case) if scope <= widest]


def grams_of(kind: CaseKind, case: Case) -> Grams:
    """Every gram of a case."""
    texts = sorted(texts_of(kind, case), reverse=True)
    return {gram: scope for scope, text in texts for gram in find_grams(text)}


def case_numbers(keys: TenantKeys, kind: CaseKind, case: Case) -> Numbers:
    """Every gram of a case by its number."""
    return _numbered(keys, grams_of(kind, case))


async def number_words(session: TenantSession, kind: CaseKind, draft: Case) -> NumberedGrams:
    """The grams of a case that has no number yet; worked out before others are made to wait for the number."""
    grams = grams_of(kind, draft)
    numbers = number_grams(await session.keys(), PURPOSE, tuple(grams))
    return dict(zip(grams, zip(numbers, grams.values(), strict=True), strict=True))


async def index_case(session: TenantSession, case: Case, words: NumberedGrams) -> None:
    """Writes the grams of a new case, and of its number, with the next flush."""
    number = dict.fromkeys(find_grams(case.number), int(Scope.OPEN))
    _add(session, case.id, dict(words.values()) | _numbered(await session.keys(), number))


async def reindex_case(session: TenantSession, kind: CaseKind, before: Case, after: Case) -> None:
    """Writes what a change of a case's words makes of its grams; costs next to nothing where none has changed."""
    if list(texts_of(kind, before)) == list(texts_of(kind, after)):
        return
    old, new = grams_of(kind, before), grams_of(kind, after)
    gone = [gram for gram, scope in old.items() if new.get(gram) != scope]
    numbers = number_grams(await session.keys(), PURPOSE, gone)
    await session.execute_each(_REMOVE, [{"of_gram": number, "of_case": after.id} for number in numbers])
    come = {gram: scope for gram, scope in new.items() if old.get(gram) != scope}
    _add(session, after.id, _numbered(await session.keys(), come))


def _numbered(keys: TenantKeys, grams: Grams) -> Numbers:
    return dict(zip(number_grams(keys, PURPOSE, tuple(grams)), grams.values(), strict=True))


def _add(session: TenantSession, case_id: UUID, numbers: Numbers) -> None:
    for scope in Scope:
        of_scope = [number for number, under in numbers.items() if under == scope]
        session.add_fan(case_gram, {"case_id": case_id, "scope": scope.value}, "gram", of_scope)
