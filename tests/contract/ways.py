"""How each step of a city's procedure can be reached: a registration, the steps before it, and a body that is taken.

Found on paper, through the same pure stages that the service decides by. Nothing here knows a city: it tries what a case's
state allows, with the bodies of the document's examples, of the city's story, and variations of them.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import msgspec

from api.openapi.examples import fill
from api.routes.case_examples import registration_examples, step_example
from core.cases.case import Case
from core.cases.checks import available_steps
from core.errors import WenzeError
from core.jurisdictions import Jurisdiction
from core.procedure import CO_HANDLER, CaseKind, FieldType, Role, StepKind, Verb
from core.sanctions.holding import is_to_correct
from core.sanctions.regime import SubjectKind
from core.story import DEADLINE, StoryPerson
from tests.contract.values import decisive_facts, values_of
from tests.jurisdictions.playing import Stage, unit_id

Body = dict[str, Any]
UNIT, PERSON = "unit-one", "person-one"
"""The subjects of the document's examples."""
MOST_NODES = 3_000
ME, COLLEAGUE, CLERK, INSIDER = "everybody", "colleague", "clerk", "insider"
"""Who may everything, and somebody else who may; who works for no unit, and who belongs to an office of the tenant."""
_CASE = "case"


@dataclass(frozen=True)
class Way:
    """The registration and the steps to where a step can be taken; ``body`` is the step's own. Units are ``@keys``."""

    kind: str
    registration: Body
    steps: tuple[tuple[str, Body], ...] = ()
    step: str = ""
    body: Body = field(default_factory=dict)


def find_ways(city: Jurisdiction, own: str) -> dict[tuple[str, str], Way]:
    """A way to every step that can be taken, by kind and step, for somebody with every role whose unit is ``own``."""
    found = {}
    for kind in city.kinds.values():
        search = _Search(city, kind, own)
        found.update({(kind.key, step): way for step, way in search.run().items()})
    return found


def who_takes(kind: CaseKind, key: str, body: Body) -> str:
    """Who takes a step: nobody decides what they asked for themselves, nor whether the own unit's lateness is justified, and
    for what an office holds somebody of its unit asks."""
    step = next(item for item in kind.steps if item.key == key)
    if step.is_about_lateness and step.asks is None:
        return CLERK
    named = str(body.get("deadline_id", "")).removeprefix(DEADLINE)
    if any(rule.key == named and rule.holder.startswith(("office:", "fact:")) for rule in kind.deadlines):
        return INSIDER
    return COLLEAGUE if is_of_another(step) else ME


def office_unit(city: Jurisdiction) -> str | None:
    """A unit that fills an office of the city, if there is one."""
    return next((unit.key for unit in city.story.units if unit.offices), None)


