"""Plays a city's story on paper: the same pure decisions as the service takes, without a store, a token or a server.

So a table of a city's tests can say who did what and what must come of it, and a fault lies in the city's own data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.metadata import EntryPoint
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from core.cases import life
from core.cases.accounts import Arisen, MovedDeadline, OpenedDeadline, advance_case, open_deadlines, settle
from core.cases.capacity import choose_capacity, choose_deciding_capacity
from core.cases.case import Case
from core.cases.intake import read_order
from core.cases.order import Order
from core.cases.rendition import render
from core.cases.world import CategoryTerm, StatedTerm, World, no_category_term
from core.deadlines.explanation import Explanation
from core.errors import WenzeError
from core.jurisdictions import GROUP, Jurisdiction, load_jurisdiction
from core.law.calendar import national_calendar
from core.law.citation import Citation
from core.law.instrument import Term
from core.procedure import CaseKind, CategoryLimit, Role
from core.story import DEADLINE, Act, StoryPerson, StoryUnit
from core.tenants.principal import Grant, Principal
from tests.support.made_bodies import registration_body, step_body


def load(id_: str) -> Jurisdiction:
    """A city as the core finds it, by an entry point, but without being installed."""
    return load_jurisdiction(EntryPoint(id_, f"jurisdictions.{id_}.plugin:plugin", GROUP))


def unit_id(key: str) -> UUID:
    """The id of a unit of the story."""
    return uuid5(NAMESPACE_URL, key)


def fill_units(value: Any, case: Case | None = None) -> Any:
    """A body with each ``@unit-key`` replaced by that unit's id, and ``@deadline:key`` by that of the case's deadline."""
    if isinstance(value, dict):
        return {key: fill_units(item, case) for key, item in value.items()}
    if isinstance(value, list):
        return [fill_units(item, case) for item in value]
    if isinstance(value, str) and value.startswith(DEADLINE) and case is not None:
        return next(str(note.id) for note in case.standing.deadlines if note.key == value.removeprefix(DEADLINE))
    return str(unit_id(value[1:])) if isinstance(value, str) and value.startswith("@") else value


@dataclass
class Stage:
    """A city's people, units and figures, the cases that are on, and the legal time."""

    city: Jurisdiction
    units: tuple[StoryUnit, ...]
    people: tuple[StoryPerson, ...]
    terms: Mapping[str, Term]
    now: datetime
    cases: dict[str, Case] = field(default_factory=dict)
    outcome: life.Outcome | None = None
    """What the last step made of its case."""
    explanations: dict[UUID, Explanation] = field(default_factory=dict)
    permissions: dict[str, str] = field(default_factory=dict)
    """The settings that are set to yes, each with its basis."""
    figures: Mapping[str, Decimal] = field(default_factory=dict)
    find_category_term: Callable[[str, CategoryLimit, date], CategoryTerm | None] = no_category_term

    @classmethod
    def of(cls, city: Jurisdiction) -> Stage:
        """The stage of the city's own story, before anything has happened."""
        story = city.story
        figures = {item.key: item.value for item in story.settings if city.settings[item.key].type == "term"}
        told = msgspec.convert(figures, dict[str, Term], strict=False)
        permitted = {item.key: item.basis for item in story.settings if item.value == "true"}
        figures = {it.key: Decimal(str(it.value)) for it in story.settings if city.settings[it.key].type == "decimal"}
        begun = story.opens_at.astimezone(UTC)
        return cls(city, story.units, story.people, told, begun, permissions=permitted, figures=figures)

    def act(self, act: Act) -> Case:
        """One act of the story; raises what the service would answer as a problem."""
        self.now = max(self.now, act.at.astimezone(UTC)) if act.at else self.now
        if act.kind:
            return self.register(act.who, act.case, act.kind, act.body)
        return self.step(act.who, act.case, act.does, **act.body)

    def register(self, who: str, name: str, kind_key: str, body: dict[str, Any]) -> Case:
        """Registers a case under a name of the story."""
        kind = self.city.kind(kind_key)
        typed = _typed({"kind": kind_key, **body}, registration_body(kind))
        order = read_order(kind.registration, typed, self.now)
        anonymous = not body.get("petitioner")
        capacity = choose_capacity(self._principal(who), order.step)
        outcome = life.begin(order, order.occurred_at, capacity, body["channel"], anonymous, self._world(kind))
        standing = settle(outcome.standing, (), self._file(outcome))
        draft = Case(
            id=unit_id(name), number=name, kind=kind.key, state=outcome.after, channel=body["channel"], track=None,
            title=body["title"], narrative=body["narrative"], received_at=order.occurred_at, registered_at=self.now,
            closed_at=None, anonymous=anonymous, petitioner_id=None, facts=outcome.facts,
            facts_version=kind.facts_version, law_version=outcome.law_version, version=1, standing=standing,
        )  # fmt: skip
        self.cases[name] = render(kind, draft, order.data.get("rendition"), ())
        return self.cases[name]

    def step(self, who: str, name: str, key: str, **body: Any) -> Case:
        """Takes one step of a case."""
        case = self.cases[name]
        order = self._order(case, key, body)
        capacity = choose_deciding_capacity(self._principal(who), order, case.standing)
        self.outcome = outcome = life.take(case, order, capacity, self._world(self.city.kind(case.kind)))
        standing = settle(outcome.standing, outcome.endings, self._file(outcome), outcome.movements)
        self.cases[name] = advance_case(case, outcome, standing)
        return self.cases[name]

    def _file(self, outcome: life.Outcome) -> tuple[Arisen, ...]:
        """The deadlines that arose; how each was counted is kept."""
        opened = open_deadlines(outcome)
        arisen = {item.id: item.opening.explanation for item in opened if isinstance(item, OpenedDeadline)}
        moved = {item.id: self.explanations[item.origin.id] for item in opened if isinstance(item, MovedDeadline)}
        self.explanations |= arisen | moved | {item.note.id: item.after for item in outcome.movements}
        return opened

    def _order(self, case: Case, key: str, body: dict[str, Any]) -> Order:
        kind = self.city.kind(case.kind)
        step = kind.step(key)
        assert step is not None, f"{case.kind} has no step {key}"
        return read_order(step, _typed(fill_units(body, case), step_body(kind, step)), self.now)

    def _principal(self, who: str) -> Principal:
        person = next(person for person in self.people if person.key == who)
        unit = unit_id(person.unit)
        grants = tuple(Grant(role, unit if role is Role.UNIT_OFFICER else None) for role in person.roles)
        return Principal(unit_id("client"), "story", unit_id(who), grants, frozenset({unit}), frozenset())

    def _world(self, kind: CaseKind) -> World:
        return World(
            kind=kind,
            rulebook=self.city.rulebook,
            calendar=national_calendar(),
            now=self.now,
            find_term=self._find_term,
            find_office=self._find_office,
            units_below=lambda unit, _day: tuple(
                unit_id(it.key) for it in self.units if it.parent and unit_id(it.parent) == unit
            ),
            is_member=lambda unit, _day: unit not in {unit_id(item.key) for item in self.units if not item.member},
            object_to=lambda view: self.city.hooks.check_step(view=view),
            find_category_term=self.find_category_term,
            find_permission=lambda key, _day: self.permissions.get(key),
            explanations=self.explanations,
            find_figure=lambda key, _day: (self.figures[key], "story") if key in self.figures else None,
            regime=self.city.regimes.get(kind.regime) if kind.regime else None,
        )

    def _below(self, unit: UUID) -> tuple[UUID, ...]:
        return tuple(unit_id(item.key) for item in self.units if item.parent and unit_id(item.parent) == unit)

    def _find_term(self, key: str, _day: date) -> StatedTerm | None:
        return StatedTerm(self.terms[key], "story") if key in self.terms else None

    def _find_office(self, key: str, _day: date) -> UUID | None:
        return next((unit_id(unit.key) for unit in self.units if key in unit.offices), None)


