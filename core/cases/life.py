"""The whole life of a case, on one screen.

    register → accept or refuse → classify → dispatch → handle → reply → close        send back, reopen, withdraw, remind
    deadlines: pause → resume, extend, justify   units: sign, give back, pass on, ask for another   ask → grant or decline

A step is a pure function: the case as it stands, the order, the actor's capacity and the world go in; what the case is
from then on comes out, with the clause it rests on. Which steps there are, from which states, by whom and with which terms
is the city's data (:class:`core.procedure.CaseKind`); what each verb does to any case stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.cases import checks, requests, units
from core.cases.capacity import act_for_unit
from core.cases.case import Assignment, Case, Standing
from core.cases.order import Capacity, Order
from core.cases.recusal_rules import check_step
from core.cases.rendition import require_rendition
from core.cases.units import Handover
from core.cases.world import World
from core.deadlines.derive import Ending, Opening, derive_endings, derive_openings
from core.deadlines.justifying import check_justification, drop_pointless, find_concerned, follow_justification
from core.deadlines.moving import Movement, check_moves, derive_movements
from core.facts import established
from core.feedback.answers import check_answer, follow_round, follow_satisfaction
from core.law.citation import Citation
from core.procedure import Part, StepView, Verb
from core.sanctions.checking import check_matter
from core.sanctions.following import Taken, follow_matter

CATEGORY = "category"
"""The one field of a step that changes the case's category, whichever step has it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step made of a case, before it is numbered and stored.

    ``law_version`` is the version in force of what the step rests on, ``rules_version`` that of the kind's instrument.
    """

    order: Order
    capacity: Capacity
    before: str | None
    after: str
    track: str | None
    category: str | None
    facts: dict[str, Any]
    standing: Standing
    closed_at: datetime | None
    openings: tuple[Opening, ...]
    endings: tuple[Ending, ...]
    law_version: str
    rules_version: str
    handover: Handover | None = None
    """Which unit's part went to which, and its deadlines with it."""
    returned: bool = False
    """Whether a unit gave the case back as dispatched to it wrongly."""
    decided: UUID | None = None
    """The request that the step decided."""
    movements: tuple[Movement, ...] = ()
    """The deadlines that it paused, resumed or extended."""
    about: UUID | None = None
    """The deadline of whose lateness it asks, or finds, whether it is justified."""


def begin(order: Order, received_at: datetime, capacity: Capacity, channel: str, anonymous: bool, world: World) -> Outcome:
    """Registers: the first step of a case. Raises what the checks raise."""
    blank = _blank(received_at)
    checks.check_receipt(order, world)
    checks.check_facts(order, world.kind, _read_at_registration(order, channel, anonymous))
    checks.check_city(view_step(order, None, channel, anonymous, {}, blank, world), world)
    return apply_registration(order, received_at, capacity, channel, anonymous, world)


def apply_registration(
    order: Order, received_at: datetime, capacity: Capacity, channel: str, anonymous: bool, world: World
) -> Outcome:
    """What a registration that was made makes of the case; whether it may be made is not asked."""
    state, read = order.step.to or world.kind.states[0].key, _read_at_registration(order, channel, anonymous)
    return _conclude(_Draft(order, capacity, None, state, None, read, {}, _blank(received_at)), world)


def _blank(received_at: datetime) -> Standing:
    return Standing(starts_at=received_at, last_occurred_at=received_at)


def _read_at_registration(order: Order, channel: str, anonymous: bool) -> dict[str, Any]:
    around = {"channel": channel, "track": None, "state": None, "anonymous": anonymous, "overdue": False}
    return order.data | around | {CATEGORY: order.data.get(CATEGORY)}


