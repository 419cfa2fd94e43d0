"""Which deadlines a step makes arise, meets or ends. Pure: the city's rules are data (:class:`DeadlineRule`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import PAUSED, DeadlineNote, Standing
from core.cases.conditions import as_text, holds
from core.cases.house_steps import ADD_PETITIONER
from core.cases.order import Capacity, Order
from core.cases.world import World
from core.deadlines.explanation import Explanation, TermSource, explain
from core.errors import Refused
from core.law.citation import Citation
from core.law.instrument import Term
from core.procedure import CaseKind, DeadlineRule, Part, Role, Verb
from core.sanctions.holding import EACH_SUBJECT, SUBJECT, holding_subjects, is_about, is_void, stated_for
from core.sanctions.matter import Matter

OPEN_FIGURE = "wenze:readings#r11"
NAMED_UNITS = "named-units"
"""The holder of a rule that leaves it to the step; the deadline itself is then held as by ``each-unit`` or ``lead-unit``."""
UNIT_TERM = "term"
"""What a rule is ``given_by`` when each unit of a dispatch states its own."""
_PARTS: dict[str, tuple[Part, ...]] = {
    "lead-unit": (Part.LEAD,),
    "cooperating-units": (Part.COOPERATING,),
    "each-unit": tuple(Part),
}
"""The holders that are units, with the parts by which they hold a deadline; every other holder is an office."""


WINDOW_OPEN = "available"
"""The state of a window that nobody has used yet; not ``open``, because nobody has to do anything."""
_WITHOUT_UNIT = {Verb.GRANT: "released", Verb.PASS_ON: "passed-on"}
"""What becomes of a unit's deadline, by what took the unit's part; ``replaced`` where it was another dispatch."""
MOVED = frozenset(_WITHOUT_UNIT.values())


@dataclass(frozen=True, slots=True)
class Opening:
    """A deadline that arises: who holds it, on which clause, and its explanation, which has the dates."""

    rule: DeadlineRule
    holder: str
    holder_unit_id: UUID | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Ending:
    """A deadline that is over at the step's legal time: ``met``, ``met-late``, ``lapsed``, ``replaced``; ``released`` where
    its own unit gave the case back, ``passed-on`` where a unit below took it over; ``used`` for a window."""

    note: DeadlineNote
    state: str
    ended_at: datetime


def derive_endings(
    kind: CaseKind,
    order: Order,
    capacity: Capacity,
    standing: Standing,
    opened: tuple[Opening, ...],
    *,
    final: bool,
    giver: UUID | None = None,
) -> tuple[Ending, ...]:
    """The open deadlines that the step meets or ends; ``giver`` is the unit whose part the step takes.

    A deadline that a unit holds is met by that unit's own step alone; a final state, a dispatch to others and a deadline
    that takes its place end what is open.
    """
    rules = {rule.key: rule for rule in kind.deadlines}
    # What is owed to who joins takes the place of nothing that is owed to others.
    replacing = () if order.step.key == ADD_PETITIONER else opened
    endings = []
    for note in (item for item in standing.deadlines if item.is_running):
        state = _ending_state(note, rules.get(note.key), order, capacity, standing)
        if state is None and (final or _taken_over(note, replacing, standing, order)):
            state = "lapsed" if final else _without_unit(note, order, giver)
        if state is not None:
            endings.append(Ending(note, state, order.occurred_at))
    return tuple(endings)


def _without_unit(note: DeadlineNote, order: Order, giver: UUID | None) -> str:
    """What becomes of a deadline whose unit loses the part. A unit that loses the case because another one gave it back was
    not dispatched to wrongly: what it let run out stays on record as that."""
    if order.step.verb is Verb.GRANT and note.holder_unit_id != giver:
        return "lapsed"
    return _WITHOUT_UNIT.get(order.step.verb, "replaced")


def _ending_state(
    note: DeadlineNote, rule: DeadlineRule | None, order: Order, capacity: Capacity, standing: Standing
) -> str | None:
    if rule is None:
        return None
    if is_void(note.holder, standing.matter):
        return "lapsed"
    if order.step.key in rule.met_by and _is_theirs(note, order, capacity, standing):
        on_time = "used" if note.window else "met"
        return on_time if note.state == PAUSED or order.occurred_at < note.due_at else "met-late"
    return "lapsed" if order.step.key in rule.lapses_on else None


def _is_theirs(note: DeadlineNote, order: Order, capacity: Capacity, standing: Standing) -> bool:
    """Whether the step is its holder's own; one that is not a unit officer's stands for all units of the step's part."""
    if note.holder.startswith(SUBJECT):
        return is_about(note.holder, order)
    if note.holder not in _PARTS:
        return True
    if capacity.role is Role.UNIT_OFFICER:
        return note.holder_unit_id == capacity.unit_id
    return order.step.part is None or _has_part(note, (order.step.part,), standing)


