"""Registers categories and records their next versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from core.errors import Conflict, Stale
from core.ids import new_id
from core.law.instrument import Term
from core.procedure import CategoryLimit
from core.store.tables import category, category_version
from core.tenants.categories import Categories, CategoryVersion, Limit
from core.tenants.category_checks import check_said
from core.tenants.category_commands import CategoryChange, CategoryStatement, LimitFigure, NewCategory
from core.tenants.category_file import ReadCategory
from core.tenants.category_import import CategoryPlan, plan_import
from core.tenants.category_tree import check_versions
from core.tenants.names import normalise
from core.tenants.service.administration import Administration
from core.tenants.snapshot import Snapshot


async def register_category(admin: Administration, new: NewCategory) -> Categories:
    """The categories with a new one and its first version.

    Raises :class:`Conflict` for a code in use, and what :mod:`core.tenants.category_checks` and ``category_tree`` raise.
    """
    snapshot = await admin.begin()
    if new.code in snapshot.categories.by_code:
        raise Conflict("categories.code-taken", field="/code", category=new.code)
    version = _version(admin, new.code, new)
    after = _checked(snapshot, version)
    admin.session.add(category, {"code": new.code})
    _write(admin, version, "category.registered")
    return after


async def change_category(admin: Administration, code: str, change: CategoryChange, expected: int) -> Categories:
    """The categories with the next version of one; ``expected`` is how many versions it had when this was decided.

    Raises :class:`core.errors.NotFound`, :class:`Stale` and what :func:`register_category` raises.
    """
    snapshot = await admin.begin()
    held = snapshot.categories.category(code)
    if expected != len(held.versions):
        raise Stale("categories.stale", current=len(held.versions))
    said = _version(admin, code, change)
    version = replace(said, closed=change.closed, merged_into=change.merged_into)
    after = _checked(snapshot, version)
    _write(admin, version, "category.changed")
    return after


async def import_categories(admin: Administration, rows: list[ReadCategory], *, dry_run: bool = False) -> CategoryPlan:
    """What a file of categories does, row by row; written whole where no row has a fault, and not at all otherwise."""
    snapshot = await (admin.snapshots.of(admin.session) if dry_run else admin.begin())
    plan = plan_import(snapshot, rows, admin.recorded_at)
    if plan.sound and not dry_run:
        for code in plan.new_codes:
            admin.session.add(category, {"code": code})
        for version in plan.versions:
            _write(admin, version, "category.registered" if version.code in plan.new_codes else "category.changed")
    return plan


def _version(admin: Administration, code: str, said: CategoryStatement) -> CategoryVersion:
    figures = {CategoryLimit.HANDLING: said.handling_limit, CategoryLimit.URGENT_RESPONSE: said.urgent_response_limit}
    return CategoryVersion(
        id=new_id(),
        code=code,
        valid_from=said.valid_from,
        title_zh=normalise(said.title_zh),
        title_en=normalise(said.title_en) if said.title_en else None,
        parent=said.parent,
        kinds=tuple(dict.fromkeys(said.kinds)),
        default_unit_id=said.default_unit_id,
        urgent=said.urgent,
        limits={which: _limit(figure) for which, figure in figures.items() if figure is not None},
        basis=normalise(said.basis),
        recorded_at=admin.recorded_at,
    )


def _limit(figure: LimitFigure) -> Limit:
    return Limit(Term(unit=figure.term.unit, length=figure.term.length), normalise(figure.basis))


def _checked(snapshot: Snapshot, version: CategoryVersion) -> Categories:
    after = snapshot.categories.with_versions([version])
    check_said(version, after, snapshot.organisation, snapshot.jurisdiction)
    check_versions(after, [version.code])
    return after


def _write(admin: Administration, version: CategoryVersion, action: str) -> None:
    row = version_row(version)
    admin.session.add(category_version, row)
    content = msgspec.to_builtins(row, str_keys=True)
    refs = {"category": version.code, "version_id": str(version.id), "valid_from": version.valid_from.isoformat()}
    admin.record(action, f"category:{version.code}", content, **refs)


def version_row(version: CategoryVersion) -> dict[str, Any]:
    """The row in which a version is stored."""
    values = {name: getattr(version, name) for name in CategoryVersion.__slots__}
    return values | {"kinds": list(version.kinds), "limits": msgspec.to_builtins(version.limits, str_keys=True)}
