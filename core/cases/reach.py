"""How far a reader's lists reach: which cases, and of which kinds also what the case itself hides from others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from core.cases.capacity import visible_units
from core.cases.disclosure import is_entrusted
from core.jurisdictions import Jurisdiction
from core.procedure import Role
from core.search.indexing import Scope
from core.tenants.principal import Principal


@dataclass(frozen=True, slots=True)
class Reach:
    """What a list may be narrowed by and must be narrowed to, so that it tells no more than each of its cases does."""

    units: frozenset[UUID] | None
    """The units whose cases are seen; ``None`` for all cases of the tenant."""
    kinds: frozenset[str]
    """Every kind of case that the city has."""
    entrusted: frozenset[str]
    """The kinds of which nothing but the identity is hidden."""

    @property
    def sees_nothing(self) -> bool:
        """Whether there is no case at all that the reader sees."""
        return self.units is not None and not self.units

    original: frozenset[str]
    """The kinds of which the words as they were told may be searched: those whose words the person may read."""
    hears: bool = True
    """Whether what was said of a reply is told while others can still say it; to who works for a unit it is not."""

    @property
    def staff(self) -> frozenset[str]:
        """The kinds of which what steps wrote may be searched, and the place; a unit finds by what was sent to it."""
        return self.entrusted if self.units is None else frozenset()

    def widest(self, kind: str) -> Scope:
        """How far the reader reads cases of a kind."""
        return Scope.ORIGINAL if kind in self.original else Scope.ENTRUSTED if kind in self.staff else Scope.OPEN

    def without_original(self, kinds: frozenset[str]) -> Reach:
        """The reach of who may not search the original words of some kinds."""
        return replace(self, original=self.original - kinds)


def reach_of(principal: Principal, jurisdiction: Jurisdiction) -> Reach:
    """How far the person's lists reach."""
    kinds = jurisdiction.kinds
    units = visible_units(principal)
    entrusted = frozenset(key for key, kind in kinds.items() if is_entrusted(kind, principal))
    # An officer of a unit gets the account that was made for it, whatever else the person is.
    works_on = frozenset() if principal.has(Role.UNIT_OFFICER) else principal.roles
    original = frozenset(key for key, kind in kinds.items() if not works_on.isdisjoint(kind.workers))
    return Reach(units, frozenset(kinds), entrusted, original, units is None and not principal.has(Role.UNIT_OFFICER))
