"""What must hold of the tree of categories on every day, checked before a version is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from core.errors import Refused
from core.tenants.categories import Categories, CategoryDay, CategoryVersion

Edge = Callable[[CategoryVersion], str | None]

_EDGES: tuple[tuple[str, Edge], ...] = (
    ("parent", lambda version: version.parent),
    ("merged_into", lambda version: version.merged_into if version.closed else None),
)


def check_versions(categories: Categories, changed: Iterable[str]) -> None:
    """Raises :class:`Refused` for the first fault that :func:`find_faults` finds."""
    for fault in find_faults(categories, changed):
        raise fault


def find_faults(categories: Categories, changed: Iterable[str]) -> Iterator[Refused]:
    """Looks at the changed categories on every day from which anything is said of any category.

    A fault is a circle, a parent that is not there or closed on the day, a closed category that still has open ones below
    it, or a successor that is not open on the day of the merger.
    """
    codes = tuple(dict.fromkeys(changed))
    first = min((categories.by_code[code].versions[0].valid_from for code in codes), default=date.max)
    days = {version.valid_from for held in categories.by_code.values() for version in held.versions}
    for day in sorted(day for day in days if day >= first):
        view = CategoryDay(categories.by_code, day)
        for code in codes:
            try:
                _check(view, code)
            except Refused as fault:
                yield fault


def _check(view: CategoryDay, code: str) -> None:
    version = view.versions.get(code)
    if version is None:
        return
    for name, edge in _EDGES:
        _check_chain(view, version, name, edge)
    if version.closed:
        _check_closed(view, version)
    elif version.parent is not None and not view.is_open(version.parent):
        told = {"category": code, "above": version.parent, "day": view.day.isoformat()}
        raise Refused("categories.above-closed", field="/parent", **told)


def _check_chain(view: CategoryDay, start: CategoryVersion, name: str, edge: Edge) -> None:
    seen, version = {start.code}, start
    while (following := edge(version)) is not None:
        if following in seen:
            raise Refused("categories.circle", field=f"/{name}", category=start.code, day=view.day.isoformat())
        seen.add(following)
        found = view.versions.get(following)
        if found is None:
            return
        version = found


def _check_closed(view: CategoryDay, version: CategoryVersion) -> None:
    day = view.day.isoformat()
    below = [code for code in view.children.get(version.code, ()) if view.is_open(code)]
    if below:
        codes = ", ".join(below[:10])
        raise Refused("categories.has-open-below", field="/closed", category=version.code, below=codes, day=day)
    merged = version.merged_into
    if merged is not None and version.valid_from == view.day and not view.is_open(merged):
        raise Refused("categories.successor-closed", field="/merged_into", category=version.code, other=merged, day=day)
