"""A case's life driven at random against the naive model, through whatever takes its steps: a base for state machines."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from core.errors import WenzeError
from core.law.citation import Citation
from core.law.instrument import Term, Unit
from core.law.rulebook import Rulebook
from core.procedure import CaseKind, Role, StepKind
from core.texts import catalogue
from tests.support import lateness_model
from tests.support.case_bodies import Bodies
from tests.support.case_model import Actor, CaseModel
from tests.support.naive_reading import local_day
from tests.support.paper import local, unit

UNITS = tuple(unit(name) for name in ("a", "b", "c", "d"))
CHILDREN = {UNITS[0]: (UNITS[2],), UNITS[1]: (UNITS[3],)}
"""The units directly below some of them."""
OUTSIDERS = frozenset({UNITS[1]})
"""The units that are no members of the organisation."""
START, END = local("2026-01-05 09:00"), local("2026-10-20 00:00")
"""Within years that are announced: the naive count knows no others."""
MICROSECOND = timedelta(microseconds=1)
SEEDS = st.integers(0, 2**32)
"""What a step draws from by itself, evenly; the machine draws the order of things, and makes a failing life short."""
FIGURE = Term(unit=Unit.WORKING_DAY, length=4)
OBJECTS = "cases.city-objects"


class LifeMachine(RuleBasedStateMachine):
    """Subclasses name the kind and the rulebook, and say how a registration and a step are taken, and the clock moved.

    ``reached`` counts, over all runs, each step that was taken and each code that refused one.
    """

    kind: ClassVar[CaseKind]
    rulebook: ClassVar[Rulebook]
    offices: ClassVar[Mapping[str, UUID]]
    reached: ClassVar[Counter[str]]

    @abstractmethod
    def open_tenant(self, now: datetime, terms: Mapping[str, Term]) -> None:
        """A tenant with these settings, at that legal time."""

    @abstractmethod
    def do_register(self, who: Actor, body: dict[str, Any]) -> None:
        """Registers the case; raises :class:`WenzeError` where it is refused."""

    @abstractmethod
    def do_step(self, who: Actor, key: str, body: dict[str, Any]) -> None:
        """Takes a step of the case; raises :class:`WenzeError` where it is refused."""

    @abstractmethod
    def move_clock(self, now: datetime) -> None:
        """The legal time from now on."""

    @abstractmethod
    def pending_ids(self) -> list[str]:
        """The ids of the requests that wait, in their order."""

    @abstractmethod
    def deadline_ids(self) -> list[str]:
        """The ids of the deadlines, in their order."""

    @abstractmethod
    def city_objected(self) -> bool:
        """Whether the city's own rules objected to what was tried last."""

    @abstractmethod
    def state_of_things(self) -> object:
        """All that a refused step must leave as it was."""

    @initialize(hours=st.integers(0, 6000), has_settings=st.sampled_from([True, True, False]))
    def begin(self, hours: int, has_settings: bool) -> None:
        """Opens the tenant."""
        self.now = START + timedelta(hours=hours)
        named = [rule.setting for rule in self.kind.deadlines] + [step.limit for step in self.kind.steps]
        terms = {key: FIGURE for key in named if key} if has_settings else {}
        self.model = CaseModel(self.kind, self.rulebook, terms, self.offices, children=CHILDREN, permitted=bool(terms))
        self.open_tenant(self.now, terms)

    @precondition(lambda self: self.model.state is None)
    @rule(seed=SEEDS, before=st.sampled_from([0, 0, 1, 30, 200, -1, 150_000]))
    def register(self, seed: int, before: int) -> None:
        """Registers, with a receipt of now or earlier; now and then in the future or before the instrument."""
        chance = Random(seed)
        body = Bodies(chance, self.kind, UNITS, self.now).registration()
        who = anybody(chance) if chance.random() < 0.1 else actor_for(self.kind.registration, self.model, chance)
        received = self.now - timedelta(hours=before)
        if before > 0 and chance.random() < 0.8:
            body["received_reason"] = "来信补登"
        codes = self.model.refusals_of_registration(who, body, received, self.now)
        sent = body if received == self.now else body | {"received_at": received.isoformat()}
        if self.attempt(codes, "register", lambda: self.do_register(who, sent)):
            self.model.register(body, received)
            for item, id_ in zip(self.model.deadlines, self.deadline_ids(), strict=True):
                item.id = id_

    @precondition(lambda self: self.model.state is not None)
    @rule(seed=SEEDS, count=st.integers(2, 9))
    def steps_well(self, seed: int, count: int) -> None:
        """Some steps that fit, by somebody who may take them, now: rather new ones, and rather not the end."""
        chance = Random(seed)
        for _ in range(count):
            if fitting := self.model.fitting_steps(self.now):
                self.insist(choose_step(fitting, self.model, chance), chance)

    def insist(self, step: StepKind, chance: Random) -> None:
        """Tries a step until it is taken, a few times: a city's rules ask for facts that go together."""
        bodies = Bodies(chance, self.kind, UNITS, self.now)
        tries = (self.take(actor_for(step, self.model, chance), step, bodies.step(step), self.now) for _ in range(6))
        any(tries)

    @precondition(lambda self: self.model.state is not None)
    @rule(seed=SEEDS)
    def step_anyhow(self, seed: int) -> None:
        """Any step, by anybody, at any time, carelessly."""
        chance = Random(seed)
        fitting = self.model.fitting_steps(self.now)
        others = [step for step in self.kind.steps if step is not self.kind.registration]
        step = chance.choice(fitting if fitting and chance.random() < 0.7 else others)
        body = Bodies(chance, self.kind, UNITS, self.now, careless=True).step(step)
        who = anybody(chance) if chance.random() < 0.3 else actor_for(step, self.model, chance)
        self.take(who, step, body, self.some_moment(chance))

    @abstractmethod
    def end_parts(self) -> None:
        """Ends every case into which it was split."""

    @precondition(lambda self: self.model.open_parts > 0)
    @rule()
    def parts_end(self) -> None:
        """The cases into which it was split are over."""
        self.end_parts()
        self.model.open_parts = 0

    @precondition(lambda self: self.now < END)
    @rule(hours=st.sampled_from([1, 8, 24, 72, 200]))
    def wait(self, hours: int) -> None:
        """Time goes by."""
        self.now += timedelta(hours=hours)
        self.move_clock(self.now)

    def some_moment(self, chance: Random) -> datetime:
        """Since the last step; now and then before it or in the future."""
        assert self.model.last is not None
        between = self.model.last + chance.random() * (self.now - self.model.last)
        outside = chance.choice([self.model.last - MICROSECOND, self.now + MICROSECOND])
        return chance.choice([self.now, self.now, self.now, between, between, self.model.last, outside])

    def take(self, who: Actor, step: StepKind, body: dict[str, Any], at: datetime) -> bool:
        """Whether a step was taken; the model follows where it was."""
        body = body | self.name_request(step) | lateness_model.choose(self.model, step, who)
        codes = self.model.refusals(who, step.key, body, at, self.now)
        sent = body if at == self.now else body | {"occurred_at": at.isoformat()}
        taken = self.attempt(codes, step.key, lambda: self.do_step(who, step.key, sent))
        if taken:
            self.model.apply(who, step.key, body, at)
            for item, id_ in zip(self.model.pending, self.pending_ids(), strict=True):
                item.id = id_
            for item, id_ in zip(self.model.deadlines, self.deadline_ids(), strict=True):
                item.id = id_
        return taken

    def name_request(self, step: StepKind) -> dict[str, str]:
        """Which request a step decides, where several wait: the one that was made first."""
        waiting = [item.id for item in self.model.pending if item.key == step.decides]
        return {"request_id": waiting[0]} if len(waiting) > 1 and self.model.version % 5 else {}

    def attempt(self, codes: set[str], key: str, act: Any) -> bool:
        """Whether it was taken, which it must be exactly where nothing speaks against it; a refusal changes nothing."""
        before = self.state_of_things()
        try:
            act()
        except WenzeError as error:
            self.check_refusal(error, codes | ({OBJECTS} if self.city_objected() else set()))
            assert self.state_of_things() == before
            self.reached[error.code] += 1
            return False
        assert not codes, f"{key} was taken in spite of {codes}"
        assert not self.city_objected()
        self.reached[key] += 1
        return True

    def check_refusal(self, error: WenzeError, expected: set[str]) -> None:
        """A refusal is one of those expected, has a text with all its parameters, and rests on a clause that exists."""
        assert error.code in expected, f"{error} instead of {expected or 'nothing'}"
        text = catalogue()[error.code]
        assert "{" not in (text.zh + text.en).format_map(error.params), f"{error.code} lacks a parameter"
        if error.clause is None:
            assert error.code == "cases.value-twice", f"{error} names no clause"
        elif "#" in error.clause:
            self.rulebook.passage(Citation.parse(error.clause), local_day(self.now))
        else:
            assert error.clause in self.rulebook.instruments


