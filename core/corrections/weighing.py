"""Weighs a correction against a case as it is stored: what would follow from it now. Reads, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from core.cases.case import Case
from core.cases.service import Desk
from core.cases.world import World
from core.corrections.checks import check_correction, dispatched_on
from core.corrections.consequences import Consequences, weigh
from core.corrections.correction import CORRECTION, Correction
from core.corrections.derive import Rederived, rederive
from core.corrections.history import History
from core.corrections.rows import load_history
from core.errors import Forbidden, Refused
from core.procedure import CaseKind, Role, Verb
from core.tenants.category_checks import check_usable
from core.tenants.principal import Principal

_RECORDING = frozenset({Verb.REGISTER, Verb.CLASSIFY, Verb.DISPATCH})
"""The steps whose facts can be corrected; who takes them asks for the correction."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A correction with what it makes of its case and all that follows from it."""

    history: History
    correction: Correction
    made: Rederived
    consequences: Consequences
    world: World


async def weigh_correction(desk: Desk, case: Case, correction: Correction) -> Weighed:
    """What would follow from the correction now.

    Raises :class:`core.errors.Invalid` and :class:`core.errors.Refused` where it cannot be made.
    """
    world = desk.world(desk.snapshot.jurisdiction.kind(case.kind))
    history = await load_history(desk.session, case)
    check_correction(history, correction, world)
    _check_configured(desk, history, correction, world)
    made = rederive(history, correction, desk.now, world)
    return Weighed(history, correction, made, weigh(case, made, desk.snapshot.closed_months, world), world)


def _check_configured(desk: Desk, history: History, correction: Correction, world: World) -> None:
    """The right category is open for such cases today, and the right unit was there on the day of the dispatch."""
    snapshot = desk.snapshot
    if correction.category is not None:
        today = snapshot.local_day(desk.now)
        check_usable(snapshot.categories, correction.category, history.case.kind, today)
    day = dispatched_on(history, world)
    if (
        correction.unit is not None
        and day is not None
        and not snapshot.organisation.on(day).is_active(correction.unit.right)
    ):
        raise Refused("cases.unit-unknown", field="/unit/right_unit_id", clause=CORRECTION)


def asking_roles(kind: CaseKind) -> tuple[Role, ...]:
    """Who can ask for a correction of such a case: who registers, classifies or dispatches it."""
    roles = (role for step in kind.steps if step.verb in _RECORDING for role in step.by)
    return tuple(dict.fromkeys(role for role in roles if role is not Role.UNIT_OFFICER))


def check_asker(kind: CaseKind, principal: Principal) -> Role:
    """The role in which the person asks; raises :class:`Forbidden`."""
    able = asking_roles(kind)
    for role in able:
        if principal.has(role):
            return role
    raise Forbidden("corrections.role-missing", clause=CORRECTION, roles=", ".join(able))
