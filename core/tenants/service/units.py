"""Registers units and records their next versions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from core.errors import Conflict, Stale
from core.ids import new_id
from core.store.tables import unit, unit_version
from core.tenants.checks import check_change, check_known
from core.tenants.commands import NewUnit, UnitChange, UnitStatement
from core.tenants.names import normalise
from core.tenants.organisation import Organisation
from core.tenants.service.administration import Administration
from core.tenants.tree import check_versions
from core.tenants.unit_file import ReadUnit
from core.tenants.unit_import import ImportPlan, plan_import
from core.tenants.units import Unit, UnitVersion


async def register_unit(admin: Administration, new: NewUnit) -> Unit:
    """A new unit with its first version; raises :class:`Conflict` for a code in use and :class:`Refused` for a fault."""
    organisation = (await admin.begin()).organisation
    if new.code in organisation.by_code:
        raise Conflict("tenants.unit-code-taken", field="/code", code_taken=new.code)
    version = _version(admin, organisation, new_id(), new)
    after = _checked(organisation, {version.unit_id: new.code}, version)
    admin.session.add(unit, {"id": version.unit_id, "code": new.code})
    _write(admin, new.code, version, "unit.registered")
    return after.units[version.unit_id]


async def change_unit(admin: Administration, unit_id: UUID, change: UnitChange, expected: int) -> Unit:
    """The unit with its next version; ``expected`` is how many versions it had when this was decided.

    Raises :class:`NotFound`, :class:`Stale` or :class:`Refused`.
    """
    organisation = (await admin.begin()).organisation
    held = organisation.unit(unit_id)
    if expected != len(held.versions):
        raise Stale("tenants.unit-stale", current=len(held.versions))
    check_change(change)
    check_known(organisation, change.merged_into, "/merged_into")
    version = _version(admin, organisation, unit_id, change, dissolved=change.dissolved, merged_into=change.merged_into)
    after = _checked(organisation, {}, version)
    _write(admin, held.code, version, "unit.changed")
    return after.units[unit_id]


async def import_units(admin: Administration, rows: list[ReadUnit], *, dry_run: bool = False) -> ImportPlan:
    """What a file of units does, row by row; written whole where no row has a fault, and not at all otherwise."""
    snapshot = await (admin.snapshots.of(admin.session) if dry_run else admin.begin())
    organisation = snapshot.organisation
    plan = plan_import(organisation, rows, admin.recorded_at)
    if plan.sound and not dry_run:
        for unit_id, code in plan.codes.items():
            admin.session.add(unit, {"id": unit_id, "code": code})
        known = {id_: held.code for id_, held in organisation.units.items()} | plan.codes
        for version in plan.versions:
            action = "unit.registered" if version.unit_id in plan.codes else "unit.changed"
            _write(admin, known[version.unit_id], version, action)
    return plan


def _version(
    admin: Administration,
    organisation: Organisation,
    unit_id: UUID,
    said: UnitStatement,
    *,
    dissolved: bool = False,
    merged_into: UUID | None = None,
) -> UnitVersion:
    check_known(organisation, said.parent_id, "/parent_id")
    check_known(organisation, said.superior_id, "/superior_id")
    return UnitVersion(
        id=new_id(),
        unit_id=unit_id,
        valid_from=said.valid_from,
        name=normalise(said.name),
        parent_id=said.parent_id,
        superior_id=said.superior_id,
        ranking_group=normalise(said.ranking_group) if said.ranking_group else None,
        member=said.member,
        offices=tuple(dict.fromkeys(said.offices)),
        dissolved=dissolved,
        merged_into=merged_into,
        basis=normalise(said.basis),
        recorded_at=admin.recorded_at,
    )


def _checked(organisation: Organisation, codes: dict[UUID, str], version: UnitVersion) -> Organisation:
    after = organisation.with_versions(codes, [version])
    check_versions(after, [version.unit_id])
    return after


def _write(admin: Administration, code: str, version: UnitVersion, action: str) -> None:
    row = version_row(version)
    admin.session.add(unit_version, row)
    content = {name: _plain(value) for name, value in row.items()} | {"code": code}
    refs = {"unit_id": str(version.unit_id), "version_id": str(version.id), "valid_from": version.valid_from.isoformat()}
    admin.record(action, f"unit:{version.unit_id}", content, **refs)


def version_row(version: UnitVersion) -> dict[str, object]:
    """The row in which a version is stored."""
    names = UnitVersion.__slots__
    return {name: getattr(version, name) for name in names} | {"offices": list(version.offices)}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, UUID | date) else msgspec.to_builtins(value)
