"""What must hold of a tree of units on every day, checked before a version is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from uuid import UUID

from core.errors import Refused
from core.tenants.organisation import Organisation, OrganisationDay
from core.tenants.units import Unit, UnitVersion

Edge = Callable[[UnitVersion], UUID | None]

_EDGES: tuple[tuple[str, Edge], ...] = (
    ("parent", lambda version: version.parent_id),
    ("superior", lambda version: version.supervised_by),
    ("merged_into", lambda version: version.merged_into if version.dissolved else None),
)


def check_versions(organisation: Organisation, changed: Iterable[UUID]) -> None:
    """Raises :class:`Refused` for the first fault that :func:`find_faults` finds."""
    for fault in find_faults(organisation, changed):
        raise fault


def find_faults(organisation: Organisation, changed: Iterable[UUID]) -> Iterator[Refused]:
    """Looks at the changed units on every day from which anything is said of any unit.

    A fault is a circle, a parent or superior that does not exist or is dissolved on the day, or a dissolved unit that
    still has units below it.
    """
    units = [organisation.units[id_] for id_ in dict.fromkeys(changed)]
    first = min((unit.versions[0].valid_from for unit in units), default=date.max)
    for day in _days_from(organisation.units.values(), first):
        view = OrganisationDay(organisation.units, day)
        for unit in units:
            try:
                _check_unit(organisation, view, unit)
            except Refused as fault:
                yield fault


def _days_from(units: Iterable[Unit], first: date) -> list[date]:
    days = {version.valid_from for unit in units for version in unit.versions}
    return sorted(day for day in days if day >= first)


def _check_unit(organisation: Organisation, view: OrganisationDay, unit: Unit) -> None:
    version = view.versions.get(unit.id)
    if version is None:
        return
    for name, edge in _EDGES:
        _check_chain(organisation, view, version, name, edge)
    if version.dissolved:
        _check_dissolved(organisation, view, unit)
    else:
        _check_above(organisation, view, version)


def _check_chain(organisation: Organisation, view: OrganisationDay, start: UnitVersion, name: str, edge: Edge) -> None:
    seen, version = {start.unit_id}, start
    while (above := edge(version)) is not None:
        if above in seen:
            code = organisation.units[start.unit_id].code
            raise Refused("tenants.unit-circle", field=f"/{name}", unit=code, relation=name, day=view.day.isoformat())
        seen.add(above)
        found = view.versions.get(above)
        if found is None:
            return
        version = found


def _check_above(organisation: Organisation, view: OrganisationDay, version: UnitVersion) -> None:
    for name, above in (("parent", version.parent_id), ("superior", version.superior_id)):
        if above is not None and not view.is_active(above):
            unit, other = organisation.units[version.unit_id].code, organisation.units[above].code
            raise Refused("tenants.unit-above-gone", field=f"/{name}", unit=unit, above=other, day=view.day.isoformat())


def _check_dissolved(organisation: Organisation, view: OrganisationDay, unit: Unit) -> None:
    below = sorted(organisation.units[child].code for child in view.below(unit.id))
    if below:
        codes = ", ".join(below[:10])
        raise Refused("tenants.unit-has-children", field="/dissolved", unit=unit.code, below=codes, day=view.day.isoformat())
    version = view.versions[unit.id]
    if version.merged_into and version.valid_from == view.day and not view.is_active(version.merged_into):
        other = organisation.units[version.merged_into].code
        day = view.day.isoformat()
        raise Refused("tenants.unit-successor-gone", field="/merged_into", unit=unit.code, other=other, day=day)
