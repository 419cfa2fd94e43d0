"""A case's history followed once more, step by step: what each step made of the case, given what is right. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec

from core.cases import life
from core.cases.accounts import Arisen, OpenedDeadline, advance_case, open_deadlines, settle
from core.cases.case import Case, DeadlineNote, Standing
from core.cases.conditions import holds
from core.cases.history import StepRecord
from core.cases.house_steps import ADD_PETITIONER, MERGE, UNMERGE
from core.cases.life import CATEGORY, Outcome
from core.cases.merging import interrupt, resume
from core.cases.order import Order
from core.cases.world import World
from core.corrections.correction import CORRECTED_AWAY, CORRECTION, Correction
from core.corrections.history import History, StoredDeadline, read_record
from core.deadlines.explanation import Explanation, explain, source_of
from core.deadlines.moving import Movement, moved_note
from core.errors import Refused
from core.procedure import Verb
from core.texts import render

Place = tuple[int, str, str, UUID | None]
"""What tells the deadlines of a case apart: the step on which one arose, its rule, and who holds it."""


@dataclass
class Replay:
    """The case as far as its steps have been followed."""

    case: Case
    correction: Correction | None
    stored: dict[Place, StoredDeadline]
    world: World
    named_from: int | None = None
    """At which step a petitioner was first known by name; ``None`` for a case that nobody is named in."""
    found: dict[UUID, tuple[Explanation, int]] = field(default_factory=dict)
    ended_by: dict[UUID, int] = field(default_factory=dict)
    misfits: list[str] = field(default_factory=list)

    def take(self, record: StepRecord, index: int) -> None:
        """Follows one more step."""
        order, acting = read_record(self.world.kind, record)
        named = self.named_from is not None and index >= self.named_from
        case = msgspec.structs.replace(self.case, anonymous=not named)
        if record.verb == Verb.REGISTER:
            outcome = life.apply_registration(order, order.occurred_at, acting, case.channel, case.anonymous, self.world)
        else:
            self._note_misfit(case, order)
            outcome = _merging(record, case, life.apply_step(case, order, acting, self._world()))
        first = record.verb == Verb.REGISTER
        notes = tuple(self._place(record, item, first=first) for item in open_deadlines(outcome))
        standing = settle(outcome.standing, outcome.endings, (), tuple(map(self._move, outcome.movements)))
        self.ended_by |= {ending.note.id: record.seq for ending in outcome.endings}
        standing = msgspec.structs.replace(standing, deadlines=(*standing.deadlines, *notes))
        self.case = advance_case(case, outcome, standing)

    def _world(self) -> World:
        """The surroundings, with how the deadlines have been counted so far."""
        return replace(self.world, explanations={id_: explanation for id_, (explanation, _) in self.found.items()})

    def _move(self, moved: Movement) -> Movement:
        """What was moved, with the date that is on record where it follows from the same."""
        explanation, seq = moved.after, self.found[moved.note.id][1]
        stored = next((item for item in self.stored.values() if item.note.id == moved.note.id), None)
        explanation = (stored and stored.recorded(explanation)) or explanation
        self.found[moved.note.id] = explanation, seq
        return replace(moved, note=moved_note(moved.note, moved.after.entries[-1], explanation), after=explanation)

    def _note_misfit(self, case: Case, order: Order) -> None:
        """Whether it was late then was decided then; all else that the step asks for must hold of what is right: its
        condition, the facts and the steps that the law wants for it, and the city's own rules on what is put right."""
        asked = {name: value for name, value in order.step.when.items() if name != "overdue"}
        read = life.read_facts(case, order)
        fits = holds(asked, read | {"track": case.track}) and not _lacks(case, order, read)
        if not fits or self._is_objected_to(case, order):
            self.misfits.append(order.step.key)

    def _is_objected_to(self, case: Case, order: Order) -> bool:
        """Whether the city's rules refuse the track, or the unit, that is said to be right."""
        right = self.correction
        put_right = {Verb.CLASSIFY: right and right.track, Verb.DISPATCH: right and right.unit}.get(order.step.verb)
        if put_right is None:
            return False
        seen = life.view_step(order, case, case.channel, case.anonymous, case.facts, case.standing, self.world)
        return bool(self.world.object_to(seen))

    def _place(self, record: StepRecord, item: Arisen, *, first: bool) -> DeadlineNote:
        """What the case carries of a deadline that arises: under its own id, where it is one of those that are stored."""
        fresh = item.opening.explanation if isinstance(item, OpenedDeadline) else self.found[item.origin.id][0]
        stored = self.stored.get((record.seq, *identity(item.note)))
        explanation = self._explain(fresh, stored, first=first) if stored else fresh
        note = _on_record(item.note, stored, explanation) if stored else item.note
        self.found[note.id] = explanation, record.seq
        return note

    def _explain(self, fresh: Explanation, stored: StoredDeadline, *, first: bool) -> Explanation:
        old = stored.explanation
        anew = self._is_looked_up_anew(fresh, old, first=first)
        found = fresh if anew else old
        named = msgspec.structs.replace(found.term, start=fresh.start_event)
        wanted = explain(named, fresh.starts_at, self.world.calendar, source_of(found), fresh.entries)
        return stored.recorded(wanted) or wanted

    def _is_looked_up_anew(self, fresh: Explanation, old: Explanation, *, first: bool) -> bool:
        if self.correction is None:
            return False
        of_category = any(item.figure_from.startswith("category:") for item in (fresh, old))
        return (self.correction.category is not None and of_category) or (first and self.correction.received_at is not None)


