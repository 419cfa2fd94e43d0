"""In which of a person's roles a step is taken, and which cases a person may see at all (promise 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from core.cases.case import Case, Standing
from core.cases.order import Capacity, Order
from core.cases.reading_rules import near_units, own_units
from core.cases.recusal_rules import is_barred
from core.cases.requests import decide_as, deciding_roles, may_decide
from core.deadlines.justifying import acting_unit, asking_roles, may_ask, may_find
from core.errors import Forbidden
from core.procedure import JUSTIFICATION, CaseKind, Part, Role, StepKind, Verb
from core.tenants.principal import Grant, Principal

_SEES_EVERYTHING = frozenset(Role) - {Role.UNIT_OFFICER, Role.PETITIONER, Role.SCORER, Role.PLATFORM_OPERATOR}


def choose_deciding_capacity(principal: Principal, order: Order, standing: Standing) -> Capacity:
    """As :func:`choose_capacity`, of the roles that what is decided on, or asked for, leaves."""
    leaves = asking_roles if order.step.asks == JUSTIFICATION else deciding_roles
    return choose_capacity(principal, order.step, leaves(standing, order))


def choose_capacity(principal: Principal, step: StepKind, among: tuple[Role, ...] | None = None) -> Capacity:
    """The first of the step's roles that the person holds; raises :class:`Forbidden` where there is none."""
    for role in step.by if among is None else among:
        grants = [grant for grant in principal.grants if grant.role is role]
        units = frozenset(grant.unit_id for grant in grants if grant.unit_id is not None)
        if grants and (units or role is not Role.UNIT_OFFICER):
            own, near = own_units(principal), near_units(principal)
            chosen = next(iter(sorted(units)), None)
            return Capacity(role, chosen, units, principal.person_id, own_units=own, near_units=near)
    raise Forbidden("cases.role-missing", clause=step.clause, roles=", ".join(step.by))


def own_steps(case: Case, steps: Iterable[StepKind], principal: Principal) -> tuple[StepKind, ...]:
    """Of the steps that a case's state allows, those that the person's roles and units allow, and no recusal forbids."""
    return tuple(step for step in steps if not (case.recused and is_barred(step)) and _may_take(case, step, principal))


def _may_take(case: Case, step: StepKind, principal: Principal) -> bool:
    for grant in principal.grants:
        if grant.role not in step.by:
            continue
        if step.is_about_lateness and step.asks is None and not may_find(step, case.standing, near_units(principal)):
            continue
        if step.decides is not None:
            if may_decide(case.standing, step, grant.role, grant.unit_id):
                return True
            continue
        if step.asks == JUSTIFICATION and not may_ask(case.standing, grant.role, _units_asked_for(grant, principal)):
            continue
        if grant.role is not Role.UNIT_OFFICER:
            return True
        parts = case.standing.parts_of(frozenset({grant.unit_id}) if grant.unit_id else frozenset())
        if parts and step.part in {None, *parts}:
            return True
    return False


def _units_asked_for(grant: Grant, principal: Principal) -> frozenset[UUID]:
    """The units for whose deadlines a justification is asked in that role."""
    if grant.role is not Role.UNIT_OFFICER:
        return own_units(principal)
    return frozenset({grant.unit_id} if grant.unit_id else ())


def act_for_unit(capacity: Capacity, standing: Standing, kind: CaseKind, order: Order) -> Capacity:
    """The capacity with the one unit that a unit officer acts for: whose deadline the step names or meets, else the lead's;
    who signs does so for a unit that has not signed yet.

    The checks have made sure that one of the officer's units has the part that the step asks for.
    """
    step = order.step
    if capacity.role is not Role.UNIT_OFFICER:
        return capacity
    if step.decides is not None:
        return decide_as(standing, order, capacity)
    met = {rule.key for rule in kind.deadlines if step.key in rule.met_by} | set(step.moves)
    waited_for = {note.holder_unit_id for note in standing.owed_deadlines if note.key in met}
    mine = [item for item in standing.units if item.unit_id in capacity.units and step.part in {None, item.part}]
    signs, named = step.verb is Verb.SIGN, acting_unit(standing, order)
    chosen = min(
        mine,
        key=lambda item: (
            item.unit_id != named, item.unit_id not in waited_for, signs and item.signed_at is not None,
            item.part is not Part.LEAD,
        ),
    )  # fmt: skip
    return replace(capacity, unit_id=chosen.unit_id)


def visible_units(principal: Principal) -> frozenset[UUID] | None:
    """The units whose cases the person sees; ``None`` for all cases of the tenant.

    A unit officer sees the cases dispatched to the own units and no others; who has no role at all sees none.
    """
    if principal.roles & _SEES_EVERYTHING:
        return None
    return frozenset(grant.unit_id for grant in principal.grants if grant.role is Role.UNIT_OFFICER and grant.unit_id)


def may_see(case: Case, units: frozenset[UUID] | None) -> bool:
    """Whether a case is among those that :func:`visible_units` allows."""
    return units is None or case.standing.is_seen_by(units)
