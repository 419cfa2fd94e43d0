"""The shipped cities, loaded from this tree by entry points of our own, whether or not the package is installed."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path

from core.jurisdictions import GROUP, Jurisdiction, load_jurisdiction
from core.procedure import CaseKind

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@cache
def shipped() -> dict[str, Jurisdiction]:
    """Every city that the project declares, by id."""
    declared = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    return {name: load_jurisdiction(EntryPoint(name, value, GROUP)) for name, value in declared.items()}


def shipped_kinds() -> list[tuple[str, CaseKind]]:
    """Every kind of case of every shipped city, with the city."""
    return [(name, kind) for name, city in shipped().items() for kind in city.kinds.values()]


def plain_kinds() -> list[tuple[str, CaseKind]]:
    """Those whose cases have no matter: the naive model knows none. Accountability cases have a machine of their own."""
    return [(city, kind) for city, kind in shipped_kinds() if kind.regime is None]
