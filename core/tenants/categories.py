"""The tenant's categories (事项分类): a tree of stable codes, each as it is from a day on. Immutable.

What a category does not say itself (its limits, its default unit, the kinds of case that it is for) is that of the nearest
category above it that says it. A category is what it was on the day that is asked about.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from msgspec import Struct

from core.errors import NotFound
from core.law.instrument import Term
from core.procedure import CategoryLimit

_DAYS_KEPT = 16


class Limit(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure that the tenant gives the matters of a category, and what it rests on (R11)."""

    term: Term
    basis: str


@dataclass(frozen=True, slots=True)
class CategoryVersion:
    """A category as it stands from ``valid_from`` on, until the next version.

    A closed one stays visible and takes no new matters; ``merged_into`` names what its matters count as from then on.
    ``urgent`` is what the intake form begins with; what is registered decides.
    """

    id: UUID
    code: str
    valid_from: date
    title_zh: str
    title_en: str | None = None
    parent: str | None = None
    closed: bool = False
    merged_into: str | None = None
    kinds: tuple[str, ...] = ()
    default_unit_id: UUID | None = None
    urgent: bool = False
    limits: Mapping[CategoryLimit, Limit] = field(default_factory=dict)
    basis: str = ""
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """A category with all its versions, by day; the last recorded of one day goes before the others."""

    code: str
    versions: tuple[CategoryVersion, ...]

    def on(self, day: date) -> CategoryVersion | None:
        """The category as it stood on ``day``; ``None`` before its first version."""
        position = bisect_right(self.versions, day, key=lambda version: version.valid_from)
        return self.versions[position - 1] if position else None


class CategoryDay:
    """The categories as they stand on one day. Closed ones are in it, and say so."""

    def __init__(self, categories: Mapping[str, Category], day: date) -> None:
        self.day = day
        found = ((code, category.on(day)) for code, category in categories.items())
        self.versions: dict[str, CategoryVersion] = {code: version for code, version in found if version is not None}

    def is_open(self, code: str) -> bool:
        """Whether the category is there on the day and not closed."""
        version = self.versions.get(code)
        return version is not None and not version.closed

    def successor(self, code: str) -> str | None:
        """The category itself, or the one that takes its place; ``None`` where it is not there or nothing does."""
        version = self.versions.get(code)
        while version is not None and version.closed:
            version = self.versions.get(version.merged_into) if version.merged_into else None
        return version.code if version else None

    def path(self, code: str) -> tuple[CategoryVersion, ...]:
        """The category and those above it, nearest first; empty where it is not there on the day."""
        return tuple(self._upwards(code))

    def lineage(self, code: str) -> tuple[CategoryVersion, ...]:
        """The path of what a matter of the category counts as: its own, or its successor's where it was merged."""
        return self.path(self.successor(code) or code)

    def limit(self, code: str, which: CategoryLimit) -> tuple[str, Limit] | None:
        """The figure for matters of the category, and the category that says it: itself, or the nearest above that does."""
        version = self._nearest(code, lambda item: which in item.limits)
        return (version.code, version.limits[which]) if version else None

    def default_unit(self, code: str) -> tuple[str, UUID] | None:
        """The unit that matters of the category go to where nothing else decides, and the category that says it."""
        version = self._nearest(code, lambda item: item.default_unit_id is not None)
        return (version.code, version.default_unit_id) if version and version.default_unit_id else None

    def kinds(self, code: str) -> tuple[str, ...]:
        """The kinds of case that the category is for; empty for all."""
        version = self._nearest(code, lambda item: bool(item.kinds))
        return version.kinds if version else ()

    def within(self, code: str) -> frozenset[str]:
        """The category and all below it."""
        found, waiting = set(), [code] if code in self.versions else []
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting.extend(self.children.get(at, ()))
        return frozenset(found)

    @cached_property
    def children(self) -> dict[str | None, tuple[str, ...]]:
        """The codes directly below each category, by code; below ``None`` those that stand at the top."""
        below: dict[str | None, list[str]] = {}
        for version in self.versions.values():
            below.setdefault(version.parent, []).append(version.code)
        return {parent: tuple(sorted(codes)) for parent, codes in below.items()}

    def _nearest(self, code: str, says: Callable[[CategoryVersion], bool]) -> CategoryVersion | None:
        return next((version for version in self.lineage(code) if says(version)), None)

    def _upwards(self, code: str) -> Iterator[CategoryVersion]:
        version = self.versions.get(code)
        while version is not None:
            yield version
            version = self.versions.get(version.parent) if version.parent else None


class Categories:
    """The categories with their whole history."""

    def __init__(self, categories: Mapping[str, Category]) -> None:
        self.by_code = categories
        self._days: dict[date, CategoryDay] = {}

    @classmethod
    def of(cls, versions: Iterable[CategoryVersion] = ()) -> Categories:
        """The categories from their versions, in the order in which they were recorded."""
        gathered: dict[str, list[CategoryVersion]] = {}
        for version in versions:
            gathered.setdefault(version.code, []).append(version)
        return cls({code: Category(code, _by_day(rows)) for code, rows in gathered.items()})

    def with_versions(self, versions: Iterable[CategoryVersion]) -> Categories:
        """The categories as they would be with further versions, recorded in that order."""
        added: dict[str, list[CategoryVersion]] = {}
        for version in versions:
            held = self.by_code.get(version.code)
            added.setdefault(version.code, list(held.versions) if held else []).append(version)
        changed = {code: Category(code, _by_day(rows)) for code, rows in added.items()}
        return Categories({**self.by_code, **changed})

    def on(self, day: date) -> CategoryDay:
        """The categories as they stand on ``day``."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            found = self._days[day] = CategoryDay(self.by_code, day)
        return found

    def category(self, code: str) -> Category:
        """The category, closed or not; raises :class:`NotFound`."""
        if code not in self.by_code:
            raise NotFound("categories.unknown")
        return self.by_code[code]


def _by_day(rows: list[CategoryVersion]) -> tuple[CategoryVersion, ...]:
    return tuple(sorted(rows, key=lambda row: row.valid_from))
