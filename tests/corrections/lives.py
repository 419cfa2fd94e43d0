"""Lives of cases on paper that remember what was done, so that they can be corrected, or lived once more rightly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import Case, DeadlineNote
from core.cases.history import StepRecord
from core.cases.records import step_row
from core.cases.world import CategoryTerm, World
from core.corrections.correction import CORRECTED_AWAY, CorrectedFact, Correction, Swap
from core.corrections.derive import Rederived, rederive
from core.corrections.history import History, StoredDeadline
from core.deadlines.explanation import Explanation
from core.errors import WenzeError
from core.ids import new_id
from core.law.instrument import Term, Unit
from core.procedure import CategoryLimit, Verb
from core.tenants.principal import Principal
from tests.cases.test_life_machine import LifeOnPaper, principal
from tests.support.case_model import Actor
from tests.support.life_machine import UNITS
from tests.support.paper import Paper, unit


@dataclass(frozen=True)
class Deed:
    """What somebody did, and when: a registration where ``key`` is ``None``."""

    who: Actor
    key: str | None
    body: Mapping[str, Any]
    now: datetime


@dataclass
class Chronicle:
    """What was done to a case on paper, and what would stand in the store of it."""

    deeds: list[Deed] = field(default_factory=list)
    steps: list[StepRecord] = field(default_factory=list)
    deadlines: dict[UUID, StoredDeadline] = field(default_factory=dict)

    def note(self, paper: Paper, deed: Deed) -> None:
        """Remembers a step that was taken."""
        case, outcome = paper.case, paper.outcome
        assert case is not None
        assert outcome is not None
        row = step_row(outcome.order.id, case, outcome, (unit("client"), unit("person")), deed.now)
        row["data"] = msgspec.json.decode(msgspec.json.encode(row["data"]))
        self.deeds.append(deed)
        self.steps.append(StepRecord(**{name: row[name] for name in StepRecord.__struct_fields__}))
        fresh = [note for note in case.standing.deadlines if note.id not in self.deadlines]
        for note, opening in zip(fresh, outcome.openings, strict=True):
            self.deadlines[note.id] = StoredDeadline(note, case.version, opening.explanation)
        for moved in outcome.movements:
            self._replace(moved.note.id, moved.after)

    def _replace(self, id_: UUID, explanation: Explanation) -> None:
        """Keeps, with a new explanation, the one that held before."""
        old = self.deadlines[id_]
        self.deadlines[id_] = StoredDeadline(old.note, old.seq, explanation, (*old.replaced, old.explanation))

    def history(self, paper: Paper) -> History:
        """The case as it stands, with all that was stored of it."""
        case = paper.case
        assert case is not None
        stored = (self.deadlines[note.id] for note in case.standing.deadlines)
        kept = zip(case.standing.deadlines, stored, strict=True)
        found = tuple(replace(item, note=note) for note, item in kept)
        return History(case, tuple(self.steps), found)

    def correct(self, paper: Paper, correction: Correction) -> Rederived:
        """Makes a correction: the case on paper is the corrected one, and the store remembers it."""
        history = self.history(paper)
        made = rederive(history, correction, paper.now, paper.world())
        case = history.case
        facts = correction.facts(case.received_at, case.category, case.track)
        self.steps.append(correction_record(made.case.version, facts, paper.now))
        for pair in made.pairs:
            if pair.after is not None:
                after = pair.after
                old = self.deadlines.get(after.note.id)
                earlier = (*old.replaced, old.explanation) if old and pair.is_changed else old.replaced if old else ()
                self.deadlines[after.note.id] = StoredDeadline(after.note, after.seq, after.explanation, earlier)
                paper.explanations[after.note.id] = after.explanation
        paper.case = made.case
        return made


def correction_record(seq: int, facts: tuple[CorrectedFact, ...], at: datetime) -> StepRecord:
    """The step that a correction leaves."""
    data = msgspec.to_builtins({"facts": facts})
    return StepRecord(
        new_id(), seq, "correct", "correct", "x", "x", at, at, None, None, None, "supervisor", None, None, data
    )


class CategorisedPaper(Paper):
    """Paper of a tenant whose categories have figures of their own."""

    def register(self, who: Principal, body: dict[str, Any], *, named: bool = False) -> Case:
        super().register(who, body, named=named)
        assert self.case is not None
        confirmed = {"rendition": "脱敏文本", "rendition_state": "confirmed"}
        self.case = msgspec.structs.replace(self.case, category=body.get("category"), **confirmed)
        return self.case

    def world(self) -> World:
        return replace(super().world(), find_category_term=_find_category_term)


_FIGURES = {"roads": Term(unit=Unit.WORKING_DAY, length=2), "water": Term(unit=Unit.CALENDAR_DAY, length=9)}
CATEGORIES = ("roads", "water", "noise")


def _find_category_term(code: str, _which: CategoryLimit, _day: date) -> CategoryTerm | None:
    return CategoryTerm(_FIGURES[code], "decision", code) if code in _FIGURES else None


class RememberedLife(LifeOnPaper):
    """A life on paper with its chronicle. The naive model, which knows no categories, only proposes what to do next."""

    def open_tenant(self, now: datetime, terms: Mapping[str, Term]) -> None:
        super().open_tenant(now, terms)
        told = self.paper
        self.paper = CategorisedPaper(
            self.kind, self.rulebook, now, told.terms, self.offices, self.ask_city, permissions=told.permissions
        )
        self.chronicle = Chronicle()

    def attempt(self, codes: set[str], key: str, act: Any) -> bool:
        try:
            act()
        except WenzeError as error:
            self.reached[error.code] += 1
            return False
        self.reached[key] += 1
        return True

    def do_register(self, who: Actor, body: dict[str, Any]) -> None:
        category = Random(len(str(body))).choice([None, *CATEGORIES])
        told = body | ({"category": category} if category else {})
        super().do_register(who, told)
        self.chronicle.note(self.paper, Deed(who, None, told, self.now))

    def do_step(self, who: Actor, key: str, body: dict[str, Any]) -> None:
        super().do_step(who, key, body)
        self.chronicle.note(self.paper, Deed(who, key, dict(body), self.now))

    def live_rightly(self, correction: Correction) -> tuple[Paper, Chronicle]:
        """The same deeds, rightly recorded from the start; raises what a step of it is refused for."""
        told = self.paper
        paper = CategorisedPaper(self.kind, self.rulebook, self.now, told.terms, told.offices, permissions=told.permissions)
        chronicle = Chronicle()
        for deed in put_right(self.chronicle.deeds, self.chronicle.steps, correction):
            paper.now = deed.now
            body = {name: value for name, value in deed.body.items() if name != "kind"}
            if deed.key is None:
                paper.register(principal(deed.who), body, named="petitioner" in body)
            else:
                paper.take(principal(deed.who), deed.key, body)
            chronicle.note(paper, deed)
        return paper, chronicle


def put_right(deeds: list[Deed], steps: list[StepRecord], correction: Correction) -> list[Deed]:
    """The deeds with what is to be corrected said rightly, by an arithmetic of its own."""
    told = [Deed(deed.who, deed.key, dict(deed.body), deed.now) for deed in deeds]
    if correction.received_at is not None:
        said = {"received_at": correction.received_at.isoformat(), "received_reason": "来信补登"}
        told[0] = Deed(told[0].who, None, told[0].body | said, told[0].now)
    verbs = [step.verb for step in steps]
    if correction.track is not None:
        _say(told, len(verbs) - 1 - verbs[::-1].index(Verb.CLASSIFY), {"track": correction.track})
    if correction.category is not None:
        named = [index for index, deed in enumerate(told) if deed.body.get("category")]
        _say(told, named[-1] if named else 0, {"category": correction.category})
    if correction.unit is not None:
        place = len(verbs) - 1 - verbs[::-1].index(Verb.DISPATCH)
        wrong, right = str(correction.unit.recorded), str(correction.unit.right)
        units = [
            item | {"unit_id": right if item["unit_id"] == wrong else item["unit_id"]} for item in told[place].body["units"]
        ]
        _say(told, place, {"units": units})
    return told


def _say(deeds: list[Deed], place: int, words: dict[str, Any]) -> None:
    deeds[place] = Deed(deeds[place].who, deeds[place].key, deeds[place].body | words, deeds[place].now)


def possible_corrections(life: RememberedLife, chance: Random) -> Iterator[Correction]:
    """Corrections that somebody could ask for, of each kind."""
    case, steps = life.paper.case, life.chronicle.steps
    assert case is not None
    yield Correction(received_at=some_receipt(life, chance))
    verbs = [step.verb for step in steps]
    tracks = [option.key or option.clause or "" for option in life.kind.tracks]
    others = [track for track in tracks if track != case.track]
    if Verb.CLASSIFY in verbs and others:
        yield Correction(track=chance.choice(others))
    if Verb.DISPATCH in verbs:
        last = steps[len(verbs) - 1 - verbs[::-1].index(Verb.DISPATCH)]
        named = [UUID(item["unit_id"]) for item in last.data["units"]]
        free = [one for one in UNITS if one not in named]
        if free:
            yield Correction(unit=Swap(chance.choice(named), chance.choice(free)))
    yield Correction(category=chance.choice([code for code in CATEGORIES if code != case.category]))


def some_receipt(life: RememberedLife, chance: Random) -> datetime:
    """Another moment of receipt, up to some weeks before, or later but before the step that followed."""
    case, steps = life.paper.case, life.chronicle.steps
    assert case is not None
    latest = min([case.registered_at, *(step.occurred_at for step in steps[1:2])])
    earlier = case.received_at - timedelta(hours=chance.choice([1, 24, 24 * 7, 24 * 30]))
    later = case.received_at + chance.random() * (latest - case.received_at)
    return chance.choice([earlier, earlier, later]).astimezone(UTC)


def faces(notes: Iterator[DeadlineNote] | tuple[DeadlineNote, ...]) -> list[tuple[Any, ...]]:
    """What deadlines are, whatever they are stored under: sorted, without those that were corrected away."""
    rows = [
        (note.key, note.clause, note.holder, str(note.holder_unit_id), note.due_on, note.due_at, note.state,
         note.ended_at, note.provisional)
        for note in notes
        if note.state != CORRECTED_AWAY
    ]  # fmt: skip
    return sorted(rows, key=repr)


def reasons(items: Iterator[Explanation] | list[Explanation]) -> list[str]:
    """Explanations, word for word, in an order of their own."""
    return sorted(msgspec.json.encode(item).decode() for item in items)
