"""What a decision needs to know beside the case: the rules in force, the calendar, the tenant's figures, the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.law.calendar import WorkingCalendar
from core.law.instrument import Term
from core.law.rulebook import Rulebook
from core.procedure import CaseKind, Objection, StepView


@dataclass(frozen=True, slots=True)
class StatedTerm:
    """A term from a tenant's setting, with its basis."""

    term: Term
    basis: str


@dataclass(frozen=True, slots=True)
class World:
    """Frozen surroundings of a decision. ``now`` is the tenant's legal time."""

    kind: CaseKind
    rulebook: Rulebook
    calendar: WorkingCalendar
    now: datetime
    find_term: Callable[[str, date], StatedTerm | None]
    """The tenant's term for a setting on a day (R11); ``None`` where it has set none."""
    find_office: Callable[[str, date], UUID | None]
    """The unit that fills an office of the tenant on a day."""
    object_to: Callable[[StepView], tuple[Objection, ...]]
    """The city's own rules."""

    def local_day(self, instant: datetime) -> date:
        """The local date of an instant."""
        return instant.astimezone(self.calendar.zone).date()
