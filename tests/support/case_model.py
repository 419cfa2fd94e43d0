"""A naive model of a case's life, written apart from the service: what a city's data says must come of each step.

It knows the data (:class:`core.procedure.CaseKind`) and the words of its errors, and nothing of how the service works. A
test asks :meth:`CaseModel.refusals` before a step: the step must be refused with one of these codes, or be taken where
there are none; then :meth:`CaseModel.apply`. A city's own rules are not modelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.facts import established
from core.law.instrument import Term
from core.law.rulebook import Rulebook
from core.procedure import CaseKind, DeadlineRule, Part, Role, StepKind, Verb
from tests.support import answer_model, lateness_model, moving_model, unit_model
from tests.support.naive_days import SHANGHAI, naive_due
from tests.support.naive_reading import Body, find_term, local_day, matches, stated_term

UNIT_HOLDERS = {
    "lead-unit": {Part.LEAD},
    "cooperating-units": {Part.COOPERATING},
    "each-unit": {Part.LEAD, Part.COOPERATING},
}
NAMED_UNITS = "named-units"


@dataclass(frozen=True)
class Actor:
    """Who asks: roles, and for a unit officer the units."""

    roles: frozenset[Role]
    units: frozenset[UUID] = frozenset()

    def role_for(self, step: StepKind) -> Role | None:
        """The role in which the step is taken."""
        able = [role for role in step.by if role in self.roles and (role is not Role.UNIT_OFFICER or self.units)]
        return able[0] if able else None


@dataclass
class ModelDeadline:
    """A deadline as the model sees it."""

    key: str
    clause: str
    holder: str
    unit: UUID | None
    due_on: date
    due_at: datetime
    state: str
    term: Term
    started: datetime
    moves: list[tuple[str, datetime, Term | None]] = field(default_factory=list)
    """What paused, resumed and extended it."""
    window: bool = False
    ended: datetime | None = None
    justified: bool = False
    decided: set[str] = field(default_factory=set)
    """For which reasons it was asked to find its lateness justified, and decided."""
    id: str = ""
    """What the service calls it, once that is known."""

    def row(self) -> tuple[Any, ...]:
        """What a test compares."""
        return self.key, self.clause, self.holder, self.unit, self.due_on, self.due_at, self.state, self.justified


@dataclass
class CaseModel:
    """One case. ``terms`` are the tenant's settings, ``offices`` the units that fill its offices."""

    kind: CaseKind
    rulebook: Rulebook
    terms: Mapping[str, Term]
    offices: Mapping[str, UUID]
    state: str | None = None
    channel: str = ""
    track: str | None = None
    anonymous: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    units: dict[UUID, Part] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    deadlines: list[ModelDeadline] = field(default_factory=list)
    counts_from: datetime | None = None
    last: datetime | None = None
    closed_at: datetime | None = None
    answer: str | None = None
    version: int = 0
    children: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    via: dict[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    signed: set[UUID] = field(default_factory=set)
    pending: list[unit_model.ModelRequest] = field(default_factory=list)
    returns: int = 0
    open_parts: int = 0
    """How many of the cases into which it was split are not over."""
    asking: bool = False
    """Whether the last reply waits for answers."""
    heard: dict[int, bool] = field(default_factory=dict)
    """What each petitioner said of it."""
    confirmed: bool = False
    """Whether somebody has written what units may read of it."""
    permitted: bool = False
    """Whether the tenant has set all that it may permit."""

    @property
    def final(self) -> bool:
        """Whether the case is over."""
        return self.state in {state.key for state in self.kind.states if state.final}

    def open(self) -> list[ModelDeadline]:
        """The deadlines that somebody still has to meet."""
        return [item for item in self.deadlines if item.state == "open"]

    def owed(self) -> list[ModelDeadline]:
        """Those, and what is paused."""
        return [item for item in self.deadlines if item.state in {"open", "paused"}]

    def fitting_steps(self, now: datetime) -> list[StepKind]:
        """The steps that follow from the state, and whose conditions the facts so far do not contradict."""
        fitting = [step for step in self.kind.steps if not self._refused_order(step, {}, now)]
        return [step for step in fitting if lateness_model.has_something(self, step)]

    def refusals_of_registration(self, actor: Actor, body: Body, received: datetime, now: datetime) -> set[str]:
        """The codes by which a registration can be refused; none where it must be taken."""
        step = self.kind.registration
        codes = set() if actor.role_for(step) else {"cases.role-missing"}
        if received > now:
            codes.add("cases.received-in-future")
        if self.rulebook.instruments[self.kind.instrument].versions[0].in_force_from > local_day(received):
            codes.add("law.before-first-version")
            return codes
        if local_day(received) < local_day(now) and "received_reason" not in body:
            codes.add("cases.back-dated-bare")
        fresh = CaseModel(self.kind, self.rulebook, self.terms, self.offices, channel=body["channel"])
        fresh.anonymous, fresh.counts_from = not body.get("petitioner"), received
        return codes | fresh._refused_facts(step, body) | fresh._refused_deadlines(step, actor, body, received)

    def refusals(self, actor: Actor, key: str, body: Body, at: datetime, now: datetime) -> set[str]:
        """The codes by which a step can be refused; none where it must be taken, unless the city's own rules object."""
        step = self._step(key)
        decider, taker = unit_model.refused_decider, self._refused_actor
        refused = decider(self, step, actor, body) if step.decides else taker(step, actor, body)
        codes = refused | self._refused_order(step, body, at)
        assert self.last is not None
        if at > now:
            codes.add("cases.time-in-future")
        if at < self.last:
            codes.add("cases.time-before-last-step")
        codes |= self._refused_facts(step, body) | answer_model.refused_answer(self, step, body)
        if step.verb is Verb.DISPATCH:
            parts, ids = [item["part"] for item in body["units"]], [item["unit_id"] for item in body["units"]]
            codes |= {"cases.lead-unit"} if parts.count("lead") != 1 else set()
            codes |= {"cases.unit-twice"} if len(set(ids)) != len(ids) else set()
            if self.kind.petitioner != "none" and not self.confirmed and "rendition" not in body:
                codes.add("cases.rendition-unconfirmed")
        # Figures are looked up last, and a case whose state forbids the step may lack what they need.
        if step.after_parts and self.open_parts:
            codes.add("cases.parts-open")
        codes = codes or unit_model.refused_work(self, step, actor, body, at)
        codes = codes or moving_model.refused_moves(self, step, actor, body, at)
        codes = codes or lateness_model.refused(self, step, actor, body)
        return codes or self._refused_deadlines(step, actor, body, at)

    def _refused_actor(self, step: StepKind, actor: Actor, body: Body) -> set[str]:
        role = lateness_model.role_of(self, step, actor, body)
        if role is None:
            return {"cases.role-missing"}
        if role is not Role.UNIT_OFFICER:
            return set()
        parts = {part for unit, part in self.units.items() if unit in actor.units}
        if not parts:
            return {"cases.not-your-unit"}
        return {"cases.part-wrong"} if step.part and step.part not in parts else set()

    def _refused_order(self, step: StepKind, body: Body, at: datetime) -> set[str]:
        codes = set() if self.state in step.after else {"cases.step-out-of-order"}
        if step.decides and not any(item.key == step.decides for item in self.pending):
            codes.add("requests.nothing-asked")
        if not step.when and not step.requires:
            return codes
        facts = self._read(body, at) | {"track": self.track}
        if not matches(step.when, facts):
            codes.add("cases.step-not-for-this")
        for needed in step.requires:
            if matches(needed.when, facts) and needed.step not in self.taken:
                codes.add("cases.step-missing")
        return codes

    def _refused_facts(self, step: StepKind, body: Body) -> set[str]:
        codes, facts = set(), self._read(body, None)
        for item in step.fields:
            given = body.get(item.key)
            if item.required_when and given is None and matches(item.required_when, facts):
                codes.add("cases.fact-missing")
            if isinstance(given, list) and len({str(value) for value in given}) < len(given):
                codes.add("cases.value-twice")
        if any(self._chosen_catch_alls(step, body)) and not (body.get("catch_all_reason") and body.get("catch_all_basis")):
            codes.add("cases.catch-all-bare")
        if step.evidence and not body.get("evidence_note"):
            codes.add("cases.evidence-missing")
        return codes

    def _chosen_catch_alls(self, step: StepKind, body: Body) -> Iterator[str]:
        lists = {item.key: item.options for item in step.fields}
        lists |= {"track": self.kind.tracks} if step.verb is Verb.CLASSIFY else {}
        lists |= {"channel": self.kind.channels} if step.verb is Verb.REGISTER else {}
        for name, options in lists.items():
            given = body.get(name)
            chosen = given if isinstance(given, list) else [given]
            yield from (name for item in options if item.needs_reason and (item.key or item.clause) in chosen)

    def _refused_deadlines(self, step: StepKind, actor: Actor, body: Body, at: datetime) -> set[str]:
        codes = set()
        units = unit_model.units_after(self, step, actor, body)
        for rule in self._arising(step, body, at):
            if any(item.key == rule.replaces and at >= item.due_at for item in self.open()):
                codes.add("deadlines.replaced-too-late")
            if rule.starts.startswith("fact:") and self._read(body, at).get(rule.starts[5:]) is None:
                codes.add("deadlines.start-unknown")
            holders = self._holders(rule, step, body, at, units)
            if holders is None:
                codes.add("deadlines.holder-unknown")
            for _, unit in () if rule.window or rule.optional else holders or []:
                codes |= self._refused_figure(rule, body, unit, at)
        asked = any(rule.given_by == "term" for rule in self._arising(step, body, at))
        if step.verb is Verb.DISPATCH and not asked and not self._leads_to_end(step):
            codes |= {"deadlines.term-not-asked" for item in body["units"] if item.get("term")}
        return codes

    def _refused_figure(self, rule: DeadlineRule, body: Body, unit: UUID | None, at: datetime) -> set[str]:
        term, reason = stated_term(rule, body, unit)
        if term is not None:
            return set() if reason else {"deadlines.term-without-reason"}
        known = self.terms.get(rule.setting or "") or find_term(self.rulebook, rule.clause, local_day(at))
        return set() if known else {"deadlines.term-not-set" if rule.setting else "deadlines.term-not-stated"}

    def register(self, body: Body, received: datetime) -> None:
        """The registration was taken."""
        self.channel, self.anonymous = body["channel"], not body.get("petitioner")
        self.counts_from = received
        self._advance(self.kind.registration, Actor(frozenset({Role.INTAKE_CLERK})), body, received)

    def apply(self, actor: Actor, key: str, body: Body, at: datetime) -> None:
        """The step was taken."""
        self._advance(self._step(key), actor, body, at)

    def _advance(self, step: StepKind, actor: Actor, body: Body, at: datetime) -> None:
        if step.verb is Verb.REOPEN:
            self.counts_from, self.taken = at, set()
        self.open_parts += len(body.get("parts", ()))
        acts = unit_model.acting_unit(self, step, actor, body)
        decided = unit_model.candidates(self, step, body) if step.decides else []
        asked = unit_model.request_of(self, step, actor, body)
        moved = unit_model.handover(self, step, actor, body)
        moving_model.move(self, step, actor, body, at)
        met = self._met(step, actor, acts)
        units = unit_model.units_after(self, step, actor, body)
        arising = self._new_deadlines(step, body, at, units)
        self.returns += unit_model.returns(step) and not moved
        self.via = {unit: chain for unit, chain in unit_model.chains_after(self, step, moved).items() if unit in units}
        self.units = units
        self.signed = {unit for unit in self.signed | ({acts} if acts else set()) if unit in units}
        self.signed -= {moved[1]} - {acts} if moved else set()
        self.signed = set() if step.verb is Verb.DISPATCH else self.signed
        giver = moved[0] if moved else decided[0].unit if unit_model.returns(step) else None
        self.deadlines += arising + self._end(step, met, arising, at, moved, giver)
        before = self.state
        self._learn(step, body)
        self.state = self._led_to(step, body) or self.kind.states[0].key
        if step.to_vacant and Part.LEAD not in units.values():
            self.state = step.to_vacant
        answer_model.follow(self, step, body, before)
        self.closed_at = (self.closed_at or at) if self.final else None
        for item in self.running() if self.final else []:
            item.state = "lapsed"
        waiting = unit_model.still_asked(self, step, decided, acts, units, self.state)
        self.pending = [*waiting, *([asked] if asked else [])]
        lateness_model.follow(self, step, decided, body)
        lateness_model.note_ends(self, at)
        self.taken.add(step.key)
        self.last, self.version = at, self.version + 1

    def _led_to(self, step: StepKind, body: Body) -> str | None:
        """A reminder that names units leads on only where the lead is one of them."""
        named = unit_model.named(step, body) if step.verb is Verb.REMIND else set()
        stays = named and not any(self.units.get(unit) is Part.LEAD for unit in named)
        return self.state if stays else step.to or self.state

    def running(self) -> list[ModelDeadline]:
        """The deadlines that nothing has ended: duties, and rights that nobody has used."""
        return [item for item in self.deadlines if item.state in {"open", "available", "paused"}]

    def _end(
        self, step: StepKind, met: list[ModelDeadline], arising: list[ModelDeadline], at: datetime,
        moved: tuple[UUID, UUID] | None, giver: UUID | None,
    ) -> list[ModelDeadline]:  # fmt: skip
        """Ends what the step ends; answers what another unit took over."""
        taken_over = []
        for item in self.running():
            was, item.state = item.state, self._state_after(item, step, met, arising, at, giver)
            if moved and was in {"open", "paused"} and item.unit == moved[0] and item.state in {"released", "passed-on"}:
                taken_over.append(replace(item, unit=moved[1], state=was, id="", decided=set()))
        return taken_over

    def _learn(self, step: StepKind, body: Body) -> None:
        self.confirmed = self.confirmed or "rendition" in body
        kept = {item.key for item in step.fields if item.keep}
        self.facts |= {name: value for name, value in body.items() if name in kept} | established(step, body)
        if step.verb is Verb.CLASSIFY:
            self.track = body["track"]
        if step.verb in {Verb.REPLY, Verb.REFUSE, Verb.INFORM}:
            said = [body["reason" if step.verb is Verb.REFUSE else "text"]]
            self.answer = "\n".join(said + [body[item.key] for item in step.fields if item.told and item.key in body])
        if step.verb is Verb.EXTEND and any(item.told and item.key in body for item in step.fields):
            self.answer = "\n".join(body[item.key] for item in step.fields if item.told and item.key in body)

    def _met(self, step: StepKind, actor: Actor, acts: UUID | None) -> list[ModelDeadline]:
        """The open deadlines that are this actor's to meet by this step."""
        rules = {rule.key for rule in self.kind.deadlines if step.key in rule.met_by}
        due = [item for item in self.running() if item.key in rules]
        of_units = [item for item in due if item.holder in UNIT_HOLDERS]
        parts = {step.part} if step.part else set(Part)
        if actor.role_for(step) is Role.UNIT_OFFICER:
            of_units = [item for item in of_units if item.unit == acts]
        else:
            of_units = [item for item in of_units if item.unit is not None and self.units.get(item.unit) in parts]
        return [item for item in due if item.holder not in UNIT_HOLDERS] + of_units

    def _state_after(
        self, item: ModelDeadline, step: StepKind, met: list[ModelDeadline], arising: list[ModelDeadline], at: datetime,
        giver: UUID | None,
    ) -> str:  # fmt: skip
        if any(item is other for other in met):
            on_time = "used" if item.state == "available" else "met"
            return on_time if at < item.due_at or item.state == "paused" else "met-late"
        rules = {rule.key: rule for rule in self.kind.deadlines}
        if step.key in rules[item.key].lapses_on:
            return "lapsed"
        of_unit = item.holder in UNIT_HOLDERS
        for other in arising:
            same = other.key == item.key and (not of_unit or other.unit == item.unit)
            in_time = at < item.due_at or item.state in {"available", "paused"}
            told_again = step.verb is Verb.REMIND and rules[other.key].given_by is None and rules[other.key].setting is None
            if rules[other.key].replaces == item.key or (same and in_time and not told_again):
                return "replaced"
        lost = of_unit and (item.unit is None or self.units.get(item.unit) not in UNIT_HOLDERS[item.holder])
        granted = "released" if item.unit == giver else "lapsed"
        return {Verb.GRANT: granted, Verb.PASS_ON: "passed-on"}.get(step.verb, "replaced") if lost else item.state

    def _new_deadlines(self, step: StepKind, body: Body, at: datetime, units: dict[UUID, Part]) -> list[ModelDeadline]:
        found = []
        for rule in self._arising(step, body, at):
            for holder, unit in self._holders(rule, step, body, at, units) or []:
                term = stated_term(rule, body, unit)[0] or self.terms.get(rule.setting or "")
                term = term or find_term(self.rulebook, rule.clause, local_day(at))
                if term is None and (rule.window or rule.optional):
                    continue
                assert term is not None
                started = self._start(rule, body, at)
                due_on, due_at = naive_due(term, started)
                state = "available" if rule.window else "open"
                found.append(
                    ModelDeadline(
                        rule.key, rule.clause, holder, unit, due_on, due_at, state, term, started, window=rule.window
                    )
                )
        return found

    def _step(self, key: str) -> StepKind:
        return next(step for step in self.kind.steps if step.key == key)

    def _leads_to_end(self, step: StepKind) -> bool:
        return (step.to or self.state) in {state.key for state in self.kind.states if state.final}

    def _read(self, body: Body, at: datetime | None) -> dict[str, Any]:
        """The facts that conditions read in a step."""
        overdue = at is not None and any(at >= item.due_at for item in self.open())
        around = {"channel": self.channel, "state": self.state, "anonymous": self.anonymous, "overdue": overdue}
        return self.facts | dict(body) | around | {"track": body.get("track", self.track)}

    def _arising(self, step: StepKind, body: Body, at: datetime) -> list[DeadlineRule]:
        if self._leads_to_end(step):
            return []
        facts = self._read(body, at) | established(step, body)
        return [rule for rule in self.kind.deadlines if step.key in rule.arises_on and matches(rule.when, facts)]

    def _holders(
        self, rule: DeadlineRule, step: StepKind, body: Body, at: datetime, units: dict[UUID, Part]
    ) -> list[tuple[str, UUID | None]] | None:
        """Who holds a deadline that arises; ``None`` where somebody should and nobody is there."""
        if rule.holder not in {*UNIT_HOLDERS, NAMED_UNITS}:
            named = rule.holder.removeprefix("office:")
            office = self._read(body, at).get(named[5:]) if named.startswith("fact:") else named
            return [(f"office:{office}", self.offices.get(office))] if office else None
        held, named_by_step = rule.holder, unit_model.named(step, body)
        if held == NAMED_UNITS:
            held = "each-unit" if named_by_step else "lead-unit"
            units = {unit: part for unit, part in units.items() if not named_by_step or unit in named_by_step}
        holding = [unit for unit, part in units.items() if part in UNIT_HOLDERS[held]]
        joins = unit_model.joining(self, step, body)
        if joins:
            return [(held, unit) for unit in holding if unit == joins]
        if not holding and held != "cooperating-units":
            return None
        waiting = {item.unit for item in self.owed() if item.key == rule.replaces}
        if waiting and step.verb is not Verb.DISPATCH:
            holding = [unit for unit in holding if unit in waiting]
        return [(held, unit) for unit in holding]

    def _start(self, rule: DeadlineRule, body: Body, at: datetime) -> datetime:
        if rule.starts == "step":
            return at
        if rule.starts == "receipt":
            assert self.counts_from is not None
            return self.counts_from
        told = datetime.fromisoformat(self._read(body, at)[rule.starts[5:]])
        return told if told.tzinfo else told.replace(tzinfo=SHANGHAI)