def take(case: Case, order: Order, capacity: Capacity, world: World) -> Outcome:
    """Takes one step of a case. Raises :class:`OutOfOrder`, :class:`Refused`, :class:`Forbidden` or :class:`Invalid`."""
    read, order = read_facts(case, order), requests.complete(order, case.standing)
    check_step(case, order.step)
    checks.check_sequence(case, world.kind, order.step, read | {"track": case.track})
    checks.check_capacity(case, order, capacity)
    checks.check_time(case, order, world)
    checks.check_facts(order, world.kind, read)
    checks.check_evidence(order)
    checks.check_dispatches(order)
    checks.check_parts(order, world)
    check_answer(case, order, capacity)
    require_rendition(case, order, world.kind)
    acting = act_for_unit(capacity, case.standing, world.kind, order)
    units.check_units(case, order, acting, world)
    order = check_matter(case, order, acting, world)
    checks.check_city(view_step(order, case, case.channel, case.anonymous, case.facts, case.standing, world), world)
    check_moves(world, order, acting, case.standing)
    check_justification(world, order, acting, case.standing)
    return apply_step(case, order, acting, world)


def apply_step(case: Case, order: Order, acting: Capacity, world: World) -> Outcome:
    """What a step that was taken, by that role and unit, makes of the case; whether it may be taken is not asked."""
    read, state, order = read_facts(case, order), _leads_to(case, order), requests.complete(order, case.standing)
    draft = _Draft(order, acting, case.state, state, read["track"], read, case.facts, case.standing, case.closed_at)
    return _conclude(draft, world)


def _leads_to(case: Case, order: Order) -> str:
    """The state after a step. A reminder of units among which the lead is none leaves the case where the lead has brought
    it."""
    named = order.named_units if order.step.verb is Verb.REMIND else ()
    return case.state if named and case.standing.lead not in named else order.step.to or case.state


def read_facts(case: Case, order: Order) -> dict[str, Any]:
    """The facts that conditions read when the step is taken: the case's, the step's own, and what is around them."""
    return case.facts | order.data | _circumstances(case, order) | {"track": _track(case, order)}


@dataclass(frozen=True, slots=True)
class _Draft:
    """A step that passed its checks: ``read`` are the facts that conditions read, ``known`` those of the case so far."""

    order: Order
    capacity: Capacity
    before: str | None
    after: str
    track: str | None
    read: dict[str, Any]
    known: dict[str, Any]
    standing: Standing
    closed_at: datetime | None = None


def _conclude(draft: _Draft, world: World) -> Outcome:
    order, day = draft.order, world.local_day(draft.order.occurred_at)
    effect = _EFFECTS.get(order.step.verb)
    standing = effect(draft.standing, order) if effect else draft.standing
    matter = follow_matter(standing.matter, Taken(order, draft.capacity, day), draft.read)
    standing = msgspec.structs.replace(standing, matter=matter) if matter is not standing.matter else standing
    standing = units.place_units(standing, order, draft.capacity)
    standing = msgspec.structs.replace(standing, units=()) if order.step.releases else standing
    after = draft.after if standing.lead or not order.step.to_vacant else order.step.to_vacant
    standing = requests.follow_requests(draft.standing, standing, order, draft.capacity, world.kind, after)
    final = after in world.kind.final_states
    standing = follow_round(standing, order, moved=after != draft.before, final=final)
    standing = follow_justification(draft.standing, standing, order, draft.capacity)
    giver = units.find_giver(draft.standing, order, draft.capacity)
    settled = established(order.step, order.data)
    openings = () if final else derive_openings(world, order, standing, draft.read | settled)
    endings = derive_endings(world.kind, order, draft.capacity, standing, openings, final=final, giver=giver)
    decided = requests.find_decided(draft.standing, order)
    return Outcome(
        order,
        draft.capacity,
        draft.before,
        after,
        draft.track,
        draft.read.get(CATEGORY),
        follow_satisfaction(draft.known, draft.standing, standing, order) | _kept(order) | settled,
        advance(drop_pointless(standing, endings), order),
        (draft.closed_at or order.occurred_at) if final else None,
        openings,
        endings,
        world.rulebook.passage(Citation.parse(order.step.clause), day).version.id,
        world.rulebook.version(world.kind.instrument, day).id,
        units.find_handover(draft.standing, order, draft.capacity),
        units.is_returned(draft.standing, order),
        decided.id if decided else None,
        () if final else derive_movements(world, order, draft.capacity, draft.standing),
        find_concerned(draft.standing, order),
    )


