"""Units, categories and rules for tables of proposals, each made in a line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from core.routing.proposal import Facts, Ground, Proposal
from core.routing.rules import RoutingRule, RoutingRules, Target
from core.tenants.categories import Categories
from core.tenants.organisation import Organisation
from core.tenants.units import UnitVersion
from tests.categories.said import CHANGE, START, said

UNITS = {name: UUID(int=place + 1) for place, name in enumerate(("roads", "water", "parks", "gone", "orphan", "late"))}
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def organisation() -> Organisation:
    """``gone`` is merged into ``water`` and ``orphan`` dissolved on the day of the change; ``late`` begins only then."""
    versions = [UnitVersion(uuid4(), UNITS[name], START, name) for name in ("roads", "water", "parks", "gone", "orphan")]
    versions += [
        UnitVersion(uuid4(), UNITS["gone"], CHANGE, "gone", dissolved=True, merged_into=UNITS["water"]),
        UnitVersion(uuid4(), UNITS["orphan"], CHANGE, "orphan", dissolved=True),
        UnitVersion(uuid4(), UNITS["late"], CHANGE, "late"),
    ]
    return Organisation.of({id_: name for name, id_ in UNITS.items()}, versions)


def categories() -> Categories:
    """``kerbs`` below ``streets`` below ``municipal``, which has a default unit; ``lamps`` is merged into ``streets``."""
    return Categories.of([
        said("municipal", default_unit_id=UNITS["roads"]),
        said("streets", "municipal"),
        said("kerbs", "streets"),
        said("lamps", "municipal", default_unit_id=UNITS["parks"]),
        said("noise"),
        said("ponds", "municipal", default_unit_id=UNITS["gone"]),
        said("lamps", "municipal", CHANGE, closed=True, merged_into="streets"),
    ])  # fmt: skip


_made = 0


def rule(unit: str | None = None, **more: Any) -> RoutingRule:
    """A rule that proposes a unit, or one that looks at the last order; each is recorded after those made before."""
    global _made
    _made += 1
    target = more.pop("target", Target.UNIT)
    given: dict[str, Any] = {
        "valid_from": START, "valid_to": None, "priority": 0, "category": None, "division": None, "kind": None,
        "channel": None, "urgent": None, "cooperating": (), "basis": f"{unit or target.value}规则",
        "recorded_at": THEN, "recorded_by": None,
    }  # fmt: skip
    made = given | more
    made["cooperating"] = tuple(UNITS[name] for name in made["cooperating"])
    return RoutingRule(id=UUID(int=10_000 + _made), target=target, unit_id=UNITS[unit] if unit else None, **made)


def ground(*rules: RoutingRule) -> Ground:
    """The tenant with these rules."""
    return Ground(RoutingRules(rules), categories(), organisation())


def order(**more: Any) -> Facts:
    """An order about a kerb in the first district."""
    return Facts(**({"kind": "order", "channel": "phone", "category": "kerbs", "division": "360702001"} | more))


def told(found: Proposal) -> list[str]:
    """The reasons, in short."""
    return [reason.id.removeprefix("routing.why.") for reason in found.why]


def name(unit: UUID | None) -> str | None:
    """A unit's name."""
    return next((name for name, id_ in UNITS.items() if id_ == unit), None)


def near() -> list[date]:
    """The day before the change, the day, the day after."""
    return [date.fromordinal(CHANGE.toordinal() + offset) for offset in (-1, 0, 1)]
