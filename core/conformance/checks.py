"""Every check that a jurisdiction is put to, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.conformance.city import City
from core.conformance.conditions import check_conditions
from core.conformance.deadlines import check_deadlines
from core.conformance.figures import check_settings
from core.conformance.finding import Finding
from core.conformance.inputs import check_bodies, check_examples, check_fields
from core.conformance.law import check_instruments
from core.conformance.life import check_prerequisites, check_states
from core.conformance.manifest import check_manifest
from core.conformance.matters import check_matters
from core.conformance.moves import check_moves
from core.conformance.objections import check_objections
from core.conformance.regimes import check_regimes
from core.conformance.roles import check_roles
from core.conformance.scenes import check_scenes
from core.conformance.shape import check_kinds, check_steps
from core.conformance.story import check_cast
from core.conformance.supervisions import check_supervisions
from core.conformance.usual import check_usual_steps
from core.conformance.warnings import check_warnings
from core.conformance.wording import check_citations, check_wording
from core.law.source import FaultInSource
from core.shared_steps import UnknownSharedStep

Check = Callable[[City], Iterator[Finding]]
CHECKS: dict[str, Check] = {
    "manifest": check_manifest,
    "wording": check_wording,
    "citations": check_citations,
    "instruments": check_instruments,
    "kinds": check_kinds,
    "steps": check_steps,
    "prerequisites": check_prerequisites,
    "moves": check_moves,
    "states": check_states,
    "usual_steps": check_usual_steps,
    "conditions": check_conditions,
    "deadlines": check_deadlines,
    "warnings": check_warnings,
    "supervisions": check_supervisions,
    "settings": check_settings,
    "regimes": check_regimes,
    "matters": check_matters,
    "roles": check_roles,
    "fields": check_fields,
    "bodies": check_bodies,
    "examples": check_examples,
    "cast": check_cast,
    "scenes": check_scenes,
    "objections": check_objections,
}
"""Every check, by name."""


def examine(city: City, check: Check) -> tuple[Finding, ...]:
    """What one check finds; a data file that cannot be read is itself a finding, with its file and line."""
    try:
        return tuple(check(city))
    except FaultInSource as fault:
        return (Finding("data.unreadable", f"city {city.id}", str(fault)),)
    except UnknownSharedStep as fault:
        return (Finding("kinds.shared-step-unknown", f"city {city.id}", str(fault)),)


def examine_all(city: City) -> tuple[Finding, ...]:
    """What all checks find, each finding once."""
    return tuple(dict.fromkeys(finding for check in CHECKS.values() for finding in examine(city, check)))
