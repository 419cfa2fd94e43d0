"""The organisation: units in a tree, offices, mergers and staff, looked up on a day (decision 15). Immutable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from core.errors import NotFound
from core.tenants.principal import Grant
from core.tenants.staff import Post, RoleGrant, Staff
from core.tenants.units import Unit, UnitVersion, gather_units

K = TypeVar("K")
V = TypeVar("V")
_DAYS_KEPT = 16


class OrganisationDay:
    """The organisation as it stands on one day. Dissolved units are in it, and say so."""

    def __init__(self, units: dict[UUID, Unit], day: date) -> None:
        self.day = day
        found = ((id_, unit.on(day)) for id_, unit in units.items())
        self.versions: dict[UUID, UnitVersion] = {id_: version for id_, version in found if version is not None}

    @cached_property
    def by_office(self) -> dict[str, tuple[UUID, ...]]:
        """The units that fill each office."""
        return _gather((office, unit.unit_id) for unit in self.active for office in unit.offices)

    @cached_property
    def children(self) -> dict[UUID, tuple[UUID, ...]]:
        """The active units directly below each unit."""
        return _gather((unit.parent_id, unit.unit_id) for unit in self.active if unit.parent_id)

    def below(self, unit: UUID) -> tuple[UUID, ...]:
        """The active units that have it as their parent or as their stated superior."""
        return tuple(version.unit_id for version in self.active if unit in {version.parent_id, version.superior_id})

    @cached_property
    def ranking_groups(self) -> dict[str, tuple[UUID, ...]]:
        """The active units of each ranking group."""
        return _gather((unit.ranking_group, unit.unit_id) for unit in self.active if unit.ranking_group)

    @cached_property
    def active(self) -> tuple[UnitVersion, ...]:
        """The units that exist on the day and are not dissolved."""
        return tuple(version for version in self.versions.values() if not version.dissolved)

    def is_active(self, unit: UUID) -> bool:
        """Whether the unit exists on the day and is not dissolved."""
        version = self.versions.get(unit)
        return version is not None and not version.dissolved

    def successor(self, unit: UUID) -> UUID | None:
        """The unit itself, or what it was merged into; ``None`` where it does not exist or left no successor."""
        version = self.versions.get(unit)
        while version is not None and version.dissolved:
            version = self.versions.get(version.merged_into) if version.merged_into else None
        return version.unit_id if version else None

    def stands_for(self, unit: UUID) -> tuple[UUID, ...]:
        """The units for which the unit's staff act: itself, its successor, and all that was merged into that."""
        successor = self.successor(unit)
        return self._merged.get(successor, (successor,)) if successor else ()

    @cached_property
    def _merged(self) -> dict[UUID, tuple[UUID, ...]]:
        merged = [version for version in self.versions.values() if version.dissolved and version.merged_into]
        pairs = [(self.successor(version.unit_id), version.unit_id) for version in merged]
        successors = {successor for successor, _ in pairs if successor}
        return _gather([*((id_, id_) for id_ in successors), *((to, id_) for to, id_ in pairs if to)])


class Organisation:
    """Units, posts and roles with their whole history."""

    def __init__(self, units: dict[UUID, Unit], staff: Staff) -> None:
        self.units, self.staff = units, staff
        self._days: dict[date, OrganisationDay] = {}

    @classmethod
    def of(
        cls,
        codes: dict[UUID, str],
        versions: Iterable[UnitVersion],
        posts: Iterable[Post] = (),
        grants: Iterable[RoleGrant] = (),
    ) -> Organisation:
        """The organisation from its rows, versions in the order in which they were recorded."""
        return cls(gather_units(codes, versions), Staff(posts, grants))

    def with_versions(self, codes: dict[UUID, str], versions: Iterable[UnitVersion]) -> Organisation:
        """The organisation as it would be with further units and versions, recorded in that order."""
        added: dict[UUID, list[UnitVersion]] = {}
        for version in versions:
            held = self.units.get(version.unit_id)
            added.setdefault(version.unit_id, list(held.versions) if held else []).append(version)
        known = {id_: unit.code for id_, unit in self.units.items()} | codes
        changed = gather_units({id_: known[id_] for id_ in added}, (row for rows in added.values() for row in rows))
        return Organisation(self.units | changed, self.staff)

    @cached_property
    def in_order(self) -> tuple[Unit, ...]:
        """The units by code."""
        return tuple(sorted(self.units.values(), key=lambda unit: unit.code))

    @cached_property
    def by_code(self) -> dict[str, Unit]:
        """Units by the tenant's own code."""
        return {unit.code: unit for unit in self.units.values()}

    def on(self, day: date) -> OrganisationDay:
        """The organisation as it stands on ``day``."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            found = self._days[day] = OrganisationDay(self.units, day)
        return found

    def unit(self, id_: UUID) -> Unit:
        """The unit, ended or not; raises :class:`NotFound`."""
        if id_ not in self.units:
            raise NotFound("tenants.unit-unknown", unit=str(id_))
        return self.units[id_]

    def offices(self, key: str, day: date) -> tuple[Unit, ...]:
        """The units that fill an office on ``day``, by code; empty where none does."""
        return tuple(sorted((self.units[id_] for id_ in self.on(day).by_office.get(key, ())), key=lambda unit: unit.code))

    def superior(self, unit: UUID, day: date) -> Unit | None:
        """The unit that supervises it on ``day``: the stated superior, else the parent."""
        version = self.on(day).versions.get(unit)
        above = version.supervised_by if version else None
        return self.units[above] if above else None

    def units_of(self, person: UUID, day: date) -> frozenset[UUID]:
        """The units for which the person acts on ``day``: of the posts, their successors, and what these took over."""
        view = self.on(day)
        posts = (post for post in self.staff.posts_of(person) if post.holds_on(day))
        return frozenset(unit for post in posts for unit in view.stands_for(post.unit_id))

    def roles_of(self, person: UUID, day: date) -> tuple[Grant, ...]:
        """The roles that the person holds on ``day``, each with the unit in which it holds."""
        view = self.on(day)
        held: dict[Grant, None] = {}
        for grant in self.staff.grants_of(person):
            if grant.holds_on(day):
                units = (None,) if grant.unit_id is None else view.stands_for(grant.unit_id)
                held.update(dict.fromkeys(Grant(grant.role, unit) for unit in units))
        return tuple(held)


def _gather(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    gathered: dict[K, list[V]] = {}
    for key, value in pairs:
        gathered.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in gathered.items()}
