"""What must hold of what is said of a category before it is stored, and of a category that a case is put into; pure."""

from __future__ import annotations

from datetime import date

from core.errors import Invalid, Refused
from core.jurisdictions import Jurisdiction
from core.law.instrument import Term, Unit
from core.tenants.categories import Categories, CategoryVersion
from core.tenants.checks import check_active
from core.tenants.organisation import Organisation

HOUSE = "wenze:house#category"
_LIMITS = {"handling": "/handling_limit", "urgent-response": "/urgent_response_limit"}


def check_said(version: CategoryVersion, categories: Categories, organisation: Organisation, city: Jurisdiction) -> None:
    """Raises :class:`Invalid` for a term that cannot be, and :class:`Refused` for what the tenant or the city has not."""
    for which, limit in version.limits.items():
        check_length(limit.term, f"{_LIMITS[which]}/term/length")
    for index, kind in enumerate(version.kinds):
        if kind not in city.kinds:
            known = ", ".join(sorted(city.kinds))
            raise Refused("categories.kind-unknown", field=f"/kinds/{index}", kind=kind, known=known)
    for name, code in (("parent", version.parent), ("merged_into", version.merged_into)):
        if code is not None and code not in categories.by_code:
            raise Refused("categories.named-unknown", field=f"/{name}", category=code)
    if version.merged_into is not None and not version.closed:
        raise Refused("categories.successor-of-open", field="/merged_into")
    if version.default_unit_id is not None:
        check_active(organisation, version.default_unit_id, version.valid_from, "/default_unit_id")


def check_length(term: Term, field: str) -> None:
    """Raises :class:`Invalid` for a length that the unit cannot have."""
    if (term.unit is Unit.SAME_DAY) != (term.length == 0):
        raise Invalid("deadlines.length-impossible", field=field, unit=term.unit.value, length=term.length)


def check_usable(categories: Categories, code: str, kind: str, day: date, field: str = "/category") -> None:
    """Raises :class:`Refused` for a category into which no case of that kind can be put on that day."""
    view = categories.on(day)
    if code not in view.versions:
        raise Refused("categories.not-there", field=field, clause=HOUSE, category=code, day=day.isoformat())
    if not view.is_open(code):
        following = view.successor(code) or "–"
        raise Refused("categories.closed", field=field, clause=HOUSE, category=code, successor=following)
    kinds = view.kinds(code)
    if kinds and kind not in kinds:
        wanted = ", ".join(kinds)
        raise Refused("categories.not-for-kind", field=field, clause=HOUSE, category=code, kind=kind, kinds=wanted)