def _taken_over(note: DeadlineNote, opened: tuple[Opening, ...], standing: Standing, order: Order) -> bool:
    """Whether a deadline that arises takes its place, or its unit has lost the part by which it held it.

    One that has already run out stays open beside a new one of its kind: lateness is not cured by being told again. Nor does
    the time that the text gives begin anew where somebody is only told again; one that is stated anew does.
    """
    told_again = order.step.verb is Verb.REMIND
    of_unit = note.holder in _PARTS
    for opening in opened:
        same = opening.rule.key == note.key and (not of_unit or opening.holder_unit_id == note.holder_unit_id)
        same = same and (opening.holder == note.holder or not note.holder.startswith(SUBJECT))
        stays = note.overdue_at(order.occurred_at) or (told_again and opening.explanation.figure_from == "clause")
        if (same and not stays) or opening.rule.replaces == note.key:
            return True
    return of_unit and not _has_part(note, _PARTS[note.holder], standing)


def _has_part(note: DeadlineNote, parts: Collection[Part], standing: Standing) -> bool:
    return any(item.unit_id == note.holder_unit_id and item.part in parts for item in standing.units)


def derive_openings(world: World, order: Order, standing: Standing, facts: Mapping[str, Any]) -> tuple[Opening, ...]:
    """The deadlines that arise on the step.

    Raises :class:`Refused` where a term is asked for that neither the text, the tenant nor the step gives (R11), where one
    is stated that no deadline asks for, where nobody is there to hold a deadline, and where it would take the place of one
    that has already run out.
    """
    arising = [rule for rule in world.kind.deadlines if order.step.key in rule.arises_on and holds(rule.when, facts)]
    _check_stated_terms(arising, order)
    return tuple(opening for rule in arising for opening in _open(rule, world, order, standing, facts))


def _open(rule: DeadlineRule, world: World, order: Order, standing: Standing, facts: Mapping[str, Any]) -> Iterator[Opening]:
    _check_replaceable(rule, order, standing)
    starts_at, event = _start(rule, order, standing, facts, world)
    if (rule.window or rule.optional) and not _is_limited(rule, order, facts, world):
        return
    for holder, unit_id in _holders(rule, standing, facts, world, order):
        told = (standing.matter, holder) if rule.holder == EACH_SUBJECT else None
        term, source = _term(rule, order, unit_id, facts, world, told)
        named = msgspec.structs.replace(term, start=event)
        yield Opening(rule, holder, unit_id, explain(named, starts_at, world.calendar, source))


def _is_limited(rule: DeadlineRule, order: Order, facts: Mapping[str, Any], world: World) -> bool:
    """Whether the text or the tenant gives a right, or a duty that is optional, its figure. None is invented (R11)."""
    day = world.local_day(order.occurred_at)
    passage = world.rulebook.passage(Citation.parse(rule.clause), day)
    known = _of_tenant(rule, TermSource.of(passage), as_text(facts.get("category")), day, world)
    return known is not None or passage.term is not None


def _check_stated_terms(arising: list[DeadlineRule], order: Order) -> None:
    """A unit's stated term must be asked for by a deadline: what a clause fixes, nobody sets in passing."""
    if any(rule.given_by == UNIT_TERM for rule in arising):
        return
    for index, dispatch in enumerate(order.dispatches):
        if dispatch.term is not None:
            clause = arising[0].clause if arising else order.step.clause
            raise Refused("deadlines.term-not-asked", field=f"/units/{index}/term", clause=clause)


def _check_replaceable(rule: DeadlineRule, order: Order, standing: Standing) -> None:
    for note in standing.open_deadlines:
        if note.key == rule.replaces and order.occurred_at >= note.due_at:
            raise Refused("deadlines.replaced-too-late", clause=rule.clause, due=note.due_on.isoformat())


def _holders(
    rule: DeadlineRule, standing: Standing, facts: Mapping[str, Any], world: World, order: Order
) -> list[tuple[str, UUID | None]]:
    held = _held_by(rule, order)
    if held in _PARTS:
        return [(held, unit_id) for unit_id in _holding_units(rule, held, standing, order)]
    if rule.holder == EACH_SUBJECT:
        return holding_subjects(standing.matter, order, rule, world.kind)
    office = rule.holder.removeprefix("office:")
    if office.startswith("fact:"):
        office = as_text(facts.get(office.removeprefix("fact:")))
    if not office:
        raise Refused("deadlines.holder-unknown", clause=rule.clause, deadline=rule.key)
    return [(f"office:{office}", world.find_office(office, world.local_day(order.occurred_at)))]


def _held_by(rule: DeadlineRule, order: Order) -> str:
    if rule.holder != NAMED_UNITS:
        return rule.holder
    return "each-unit" if order.named_units else "lead-unit"


