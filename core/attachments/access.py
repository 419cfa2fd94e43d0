"""Who may see which attachments of a case, and who decides what units see; pure."""

from __future__ import annotations

from core.attachments.attachment import AttachmentPart
from core.cases.capacity import visible_units
from core.cases.disclosure import is_entrusted
from core.cases.rendition import has_rendition
from core.errors import Forbidden, Refused
from core.procedure import CaseKind, Role, Verb
from core.tenants.principal import Principal

DISCLOSURE = "wenze:house#disclosure"


def works_with_originals(kind: CaseKind, principal: Principal) -> bool:
    """Whether the person's roles open what was not disclosed, which can tell who brings a matter as its words do.

    So it takes who may read the words: who works on such cases other than for a unit. Where nobody brings them, who sees all
    of such a case, and not for a unit alone.
    """
    if has_rendition(kind):
        return not principal.roles.isdisjoint(kind.workers)
    return visible_units(principal) is None and is_entrusted(kind, principal)


def may_see(part: AttachmentPart, *, originals: bool) -> bool:
    """Whether somebody who sees the case sees this part of its attachments; ``originals`` is whether those are seen."""
    return part is AttachmentPart.DISCLOSED or originals


def check_adding(*, originals: bool, disclosed: bool) -> None:
    """Raises :class:`Refused` where somebody would attach what he himself could not see afterwards."""
    if not disclosed and not originals:
        raise Refused("attachments.own-must-be-disclosed", field="/disclosed", clause=DISCLOSURE)


def disclosers(kind: CaseKind) -> tuple[Role, ...]:
    """The roles that decide what units see: who registers and who dispatches such cases, units themselves never."""
    steps = (kind.registration, *(step for step in kind.steps if step.verb is Verb.DISPATCH))
    roles = dict.fromkeys(role for step in steps for role in step.by)
    return tuple(role for role in roles if role not in {Role.UNIT_OFFICER, Role.PETITIONER})


def check_discloser(kind: CaseKind, principal: Principal, *, originals: bool) -> Role:
    """The role in which the person decides it; raises :class:`Forbidden`."""
    allowed = disclosers(kind)
    role = next((role for role in allowed if principal.has(role)), None)
    if role is None or not originals:
        raise Forbidden("attachments.role-missing", clause=DISCLOSURE, roles=", ".join(allowed))
    return role
