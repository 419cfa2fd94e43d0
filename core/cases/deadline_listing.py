"""Deadlines across cases: narrowed on indexed columns, earliest due first, none of a case that the reader may not see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, not_, select, tuple_, type_coerce, union_all

from core.cases.filters import Narrowing, Shape, held_by, one_of
from core.cases.listing import Position
from core.cases.reach import reach_of
from core.cases.service import Desk
from core.deadlines.compute import CLOCK_UNITS, OFFICE_UNITS, WORKING_UNITS, overdue_by
from core.deadlines.derive import WINDOW_OPEN
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text, Unit
from core.store.tables import TENANT, case_step, case_unit, cases, deadline, deadline_entry
from core.store.types import Json
from core.tenants.snapshot import Snapshot

OPEN = "open"
_LATE_STATES = frozenset({OPEN, "met-late"})
_COLUMNS = (
    "id", "case_id", "key", "clause", "holder", "holder_unit_id", "starts_at", "original_due_on", "due_on", "due_at",
    "state", "ended_at", "provisional", "justified_at", "justified_step",
)  # fmt: skip
UNJUSTIFIED = deadline.c.justified_at.is_(None)
"""What counts as late without a justification, where it is late."""
TERM_UNIT = deadline.c.explanation["term"]["unit"]
"""In what the term is counted; it stands in the explanation that is stored with the date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFilter:
    """What a list is narrowed to; all that is given must hold."""

    states: tuple[str, ...] = ()
    """Without any, the deadlines that run: the open ones and, with windows, the rights that nobody has used yet."""
    windows: bool = False
    """Whether limits of rights are listed too, for which nobody is ever late."""
    due_from: date | None = None
    due_to: date | None = None
    """Local days, both included."""
    overdue: bool | None = None
    holder_unit: UUID | None = None
    case_id: UUID | None = None
    key: str | None = None
    clause: str | None = None
    kinds: tuple[str, ...] = ()
    provisional: bool | None = None
    justified: bool | None = None
    """Whether its lateness was found justified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineLine:
    """A deadline as it stands in a list, with the case that it is of. ``due_at`` is exclusive."""

    id: UUID
    case_id: UUID
    number: str
    kind: str
    key: str
    clause: str
    holder: str
    holder_unit_id: UUID | None
    starts_at: datetime
    original_due_on: date
    due_on: date
    due_at: datetime
    state: str
    ended_at: datetime | None
    provisional: bool
    unit: Unit | None
    """In what its term is counted."""
    justified_at: datetime | None = None
    justified_step: UUID | None = None
    """When and by which step its lateness was found justified."""
    sequence: int = 0
    """How many entries its ledger has; told to calendars alone, as are the legal times of the last one and of the step that
    made the deadline arise."""
    entered_at: datetime | None = None
    arose_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """When it last changed. What was entered later can be of an earlier time; a change never goes back."""
        return max((item for item in (self.entered_at, self.arose_at) if item is not None), default=self.starts_at)

    @property
    def has_hour(self) -> bool:
        """Whether it ends at an hour of its last day, and not with it."""
        return self.unit in CLOCK_UNITS | OFFICE_UNITS

    @property
    def overdue_unit(self) -> Unit:
        """In what it is overdue (R10)."""
        return Unit.WORKING_DAY if self.unit in WORKING_UNITS else Unit.CALENDAR_DAY

    def overdue_at(self, now: datetime) -> bool:
        """Whether it is open and its last moment has passed."""
        return self.state == OPEN and now >= self.due_at

    def overdue_days(self, snapshot: Snapshot, now: datetime) -> int:
        """How many days late, by the tenant's calendar in its own unit (R10): until today, or until it was met late."""
        if self.state not in _LATE_STATES:
            return 0
        on = snapshot.local_day(self.ended_at or now)
        return overdue_by(self.due_on, on, self.overdue_unit, snapshot.calendar)

    def title(self, jurisdiction: Jurisdiction) -> Text | None:
        """What the rule calls it; ``None`` where the present rules have it no more."""
        return next((rule.title for rule in jurisdiction.kind(self.kind).deadlines if rule.key == self.key), None)

    def is_window(self, jurisdiction: Jurisdiction) -> bool:
        """Whether it limits a right and not a duty."""
        return (self.kind, self.key) in windows_of(jurisdiction)


