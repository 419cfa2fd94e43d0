"""Plans what a file of units does to the organisation, row by row; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.errors import Refused, WenzeError
from core.ids import new_id
from core.tenants.names import normalise
from core.tenants.organisation import Organisation
from core.tenants.tree import find_faults
from core.tenants.unit_file import ReadUnit, UnitRow
from core.tenants.units import UnitVersion


class Outcome(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row of the file: its line, the unit's code, what becomes of it, and the fault where there is one."""

    line: int
    code: str | None
    outcome: Outcome
    fault: str | None = None
    error: WenzeError | None = None


@dataclass(slots=True)
class ImportPlan:
    """The report of each row, and what is to be written where none has a fault."""

    rows: list[RowReport] = field(default_factory=list)
    codes: dict[UUID, str] = field(default_factory=dict)
    versions: list[UnitVersion] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether no row has a fault."""
        return all(row.outcome is not Outcome.FAULT for row in self.rows)


def plan_import(organisation: Organisation, rows: Iterable[ReadUnit], recorded_at: datetime) -> ImportPlan:
    """The plan of a file. Rows may name each other in any order; several rows of one code are its versions."""
    planner = _Planner(organisation, recorded_at)
    read = list(rows)
    planner.name_units(item.row.code for item in read if item.row)
    for item in read:
        planner.take(item)
    if planner.plan.sound:
        planner.find_faults()
    return planner.plan


class _Planner:
    """Makes the plan of one file."""

    def __init__(self, organisation: Organisation, recorded_at: datetime) -> None:
        self.organisation, self.recorded_at = organisation, recorded_at
        self.plan = ImportPlan()
        self.ids = {unit.code: unit.id for unit in organisation.units.values()}
        self.places: dict[str, int] = {}
        """Where in the report the last row of each code stands."""

    def name_units(self, codes: Iterable[str]) -> None:
        """Gives an id to each code that the tenant does not have."""
        for code in codes:
            if code not in self.ids:
                self.ids[code] = new_id()
                self.plan.codes[self.ids[code]] = code

    def take(self, item: ReadUnit) -> None:
        """Plans one row."""
        row = item.row
        error = self._error(row) if row else None
        if row is None or error:
            self.plan.rows.append(RowReport(item.line, row.code if row else None, Outcome.FAULT, item.fault, error))
            return
        version = _version(row, self.ids, self.recorded_at)
        outcome = self._outcome(row.code, version)
        if outcome is not Outcome.UNCHANGED:
            self.plan.versions.append(version)
        self.places[row.code] = len(self.plan.rows)
        self.plan.rows.append(RowReport(item.line, row.code, outcome))

    def _error(self, row: UnitRow) -> Refused | None:
        for code in (row.parent, row.superior, row.merged_into):
            if code and code not in self.ids:
                return Refused("tenants.unit-code-unknown", unit=code)
        if row.merged_into and not row.dissolved:
            return Refused("tenants.successor-of-living", field="/merged_into")
        return None

    def _outcome(self, code: str, version: UnitVersion) -> Outcome:
        unit = self.organisation.units.get(version.unit_id)
        if unit is None:
            return Outcome.CHANGED if code in self.places else Outcome.CREATED
        same_day = [held for held in unit.versions if held.valid_from == version.valid_from]
        return Outcome.UNCHANGED if same_day and _says(same_day[-1]) == _says(version) else Outcome.CHANGED

    def find_faults(self) -> None:
        """Looks at the whole that the rows make, and puts each fault to the last row of its unit."""
        after = self.organisation.with_versions(self.plan.codes, self.plan.versions)
        for fault in find_faults(after, (version.unit_id for version in self.plan.versions)):
            code = str(fault.params["unit"])
            place = self.places[code]
            self.plan.rows[place] = RowReport(self.plan.rows[place].line, code, Outcome.FAULT, error=fault)


def _version(row: UnitRow, ids: dict[str, UUID], recorded_at: datetime) -> UnitVersion:
    return UnitVersion(
        id=new_id(),
        unit_id=ids[row.code],
        valid_from=row.valid_from,
        name=normalise(row.name),
        parent_id=ids[row.parent] if row.parent else None,
        superior_id=ids[row.superior] if row.superior else None,
        ranking_group=normalise(row.ranking_group) if row.ranking_group else None,
        member=row.member,
        offices=tuple(dict.fromkeys(row.offices)),
        dissolved=row.dissolved,
        merged_into=ids[row.merged_into] if row.merged_into else None,
        basis=normalise(row.basis),
        recorded_at=recorded_at,
    )


def _says(version: UnitVersion) -> tuple[object, ...]:
    """What a version says, without when and under which id it was recorded."""
    return tuple(getattr(version, name) for name in UnitVersion.__slots__ if name not in {"id", "recorded_at"})