def advance(standing: Standing, order: Order) -> Standing:
    """The standing after a step: the step is taken, and later ones may not lie before it."""
    taken = standing.taken if order.step.key in standing.taken else (*standing.taken, order.step.key)
    return msgspec.structs.replace(standing, taken=taken, last_occurred_at=order.occurred_at)


def _assign(standing: Standing, order: Order) -> Standing:
    """Dispatch: these units have the case from now on; those of an earlier dispatch are released."""
    units = tuple(Assignment(dispatch.unit_id, dispatch.part) for dispatch in order.dispatches)
    return msgspec.structs.replace(standing, units=units)


def _restart(standing: Standing, order: Order) -> Standing:
    """Reopen: what had been done counts no more, and terms from receipt run from here."""
    return msgspec.structs.replace(standing, starts_at=order.occurred_at, started_by=order.step.key, taken=())


def _answer(standing: Standing, order: Order) -> Standing:
    """Reply, refuse and inform: what the petitioner is told, who may ask for it by receipt."""
    said = order.data.get("reason" if order.step.verb is Verb.REFUSE else "text")
    more = (order.data.get(field.key) for field in order.step.fields if field.told)
    return msgspec.structs.replace(standing, answer="\n".join(part for part in (said, *more) if part))


def _tell(standing: Standing, order: Order) -> Standing:
    """Extend: why it takes longer, where the step says it to the petitioner."""
    said = [order.data[field.key] for field in order.step.fields if field.told and field.key in order.data]
    return msgspec.structs.replace(standing, answer="\n".join(said)) if said else standing


_EFFECTS: dict[Verb, Callable[[Standing, Order], Standing]] = {
    Verb.DISPATCH: _assign,
    Verb.REOPEN: _restart,
    Verb.REPLY: _answer,
    Verb.REFUSE: _answer,
    Verb.INFORM: _answer,
    Verb.EXTEND: _tell,
}


def _track(case: Case, order: Order) -> str | None:
    return order.data.get("track", case.track) if order.step.verb is Verb.CLASSIFY else case.track


def _circumstances(case: Case, order: Order) -> dict[str, Any]:
    overdue = _is_overdue(case.standing, order)
    category = order.data.get(CATEGORY, case.category)
    around = {"channel": case.channel, "state": case.state, "anonymous": case.anonymous, "overdue": overdue}
    return around | {CATEGORY: category}


def _is_overdue(standing: Standing, order: Order) -> bool:
    """Whether something had run out when the step was taken, in legal time."""
    return any(note.overdue_at(order.occurred_at) for note in standing.deadlines)


def _kept(order: Order) -> dict[str, Any]:
    return {field.key: order.data[field.key] for field in order.step.fields if field.keep and field.key in order.data}


def view_step(
    order: Order, case: Case | None, channel: str, anonymous: bool, facts: dict[str, Any], standing: Standing, world: World
) -> StepView:
    """The step as the city's own rules see it."""
    named = [item.unit_id for item in order.dispatches or standing.units]
    led = [item.unit_id for item in order.dispatches or standing.units if item.part is Part.LEAD]
    day = world.local_day(order.occurred_at)
    late = {note.holder_unit_id for note in standing.deadlines if note.overdue_at(order.occurred_at)}
    return StepView(
        kind=world.kind.key,
        step=order.step.key,
        state=case.state if case else None,
        channel=channel,
        track=_track(case, order) if case else None,
        anonymous=anonymous,
        data=order.data,
        facts=facts,
        taken=standing.taken,
        overdue=_is_overdue(standing, order),
        occurred_on=day,
        received_on=world.local_day(standing.starts_at),
        units=tuple(str(unit_id) for unit_id in named),
        open_deadlines=tuple(note.key for note in standing.owed_deadlines),
        late_units=tuple(str(item.unit_id) for item in standing.units if item.unit_id in late),
        outsiders=tuple(str(unit_id) for unit_id in named if not world.is_member(unit_id, day)),
        lead=str(led[0]) if led else None,
        lead_superior=world.name_superior(led[0], day) if led else None,
    )
