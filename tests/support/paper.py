"""One case on paper: bodies in, cases out, through the pure stages alone, as the service drives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import msgspec

from core.cases import life
from core.cases.accounts import Arisen, OpenedDeadline, advance_case, open_deadlines, settle
from core.cases.capacity import choose_capacity, choose_deciding_capacity
from core.cases.case import Case, DeadlineNote
from core.cases.intake import read_order
from core.cases.rendition import render
from core.cases.world import StatedTerm, World
from core.deadlines.explanation import Explanation
from core.law.calendar import WorkingCalendar, national_calendar
from core.law.rulebook import Rulebook
from core.procedure import JUSTIFICATION, CaseKind, Objection, Role, StepView
from core.tenants.principal import Grant, Principal
from tests.support.made_bodies import registration_body, step_body

SHANGHAI = timezone(timedelta(hours=8))
_NAMES = UUID("6f1f3c1e-0000-4000-8000-000000000000")


@cache
def unit(name: str) -> UUID:
    """The id of a unit of that name."""
    return uuid5(_NAMES, name)


def local(text: str) -> datetime:
    """``2026-10-01 09:00`` in Shanghai, as a UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def person(*roles: Role, units: tuple[str, ...] = ()) -> Principal:
    """Somebody with these roles, each held in each of the units, or in the whole tenant where none is named; nobody else."""
    name = unit(f"person {sorted(roles)} {sorted(units)}")
    ids = [unit(name) for name in units] or [None]
    grants = tuple(Grant(role, id_) for role in roles for id_ in ids)
    return Principal(unit("client"), "paper", name, grants, frozenset(unit(name) for name in units), frozenset())


@dataclass
class Paper:
    """A kind of case, its surroundings and the one case that is on paper. ``now`` is the legal clock, moved by hand."""

    kind: CaseKind
    rulebook: Rulebook
    now: datetime
    terms: Mapping[str, StatedTerm] = field(default_factory=dict)
    offices: Mapping[str, UUID] = field(default_factory=dict)
    object_to: Callable[[StepView], tuple[Objection, ...]] = lambda _view: ()
    calendar: WorkingCalendar = field(default_factory=national_calendar)
    children: Mapping[UUID, tuple[UUID, ...]] = field(default_factory=dict)
    outsiders: frozenset[UUID] = frozenset()
    open_parts: int = 0
    permissions: Mapping[str, str] = field(default_factory=dict)
    explanations: dict[UUID, Explanation] = field(default_factory=dict)
    asked: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    """Of which deadline, and why, each request asked to find the lateness justified."""
    decided_reasons: dict[UUID, list[str]] = field(default_factory=dict)
    hands: frozenset[UUID] = frozenset()
    """Everybody who is the same hand as who acts."""
    case: Case | None = None
    outcome: life.Outcome | None = None

    def register(self, who: Principal, body: dict[str, Any], *, named: bool = False) -> Case:
        """Registers the case; the body is what a client sends, without ``kind``."""
        step = self.kind.registration
        typed: Any = msgspec.convert({"kind": self.kind.key, **body}, registration_body(self.kind))
        order = read_order(step, typed, self.now)
        capacity = choose_capacity(who, step)
        self.outcome = life.begin(order, order.occurred_at, capacity, typed.channel, not named, self.world())
        draft = Case(
            id=unit("case"), number="TM2026-000001", kind=self.kind.key, state=self.outcome.after, channel=typed.channel,
            track=None, title=typed.title, narrative=typed.narrative, received_at=order.occurred_at, registered_at=self.now,
            closed_at=None, anonymous=not named, petitioner_id=None, facts=self.outcome.facts,
            facts_version=self.kind.facts_version, law_version=self.outcome.rules_version, version=1,
            standing=settle(self.outcome.standing, (), self.file(self.outcome)),
        )  # fmt: skip
        self.case = render(self.kind, draft, order.data.get("rendition"), ())
        return self.case

    def take(self, who: Principal, key: str, body: dict[str, Any] | None = None) -> Case:
        """Takes a step; a refusal leaves the case as it is."""
        step = self.kind.step(key)
        assert step is not None, f"no step {key}"
        assert self.case is not None, "not registered yet"
        order = read_order(step, msgspec.convert(body or {}, step_body(self.kind, step)), self.now)
        capacity = replace(choose_deciding_capacity(who, order, self.case.standing), hands=self.hands)
        self.outcome = life.take(self.case, order, capacity, self.world())
        self.note_reasons(self.outcome)
        opened = self.file(self.outcome)
        standing = settle(self.outcome.standing, self.outcome.endings, opened, self.outcome.movements)
        self.case = advance_case(self.case, self.outcome, standing)
        self.open_parts += len(order.parts)
        return self.case

    def note_reasons(self, outcome: life.Outcome) -> None:
        """Keeps for which reasons justifications were asked and decided, as the store does."""
        if outcome.order.step.asks == JUSTIFICATION and outcome.about:
            self.asked[outcome.order.id] = outcome.about, outcome.order.data["reason"]
        if outcome.decided in self.asked:
            about, reason = self.asked[outcome.decided]
            self.decided_reasons.setdefault(about, []).append(reason)

    def file(self, outcome: life.Outcome) -> tuple[Arisen, ...]:
        """The deadlines that arose; the explanations of all are kept, as the store keeps them."""
        opened = open_deadlines(outcome)
        for item in opened:
            found = item.opening.explanation if isinstance(item, OpenedDeadline) else self.explanations[item.origin.id]
            self.explanations[item.id] = found
        self.explanations |= {moved.note.id: moved.after for moved in outcome.movements}
        return opened

    def deadlines(self, key: str | None = None) -> list[DeadlineNote]:
        """The case's deadlines, or those of one key."""
        assert self.case is not None
        return [note for note in self.case.standing.deadlines if key in {None, note.key}]

    def world(self) -> World:
        """The surroundings as they are now."""
        return World(
            kind=self.kind,
            rulebook=self.rulebook,
            calendar=self.calendar,
            now=self.now,
            find_term=self._find_term,
            find_office=lambda key, _day: self.offices.get(key),
            object_to=self.object_to,
            open_parts=self.open_parts,
            find_permission=lambda key, _day: self.permissions.get(key),
            explanations=self.explanations,
            units_below=lambda unit_id, _day: self.children.get(unit_id, ()),
            is_member=lambda unit_id, _day: unit_id not in self.outsiders,
            decided_reasons=self.decided_reasons,
        )

    def _find_term(self, key: str, _day: date) -> StatedTerm | None:
        return self.terms.get(key)
