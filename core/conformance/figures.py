"""The settings: figures that the regulations leave open, each declared once and within bounds that can be kept (R11)."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.walk import repeated


def check_settings(city: City) -> Iterator[Finding]:
    """Each setting stands once, and only numbers have bounds, the lower below the upper."""
    declared = city.jurisdiction.hooks.provide_settings()
    for key in repeated([kind.key for kind in declared]):
        yield Finding("settings.key-twice", f"setting {key}", "stands twice; declare each setting once")
    for kind in declared:
        bounds = [bound for bound in (kind.minimum, kind.maximum) if bound is not None]
        if bounds != sorted(bounds):
            advice = f"its minimum {kind.minimum} lies above its maximum {kind.maximum}; no value could be set"
            yield Finding("settings.bounds", f"setting {kind.key}", advice)
        if bounds and kind.type not in {"integer", "decimal"}:
            yield Finding(
                "settings.bounds", f"setting {kind.key}", f"a {kind.type} has no minimum or maximum; leave them out"
            )
