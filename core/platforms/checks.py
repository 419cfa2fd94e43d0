"""What must hold of a platform's operators before they are stored; pure."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core.errors import Conflict, Refused
from core.platforms.commands import NewOperator, OperatorEnding
from core.platforms.platform import Operator
from core.tenants.checks import check_span
from core.tenants.staff import PersonKind

TWO_HANDS = "wenze:readings#r12"


def check_operator(new: NewOperator, kind: PersonKind | None, named: Iterable[Operator]) -> None:
    """Raises :class:`Refused` for a span that ends before it begins and for whoever is no member of staff, and
    :class:`Conflict` where the platform's id stands for somebody on one of the days already."""
    check_span(new.valid_from, new.valid_to, "/valid_to")
    if kind is None:
        raise Refused("platforms.person-unknown", field="/person_id", person=str(new.person_id))
    if kind is not PersonKind.HUMAN:
        raise Refused("platforms.person-no-human", field="/person_id")
    if any(operator.meets(new.valid_from, new.valid_to) for operator in named):
        raise Conflict("platforms.operator-taken", field="/external_id", operator=new.external_id)


def check_operator_ending(operator: Operator, ending: OperatorEnding) -> None:
    """Raises :class:`Conflict` where it was revoked or ends by that day anyway, :class:`Refused` for an end before the
    beginning."""
    if operator.revoked_at is not None:
        raise Conflict("platforms.operator-revoked")
    if ending.last_day is None:
        return
    check_span(operator.valid_from, ending.last_day, "/last_day")
    if operator.valid_to is not None and operator.valid_to <= ending.last_day:
        raise Conflict("tenants.already-ended", field="/last_day", day=operator.valid_to.isoformat())


def check_confirmation(operator: Operator, hand: UUID | None) -> None:
    """Raises :class:`Conflict` where it was confirmed or revoked, :class:`Refused` for who named it: it takes two (R12)."""
    if operator.revoked_at is not None:
        raise Conflict("platforms.operator-revoked")
    if operator.confirmed_at is not None:
        raise Conflict("platforms.operator-confirmed")
    if hand is not None and hand == operator.named_by and hand != operator.person_id:
        raise Refused("platforms.named-by-you", clause=TWO_HANDS)