def follow(history: History, correction: Correction | None, world: World, named_from: int | None) -> Replay:
    """The case as its steps make it, with all that was corrected so far and with this; raises :class:`Refused`."""
    steps = history.as_corrected(correction)
    stored = {(item.seq, *identity(item.note)): item for item in history.deadlines if item.note.state != CORRECTED_AWAY}
    registered = steps[0].verb == Verb.REGISTER
    begun = _blank(history.case, steps[0]) if registered else _part(history.case, steps, correction)
    replay = Replay(begun, correction, stored, world, named_from)
    for index, record in enumerate(steps):
        if index or registered:
            _take(replay, record, index)
    return replay


def possibly_named(history: History) -> tuple[int | None, ...]:
    """The steps at which the case can have got its first petitioner with a name: what has become of it tells which."""
    if history.case.anonymous:
        return (None,)
    joined = (index for index, step in enumerate(history.as_corrected()) if step.step == ADD_PETITIONER)
    return (0, *joined)


def _take(replay: Replay, record: StepRecord, index: int) -> None:
    try:
        replay.take(record, index)
    except Refused as error:
        raise _underivable(record, error) from error


def _lacks(case: Case, order: Order, read: Mapping[str, Any]) -> bool:
    """Whether a fact is missing that the step needs with these facts around it, or a step that must come before it."""
    facts = (
        item.required_when and item.key not in order.data and holds(item.required_when, read) for item in order.step.fields
    )
    steps = (item.step not in case.standing.taken and holds(item.when, read) for item in order.step.requires)
    return any(facts) or any(steps)


def _merging(record: StepRecord, case: Case, outcome: Outcome) -> Outcome:
    """The outcome with what merging and its undoing do beyond the step."""
    if record.step == MERGE:
        return interrupt(case, outcome)
    return resume(case, outcome)[0] if record.step == UNMERGE else outcome


def _underivable(record: StepRecord, error: Refused) -> Refused:
    """That a step could not have set its deadline; an error of ours stays what it is."""
    if error.code.startswith("corrections."):
        return error
    causes = {f"cause_{language}": render(error.code, error.params, language) for language in ("zh", "en")}
    return Refused("corrections.underivable", clause=error.clause or CORRECTION, step=record.step, **causes)


def _blank(case: Case, first: StepRecord) -> Case:
    received_at = first.occurred_at
    standing = Standing(starts_at=received_at, last_occurred_at=received_at)
    return msgspec.structs.replace(
        case, track=None, category=None, facts={}, closed_at=None, version=0, standing=standing, received_at=received_at
    )


def _part(case: Case, steps: tuple[StepRecord, ...], correction: Correction | None) -> Case:
    """A part of a case that was split, as it began: with the facts of the whole, and counting from its receipt."""
    first, now = steps[0], case.standing
    of_receipt = now.started_by == "receipt" or any(step.verb == Verb.REOPEN for step in steps)
    received_at = (correction.received_at if correction else None) or case.received_at
    standing = Standing(
        starts_at=received_at if of_receipt else now.starts_at,
        last_occurred_at=first.occurred_at,
        started_by="receipt" if of_receipt else now.started_by,
        taken=(first.step,),
        petitioners=now.petitioners,
    )
    category = first.data.get(CATEGORY, case.category)
    return msgspec.structs.replace(
        case, state=first.to_state, category=category, closed_at=None, version=1, standing=standing
    )


def identity(note: DeadlineNote) -> tuple[str, str, UUID | None]:
    """What tells apart the deadlines that arise on one step: the rule and the holder. An office is the same whichever unit
    fills it."""
    return note.key, note.holder, None if note.holder.startswith("office:") else note.holder_unit_id


def _on_record(fresh: DeadlineNote, stored: StoredDeadline, explanation: Explanation) -> DeadlineNote:
    """The deadline that arises, as the one that is stored: with its id and its original date, and its dates if they stay."""
    note = stored.note
    return msgspec.structs.replace(
        fresh,
        id=note.id,
        holder_unit_id=note.holder_unit_id,
        original_due_on=note.original_due_on,
        due_on=explanation.due_on,
        due_at=explanation.due_at,
        provisional=explanation.provisional,
    )