class _Search:
    """The search for the ways of one kind: those that promise a new step are followed first."""

    def __init__(self, city: Jurisdiction, kind: CaseKind, own: str) -> None:
        self.kind, self._city, self._own = kind, city, own
        self._others = [unit.key for unit in city.story.units if unit.key != own and unit.member]
        self._outsiders = [unit.key for unit in city.story.units if unit.key != own and not unit.member]
        roles = tuple(role for role in Role if role is not Role.PETITIONER)
        others = tuple(role for role in roles if role is not Role.UNIT_OFFICER)
        hired = ((ME, own, roles), (COLLEAGUE, own, roles), (CLERK, "nowhere", others),
                 (INSIDER, office_unit(city) or "nowhere", others))  # fmt: skip
        people = tuple(StoryPerson(key=key, name="", unit=unit, roles=able) for key, unit, able in hired)
        self._stage = replace(Stage.of(city), people=people)
        self._found: dict[str, Way] = {}
        self._waiting: list[tuple[tuple[int, int], int, Way, Case]] = []
        self._steps = {step.key for step in kind.steps if step is not kind.registration}
        self._seen: set[str] = set()
        self._decisive = decisive_facts(kind)
        self._needed = {needed.step for step in kind.steps for needed in step.requires}

    def run(self) -> dict[str, Way]:
        """The ways that were found."""
        for body in self._registrations():
            self._add(Way(self.kind.key, body), self._register(body))
        for _ in range(MOST_NODES):
            if not self._waiting or self._found.keys() >= self._steps:
                break
            _, _, way, case = heapq.heappop(self._waiting)
            for step in available_steps(case, self.kind):
                self._try(step, way, case)
        return self._found

    def _try(self, step: StepKind, way: Way, case: Case) -> None:
        bodies = self._about(step, case) if step.is_about_lateness and not step.decides else self._bodies(step)
        for body in chain(self._of_copies(step, case), bodies):
            after = self._take(case, step.key, body)
            if after is not None:
                self._found.setdefault(step.key, replace(way, step=step.key, body=body))
                self._add(replace(way, steps=(*way.steps, (step.key, body))), after)

    def _add(self, way: Way, case: Case | None) -> None:
        if case is None or (mark := self._mark(case)) in self._seen:
            return
        self._seen.add(mark)
        missing = self._steps - self._found.keys()
        promise = sum(step.key in missing for step in available_steps(case, self.kind))
        heapq.heappush(self._waiting, ((-promise, len(way.steps)), len(self._seen), way, case))

    def _mark(self, case: Case) -> str:
        """What of a case decides which steps are open."""
        told = self._decisive | {item.key for item in self.kind.registration.fields if item.options}
        facts = {name: value for name, value in case.facts.items() if name in told}
        deadlines = sorted(note.key for note in case.standing.open_deadlines)
        has = {item.unit_id for item in case.standing.units}
        outside = sorted(key for key in self._outsiders if unit_id(key) in has)
        parts = sorted(unit.part for unit in case.standing.units) + sorted(item.key for item in case.standing.pending)
        taken = sorted(set(case.standing.taken) & self._needed if self.kind.regime else set(case.standing.taken))
        what = [case.channel, case.state, case.track, facts, deadlines, parts, outside, taken, _essentials(case, self.kind)]
        what += sorted(note.key for note in case.standing.deadlines if note.justified)
        return json.dumps(what, sort_keys=True, default=str)

    def _register(self, body: Body) -> Case | None:
        try:
            return self._stage.register(ME, _CASE, self.kind.key, body)
        except (WenzeError, msgspec.ValidationError):
            return None

    def _take(self, case: Case, step: str, body: Body) -> Case | None:
        self._stage.cases[_CASE] = case
        try:
            return self._stage.step(who_takes(self.kind, step, body), _CASE, step, **body)
        except (WenzeError, msgspec.ValidationError):
            return None

    def _registrations(self) -> Iterator[Body]:
        example = self._filled(registration_examples([self.kind])[self.kind.key])
        channels = (example | {"channel": channel.key or channel.clause} for channel in self.kind.channels)
        fields = self.kind.registration.fields
        varied = (example | {item.key: value} for item in fields for value in values_of(item, all_of_them=True))
        told = (act.body | {"kind": self.kind.key} for act in self._acts() if act.kind == self.kind.key)
        return _distinct(chain([example], told, channels, varied))

    def _bodies(self, step: StepKind) -> Iterator[Body]:
        example = self._filled(step_example(self.kind, step))
        told = (act.body for act in self._acts() if act.does == step.key and act.kind is None)
        return _distinct(chain([example], self._variations(step, example), told))

    def _about(self, step: StepKind, case: Case) -> Iterator[Body]:
        """For each deadline of the case, one body: whether somebody is late of it, shows when it is tried."""
        example = self._filled(step_example(self.kind, step))
        keys = dict.fromkeys(note.key for note in case.standing.deadlines)
        yield from (example | {"deadline_id": f"{DEADLINE}{key}"} for key in keys)

    def _acts(self) -> Iterator[Any]:
        return (act for scene in self._city.story.scenes for act in scene.acts)

    def _variations(self, step: StepKind, example: Body) -> Iterator[Body]:
        if step.verb is Verb.CLASSIFY:
            yield from (example | {"track": track.key or track.clause} for track in self.kind.tracks)
        if step.verb is Verb.PASS_ON or step.asks == CO_HANDLER:
            yield from (example | {"unit_id": f"@{unit}"} for unit in self._others)
        if step.verb is Verb.DISPATCH:
            yield from (example | {"units": units} for units in self._dispatches(example["units"][0]))
        if step.verb is Verb.MEASURE:
            listed = [option.key or option.clause for option in self.kind.choices["sanctions"]]
            yield from (example | {"sanction": it, "subject": PERSON} for it in listed)
        if step.verb is Verb.ESTABLISH:
            yield {"findings": [item | {"established": False} for item in example["findings"]]}
        if step.verb is Verb.DECIDE:
            yield from self._decisions(example)
        for item in step.fields:
            if item.type is FieldType.TERM:
                yield example | {item.key: {"unit": "working_day", "length": 5}, f"{item.key}_reason": "说明"}
            yield from (example | {item.key: value} for value in values_of(item, all_of_them=item.key in self._decisive))

    def _dispatches(self, lead: Body) -> Iterator[list[Body]]:
        """Alone, leading another and led by another; each with a stated term and without one."""
        for first in (lead, {"unit_id": lead["unit_id"], "part": "lead"}):
            yield [first]
            for unit in self._others[:1]:
                other = {**first, "unit_id": f"@{unit}"}
                yield [other, first | {"part": "cooperating"}]
                yield [first, other | {"part": "cooperating"}]
            for unit in self._outsiders[:1]:
                yield [first, {**first, "unit_id": f"@{unit}", "part": "cooperating"}]

    def _of_copies(self, step: StepKind, case: Case) -> Iterator[Body]:
        """Each copy of the case as sent and received."""
        matter = case.standing.matter if step.verb is Verb.COPY else None
        day = {"sent_on": "2026-01-05", "received_on": "2026-01-06"}
        for item in matter.copies if matter else ():
            yield {"copies": [{"copy": item.ref} | day]}

    def _decisions(self, example: Body) -> Iterator[Body]:
        """What the regime's tiers, or its single sanctions, impose on either kind of subject."""
        regime = self._city.regimes[self.kind.regime or ""].versions[-1]
        said = {name: value for name, value in example["decisions"][0].items() if name not in {"severity", "sanctions"}}
        for subject, kind in ((PERSON, SubjectKind.PERSON), (UNIT, SubjectKind.UNIT)):
            tiers = [(tier.clause, tier.measures[kind]) for tier in regime.tiers if kind in tier.measures]
            wanted = [({"severity": clause}, [*it.all, *(it.one[-1] if it.one else ())]) for clause, it in tiers]
            wanted += [({}, [item.clause]) for item in regime.sanctions[kind].items if not tiers]
            for more, sanctions in wanted:
                ends = [{"sanction": it, "on": "2027-12-31"} for it in sanctions]
                yield {"decisions": [said | more | {"subject": subject, "sanctions": sanctions, "ends": ends}]}

    def _filled(self, body: Body) -> Body:
        filled: Body = fill(body, {"unit_id": f"@{self._own}"})
        return filled


def is_of_another(step: StepKind) -> bool:
    """Whether somebody else takes the step on the way, as whoever took it cannot take the one that it leads to (R12)."""
    return step.asks is not None or step.verb is Verb.DECIDE


def _essentials(case: Case, kind: CaseKind) -> list[Any]:
    """What of an accountability case's matter decides which steps can be taken."""
    matter = case.standing.matter
    if matter is None:
        return []
    decided = sorted((item.subject, item.state) for item in matter.decisions)
    told = [sorted({getattr(item, "subject", "") for item in listed}) for listed in (matter.services, matter.corrections)]
    names, findings = [item.ref for item in matter.subjects], sorted({item.finding for item in matter.grounds})
    corrects = [is_to_correct(kind, item.sanctions) for item in matter.decisions]
    waiting = sorted(item.subject for item in matter.appeals if item.outcome is None)
    return [names, findings, decided, told, waiting, bool(matter.copies), bool(matter.effects), corrects]


def _distinct(bodies: Iterable[Body]) -> Iterator[Body]:
    seen: set[str] = set()
    for body in bodies:
        text = json.dumps(body, sort_keys=True, default=str)
        if text not in seen:
            seen.add(text)
            yield body
