"""Who may read a petitioner's identity, and for what (promise 7); pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.errors import Forbidden
from core.procedure import CaseKind, FieldType, Role
from core.tenants.principal import Principal

PRIVACY = "wenze:house#privacy"


class Purpose(StrEnum):
    """What an identity is read for; said with each reading, and on record."""

    CONTACT = "contact"
    VERIFY = "verify"
    REPLY = "reply"
    CALL_BACK = "call-back"
    PROTECT = "protect"
    LEGAL_DUTY = "legal-duty"


def check_reader(kind: CaseKind, facts: dict[str, Any], handling: Iterable[UUID], principal: Principal) -> Role:
    """The role in which the person reads; raises :class:`Forbidden`.

    The city names the roles. Whoever else they are, a unit officer does not count, and an officer of a unit that has or had
    the case, or staff of a unit that the case is about, are refused: the unit complained of never sees who.
    """
    allowed = tuple(role for role in kind.identity_roles if role is not Role.UNIT_OFFICER)
    role = next((role for role in allowed if principal.has(role)), None)
    if role is None:
        raise Forbidden("petitioners.role-missing", clause=PRIVACY, roles=", ".join(allowed) or "–")
    check_recusal(kind, facts, handling, principal)
    return role


def check_recusal(kind: CaseKind, facts: dict[str, Any], handling: Iterable[UUID], principal: Principal) -> None:
    """Refuses staff of a unit that the case is about, and officers of one that has or had it, whatever else they are."""
    if not is_about_others(principal, kind, facts) or principal.officer_of & set(handling):
        raise Forbidden("petitioners.own-unit", clause=PRIVACY)


def own_units(principal: Principal) -> frozenset[UUID]:
    """Every unit that the person belongs to, by a post or a role."""
    return principal.units | {grant.unit_id for grant in principal.grants if grant.unit_id}


def near_units(principal: Principal) -> frozenset[UUID]:
    """Those, and every unit that the same hand belongs to under another name; what is about one of them is kept from it."""
    return own_units(principal) | principal.ties.units


def is_about_others(principal: Principal, kind: CaseKind, facts: dict[str, Any]) -> bool:
    """Whether a case is about no unit of the person's own."""
    return near_units(principal).isdisjoint(units_named(kind, facts))


def names_units(kind: CaseKind) -> frozenset[str]:
    """The facts of such cases that name units."""
    return frozenset((*kind.kept_facts[FieldType.UNIT], *kind.kept_facts[FieldType.UNITS]))


def units_named(kind: CaseKind, facts: dict[str, Any]) -> set[UUID]:
    """The units that the facts of a case name, such as the one that is reported."""
    named: set[UUID] = set()
    for key in names_units(kind) & facts.keys():
        value = facts[key]
        named |= {UUID(str(item)) for item in (value if isinstance(value, list) else [value]) if item}
    return named
