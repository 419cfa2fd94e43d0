"""A caller recognised (来电识别): the earlier cases of whoever gives a phone or an id number, found by the keyed hash.

That two cases are of one person is as much an identity as a name is (promise 7): it is told to who may read identities of
the kind, of no case that is about the reader's own unit, and each look-up is on record. No name and no value comes back, so
that a guess is not confirmed by anything but cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, union_all

from core.cases.identity import hash_id_number, hash_phone
from core.cases.lookup import Known, identity_role, looking_role, record_look_up
from core.cases.reading_rules import is_about_others
from core.cases.service import Desk
from core.errors import Forbidden
from core.procedure import Role
from core.store.tables import TENANT, case_petitioner, cases, petitioner

CALLER = "wenze:house#caller"
MOST_CASES = 500
"""Of so many of a caller's cases, the newest, is anything told."""
LATELY = timedelta(days=30)
_PERSONS = union_all(
    select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.phone_hash == bindparam("of_phone")),
    select(petitioner.c.id).where(petitioner.c.tenant == TENANT, petitioner.c.id_hash == bindparam("of_number")),
).cte("persons")
_TOLD = (
    "id", "number", "kind", "state", "title", "channel", "category", "received_at", "registered_at", "closed_at",
    "lead_unit_id", "facts", "merged_into", "satisfied",
)  # fmt: skip
"""What was said of a reply is told as well: who may read identities works on such cases, and for no unit."""
_LINE = [cases.c[name] for name in _TOLD]
_BROUGHT = union_all(
    select(cases.c.id).where(cases.c.tenant == TENANT, cases.c.petitioner_id == _PERSONS.c.id),
    select(case_petitioner.c.case_id).where(
        case_petitioner.c.tenant == TENANT, case_petitioner.c.petitioner_id == _PERSONS.c.id
    ),
).subquery()
_HISTORY = (
    select(*_LINE)
    .where(cases.c.tenant == TENANT, cases.c.id == _BROUGHT.c.id)
    .order_by(cases.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class CallerHistory:
    """What is told of a caller: the cases, open ones first and the newest first, and numbers; never a judgement."""

    items: tuple[dict[str, Any], ...]
    total: int
    counts: dict[str, int]
    """How many stand in each state."""
    open: int
    lately: int
    """How many were registered in the last :data:`LATELY`."""
    complete: bool
    """Whether no more than :data:`MOST_CASES` were there to be looked through."""


async def look_up_caller(desk: Desk, known: Known) -> CallerHistory:
    """The earlier cases of a caller; recorded in the same transaction. Raises as :func:`retell_caller`."""
    role = _readers_role(desk)
    history = await retell_caller(desk, known)
    await record_look_up(desk, known, history.total, role)
    return history


async def retell_caller(desk: Desk, known: Known) -> CallerHistory:
    """The same without a record, for who is told a look-up of before again.

    Raises :class:`Forbidden` for who may read no petitioner's identity, and for officers of a unit.
    """
    _readers_role(desk)
    keys = await desk.session.keys()
    asked = {
        "of_phone": hash_phone(keys, known.phone) if known.phone else None,
        "of_number": hash_id_number(keys, known.id_number) if known.id_number else None,
    }
    rows = await desk.session.all(_HISTORY, asked | {"most": MOST_CASES + 1})
    seen = {row["id"]: row for row in rows if may_know(desk, row)}
    return _history([*seen.values()], desk.now, complete=len(rows) <= MOST_CASES)


def may_know(desk: Desk, row: dict[str, Any]) -> bool:
    """Whether the person may know whose case it is: by a role that the kind names, and no case about the own unit."""
    kind = desk.snapshot.jurisdiction.kinds.get(row["kind"])
    if kind is None or identity_role(kind, desk) is None:
        return False
    return is_about_others(desk.principal, kind, row["facts"])


def _readers_role(desk: Desk) -> Role:
    role = looking_role(desk)
    if role is None:
        raise Forbidden("callers.role-missing", clause=CALLER)
    return role


def _history(rows: list[dict[str, Any]], now: datetime, *, complete: bool) -> CallerHistory:
    rows.sort(key=lambda row: (row["closed_at"] is None, row["id"]), reverse=True)
    open_ = sum(row["closed_at"] is None for row in rows)
    lately = sum(row["registered_at"] > now - LATELY for row in rows)
    return CallerHistory(tuple(rows), len(rows), _count(row["state"] for row in rows), open_, lately, complete)


def _count(states: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(states).items()))
