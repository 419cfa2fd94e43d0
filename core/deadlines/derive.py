"""Which deadlines a step makes arise, meets or ends. Pure: the city's rules are data (:class:`DeadlineRule`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import Assignment, DeadlineNote, Standing
from core.cases.conditions import holds
from core.cases.order import Capacity, Dispatch, Order
from core.cases.world import World
from core.deadlines.explanation import Explanation, TermSource, explain
from core.errors import Refused
from core.law.citation import Citation
from core.law.instrument import Term
from core.procedure import CaseKind, DeadlineRule, Part, Role, Verb

OPEN_FIGURE = "wenze:readings#r11"


@dataclass(frozen=True, slots=True)
class Opening:
    """A deadline that arises: who holds it, on which clause, and its explanation, which has the dates."""

    rule: DeadlineRule
    holder: str
    holder_unit_id: UUID | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Ending:
    """A deadline that is over: ``met``, ``met-late``, ``lapsed`` or ``replaced`` at the step's legal time."""

    note: DeadlineNote
    state: str
    ended_at: datetime


def derive_endings(
    kind: CaseKind, order: Order, capacity: Capacity, standing: Standing, opened: tuple[Opening, ...], *, final: bool
) -> tuple[Ending, ...]:
    """The open deadlines that the step meets or ends.

    A deadline that a unit holds is met by that unit's own step alone; a final state, a dispatch to others and a deadline
    that takes its place end what is open.
    """
    rules = {rule.key: rule for rule in kind.deadlines}
    actor = acting_unit(standing, capacity, order.step.part)
    endings = []
    for note in standing.open_deadlines:
        state = _ending_state(note, rules.get(note.key), order, capacity, actor)
        if state is None and (final or _taken_over(note, opened, standing)):
            state = "lapsed" if final else "replaced"
        if state is not None:
            endings.append(Ending(note, state, order.occurred_at))
    return tuple(endings)


def acting_unit(standing: Standing, capacity: Capacity, part: Part | None) -> UUID | None:
    """The unit for which a unit officer acts in a case: one of the officer's units, with the part the step asks for."""
    mine = [item for item in standing.units if item.unit_id in capacity.units and part in {None, item.part}]
    mine.sort(key=lambda item: item.part is not Part.LEAD)
    return mine[0].unit_id if mine else None


def _ending_state(
    note: DeadlineNote, rule: DeadlineRule | None, order: Order, capacity: Capacity, actor: UUID | None
) -> str | None:
    if rule is None:
        return None
    others = capacity.role is Role.UNIT_OFFICER and _held_by_unit(rule) and note.holder_unit_id != actor
    if order.step.key in rule.met_by and not others:
        return "met" if order.occurred_at < note.due_at else "met-late"
    return "lapsed" if order.step.key in rule.lapses_on else None


def _taken_over(note: DeadlineNote, opened: tuple[Opening, ...], standing: Standing) -> bool:
    for opening in opened:
        same = opening.rule.key == note.key and opening.holder_unit_id == note.holder_unit_id
        if same or opening.rule.replaces == note.key:
            return True
    released = note.holder.endswith(("-unit", "-units")) and note.holder_unit_id not in _unit_ids(standing)
    return released and note.holder_unit_id is not None


def _unit_ids(standing: Standing) -> set[UUID]:
    return {assignment.unit_id for assignment in standing.units}


def derive_openings(world: World, order: Order, standing: Standing, facts: Mapping[str, Any]) -> tuple[Opening, ...]:
    """The deadlines that arise on the step.

    Raises :class:`Refused` where a term is asked for that neither the text, the tenant nor the step gives (R11), and where
    a deadline would take the place of one that has already run out.
    """
    return tuple(_open_all(world, order, standing, facts))


def _open_all(world: World, order: Order, standing: Standing, facts: Mapping[str, Any]) -> Iterator[Opening]:
    for rule in world.kind.deadlines:
        if order.step.key not in rule.arises_on or not holds(rule.when, facts):
            continue
        _check_replaceable(rule, order, standing)
        for holder, unit_id in _holders(rule, standing, facts, world, order):
            term, source = _term(rule, order, unit_id, world)
            starts_at = _start(rule, order, standing, facts)
            named = msgspec.structs.replace(term, start=_start_event(rule, order))
            yield Opening(rule, holder, unit_id, explain(named, starts_at, world.calendar, source))