def play(city: Jurisdiction) -> Stage:
    """Plays the whole story and checks each act against what the regulation says must come of it."""
    stage = Stage.of(city)
    for scene in city.story.scenes:
        for act in scene.acts:
            _perform(stage, act)
    return stage


def _perform(stage: Stage, act: Act) -> None:
    place = f"{act.case}: {act.does} at {act.at}"
    if act.expect.refused_by:
        assert refusal(stage, act) == act.expect.refused_by, place
        return
    case = stage.act(act)
    assert act.expect.state in {None, case.state}, f"{place}: is {case.state}"
    known = [(note.key, note.clause, note.due_on, note.state, note.holder_unit_id) for note in case.standing.deadlines]
    for wanted in act.expect.deadlines:
        holders = {unit_id(wanted.unit)} if wanted.unit else {found[4] for found in known}
        row = (wanted.key, wanted.clause, wanted.due_on, wanted.state)
        assert any(found[:4] == row and found[4] in holders for found in known), f"{place}: {row} not in {known}"
    if act.expect.overdue is not None:
        assert any(note.overdue_at(stage.now) for note in case.standing.deadlines) is act.expect.overdue, place


def refusal(stage: Stage, act: Act) -> str | None:
    """The clause by which an act is refused; ``None`` where it is not, and the case then stays as it was."""
    before = dict(stage.cases)
    try:
        stage.act(act)
    except WenzeError as error:
        assert stage.cases == before
        return error.clause
    stage.cases = before
    return None


def citations(city: Jurisdiction) -> set[str]:
    """Every citation that the city's story expects; each must resolve."""
    found: set[str] = set()
    for scene in city.story.scenes:
        for act in scene.acts:
            found |= {wanted.clause for wanted in act.expect.deadlines} | ({act.expect.refused_by} - {None})
    return found


def resolve(city: Jurisdiction, reference: str) -> None:
    """Raises where the clause does not exist."""
    citation = Citation.parse(reference)
    city.rulebook.passage(citation, city.rulebook.instrument(citation.instrument).versions[-1].in_force_from)


def _typed(body: dict[str, Any], type_: type[msgspec.Struct]) -> msgspec.Struct:
    """The body as the service reads it; the story's scalars are text and get their meaning from the type."""
    return msgspec.convert(fill_units(body), type_, strict=False)