def choose_step(fitting: list[StepKind], model: CaseModel, chance: Random) -> StepKind:
    """Rather a step that has not been taken yet, and rather not one that ends the case."""
    final = {state.key for state in model.kind.states if state.final}
    parts = {None, *model.units.values()} if model.units else set()
    able = [step for step in fitting if set(step.by) != {Role.UNIT_OFFICER} or step.part in parts] or fitting
    going_on = [step for step in able if step.to not in final]
    steps = going_on if going_on and chance.random() < 0.85 else able
    new = [step for step in steps if step.key not in model.taken]
    return chance.choice(new if new and chance.random() < 0.75 else steps)


def actor_for(step: StepKind, model: CaseModel, chance: Random) -> Actor:
    """Somebody who may take the step; a unit officer of one or two of the units that have the part it asks for."""
    asked = [item for item in model.pending if item.key == step.decides]
    if asked:
        others = [role for role in step.by if role is not Role.UNIT_OFFICER]
        above = asked[0].above
        return Actor(frozenset({Role.UNIT_OFFICER if above else chance.choice(others)}), frozenset({above} if above else ()))
    fitting = [unit for unit, part in model.units.items() if step.part in {None, part}] or list(UNITS)
    own = frozenset(chance.choices(fitting, k=chance.randint(1, 2)))
    return Actor(frozenset({chance.choice(step.by)}), own)


def anybody(chance: Random) -> Actor:
    """Somebody with any roles, in any units."""
    roles = frozenset(chance.sample(list(Role), chance.randint(0, 2)))
    return Actor(roles, frozenset(chance.sample(UNITS, chance.randint(0, 2))))
