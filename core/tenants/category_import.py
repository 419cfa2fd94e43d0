"""Plans what a file of categories does to the tenant's tree, row by row; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import Refused, WenzeError
from core.ids import new_id
from core.procedure import CategoryLimit
from core.tenants.categories import Categories, CategoryVersion, Limit
from core.tenants.category_checks import check_said
from core.tenants.category_file import CategoryRow, ReadCategory, read_term
from core.tenants.category_tree import find_faults
from core.tenants.names import normalise
from core.tenants.unit_import import Outcome, RowReport

if TYPE_CHECKING:
    from core.tenants.snapshot import Snapshot


@dataclass(slots=True)
class CategoryPlan:
    """The report of each row, and what is to be written where none has a fault."""

    rows: list[RowReport] = field(default_factory=list)
    new_codes: tuple[str, ...] = ()
    versions: list[CategoryVersion] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """The codes of the rows so far."""

    @property
    def sound(self) -> bool:
        """Whether no row has a fault."""
        return all(row.outcome is not Outcome.FAULT for row in self.rows)


def plan_import(snapshot: Snapshot, rows: Iterable[ReadCategory], recorded_at: datetime) -> CategoryPlan:
    """The plan of a file. Rows may name each other in any order; several rows of one code are its versions."""
    read, plan = list(rows), CategoryPlan()
    held = snapshot.categories
    plan.new_codes = tuple(dict.fromkeys(item.row.code for item in read if item.row and item.row.code not in held.by_code))
    made = [_try_version(snapshot, item, recorded_at) for item in read]
    after = held.with_versions(version for version, _ in made if version)
    for item, (version, error) in zip(read, made, strict=True):
        plan.rows.append(_report(snapshot, after, plan, item, version, error))
    if plan.sound:
        _find_faults(after, plan)
    return plan


def _try_version(
    snapshot: Snapshot, item: ReadCategory, recorded_at: datetime
) -> tuple[CategoryVersion | None, WenzeError | None]:
    if item.row is None:
        return None, None
    try:
        return _version(snapshot, item.row, recorded_at), None
    except Refused as error:
        return None, error


def _version(snapshot: Snapshot, row: CategoryRow, recorded_at: datetime) -> CategoryVersion:
    unit = snapshot.organisation.by_code.get(row.default_unit) if row.default_unit else None
    if row.default_unit and unit is None:
        raise Refused("tenants.unit-code-unknown", unit=row.default_unit)
    return CategoryVersion(
        id=new_id(),
        code=row.code,
        valid_from=row.valid_from,
        title_zh=normalise(row.title_zh),
        title_en=normalise(row.title_en) if row.title_en else None,
        parent=row.parent,
        closed=row.closed,
        merged_into=row.merged_into,
        kinds=tuple(dict.fromkeys(row.kinds)),
        default_unit_id=unit.id if unit else None,
        urgent=row.urgent,
        limits=dict(_limits(row)),
        basis=normalise(row.basis),
        recorded_at=recorded_at,
    )


def _limits(row: CategoryRow) -> Iterable[tuple[CategoryLimit, Limit]]:
    given = (
        (CategoryLimit.HANDLING, row.handling_limit, row.handling_basis),
        (CategoryLimit.URGENT_RESPONSE, row.urgent_response_limit, row.urgent_response_basis),
    )
    for which, text, basis in given:
        if (text is None) != (basis is None):
            raise Refused("categories.limit-without-basis", limit=which.value)
        if text is not None and basis is not None:
            yield which, Limit(read_term(text), normalise(basis))


def _report(
    snapshot: Snapshot,
    after: Categories,
    plan: CategoryPlan,
    item: ReadCategory,
    version: CategoryVersion | None,
    error: WenzeError | None,
) -> RowReport:
    if item.row is None or version is None:
        return RowReport(item.line, item.row.code if item.row else None, Outcome.FAULT, item.fault, error)
    try:
        check_said(version, after, snapshot.organisation, snapshot.jurisdiction)
    except WenzeError as refusal:
        return RowReport(item.line, version.code, Outcome.FAULT, error=refusal)
    outcome = _outcome(snapshot.categories, plan, version)
    if outcome is not Outcome.UNCHANGED:
        plan.versions.append(version)
    plan.seen.add(version.code)
    return RowReport(item.line, version.code, outcome)


def _outcome(held: Categories, plan: CategoryPlan, version: CategoryVersion) -> Outcome:
    category = held.by_code.get(version.code)
    if category is None:
        return Outcome.CHANGED if version.code in plan.seen else Outcome.CREATED
    same_day = [item for item in category.versions if item.valid_from == version.valid_from]
    return Outcome.UNCHANGED if same_day and _says(same_day[-1]) == _says(version) else Outcome.CHANGED


def _find_faults(after: Categories, plan: CategoryPlan) -> None:
    """Looks at the whole that the rows make, and puts each fault to the last row of its category."""
    places = {row.code: place for place, row in enumerate(plan.rows)}
    for fault in find_faults(after, (version.code for version in plan.versions)):
        code = str(fault.params["category"])
        place = places[code]
        plan.rows[place] = RowReport(plan.rows[place].line, code, Outcome.FAULT, error=fault)


def _says(version: CategoryVersion) -> tuple[object, ...]:
    """What a version says, without when and under which id it was recorded."""
    return tuple(getattr(version, name) for name in CategoryVersion.__slots__ if name not in {"id", "recorded_at"})
