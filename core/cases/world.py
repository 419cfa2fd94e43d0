"""What a decision needs to know beside the case: the rules in force, the calendar, the tenant's figures, the time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from core.deadlines.explanation import Explanation
from core.law.calendar import WorkingCalendar
from core.law.instrument import Term
from core.law.rulebook import Rulebook
from core.procedure import CaseKind, CategoryLimit, Objection, StepView
from core.sanctions.regime import Regime


@dataclass(frozen=True, slots=True)
class StatedTerm:
    """A term from a tenant's setting, with its basis."""

    term: Term
    basis: str


@dataclass(frozen=True, slots=True)
class CategoryTerm(StatedTerm):
    """A term from the tenant's categories: ``code`` is the one that says it, the case's own or the nearest above it."""

    code: str


def no_category_term(_code: str, _which: CategoryLimit, _day: date) -> CategoryTerm | None:
    """What a tenant without categories answers."""
    return None


def nothing_below(_unit: UUID, _day: date) -> tuple[UUID, ...]:
    """What an organisation without a tree answers."""
    return ()


def nobody_above(_unit: UUID, _day: date) -> str | None:
    """What an organisation without superiors answers."""
    return None


def always_member(_unit: UUID, _day: date) -> bool:
    """What an organisation that only has members answers."""
    return True


def no_figure(_key: str, _day: date) -> tuple[Decimal, str] | None:
    """What a tenant answers that has set no figure."""
    return None


def nothing_permitted(_key: str, _day: date) -> str | None:
    """What a tenant answers that has set nothing."""
    return None


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
    find_category_term: Callable[[str, CategoryLimit, date], CategoryTerm | None] = no_category_term
    """The tenant's term for the matters of a category on a day (R11), its own or that of the nearest category above."""
    open_parts: int = 0
    """How many parts of the case, which was split, are not over yet."""
    units_below: Callable[[UUID, date], tuple[UUID, ...]] = nothing_below
    """The units directly below a unit on a day."""
    name_superior: Callable[[UUID, date], str | None] = nobody_above
    """What the unit that supervises a unit is called on a day."""
    find_permission: Callable[[str, date], str | None] = nothing_permitted
    """The basis on which the tenant has set a setting to yes on a day; ``None`` where it has not."""
    explanations: Mapping[UUID, Explanation] = field(default_factory=dict)
    """How the deadlines of the case were counted, by their ids; known where a step moves them."""
    regime: Regime | None = None
    """The regime of accountability of which the cases of the kind are."""
    find_figure: Callable[[str, date], tuple[Decimal, str] | None] = no_figure
    """The tenant's figure for a setting on a day with its basis; ``None`` where it has set none (R11)."""
    sanctioned_acts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The acts for which a subject of the case was sanctioned before, elsewhere (R13); known where it is decided about."""
    is_member: Callable[[UUID, date], bool] = always_member
    """Whether a unit is a member of the tenant's organisation on a day (成员单位)."""

    decided_reasons: Mapping[UUID, Collection[str]] = field(default_factory=dict)
    """For which reasons it was asked to find the lateness of a deadline justified, and decided; known where it is asked."""

    def local_day(self, instant: datetime) -> date:
        """The local date of an instant."""
        return instant.astimezone(self.calendar.zone).date()
