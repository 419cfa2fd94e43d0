"""The checks that every step passes before it is taken. Each names the clause, or the rule of the house, it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.cases.bodies import offered, value_of
from core.cases.case import Case
from core.cases.conditions import describe, holds
from core.cases.order import Capacity, Order
from core.cases.requests import check_decider
from core.cases.world import World
from core.deadlines.justifying import has_something_to_justify
from core.deadlines.moving import has_something_to_move
from core.errors import Forbidden, Invalid, OutOfOrder, Refused
from core.law.instrument import Text
from core.procedure import CaseKind, Option, Part, Role, StepKind, StepView, Verb

TIME = "wenze:house#time"
BACK_DATED = "wenze:house#backdated"
LEAD, MEMBERSHIP = "wenze:house#lead", "wenze:house#membership"
CATCH_ALL = "wenze:readings#r8"
SPLITTING = "wenze:house#split"


def check_receipt(order: Order, world: World) -> None:
    """Received neither in the future nor before its instrument was in force (R7); on an earlier day only with the reason."""
    if order.occurred_at > world.now:
        raise Refused("cases.received-in-future", field="/received_at", clause=TIME, now=world.now.isoformat())
    instrument = world.rulebook.instrument(world.kind.instrument)
    day = world.local_day(order.occurred_at)
    if instrument.version_on(day) is None:
        first = instrument.versions[0].in_force_from.isoformat()
        raise Refused(
            "law.before-first-version", field="/received_at", clause=instrument.id, day=day.isoformat(), first=first
        )
    if day < world.local_day(world.now) and not order.data.get("received_reason", "").strip():
        raise Refused("cases.back-dated-bare", field="/received_reason", clause=BACK_DATED, day=day.isoformat())


def check_sequence(case: Case, kind: CaseKind, step: StepKind, facts: Mapping[str, Any]) -> None:
    """The step must follow from the case's state, its condition hold, and what must precede it be done."""
    if case.state not in step.after:
        raise OutOfOrder(
            "cases.step-out-of-order",
            clause=step.clause,
            **_names("step", step.key, step.title),
            **_names("state", case.state, _state_title(kind, case.state)),
            possible=", ".join(item.key for item in available_steps(case, kind)) or "–",
        )
    if not holds(step.when, facts):
        names = _names("step", step.key, step.title)
        raise OutOfOrder("cases.step-not-for-this", clause=step.clause, **names, wanted=describe(step.when))
    for needed in step.requires:
        if holds(needed.when, facts) and needed.step not in case.standing.taken:
            missing = kind.step(needed.step)
            names = _names("missing", needed.step, missing.title if missing else None)
            raise OutOfOrder("cases.step-missing", clause=needed.clause, **_names("step", step.key, step.title), **names)


def _names(parameter: str, key: str, title: Text | None) -> dict[str, str]:
    """What a text calls a thing: its key for programs, its title in each language for people."""
    return {parameter: key, f"{parameter}_zh": title.zh if title else key, f"{parameter}_en": title.en if title else key}


def _state_title(kind: CaseKind, key: str) -> Text | None:
    return next((state.title for state in kind.states if state.key == key), None)


def available_steps(case: Case, kind: CaseKind) -> tuple[StepKind, ...]:
    """The steps whose state and condition fit, whoever may take them."""
    around = {"channel": case.channel, "track": case.track, "state": case.state, "anonymous": case.anonymous}
    facts = case.facts | around
    asked = {None, *(item.key for item in case.standing.pending)}
    steps = (step for step in kind.steps if case.state in step.after and step.decides in asked)
    steps = (step for step in steps if has_something_to_move(step, kind, case.standing))
    steps = (step for step in steps if has_something_to_justify(step, case.standing))
    return tuple(step for step in steps if holds(step.settled_when, facts))


def check_capacity(case: Case, order: Order, capacity: Capacity) -> None:
    """A unit officer acts on matters of the own units alone, and in the part that the step asks for."""
    step = order.step
    if step.decides is not None:
        return check_decider(case.standing, order, capacity)
    if capacity.role is not Role.UNIT_OFFICER:
        return None
    parts = case.standing.parts_of(capacity.units)
    if not parts:
        raise Forbidden("cases.not-your-unit", clause=MEMBERSHIP)
    if step.part is not None and step.part not in parts:
        held = ", ".join(sorted(parts))
        raise Forbidden("cases.part-wrong", clause=MEMBERSHIP, wanted=step.part.value, held=held)
    return None


def check_evidence(order: Order) -> None:
    """What later decides whether a reply is true comes with its evidence, or with the reason why there is none."""
    clause = order.step.evidence
    if clause is not None and not order.attachments and not order.data.get("evidence_note", "").strip():
        raise Refused("cases.evidence-missing", field="/evidence_note", clause=clause)


def check_time(case: Case, order: Order, world: World) -> None:
    """A step lies neither in the future nor before the receipt or the step before it."""
    if order.occurred_at > world.now:
        raise Refused("cases.time-in-future", field="/occurred_at", clause=TIME, now=world.now.isoformat())
    last = case.standing.last_occurred_at
    if order.occurred_at < last:
        raise Refused("cases.time-before-last-step", field="/occurred_at", clause=TIME, last=last.isoformat())


def check_facts(order: Order, kind: CaseKind, facts: Mapping[str, Any]) -> None:
    """What a condition makes required must be there, nothing twice, and a catch-all needs its reason and basis (R8)."""
    for field in order.step.fields:
        if field.required_when and field.key not in order.data and holds(field.required_when, facts):
            clause, title = field.clause or order.step.clause, field.title
            raise Refused("cases.fact-missing", field=f"/{field.key}", clause=clause, zh=title.zh, en=title.en)
        _check_once(field.key, order.data.get(field.key))
    _check_catch_alls(order, kind, facts)


def _check_once(key: str, given: object) -> None:
    if isinstance(given, list) and len(set(given)) != len(given):
        twice = next(item for index, item in enumerate(given) if item in given[:index])
        raise Invalid("cases.value-twice", field=f"/{key}", value=str(twice))


def _check_catch_alls(order: Order, kind: CaseKind, facts: Mapping[str, Any]) -> None:
    for place, options in offered(kind, order.step):
        given = facts.get(place) if place in {"channel", "track"} else order.data.get(place)
        chosen = given if isinstance(given, list) else [given]
        for option in options:
            if option.needs_reason and value_of(option) in chosen:
                _check_reasoned(order, option)


def _check_reasoned(order: Order, option: Option) -> None:
    for needed in ("catch_all_reason", "catch_all_basis"):
        if not order.data.get(needed, "").strip():
            raise Refused("cases.catch-all-bare", field=f"/{needed}", clause=CATCH_ALL, option=value_of(option))


def check_parts(order: Order, world: World) -> None:
    """What is said of all parts of a split case waits until each of them is over."""
    if order.step.after_parts and world.open_parts:
        raise OutOfOrder("cases.parts-open", clause=SPLITTING, count=world.open_parts)


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
