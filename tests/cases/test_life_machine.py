"""A case's life, driven at random through the pure stages against a naive model: every kind of every shipped city.

What must hold after each step: it was taken exactly where the model and the city's own rules let it be; a refusal changes
nothing and has a text and a clause that exists; state, units, facts, times, version and every deadline are the model's.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from core.cases.case import DeadlineNote
from core.cases.world import StatedTerm
from core.jurisdictions import Jurisdiction
from core.law.instrument import Term
from core.law.rulebook import Rulebook
from core.procedure import JUSTIFICATION, CaseKind, Objection, Role, StepView, Verb
from core.tenants.principal import Grant, Principal
from tests.support.case_model import Actor
from tests.support.cities import plain_kinds, shipped
from tests.support.life_machine import CHILDREN, END, OUTSIDERS, LifeMachine
from tests.support.paper import Paper, unit
from tests.support.synthetic import synthetic_kind, synthetic_rulebook

RUNS = int(os.environ.get("WENZE_TEST_LIVES", "25"))
"""How many lives each kind of case is given; a deep run takes thousands."""
FEWEST_WALKS, MOST_WALKS = 100, 400
PHASES = (Phase.generate, Phase.shrink) if "WENZE_TEST_LIVES" in os.environ else (Phase.generate,)
"""A life that fails is told as it was; to have it made short can take minutes, and is part of the deep run alone."""


class LifeOnPaper(LifeMachine):
    """The machine over the pure stages."""

    city: ClassVar[Jurisdiction | None]

    def open_tenant(self, now: datetime, terms: Mapping[str, Term]) -> None:
        self.objections: tuple[Objection, ...] = ()
        stated = {key: StatedTerm(term, "decision") for key, term in terms.items()}
        self.paper = Paper(
            self.kind, self.rulebook, now, stated, self.offices, self.ask_city, children=CHILDREN, outsiders=OUTSIDERS,
            permissions=permissions(self.kind) if terms else {},
        )  # fmt: skip

    def ask_city(self, view: StepView) -> tuple[Objection, ...]:
        self.asked = view.step
        self.objections = self.city.hooks.check_step(view=view) if self.city else ()
        return self.objections

    def do_register(self, who: Actor, body: dict[str, Any]) -> None:
        self.objections = ()
        given = {name: value for name, value in body.items() if name != "kind"}
        self.paper.register(principal(who), given, named="petitioner" in body)
        assert self.asked == self.kind.registration.key, "the city was not asked"

    def do_step(self, who: Actor, key: str, body: dict[str, Any]) -> None:
        self.objections, self.asked = (), ""
        self.paper.take(principal(who), key, body)
        assert self.asked == key, "the city was not asked"

    def move_clock(self, now: datetime) -> None:
        self.paper.now = now

    def end_parts(self) -> None:
        self.paper.open_parts = 0

    def pending_ids(self) -> list[str]:
        assert self.paper.case is not None
        return [str(item.id) for item in self.paper.case.standing.pending]

    def deadline_ids(self) -> list[str]:
        return [str(note.id) for note in self.paper.deadlines()]

    def city_objected(self) -> bool:
        return bool(self.objections)

    def state_of_things(self) -> object:
        return self.paper.case

    @invariant()
    def is_as_the_model_says(self) -> None:
        case, model = self.paper.case, self.model
        if case is None:
            assert model.state is None
            return
        standing = case.standing
        told = (case.state, case.track, case.version, case.closed_at, standing.answer)
        assert told == (model.state, model.track, model.version, model.closed_at, model.answer)
        assert case.facts == {name: in_utc(value) for name, value in model.facts.items()}
        assert {item.unit_id: item.part for item in standing.units} == model.units
        assert {item.unit_id: item.via for item in standing.units if item.via} == {k: v for k, v in model.via.items() if v}
        assert {item.unit_id for item in standing.units if item.signed_at} == model.signed
        asked = [(item.key, item.unit_id, item.decider_unit_id, item.joining) for item in standing.pending]
        assert asked == [(item.key, item.unit, item.above, item.joining) for item in model.pending]
        assert case.returns == model.returns
        assert (standing.starts_at, standing.last_occurred_at) == (model.counts_from, model.last)
        assert set(standing.taken) == model.taken
        notes = [
            (
                note.key,
                note.clause,
                note.holder,
                note.holder_unit_id,
                note.due_on,
                note.due_at,
                note.state,
                note.justified is not None,
            )
            for note in standing.deadlines
        ]
        assert notes == [item.row() for item in model.deadlines]

    @property
    def told_again(self) -> set[str]:
        """The deadlines of which each reminder has its own, as the text gives them their time."""
        reminders = {step.key for step in self.kind.steps if step.verb is Verb.REMIND}
        return {rule.key for rule in self.kind.deadlines if reminders.issuperset(rule.arises_on) and rule.given_by is None}

    @invariant()
    def keeps_its_promises(self) -> None:
        case = self.paper.case
        if case is None:
            return
        final = case.state in self.kind.final_states
        assert (case.closed_at is not None) is final
        assert not (final and case.standing.open_deadlines)
        assert case.received_at <= case.standing.last_occurred_at <= self.now
        running = {note.state for note in case.standing.deadlines if note.ended_at is None}
        assert running <= {"open", "available", "paused"}
        assert not (final and running)
        assert not (final and {item.key for item in case.standing.pending} - {JUSTIFICATION})
        assert not {note.state for note in case.standing.deadlines if note.ended_at} & {"open", "available"}
        held: dict[Any, DeadlineNote] = {}
        for note in case.standing.open_deadlines:
            earlier = held.get((note.key, note.holder_unit_id))
            alone = earlier is None or earlier.overdue_at(case.standing.last_occurred_at)
            assert alone or note.key in self.told_again, "two of a kind run side by side"
            held[note.key, note.holder_unit_id] = note


def permissions(kind: CaseKind) -> dict[str, str]:
    """All that a tenant may permit by the kind's data, with a basis."""
    return {step.permitted_by: "decision" for step in kind.steps if step.permitted_by}


