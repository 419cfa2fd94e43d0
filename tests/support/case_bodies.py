"""Bodies of steps as clients might send them, drawn from a city's data: whole ones, and careless ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from core.procedure import CO_HANDLER, EXTENSION, CaseKind, Field, FieldType, Option, StepKind, Verb

TEXT = "经核实，情况如下。"
TERMS = [("working_day", 1), ("working_day", 3), ("calendar_day", 2), ("calendar_day", 9), ("hour", 5)]
TERMS += [("month", 1), ("same_day", 0)]


@dataclass
class Bodies:
    """Draws bodies. A careless one leaves out what only a condition asks for, names things twice, gives no reasons."""

    chance: Random
    kind: CaseKind
    units: Sequence[UUID]
    now: datetime
    careless: bool = False

    def registration(self) -> dict[str, Any]:
        """The body of a registration, without its time."""
        body = self.step(self.kind.registration)
        body |= {"kind": self.kind.key, "channel": self._one(self.kind.channels), "title": "标题", "narrative": TEXT}
        if self.kind.petitioner != "none" and self._coin():
            body["petitioner"] = {"name": "王秀英"}
        return body | self._rendition()

    def step(self, step: StepKind) -> dict[str, Any]:
        """The body of a step, of the form that its type takes; what a rule makes of it is another matter."""
        body = self._by_verb(step)
        for field in step.fields:
            if field.required or (not self._slips() if field.required_when else self._coin()):
                body[field.key] = self._value(field)
                if field.type is FieldType.TERM and not self._slips():
                    body[f"{field.key}_reason"] = TEXT
        if step.evidence and not self._slips():
            body["evidence_note"] = TEXT
        if self._offers_catch_all(step) and not self._slips():
            body |= {"catch_all_reason": TEXT, "catch_all_basis": TEXT}
        return body

    def _by_verb(self, step: StepKind) -> dict[str, Any]:
        match step.verb:
            case Verb.CLASSIFY:
                return {"track": self._one(self.kind.tracks)}
            case Verb.DISPATCH:
                return {"units": self._dispatch(step)} | self._rendition()
            case Verb.REFUSE | Verb.SEND_BACK | Verb.REOPEN | Verb.WITHDRAW | Verb.DECLINE:
                return {"reason": TEXT}
            case Verb.REPLY | Verb.REMIND | Verb.INFORM:
                return {"text": TEXT}
            case Verb.SPLIT:
                part = {"title": "标题", "narrative": TEXT} | self._rendition()
                return {"parts": [part] * self.chance.randint(2, 3)}
            case Verb.ASK | Verb.PASS_ON:
                return self._asking(step)
            case Verb.FEEDBACK:
                return self._answer()
            case Verb.GRANT if step.decides == CO_HANDLER and self._coin():
                return {"term": self._term()} | ({} if self._slips() else {"term_reason": TEXT})
            case _:
                return self._moving(step)

    def _moving(self, step: StepKind) -> dict[str, Any]:
        if step.verb in {Verb.PAUSE, Verb.RESUME} or step.is_about_lateness:
            return {"reason": TEXT}
        if step.verb is Verb.EXTEND:
            return {"reason": TEXT} | ({} if self._slips() else {"length": self._length(step)})
        departs = step.verb is Verb.GRANT and step.decides == EXTENSION and self.chance.random() < 0.2
        return {"length": self._length(step)} if departs else {}

    def _answer(self) -> dict[str, Any]:
        """What one petitioner says when called, or that nobody answered; a slip makes it not whole."""
        reached = self.chance.choice(["reached", "reached", "reached", "not-reached", "declined"])
        said: dict[str, Any] = {"reached": reached}
        if (reached == "reached") != self._slips():
            said["satisfied"] = self._coin()
        if (said.get("satisfied") is False) != self._slips():
            said["dissatisfaction"] = self.chance.choice(["late", "not-solved", "other"])
        if said.get("dissatisfaction") == "other" and not self._slips():
            said["words"] = TEXT
        return said | ({"note": TEXT} if self._coin() else {})

    def _asking(self, step: StepKind) -> dict[str, Any]:
        reason = {"reason": TEXT} if step.verb is Verb.ASK else {}
        names = step.verb is Verb.PASS_ON or step.asks == CO_HANDLER
        reason |= {"length": self._length(step)} if step.asks == EXTENSION else {}
        return reason | ({"unit_id": str(self.chance.choice(self.units))} if names else {})

    def _rendition(self) -> dict[str, Any]:
        """A text that units may read, for what somebody brings; mostly given."""
        brought = self.kind.petitioner != "none"
        return {"rendition": TEXT} if brought and not self._slips() and self.chance.random() < 0.8 else {}

    def _dispatch(self, step: StepKind) -> list[dict[str, Any]]:
        some = self._some(self.units, 3)
        listed: list[dict[str, Any]] = [{"unit_id": str(unit), "part": "cooperating"} for unit in some]
        for item in listed[: 1 + self._slips()]:
            item["part"] = "cooperating" if self._slips() else "lead"
        asked = any(rule.given_by == "term" and step.key in rule.arises_on for rule in self.kind.deadlines)
        if (asked and self._coin()) or self._slips():
            for item in listed[: 1 + self._coin()]:
                item |= {"term": self._term()} | ({} if self._slips() else {"term_reason": TEXT})
        return listed

    def _value(self, field: Field) -> Any:
        if field.type in {FieldType.ENUM, FieldType.ENUMS}:
            return self._choice(field)
        if field.type in {FieldType.DATE, FieldType.INSTANT}:
            then = self.now - timedelta(hours=self.chance.randrange(300))
            return then.isoformat() if field.type is FieldType.INSTANT else then.date().isoformat()
        if field.type in {FieldType.UNIT, FieldType.UNITS}:
            unit = str(self.chance.choice(self.units))
            return unit if field.type is FieldType.UNIT else [unit]
        if field.type is FieldType.TERM:
            return self._term()
        text = field.example or TEXT
        plain = {
            FieldType.TEXT: text,
            FieldType.CATEGORY: text,
            FieldType.TEXTS: self._some([text, f"{text}二"], 2),
            FieldType.INTEGER: field.minimum,
        }
        return plain.get(field.type, field.example != "false" if self._coin() else self._coin())

    def _choice(self, field: Field) -> Any:
        if field.type is FieldType.ENUM:
            return self._one(field.options)
        return self._some([option.key or option.clause for option in field.options], 2)

    def _some(self, values: Sequence[Any], most: int) -> list[Any]:
        """Some of the values; a slip names one twice."""
        chosen = self.chance.sample(values, min(self.chance.randint(1, most), len(values)))
        return [*chosen, chosen[0]] if self._slips() else chosen

    def _length(self, step: StepKind) -> dict[str, Any]:
        """By how much to extend: in the unit in which the limit counts, mostly."""
        if self.chance.random() < 0.2:
            return self._term()
        unit, most = ("working_day", 3) if step.limit else ("calendar_day", 12)
        return {"unit": unit, "length": self.chance.randint(1, most)}

    def _term(self) -> dict[str, Any]:
        unit, length = self.chance.choice(TERMS)
        return {"unit": unit, "length": length}

    def _one(self, options: Sequence[Option]) -> str:
        option = self.chance.choice(options)
        return option.key or option.clause or ""

    def _coin(self) -> bool:
        return self.chance.random() < 0.5

    def _slips(self) -> bool:
        return self.careless and self.chance.random() < 0.2

    def _offers_catch_all(self, step: StepKind) -> bool:
        options = [option for field in step.fields for option in field.options]
        options += {Verb.REGISTER: self.kind.channels, Verb.CLASSIFY: self.kind.tracks}.get(step.verb, ())
        return any(option.needs_reason for option in options)
