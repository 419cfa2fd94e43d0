"""What a city's own rules see of what is about to be done, and what they answer: frozen facts, no session."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from core.law.instrument import Text


class StepView(Struct, frozen=True):
    """What a city's own rules see of a step that is about to be taken: frozen facts, no session."""

    kind: str
    step: str
    state: str | None
    channel: str
    track: str | None
    anonymous: bool
    data: dict[str, Any]
    facts: dict[str, Any]
    taken: tuple[str, ...]
    overdue: bool
    occurred_on: date
    received_on: date
    units: tuple[str, ...] = ()
    """The units that the case has, by id; on a dispatch those that it is to go to."""
    open_deadlines: tuple[str, ...] = ()
    """The keys of the deadlines that nobody has met or ended yet, one for each holder."""
    late_units: tuple[str, ...] = ()
    """Those of the case's units that have a deadline which has run out, by id."""
    outsiders: tuple[str, ...] = ()
    """Those of ``units`` that are no members of the tenant's organisation on the day (非成员单位)."""
    lead: str | None = None
    """The unit that leads; on a dispatch the one that is to lead."""
    lead_superior: str | None = None
    """What the unit that supervises the lead is called; ``None`` where the organisation tells none."""


class Objection(Struct, frozen=True):
    """Why a city's rule refuses a step: the clause, what to do about it, and the field it is about."""

    clause: str
    text: Text
    field: str | None = None