def _holding_units(rule: DeadlineRule, held: str, standing: Standing, order: Order) -> list[UUID]:
    """The units that hold the deadline; one that replaces another, only those that had not met that one yet."""
    parts, named = _PARTS[held], order.named_units if rule.holder == NAMED_UNITS else ()
    having = [item for item in standing.units if not named or item.unit_id in named]
    units = [item.unit_id for item in having if item.part in parts and order.joining in {None, item.unit_id}]
    if not units and Part.LEAD in parts and not order.joining:
        raise Refused("deadlines.holder-unknown", clause=rule.clause, deadline=rule.key)
    waited_for = {note.holder_unit_id for note in standing.owed_deadlines if note.key == rule.replaces}
    return units if order.dispatches or order.joining or not waited_for else [unit for unit in units if unit in waited_for]


def _start(
    rule: DeadlineRule, order: Order, standing: Standing, facts: Mapping[str, Any], world: World
) -> tuple[datetime, str]:
    """The instant from which the term counts, and the event that it is."""
    if rule.starts == "receipt":
        return standing.starts_at, standing.started_by
    if rule.starts == "step":
        return order.occurred_at, order.step.key
    name = rule.starts.removeprefix("fact:")
    if facts.get(name) is None:
        raise Refused("deadlines.start-unknown", field=f"/{name}", clause=rule.clause, fact=name)
    told = datetime.fromisoformat(facts[name])
    # A date tells no time of day, and needs none: the day of the event is not counted (R3).
    started = told if told.tzinfo else told.replace(tzinfo=world.calendar.zone)
    return started, name.replace("_", "-")


def _term(
    rule: DeadlineRule,
    order: Order,
    unit_id: UUID | None,
    facts: Mapping[str, Any],
    world: World,
    subject: tuple[Matter | None, str] | None = None,
) -> tuple[Term, TermSource]:
    """The figure that the step states, else the tenant's (of the category, or the setting), else the text's own (R11)."""
    day = world.local_day(order.occurred_at)
    passage = world.rulebook.passage(Citation.parse(rule.clause), day)
    source = TermSource.of(passage)
    stated = stated_for(*subject) if subject and rule.given_by else _stated(rule, order, unit_id)
    if stated is not None:
        return stated[0], msgspec.structs.replace(source, figure_from="step", basis=stated[1])
    tenants = _of_tenant(rule, source, as_text(facts.get("category")), day, world)
    if tenants is not None:
        return tenants
    if passage.term is None:
        field = _term_field(rule, order, unit_id)
        if rule.setting is None:
            raise Refused("deadlines.term-not-stated", field=field, clause=rule.clause)
        raise Refused("deadlines.term-not-set", field=field, clause=rule.clause, setting=rule.setting)
    return passage.term, source


def _of_tenant(
    rule: DeadlineRule, source: TermSource, category: str, day: date, world: World
) -> tuple[Term, TermSource] | None:
    """The figure that the tenant gives where the text leaves it open: its category's, else the setting's."""
    if rule.setting is None:
        return None
    if rule.category_limit is not None and category:
        limit = world.find_category_term(category, rule.category_limit, day)
        if limit is not None:
            given = {"figure_from": f"category:{limit.code}", "basis": limit.basis, "category": category}
            return limit.term, msgspec.structs.replace(source, **given)
    found = world.find_term(rule.setting, day)
    if found is None:
        return None
    return found.term, msgspec.structs.replace(source, figure_from=f"setting:{rule.setting}", basis=found.basis)


def _stated(rule: DeadlineRule, order: Order, unit_id: UUID | None) -> tuple[Term, str] | None:
    """The term that the step states for the deadline's holder, and why; a term without a reason is refused."""
    if rule.given_by is None:
        return None
    index = _dispatch_index(rule, order, unit_id)
    if index is not None:
        term, reason = order.dispatches[index].term, order.dispatches[index].term_reason
    else:
        given = order.data.get(rule.given_by)
        term = msgspec.convert(given, Term) if given is not None else None
        reason = order.data.get(f"{rule.given_by}_reason")
    if term is not None and not (reason or "").strip():
        raise Refused(
            "deadlines.term-without-reason", field=f"{_term_field(rule, order, unit_id)}_reason", clause=OPEN_FIGURE
        )
    return (term, reason or "") if term is not None else None


def _term_field(rule: DeadlineRule, order: Order, unit_id: UUID | None) -> str | None:
    """Where the step can state the term; ``None`` where it cannot."""
    index = _dispatch_index(rule, order, unit_id)
    if index is not None:
        return f"/units/{index}/{UNIT_TERM}"
    return f"/{rule.given_by}" if rule.given_by else None


def _dispatch_index(rule: DeadlineRule, order: Order, unit_id: UUID | None) -> int | None:
    if rule.given_by != UNIT_TERM:
        return None
    return next((index for index, item in enumerate(order.dispatches) if item.unit_id == unit_id), None)