def _check_replaceable(rule: DeadlineRule, order: Order, standing: Standing) -> None:
    for note in standing.open_deadlines:
        if note.key == rule.replaces and order.occurred_at >= note.due_at:
            raise Refused("deadlines.replaced-too-late", clause=rule.clause, due=note.due_on.isoformat())


def _held_by_unit(rule: DeadlineRule) -> bool:
    return rule.holder in {"lead-unit", "cooperating-units", "each-unit"}


def _holders(
    rule: DeadlineRule, standing: Standing, facts: Mapping[str, Any], world: World, order: Order
) -> list[tuple[str, UUID | None]]:
    if not _held_by_unit(rule):
        office = facts.get(rule.holder.removeprefix("fact:"), "") if rule.holder.startswith("fact:") else None
        key = str(office) if office is not None else rule.holder.removeprefix("office:")
        return [(f"office:{key}", world.find_office(key, world.local_day(order.occurred_at)))]
    return [(rule.holder, item.unit_id) for item in standing.units if _has_part(rule, item)]


def _has_part(rule: DeadlineRule, assignment: Assignment) -> bool:
    wanted = {"lead-unit": {Part.LEAD}, "cooperating-units": {Part.COOPERATING}}
    return assignment.part in wanted.get(rule.holder, set(Part))


def _start(rule: DeadlineRule, order: Order, standing: Standing, facts: Mapping[str, Any]) -> datetime:
    if rule.starts == "receipt":
        return standing.starts_at
    if rule.starts == "step":
        return order.occurred_at
    name = rule.starts.removeprefix("fact:")
    if facts.get(name) is None:
        raise Refused("deadlines.start-unknown", field=f"/{name}", clause=rule.clause, fact=name)
    return msgspec.convert(facts[name], datetime)


def _start_event(rule: DeadlineRule, order: Order) -> str:
    if rule.starts == "step":
        return order.step.key
    return rule.starts.removeprefix("fact:").replace("_", "-")


def _term(rule: DeadlineRule, order: Order, unit_id: UUID | None, world: World) -> tuple[Term, TermSource]:
    """The figure that the step states, else the tenant's, else the text's own (R11)."""
    day = world.local_day(order.occurred_at)
    passage = world.rulebook.passage(Citation.parse(rule.clause), day)
    source = TermSource.of(passage)
    stated = _stated(rule, order, unit_id)
    if stated is not None:
        return stated[0], msgspec.structs.replace(source, figure_from="step", basis=stated[1])
    found = world.find_term(rule.setting, day) if rule.setting else None
    if found is not None:
        return found.term, msgspec.structs.replace(source, figure_from=f"setting:{rule.setting}", basis=found.basis)
    if passage.term is None:
        field = "/units/0/term" if order.step.verb is Verb.DISPATCH else f"/{rule.given_by or 'term'}"
        raise Refused("deadlines.term-not-set", field=field, clause=rule.clause, setting=rule.setting or "–")
    return passage.term, source


def _stated(rule: DeadlineRule, order: Order, unit_id: UUID | None) -> tuple[Term, str] | None:
    if rule.given_by is None:
        return None
    dispatch = next((item for item in order.dispatches if item.unit_id == unit_id), None)
    term, reason, field = _stated_by_unit(dispatch) if dispatch else _stated_by_step(rule.given_by, order)
    if term is not None and not reason:
        raise Refused("deadlines.term-without-reason", field=f"{field}_reason", clause=OPEN_FIGURE)
    return (term, reason or "") if term is not None else None


def _stated_by_unit(dispatch: Dispatch) -> tuple[Term | None, str | None, str]:
    return dispatch.term, dispatch.term_reason, "/units/0/term"


def _stated_by_step(name: str, order: Order) -> tuple[Term | None, str | None, str]:
    given = order.data.get(name)
    term = msgspec.convert(given, Term) if given is not None else None
    return term, order.data.get(f"{name}_reason"), f"/{name}"
