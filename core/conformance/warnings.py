"""The rungs of the warning ladder that a regulation itself has: each named once, and away from the due date."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.walk import repeated
from core.procedure import CaseKind
from core.rungs import BREACH, DISTANCES


def check_warnings(city: City) -> Iterator[Finding]:
    """Each rung has a name of its own, a distance in a unit that it can have, and deadlines of the kind."""
    for kind in city.kinds:
        for key in repeated([rung.key for rung in kind.warnings]):
            yield Finding(
                "warnings.key-twice", f"kind {kind.key}, warning {key}", "stands twice; give each a key of its own"
            )
        yield from _check_rungs(kind)


def _check_rungs(kind: CaseKind) -> Iterator[Finding]:
    known = {rule.key for rule in kind.deadlines}
    for rung in kind.warnings:
        place = f"kind {kind.key}, warning {rung.key}"
        if rung.key == BREACH:
            yield Finding(
                "warnings.breach", place, "is the name of the breach itself, which every deadline has; give another"
            )
        if rung.distance.unit not in DISTANCES or rung.distance.length == 0:
            units = ", ".join(sorted(DISTANCES))
            yield Finding("warnings.distance", place, f"its distance must be at least 1 in one of {units}")
        for name in sorted(set(rung.deadlines) - known):
            yield Finding("warnings.deadline-unknown", place, f"names deadline {name!r}, which the kind does not have")
