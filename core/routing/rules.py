"""Routing rules as dated data: for which orders they are, and which unit they propose. Immutable."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.errors import NotFound


class Target(StrEnum):
    """What a rule proposes: a unit, or the unit that led the last order of the like."""

    UNIT = "unit"
    LAST_OF_PETITIONER = "last-of-petitioner"
    LAST_OF_MATTER = "last-of-matter"


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One rule, from ``valid_from`` to ``valid_to``, its last day. What it leaves out of its conditions matches anything.

    ``category`` reaches the categories below it, ``division`` the divisions below it. Of the rules that match an order the
    one with the highest ``priority`` goes first, and of those with the same the most specific.
    """

    id: UUID
    valid_from: date
    valid_to: date | None
    priority: int
    category: str | None
    division: str | None
    kind: str | None
    channel: str | None
    urgent: bool | None
    target: Target
    unit_id: UUID | None
    cooperating: tuple[UUID, ...]
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

    def ended_on(self, day: date) -> RoutingRule:
        """The rule with its last day."""
        return replace(self, valid_to=day)


class RoutingRules:
    """Every rule that was ever recorded, ended ones too, in the order of recording."""

    def __init__(self, rules: Iterable[RoutingRule] = ()) -> None:
        self.in_order = tuple(sorted(rules, key=lambda rule: rule.id))
        self.by_id = {rule.id: rule for rule in self.in_order}

    def on(self, day: date) -> tuple[RoutingRule, ...]:
        """The rules in force on the day."""
        return tuple(rule for rule in self.in_order if rule.holds_on(day))

    def rule(self, id_: UUID) -> RoutingRule:
        """The rule, ended or not; raises :class:`NotFound`."""
        if id_ not in self.by_id:
            raise NotFound("routing.rule-unknown")
        return self.by_id[id_]
