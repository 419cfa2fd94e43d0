"""What somebody asks for: a registration or a step, its input checked for form, and in what capacity it is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from core.ids import new_id
from core.law.instrument import Term
from core.procedure import FieldType, Part, Role, StepKind


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A unit to which a case goes, with its part and, where somebody states one, its own term and why."""

    unit_id: UUID
    part: Part
    term: Term | None = None
    term_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """In which of a person's roles, and for which unit, a step is taken."""

    role: Role
    unit_id: UUID | None
    units: frozenset[UUID]
    """Every unit the person acts for in that role; empty where the role holds in the whole tenant."""
    person_id: UUID | None = None
    """Who acts."""
    hands: frozenset[UUID] = frozenset()
    """Everybody who is the same hand as who acts (:mod:`core.tenants.hands`)."""

    own_units: frozenset[UUID] = frozenset()
    """Every unit the person belongs to, by a post or a role."""
    near_units: frozenset[UUID] = frozenset()
    """Those, and the ones to which the same hand belongs; nobody decides on what such a unit is late with (R12)."""

    def is_hand_of(self, person_id: UUID | None) -> bool:
        """Whether it is who acts that has done what the person did, by themself or by a client of their own."""
        return person_id is not None and (person_id == self.person_id or person_id in self.hands)


@dataclass(frozen=True, slots=True)
class CasePart:
    """One of the matters into which a case is split; its words stand in the case that it becomes, and not in the step."""

    title: str
    narrative: str
    category: str | None = None
    rendition: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A step that somebody wants to take, at ``occurred_at`` (legal time, which may be earlier than now).

    ``id`` becomes that of the step, once it is taken.
    """

    step: StepKind
    data: dict[str, Any]
    occurred_at: datetime
    note: str | None = None
    dispatches: tuple[Dispatch, ...] = ()
    attachments: tuple[UUID, ...] = ()
    parts: tuple[CasePart, ...] = ()
    words: str | None = field(default=None, repr=False)
    """What a petitioner said in their own words, which stand sealed beside the step."""
    joining: UUID | None = None
    """The unit that joins the case, where a step grants that."""
    id: UUID = field(default_factory=new_id)

    @property
    def named_units(self) -> tuple[UUID, ...]:
        """The units of the case that the step says it is about; none where it names none."""
        fields = (item.key for item in self.step.fields if item.type is FieldType.UNITS)
        return tuple(dict.fromkeys(UUID(unit) for key in fields for unit in self.data.get(key) or ()))
