"""Recusal (回避): who is the subject of a case, or has an interest in it, takes no part in deciding it (R12). Pure."""

from __future__ import annotations

from enum import StrEnum

from core.cases.case import Case
from core.errors import Forbidden
from core.procedure import CaseKind, Role, StepKind, Verb
from core.tenants.principal import Principal

RECUSAL = "wenze:readings#r12"
NAMING = (Role.SUPERVISOR, Role.DECIDING_AUTHORITY, Role.INSPECTION_OFFICE, Role.TENANT_ADMINISTRATOR)
"""Who says of others that they are recused, and ends a recusal that was declared wrongly."""
_DECIDES_NOTHING = frozenset({Verb.REGISTER, Verb.SIGN, Verb.ASK})
"""What remains to who is recused: a unit whose only officer that is can still sign for a matter and give it back."""


class RecusalGround(StrEnum):
    """Why somebody takes no part."""

    SUBJECT = "subject"
    """The case is about the person (当事人)."""
    INTEREST = "interest"
    """The person has an interest in it, or is close to somebody who has (利害关系人)."""


def is_barred(step: StepKind) -> bool:
    """Whether a step is refused to who is recused: all that decide, verify or review, and all that could sway those."""
    return step.verb not in _DECIDES_NOTHING


def check_step(case: Case, step: StepKind) -> None:
    """Raises :class:`Forbidden` where who read the case is recused from it and the step is not open to them."""
    if is_barred(step):
        check_impartial(case)


def check_impartial(case: Case) -> None:
    """Raises :class:`Forbidden` where who read the case is recused from it. It does not tell on what ground."""
    if case.recused:
        raise Forbidden("recusals.recused", clause=RECUSAL)


def naming_roles(kind: CaseKind, ground: RecusalGround) -> tuple[Role, ...]:
    """Who may declare it of another: as NAMING says, and of the subject also who registers such cases."""
    registering = kind.registration.by if ground is RecusalGround.SUBJECT else ()
    return tuple(role for role in dict.fromkeys((*NAMING, *registering)) if role is not Role.UNIT_OFFICER)


def check_naming(case: Case, kind: CaseKind, ground: RecusalGround, principal: Principal) -> None:
    """Raises :class:`Forbidden` for who may not say of others that they are recused, and who is recused themself."""
    check_impartial(case)
    allowed = naming_roles(kind, ground)
    if principal.roles.isdisjoint(allowed):
        raise Forbidden("recusals.for-others", clause=RECUSAL, roles=", ".join(allowed))
