"""The checks that every step passes before it is taken. Each names the clause, or the rule of the house, it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.cases.case import Case
from core.cases.conditions import holds
from core.cases.order import Capacity, Order
from core.cases.world import World
from core.errors import Forbidden, Invalid, OutOfOrder, Refused
from core.procedure import CaseKind, FieldType, Part, Role, StepKind, StepView, Verb

ORDER, TIME = "wenze:house#order", "wenze:house#time"
LEAD, MEMBERSHIP = "wenze:house#lead", "wenze:house#membership"
CATCH_ALL = "wenze:readings#r8"


def check_sequence(case: Case, kind: CaseKind, step: StepKind, facts: Mapping[str, Any]) -> None:
    """The step must follow from the case's state, its condition hold, and what must precede it be done."""
    if case.state not in step.after:
        possible = ", ".join(item.key for item in available_steps(case, kind)) or "–"
        raise OutOfOrder(
            "cases.step-out-of-order", clause=step.clause, step=step.key, state=case.state, possible=possible
        )
    if not holds(step.when, facts):
        wanted = ", ".join(f"{name}={value}" for name, value in step.when.items())
        raise OutOfOrder("cases.step-not-for-this", clause=step.clause, step=step.key, wanted=wanted)
    for needed in step.requires:
        if holds(needed.when, facts) and needed.step not in case.standing.taken:
            raise OutOfOrder("cases.step-missing", clause=needed.clause, step=step.key, missing=needed.step)


def available_steps(case: Case, kind: CaseKind) -> tuple[StepKind, ...]:
    """The steps whose state and condition fit, whoever may take them."""
    facts = {**case.facts, "channel": case.channel, "track": case.track, "state": case.state}
    return tuple(step for step in kind.steps if case.state in step.after and _fits(step, facts))


def _fits(step: StepKind, facts: Mapping[str, Any]) -> bool:
    settled = {name: value for name, value in step.when.items() if name in facts}
    return holds(settled, facts)


def check_capacity(case: Case | None, step: StepKind, capacity: Capacity) -> None:
    """A unit officer acts on matters of the own unit alone, and in the part that the step asks for."""
    if capacity.role is not Role.UNIT_OFFICER or case is None:
        return
    part = case.standing.part_of(capacity.units)
    if part is None:
        raise Forbidden("cases.not-your-unit", clause=MEMBERSHIP)
    if step.part is not None and part is not step.part:
        raise Forbidden("cases.part-wrong", clause=MEMBERSHIP, wanted=step.part.value, held=part.value)


def check_time(order: Order, world: World, not_before: Case | None) -> None:
    """A step lies neither in the future nor before the receipt or the step before it."""
    if order.occurred_at > world.now:
        raise Refused("cases.time-in-future", field="/occurred_at", clause=TIME, now=world.now.isoformat())
    if not_before is not None and order.occurred_at < not_before.standing.last_occurred_at:
        last = not_before.standing.last_occurred_at.isoformat()
        raise Refused("cases.time-before-last-step", field="/occurred_at", clause=TIME, last=last)


def check_facts(order: Order, facts: Mapping[str, Any]) -> None:
    """What a condition makes required must be there, and a catch-all needs its reason and basis (R8)."""
    for field in order.step.fields:
        if field.required_when and field.key not in order.data and holds(field.required_when, facts):
            clause = field.clause or order.step.clause
            raise Refused("cases.fact-missing", field=f"/{field.key}", clause=clause, fact=field.title.zh)
    for place, option_clause in _catch_alls(order):
        for needed in ("catch_all_reason", "catch_all_basis"):
            if not order.data.get(needed):
                raise Refused("cases.catch-all-bare", field=f"/{needed}", clause=CATCH_ALL, option=option_clause, at=place)


def _catch_alls(order: Order) -> list[tuple[str, str]]:
    found = []
    for field in order.step.fields:
        if field.type not in {FieldType.ENUM, FieldType.ENUMS}:
            continue
        given = order.data.get(field.key)
        chosen = set(given) if isinstance(given, list) else {given}
        found += [
            (field.key, option.clause or option.key or "")
            for option in field.options
            if option.needs_reason and (option.key or option.clause) in chosen
        ]
    return found


def check_dispatches(order: Order) -> None:
    """A dispatch has exactly one lead unit, and no unit twice."""
    if order.step.verb is not Verb.DISPATCH:
        return
    leads = [dispatch for dispatch in order.dispatches if dispatch.part is Part.LEAD]
    if len(leads) != 1:
        raise Refused("cases.lead-unit", field="/units", clause=LEAD, count=len(leads))
    units = [dispatch.unit_id for dispatch in order.dispatches]
    if len(set(units)) != len(units):
        raise Invalid("cases.unit-twice", field="/units", clause=LEAD)


def check_city(view: StepView, world: World) -> None:
    """The city's own rules, those that data cannot say."""
    for objection in world.object_to(view):
        raise Refused(
            "cases.city-objects",
            field=objection.field,
            clause=objection.clause,
            zh=objection.text.zh,
            en=objection.text.en,
        )
