"""Weighs a correction against a case as it is stored: what would follow from it now. Reads, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.cases.case import Case
from core.cases.service import Desk
from core.cases.splitting import list_parts
from core.cases.world import World
from core.corrections.checks import check_correction, dispatched_on
from core.corrections.consequences import Consequences, PartEffect, weigh, with_parts
from core.corrections.correction import CORRECTION, Correction
from core.corrections.derive import Rederived, rederive
from core.corrections.history import History
from core.corrections.rows import load_history
from core.errors import Forbidden, Refused
from core.procedure import CaseKind, Role, Verb
from core.tenants.category_checks import check_usable
from core.tenants.principal import Principal
from core.texts import render

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
    parts: tuple[Weighed, ...] = ()
    """The parts of the case that count from the same receipt, each with what the correction makes of it."""

    @property
    def following(self) -> tuple[Weighed, ...]:
        """These parts, and the parts of each behind it."""
        return tuple(item for part in self.parts for item in (part, *part.following))


async def weigh_correction(desk: Desk, case: Case, correction: Correction) -> Weighed:
    """What would follow from the correction now, for the case and for the parts into which it was split.

    Raises :class:`core.errors.Invalid` and :class:`core.errors.Refused` where it cannot be made.
    """
    weighed = replace(await _weigh(desk, case, correction), parts=await _weigh_parts(desk, case, correction))
    effects = tuple(_effect(item) for item in weighed.following)
    return replace(weighed, consequences=with_parts(weighed.consequences, effects))


def _effect(part: Weighed) -> PartEffect:
    case, follows = part.history.case, part.consequences
    return PartEffect(case.id, case.number, follows.deadlines, follows.figures)


async def _weigh_parts(desk: Desk, case: Case, correction: Correction) -> tuple[Weighed, ...]:
    """A part counts from the receipt of its case, unless its own was corrected apart from it; nothing else is shared."""
    if correction.received_at is None:
        return ()
    shared = Correction(received_at=correction.received_at)
    parts = [part for part in await list_parts(desk.session, case) if part.received_at == case.received_at]
    return tuple([await _weigh_part(desk, part, shared) for part in parts])


async def _weigh_part(desk: Desk, part: Case, correction: Correction) -> Weighed:
    try:
        return await weigh_correction(desk, part, correction)
    except Refused as error:
        told = {f"cause_{language}": render(error.code, error.params, language) for language in ("zh", "en")}
        told["number"] = part.number
        raise Refused("corrections.part-in-the-way", clause=error.clause or CORRECTION, **told) from error


async def _weigh(desk: Desk, case: Case, correction: Correction) -> Weighed:
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
