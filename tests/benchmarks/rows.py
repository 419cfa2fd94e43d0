"""Cases as a city has them after two years, as rows: most closed, some with units, few open ones late; Chinese text."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec

from core.cases.case import Assignment, DeadlineNote, Standing
from core.deadlines.explanation import Explanation, TermSource, explain
from core.law.calendar import WorkingCalendar, working_calendar
from core.law.calendar_version import NATIONAL
from core.law.instrument import Term, Unit
from core.procedure import CaseKind, Part
from tests.benchmarks.cast import Member
from tests.benchmarks.matters import ANSWER, CATEGORIES, DIVISIONS, FACTS, MATTERS, Variant, intake, rendition

_FIRST, _DAYS = datetime(2024, 11, 1, 1, tzinfo=UTC), 730
YEARS = (2024, 2025, 2026)
"""The years in which the cases are numbered."""
_TERM = Term(unit=Unit.WORKING_DAY, length=5)
_ENCODE = msgspec.json.Encoder().encode
_FACTS = _ENCODE(FACTS).decode()
_URGENT = 0.05
_CLERKS = tuple(UUID(int=number) for number in range(1, 6))
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class CaseRows:
    """The rows of one tenant's cases, oldest first; equal for equal members, but for the random part of ids."""

    member: Member
    kind: CaseKind
    count: int

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The calendar of every tenant of a benchmark."""
        return working_calendar(NATIONAL)

    def generate(self) -> Iterator[tuple[Variant, Rows]]:
        """Case by case: which words stand in it, and its rows by table."""
        chance = random.Random(self.member.tenant.id)
        step = timedelta(days=_DAYS) / self.count
        for number in range(self.count):
            yield self._case(number, _FIRST + number * step, chance)

    def _case(self, number: int, at: datetime, chance: random.Random) -> tuple[Variant, Rows]:
        id_, step_id, note_id = id_at(at), id_at(at), id_at(at)
        state = chance.choices(self.kind.states, weights=[1 + 20 * item.final for item in self.kind.states])[0]
        units = tuple(map(Assignment, chance.sample(self.member.units, 2), (Part.LEAD, Part.COOPERATING)))
        if state is self.kind.states[0]:
            units = ()
        why = explain(_TERM, at, self.calendar, TermSource(self.kind.registration.clause, "2022", 1))
        note = self._note(note_id, units, why, is_open=not state.final)
        place = {"tenant": self.member.tenant.id}
        variant = Variant(chance.randrange(len(MATTERS)), answered=bool(units))
        case = place | self._columns(number, id_, state.key, at, chance) | self._words(variant)
        case |= {"closed_at": at + timedelta(days=3) if state.final else None, "due_at": None if state.final else why.due_at}
        case |= {"lead_unit_id": units[0].unit_id if units else None, "standing": self._standing(at, units, note)}
        return variant, {
            "cases": [case],
            "case_unit": [
                place | {"id": id_at(at), "case_id": id_, "unit_id": item.unit_id, "part": item.part.value}
                | {"since": at, "until": at + timedelta(days=3) if state.final else None}
                for item in units
            ],
            "case_step": [place | self._step(id_, step_id, at)],
            "deadline": [place | _deadline(id_, step_id, note, why)],
        }  # fmt: skip

    def _columns(self, number: int, id_: UUID, state: str, at: datetime, chance: random.Random) -> dict[str, Any]:
        return {
            "id": id_,
            "number": f"{self.kind.number_prefix}{at.year}-{number + 1:06d}",
            "kind": self.kind.key,
            "state": state,
            "channel": chance.choice(self.kind.channels).key,
            "track": chance.choice(self.kind.tracks).key if self.kind.tracks else None,
            "received_at": at,
            "registered_at": at,
            "anonymous": True,
            "petitioner_id": None,
            "parent_id": None,
            "merged_into": None,
            "category": chance.choice(CATEGORIES),
            "division": chance.choice(DIVISIONS),
            "urgent": chance.random() < _URGENT,
            "clerk_id": chance.choice(_CLERKS),
            "returns": 0,
            "facts": _FACTS,
            "facts_version": self.kind.facts_version,
            "law_version": "2022",
            "version": 5,
            "receipt_hash": os.urandom(32),
        }

    def _words(self, variant: Variant) -> dict[str, Any]:
        matter, (text, state) = MATTERS[variant.matter], rendition(self.kind, variant)
        words = {"title": matter.title, "narrative": matter.narrative, "intake": intake(variant)}
        return words | {"rendition": text, "rendition_state": state}

    def _note(self, id_: UUID, units: tuple[Assignment, ...], why: Explanation, *, is_open: bool) -> DeadlineNote:
        return DeadlineNote(
            id=id_,
            key="handling",
            clause=why.clause,
            holder="lead-unit",
            holder_unit_id=units[0].unit_id if units else None,
            original_due_on=why.due_on,
            due_on=why.due_on,
            due_at=why.due_at,
            state="open" if is_open else "met",
            provisional=why.provisional,
            ended_at=None if is_open else why.starts_at + timedelta(days=3),
        )

    def _standing(self, at: datetime, units: tuple[Assignment, ...], note: DeadlineNote) -> str:
        taken = ("register", "accept", "classify", "dispatch", "reply") if units else ("register",)
        answer = ANSWER if units else None
        return _ENCODE(Standing(at, at, taken=taken, units=units, deadlines=(note,), answer=answer)).decode()

    def _step(self, case_id: UUID, id_: UUID, at: datetime) -> dict[str, Any]:
        step = self.kind.registration
        return {
            "id": id_,
            "case_id": case_id,
            "seq": 1,
            "step": step.key,
            "verb": step.verb.value,
            "from_state": None,
            "to_state": self.kind.states[0].key,
            "occurred_at": at,
            "recorded_at": at,
            "client_id": None,
            "person_id": None,
            "unit_id": None,
            "role": step.by[0].value,
            "clause": step.clause,
            "law_version": "2022",
            "data": "{}",
        }


def _deadline(case_id: UUID, step_id: UUID, note: DeadlineNote, why: Explanation) -> dict[str, Any]:
    return {
        "id": note.id,
        "case_id": case_id,
        "key": note.key,
        "holder_unit_id": note.holder_unit_id,
        "holder": note.holder,
        "clause": note.clause,
        "law_version": why.instrument_version,
        "encoding_revision": why.encoding_revision,
        "step_id": step_id,
        "starts_at": why.starts_at,
        "original_due_on": why.due_on,
        "original_due_at": why.due_at,
        "due_on": why.due_on,
        "due_at": why.due_at,
        "state": note.state,
        "ended_at": note.ended_at,
        "ended_by_step": None,
        "provisional": why.provisional,
        "calendar_version": why.calendar_version,
        "explanation": _ENCODE(why).decode(),
    }


def id_at(instant: datetime) -> UUID:
    """A UUIDv7 of that millisecond."""
    chance = int.from_bytes(os.urandom(10))
    upper = (int(instant.timestamp() * 1000) << 16 | 0x7000 | chance >> 68 & 0xFFF) << 64
    return UUID(int=upper | 0b10 << 62 | chance & (1 << 62) - 1)