@dataclass(frozen=True, slots=True)
class DeadlinePage:
    """The lines of a page, and after which deadline the next one begins; ``None`` behind the last."""

    lines: tuple[DeadlineLine, ...] = ()
    following: Position | None = None


@dataclass(frozen=True, slots=True)
class _Question:
    """What the text of a statement depends on."""

    shape: Shape
    states: tuple[bool, ...]
    """For each state in turn, whether it is the one of open deadlines, which alone can be overdue."""
    windows: int
    """How many rules make limits of rights, which are left out."""
    dated: bool
    """Whether it is told when the dates were last moved."""


def windows_of(jurisdiction: Jurisdiction) -> frozenset[tuple[str, str]]:
    """The limits of rights that a city has, by kind of case and key."""
    kinds = jurisdiction.kinds.items()
    return frozenset((kind, rule.key) for kind, value in kinds for rule in value.deadlines if rule.window)


async def list_deadlines(
    desk: Desk, wanted: DeadlineFilter, limit: int, after: Position | None = None, *, dated: bool = False
) -> DeadlinePage:
    """At most ``limit`` deadlines of cases that the person may see, after a position, earliest due first."""
    narrowing, states = narrow_deadlines(desk, wanted), _states(wanted)
    if narrowing is None or not states:
        return DeadlinePage()
    if after is not None:
        narrowing.add("after", after.id)
        narrowing.values["after_due"] = after.due_at
    left_out = frozenset() if wanted.windows else windows_of(desk.snapshot.jurisdiction)
    narrowing.values |= {"page": limit + 1, **_numbered("state", states)}
    for index, (kind, key) in enumerate(sorted(left_out)):
        narrowing.values |= {f"window_kind_{index}": kind, f"window_key_{index}": key}
    asked = _Question(narrowing.shape, tuple(state == OPEN for state in states), len(left_out), dated)
    found = [_line(row) for row in await desk.session.all(_statement(asked), narrowing.values)]
    last = found[limit - 1] if len(found) > limit else None
    return DeadlinePage(tuple(found[:limit]), Position(last.id, last.due_at) if last else None)


def narrow_deadlines(desk: Desk, wanted: DeadlineFilter) -> Narrowing | None:
    """The conditions of a list for a reader but for the states; ``None`` where no deadline can meet them.

    A deadline is told to whoever sees its case, and to nobody else, also where it is held by a unit of their own.
    """
    reach = reach_of(desk.principal, desk.snapshot.jurisdiction)
    if reach.sees_nothing:
        return None
    found = Narrowing(values={"now": desk.now})
    for name in ("holder_unit", "case_id", "key", "clause", "provisional"):
        value = getattr(wanted, name)
        if value is not None:
            found.add(name, value)
    if wanted.due_from is not None:
        found.add("due_from", midnight(desk.snapshot, wanted.due_from))
    if wanted.due_to is not None:
        found.add("due_to", midnight(desk.snapshot, wanted.due_to + timedelta(days=1)))
    asked = {"overdue": wanted.overdue, "justified": wanted.justified}
    found.single |= {f"{name}:{value}".lower() for name, value in asked.items() if value is not None}
    for name, values in (("kinds", wanted.kinds), ("my_units", reach.units)):
        if values:
            found.add_several(name, values)
    return found


def midnight(snapshot: Snapshot, day: date) -> datetime:
    """The instant at which a local day begins."""
    return datetime.combine(day, time.min, snapshot.zone)


def _states(wanted: DeadlineFilter) -> tuple[str, ...]:
    running = (OPEN, WINDOW_OPEN) if wanted.windows else (OPEN,)
    states = tuple(dict.fromkeys(wanted.states)) or running
    return tuple(state for state in states if state == OPEN) if wanted.overdue else states


def _numbered(name: str, values: tuple[str, ...]) -> dict[str, str]:
    return {f"{name}_{index}": value for index, value in enumerate(values)}


def _line(row: dict[str, Any]) -> DeadlineLine:
    unit = row.pop("unit")
    return DeadlineLine(**row, unit=Unit(unit) if unit else None)


