"""Steps that could be taken, drawn from a city's data: always the same ones, so that a finding comes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zlib import crc32

from core.cases.bodies import value_of
from core.facts import establishable
from core.procedure import CaseKind, Field, FieldType, StepKind, StepView, Verb

_UNITS = (str(UUID(int=1)), str(UUID(int=2)))
_FIRST_DAY = date(2026, 1, 1)
_MOVING = (Verb.PAUSE, Verb.RESUME, Verb.EXTEND)
T = TypeVar("T")


def draw_view(kind: CaseKind, step: StepKind, number: int) -> StepView:
    """The ``number``-th view of a step: facts, state, days and units as they could stand."""
    draw = _Draw(f"{kind.key}/{step.key}/{number}")
    received = _FIRST_DAY + timedelta(days=draw.figure("received", 300))
    registering = step.verb is Verb.REGISTER
    return StepView(
        kind=kind.key,
        step=step.key,
        state=None if registering else draw.one("state", step.after),
        channel=value_of(draw.one("channel", kind.channels)),
        track=None if registering else draw.track(kind),
        anonymous=draw.coin("anonymous"),
        data=draw.facts(step.fields) | _by_verb(step, draw),
        facts={} if registering else draw.earlier_facts(kind),
        taken=() if registering else draw.some("taken", [other.key for other in kind.steps]),
        overdue=not registering and draw.coin("overdue"),
        occurred_on=received + timedelta(days=draw.figure("occurred", 40)),
        received_on=received,
        units=() if registering else draw.some("units", _UNITS),
        late_units=() if registering else draw.some("late", _UNITS),
        outsiders=() if registering else draw.some("outsiders", _UNITS),
        lead=None if registering else draw.one("lead", _UNITS),
        lead_superior="某上级单位" if draw.coin("superior") else None,
        open_deadlines=() if registering else draw.some("open", [rule.key for rule in kind.deadlines]),
    )


def _by_verb(step: StepKind, draw: _Draw) -> dict[str, Any]:
    if step.verb in {Verb.REFUSE, Verb.SEND_BACK, Verb.REOPEN, Verb.WITHDRAW, Verb.ASK, Verb.DECLINE, *_MOVING}:
        return {"reason": "理由"}
    return {"text": "答复"} if step.verb in {Verb.REPLY, Verb.REMIND} and draw.coin("text") else {}


class _Draw:
    """Choices that depend on a name alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def figure(self, what: str, below: int) -> int:
        return crc32(f"{self.name}/{what}".encode()) % below

    def coin(self, what: str) -> bool:
        return self.figure(what, 2) == 1

    def one(self, what: str, among: Sequence[T]) -> T:
        return among[self.figure(what, len(among))]

    def some(self, what: str, among: Sequence[T]) -> tuple[T, ...]:
        drawn = self.figure(what, 1 << 32)
        return tuple(item for index, item in enumerate(among) if drawn >> index % 32 & 1)

    def track(self, kind: CaseKind) -> str | None:
        tracks = [None, *(value_of(option) for option in kind.tracks)]
        return self.one("track", tracks)

    def facts(self, fields: Sequence[Field]) -> dict[str, Any]:
        given = [field for field in fields if field.required or self.figure(f"given/{field.key}", 4)]
        return {field.key: self.value(field) for field in given}

    def earlier_facts(self, kind: CaseKind) -> dict[str, Any]:
        kept = [field for step in kind.steps for field in step.fields if field.keep]
        facts = self.facts(kept)
        for step in self.some("sets", kind.steps):
            facts |= dict(establishable(step))
        return facts

    def value(self, field: Field) -> Any:
        if field.options:
            options = [value_of(option) for option in field.options]
            several = list(self.some(field.key, options)) or options[:1]
            return several if field.type is FieldType.ENUMS else self.one(field.key, options)
        drawn = self.figure(field.key, 1 << 32)
        day = (_FIRST_DAY + timedelta(days=drawn % 400)).isoformat()
        text = field.key if drawn % 2 else field.example or field.title.zh
        values: dict[FieldType, Any] = {
            FieldType.BOOLEAN: drawn % 2 == 1,
            FieldType.INTEGER: field.minimum + drawn % (max(field.maximum - field.minimum, 0) + 1),
            FieldType.DATE: day,
            FieldType.INSTANT: f"{day}T01:00:00Z",
            FieldType.UNIT: _UNITS[drawn % 2],
            FieldType.UNITS: list(_UNITS),
            FieldType.TERM: {"unit": "working_day", "length": 1 + drawn % 20},
            FieldType.TEXTS: [text],
        }
        return values.get(field.type, text)
