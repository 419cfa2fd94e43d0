"""The whole life of a case, on one screen.

    register → accept or refuse → classify → dispatch → handle → reply → close        send back, reopen, withdraw, remind

A step is a pure function: the case as it stands, the order, the actor's capacity and the world go in; what the case is
from then on comes out, with the clause it rests on. Which steps there are, from which states, by whom and with which terms
is the city's data (:class:`core.procedure.CaseKind`); what each verb does to any case stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from core.cases import checks
from core.cases.case import Assignment, Case, Standing
from core.cases.order import Capacity, Order
from core.cases.world import World
from core.deadlines.derive import Ending, Opening, derive_endings, derive_openings
from core.law.citation import Citation
from core.procedure import StepView, Verb


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step made of a case, before it is numbered and stored."""

    order: Order
    capacity: Capacity
    before: str | None
    after: str
    track: str | None
    facts: dict[str, Any]
    standing: Standing
    closed_at: datetime | None
    openings: tuple[Opening, ...]
    endings: tuple[Ending, ...]
    law_version: str


def begin(order: Order, received_at: datetime, capacity: Capacity, channel: str, anonymous: bool, world: World) -> Outcome:
    """Registers: the first step of a case. Raises what the checks raise."""
    blank = Standing(starts_at=received_at, last_occurred_at=received_at)
    state = order.step.to or world.kind.states[0].key
    facts = _facts_of(order, {}) | {"channel": channel, "anonymous": anonymous, "state": None, "overdue": False}
    checks.check_time(order, world, None)
    checks.check_facts(order, facts)
    checks.check_city(_view(order, None, channel, anonymous, {}, blank, world), world)
    draft = _Draft(order, capacity, None, state, None, facts, blank)
    return _conclude(draft, world)


def take(case: Case, order: Order, capacity: Capacity, world: World) -> Outcome:
    """Takes one step of a case. Raises :class:`OutOfOrder`, :class:`Refused`, :class:`Forbidden` or :class:`Invalid`."""
    facts = _facts_of(order, case.facts) | _circumstances(case, world) | {"track": _track(case, order)}
    checks.check_sequence(case, world.kind, order.step, facts | {"track": case.track})
    checks.check_capacity(case, order.step, capacity)
    checks.check_time(order, world, case)
    checks.check_facts(order, facts)
    checks.check_dispatches(order)
    checks.check_city(_view(order, case, case.channel, case.anonymous, case.facts, case.standing, world), world)
    state = order.step.to or case.state
    draft = _Draft(order, capacity, case.state, state, _track(case, order), facts, case.standing, case.closed_at)
    return _conclude(draft, world)


@dataclass(frozen=True, slots=True)
class _Draft:
    order: Order
    capacity: Capacity
    before: str | None
    after: str
    track: str | None
    facts: dict[str, Any]
    standing: Standing
    closed_at: datetime | None = None


def _conclude(draft: _Draft, world: World) -> Outcome:
    order = draft.order
    effect = _EFFECTS.get(order.step.verb)
    standing = effect(draft.standing, order) if effect else draft.standing
    final = draft.after in world.kind.final_states
    openings = derive_openings(world, order, standing, draft.facts)
    endings = derive_endings(world.kind, order, draft.capacity, standing, openings, final=final)
    return Outcome(
        order,
        draft.capacity,
        draft.before,
        draft.after,
        draft.track,
        {key: value for key, value in draft.facts.items() if key not in _CIRCUMSTANCES},
        advance(standing, order),
        order.occurred_at if final else None,
        openings,
        endings,
        world.rulebook.passage(Citation.parse(order.step.clause), world.local_day(order.occurred_at)).version.id,
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
    return msgspec.structs.replace(standing, starts_at=order.occurred_at, taken=())


def _answer(standing: Standing, order: Order) -> Standing:
    """Reply and refuse: what the petitioner is told, who may ask for it by receipt."""
    told = order.data.get("text" if order.step.verb is Verb.REPLY else "reason")
    return msgspec.structs.replace(standing, answer=told)


_EFFECTS: dict[Verb, Callable[[Standing, Order], Standing]] = {
    Verb.DISPATCH: _assign,
    Verb.REOPEN: _restart,
    Verb.REPLY: _answer,
    Verb.REFUSE: _answer,
}
_CIRCUMSTANCES = frozenset({"channel", "track", "state", "anonymous", "overdue"})


def _track(case: Case, order: Order) -> str | None:
    return order.data.get("track", case.track) if order.step.verb is Verb.CLASSIFY else case.track


def _circumstances(case: Case, world: World) -> dict[str, Any]:
    overdue = any(note.overdue_at(world.now) for note in case.standing.deadlines)
    return {"channel": case.channel, "state": case.state, "anonymous": case.anonymous, "overdue": overdue}


def _facts_of(order: Order, known: dict[str, Any]) -> dict[str, Any]:
    kept = {field.key for field in order.step.fields if field.keep}
    return known | {key: value for key, value in order.data.items() if key in kept} | order.step.sets


def _view(
    order: Order, case: Case | None, channel: str, anonymous: bool, facts: dict[str, Any], standing: Standing, world: World
) -> StepView:
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
        overdue=any(note.overdue_at(world.now) for note in standing.deadlines),
        occurred_on=world.local_day(order.occurred_at),
        received_on=world.local_day(standing.starts_at),
        units=tuple(str(item.unit_id) for item in order.dispatches or standing.units),
        open_deadlines=tuple(note.key for note in standing.open_deadlines),
    )