@lru_cache(maxsize=1024)
def _statement(asked: _Question) -> Select[Any]:
    """The statement for one combination of filters. Each state is read in order by its own index, and no further than the
    page reaches; several are merged."""
    branches = [_of_state(asked, index) for index in range(len(asked.states))]
    if len(branches) == 1:
        return branches[0]
    merged = union_all(*(select(branch.subquery(f"s{index}")) for index, branch in enumerate(branches))).subquery("found")
    return select(merged).order_by(merged.c.due_at, merged.c.id).limit(bindparam("page"))


def _of_state(asked: _Question, index: int) -> Select[Any]:
    statement = select(*_columns(dated=asked.dated)).where(*deadline_conditions(asked.shape, opened=asked.states[index]))
    statement = statement.where(deadline.c.state == bindparam(f"state_{index}"), *_duties(asked.windows))
    return statement.order_by(deadline.c.due_at, deadline.c.id).limit(bindparam("page"))


def _columns(*, dated: bool) -> list[Any]:
    unit = type_coerce(TERM_UNIT, Json(str)).label("unit")
    plain = [*(deadline.c[name] for name in _COLUMNS), cases.c.number, cases.c.kind, unit]
    return [*plain, *_DATED] if dated else plain


def _of_ledger(column: Any) -> Any:
    entries = select(column).where(deadline_entry.c.tenant == TENANT, deadline_entry.c.deadline_id == deadline.c.id)
    return entries.correlate(deadline).scalar_subquery()


_AROSE = select(case_step.c.occurred_at).where(case_step.c.tenant == TENANT, case_step.c.id == deadline.c.step_id)
_DATED = (
    _of_ledger(func.count()).label("sequence"),
    _of_ledger(func.max(deadline_entry.c.at)).label("entered_at"),
    _AROSE.correlate(deadline).scalar_subquery().label("arose_at"),
)


def _duties(windows: int) -> list[ColumnElement[bool]]:
    """That it is none of so many limits of rights."""
    return [
        not_(and_(cases.c.kind == bindparam(f"window_kind_{index}"), deadline.c.key == bindparam(f"window_key_{index}")))
        for index in range(windows)
    ]


def deadline_conditions(shape: Shape, *, opened: bool) -> list[ColumnElement[bool]]:
    """The WHERE of deadlines and their cases, the tenant's own conditions first; only an open one can be overdue."""
    several = dict(shape.several)
    found: list[ColumnElement[bool]] = [
        deadline.c.tenant == TENANT, cases.c.tenant == TENANT, cases.c.id == deadline.c.case_id,
    ]  # fmt: skip
    found += [_CONDITIONS[name] for name in sorted(shape.single) if opened or not name.startswith("overdue:")]
    if "kinds" in several:
        found.append(one_of(cases.c.kind, "kinds", several["kinds"]))
    if "my_units" in several:
        found.append(held_by(one_of(case_unit.c.unit_id, "my_units", several["my_units"])))
    return found


_CONDITIONS: dict[str, ColumnElement[bool]] = {
    "holder_unit": deadline.c.holder_unit_id == bindparam("holder_unit"),
    "case_id": deadline.c.case_id == bindparam("case_id"),
    "key": deadline.c.key == bindparam("key"),
    "clause": deadline.c.clause == bindparam("clause"),
    "provisional": deadline.c.provisional == bindparam("provisional"),
    # The last moment lies before ``due_at``: what is due on a day ends after its first midnight, and at its second at most.
    "due_from": deadline.c.due_at > bindparam("due_from", type_=deadline.c.due_at.type),
    "due_to": deadline.c.due_at <= bindparam("due_to", type_=deadline.c.due_at.type),
    "overdue:true": deadline.c.due_at <= bindparam("now", type_=deadline.c.due_at.type),
    "overdue:false": deadline.c.due_at > bindparam("now", type_=deadline.c.due_at.type),
    "justified:true": deadline.c.justified_at.is_not(None),
    "justified:false": UNJUSTIFIED,
    "after": tuple_(
        bindparam("after_due", type_=deadline.c.due_at.type), bindparam("after", type_=deadline.c.id.type)
    ) < tuple_(deadline.c.due_at, deadline.c.id),
}  # fmt: skip
