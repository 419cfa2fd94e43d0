"""What somebody asks for: a registration or a step, its input checked for form, and in what capacity it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.law.instrument import Term
from core.procedure import Part, Role, StepKind


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


@dataclass(frozen=True, slots=True)
class Order:
    """A step that somebody wants to take, at ``occurred_at`` (legal time, which may be earlier than now)."""

    step: StepKind
    data: dict[str, Any]
    occurred_at: datetime
    note: str | None = None
    dispatches: tuple[Dispatch, ...] = ()