def principal(who: Actor) -> Principal:
    """The actor as the service knows it: unit officers in their units, other roles in the whole tenant."""
    places = {role: who.units if role is Role.UNIT_OFFICER else {None} for role in who.roles}
    grants = tuple(Grant(role, place) for role, found in places.items() for place in found)
    name = unit(f"person {sorted(who.roles)} {sorted(who.units)}")
    own = who.units if Role.UNIT_OFFICER in who.roles else frozenset[UUID]()
    return Principal(unit("client"), "machine", name, grants, own, frozenset())


def in_utc(value: Any) -> Any:
    """A fact in the form that is kept: an instant ends in Z."""
    return value.replace("+00:00", "Z") if isinstance(value, str) else value


KINDS: list[tuple[str, CaseKind, Rulebook, Jurisdiction | None]] = [
    ("synthetic", synthetic_kind(), synthetic_rulebook(), None),
    *((f"{city}-{kind.key}", kind, shipped()[city].rulebook, shipped()[city]) for city, kind in plain_kinds()),
]


def make_machine(kind: CaseKind, rulebook: Rulebook, city: Jurisdiction | None) -> type[LifeOnPaper]:
    """The machine of one kind of case."""
    offices = {rule.holder.removeprefix("office:"): unit(rule.holder) for rule in kind.deadlines}
    parts = {"kind": kind, "rulebook": rulebook, "city": city, "offices": offices, "reached": Counter()}
    return type("Life", (LifeOnPaper,), parts)


EVERY_KIND = pytest.mark.parametrize(("name", "kind", "rulebook", "city"), KINDS, ids=[row[0] for row in KINDS])


@EVERY_KIND
def test_life(name, kind, rulebook, city):
    steady = settings(
        max_examples=RUNS,
        stateful_step_count=50,
        derandomize=True,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(make_machine(kind, rulebook, city), settings=steady)


@EVERY_KIND
def test_every_step_is_reached(name, kind, rulebook, city):
    """Walks that go evenly where the machine's go deep: no step of the data is out of reach, and each holds to the model."""
    machine = make_machine(kind, rulebook, city)
    missed = {step.key for step in kind.steps}
    for seed in range(MOST_WALKS):
        walk(machine(), Random(seed))
        missed -= machine.reached.keys()
        if seed >= FEWEST_WALKS and not missed:
            break
    assert not missed, f"no walk got to {missed}; taken and refused: {machine.reached}"


def walk(life: LifeOnPaper, chance: Random) -> None:
    """One life of a case, by even chances."""
    life.begin(chance.randrange(6000), has_settings=chance.random() < 0.8)
    for _ in range(12):
        if life.model.state is None:
            life.register(chance.getrandbits(32), chance.choice([0, 0, 1, 30]))
        else:
            life.steps_well(chance.getrandbits(32), 2)
        if life.model.open_parts and chance.random() < 0.5:
            life.parts_end()
        if life.now < END and chance.random() < 0.2:
            life.wait(chance.choice([8, 72, 200]))
        life.is_as_the_model_says()
        life.keeps_its_promises()
