"""Units and what is said of them from a day on. Nothing is edited: a change is a further version (decision 15)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UnitVersion:
    """A unit as it stands from ``valid_from`` on, until the next version.

    ``superior_id`` says who supervises it where that is not the parent. ``offices`` are the tasks of the house that it
    fills (``supervision-office``). A dissolved unit stays visible; its matters and staff pass to ``merged_into``.
    """

    id: UUID
    unit_id: UUID
    valid_from: date
    name: str
    parent_id: UUID | None = None
    superior_id: UUID | None = None
    ranking_group: str | None = None
    member: bool = True
    offices: tuple[str, ...] = ()
    dissolved: bool = False
    merged_into: UUID | None = None
    basis: str = ""
    recorded_at: datetime | None = None

    @property
    def supervised_by(self) -> UUID | None:
        """The unit that supervises it: the stated superior, else the parent."""
        return self.superior_id or self.parent_id


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with all its versions, by day; the last recorded of one day goes before the others."""

    id: UUID
    code: str
    versions: tuple[UnitVersion, ...]

    def on(self, day: date) -> UnitVersion | None:
        """The unit as it stood on ``day``; ``None`` before its first version."""
        position = bisect_right(self.versions, day, key=lambda version: version.valid_from)
        return self.versions[position - 1] if position else None

    @property
    def latest(self) -> UnitVersion:
        """The version that begins last."""
        return self.versions[-1]


def gather_units(codes: dict[UUID, str], versions: Iterable[UnitVersion]) -> dict[UUID, Unit]:
    """Units by id, from their codes and versions in the order in which they were recorded."""
    gathered: dict[UUID, list[UnitVersion]] = {id_: [] for id_ in codes}
    for version in versions:
        gathered[version.unit_id].append(version)
    return {id_: Unit(id_, codes[id_], _by_day(rows)) for id_, rows in gathered.items() if rows}


def _by_day(rows: list[UnitVersion]) -> tuple[UnitVersion, ...]:
    return tuple(sorted(rows, key=lambda row: row.valid_from))
