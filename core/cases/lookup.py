"""Finds the cases of somebody whose phone or id number is known, for who may read identities; each look-up is on record.

It tells a relation, that two cases are of one person, and so is as much a reading as the name is (promise 7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.cases.case import Case
from core.cases.filters import CaseFilter
from core.cases.identity import hash_id_number, hash_phone, plain_phone
from core.cases.reading_rules import PRIVACY, is_about_others
from core.errors import Forbidden
from core.ids import new_id
from core.procedure import CaseKind, Role
from core.store.change import Change
from core.store.envelope import TenantKeys

if TYPE_CHECKING:
    from core.cases.service import Desk

LOOKED_UP = "petitioner.looked-up"
"""What is written of each look-up, by a caller's phone, in a draft or in a search."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a petitioner."""

    phone: str | None = None
    id_number: str | None = None

    @property
    def by(self) -> str:
        """What it is looked up by, without its value."""
        given = {"phone": self.phone, "id-number": self.id_number}
        return "+".join(name for name, value in given.items() if value is not None)

    def __repr__(self) -> str:
        return f"Known({self.by})"  # nobody's phone in a log or a traceback


async def narrow_to_known(desk: Desk, wanted: CaseFilter, known: Known) -> CaseFilter:
    """The filter narrowed to who is known, among the kinds of which the person may read identities.

    Raises :class:`Forbidden` for who may read none, and for officers of a unit, whatever else they are.
    """
    kinds = desk.snapshot.jurisdiction.kinds
    allowed = frozenset(key for key, kind in kinds.items() if identity_role(kind, desk) is not None)
    if not allowed:
        raise Forbidden("search.identity-role-missing", clause=PRIVACY)
    keys = await desk.session.keys()
    return replace(
        wanted,
        among=allowed,
        phone_hash=hash_phone(keys, known.phone) if known.phone else None,
        id_hash=hash_id_number(keys, known.id_number) if known.id_number else None,
    )


def may_look_up(desk: Desk, case: Case) -> bool:
    """Whether a case is about no unit of the person's own: the unit complained of never sees who."""
    return is_about_others(desk.principal, desk.snapshot.jurisdiction.kind(case.kind), case.facts)


def identity_role(kind: CaseKind, desk: Desk) -> Role | None:
    """The role in which the person may read the identities of such cases; an officer of a unit has none, whatever else."""
    if desk.principal.has(Role.UNIT_OFFICER):
        return None
    return next((role for role in kind.identity_roles if role is not Role.UNIT_OFFICER and desk.principal.has(role)), None)


def looking_role(desk: Desk) -> Role | None:
    """The first role in which the person may read identities, of whichever kind."""
    kinds = desk.snapshot.jurisdiction.kinds.values()
    return next((role for kind in kinds if (role := identity_role(kind, desk)) is not None), None)


async def record_look_up(desk: Desk, known: Known, found: int, role: Role | None) -> None:
    """Writes who looked, by what, how many cases were told of, and a reference to whom that only the tenant's key can make
    again: the same one however the phone was written and by whichever way it was asked."""
    id_ = str(new_id())
    refs: dict[str, str | int] = {"look_up_id": id_, "by": known.by, "found": found}
    change = Change(
        action=LOOKED_UP,
        stream=f"look-ups:{desk.principal.person_id}",
        subject=f"look-up:{id_}",
        content=refs | {"caller": _reference(await desk.session.keys(), known)},
        event_type=LOOKED_UP,
        refs=refs,
        role=role.value if role else None,
        # A platform looks up for all its callers as one person.
        shared=True,
    )
    desk.session.record(change)


def _reference(keys: TenantKeys, known: Known) -> str:
    phone, number = known.phone and plain_phone(known.phone), known.id_number and known.id_number.upper()
    return keys.hash("\0".join(filter(None, (phone, number))), "caller-reference").hex()
