"""Message rules as dated data: on what occasion whom is written to, by which channel and in which words. Immutable.

Nothing is sent where no rule of the tenant says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.errors import NotFound


class Occasion(StrEnum):
    """What a message is about: a level or a rung of the warning ladder that was reached, or a step that was taken."""

    LEVEL = "level"
    RUNG = "rung"
    STEP = "step"


class Recipients(StrEnum):
    """Which units are written to, or the holders of a role. A step's holders are the units that it names, else the lead."""

    HOLDER = "holder"
    LEAD = "lead"
    EACH_UNIT = "each-unit"
    SUPERIOR = "superior"
    ROLE = "role"


class Addressee(StrEnum):
    """Of a unit: each of its officers, or the unit itself, by its own address."""

    OFFICERS = "officers"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class MessageRule:
    """One rule, from ``valid_from`` to ``valid_to``, its last day."""

    id: UUID
    valid_from: date
    valid_to: date | None
    occasion: Occasion
    key: str
    case_kind: str | None
    recipients: Recipients
    role: str | None
    addressee: Addressee
    channel_id: UUID
    template_id: UUID
    office_hours: bool
    basis: str
    recorded_at: datetime
    recorded_by: UUID | None

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def version(self) -> int:
        """Counts its changes; the entity tag. A rule changes once, when it ends."""
        return 1 if self.valid_to is None else 2

    def ended_on(self, day: date) -> MessageRule:
        """The rule with its last day."""
        return replace(self, valid_to=day)

    def is_for(self, kind: str, told: Iterable[tuple[Occasion, str]]) -> bool:
        """Whether it is for one of these occasions, in a case of that kind."""
        return self.case_kind in {None, kind} and (self.occasion, self.key) in told


class MessageRules:
    """Every rule that was ever recorded, ended ones too, in the order of recording."""

    def __init__(self, rules: Iterable[MessageRule] = ()) -> None:
        self.in_order = tuple(sorted(rules, key=lambda rule: rule.id))

    def on(self, day: date) -> tuple[MessageRule, ...]:
        """The rules in force on the day."""
        return tuple(rule for rule in self.in_order if rule.holds_on(day))

    def rule(self, id_: UUID) -> MessageRule:
        """The rule, ended or not; raises :class:`NotFound`."""
        found = next((rule for rule in self.in_order if rule.id == id_), None)
        if found is None:
            raise NotFound("messages.rule-unknown")
        return found
