"""Where a person sits who works on cases: the session, the tenant's configuration, who it is, and what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from core.cases.recusal_rows import Me
from core.cases.world import CategoryTerm, StatedTerm, World
from core.law.instrument import Term
from core.procedure import CaseKind, CategoryLimit
from core.store.session import TenantSession
from core.tenants.principal import Principal
from core.tenants.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a person sits: the open session, the tenant's configuration, who it is, and the legal and the wall time."""

    session: TenantSession
    snapshot: Snapshot
    principal: Principal
    now: datetime
    recorded_at: datetime

    @property
    def hands(self) -> frozenset[UUID]:
        """Everybody who is the same hand as the person: what one of them did, the person did (R12)."""
        return self.snapshot.hands.all_of(self.principal.person_id)

    @property
    def me(self) -> Me:
        """The person, and who it is in the end."""
        return Me(self.principal.person_id, self.snapshot.hand_of(self.principal.person_id))

    def world(self, kind: CaseKind) -> World:
        """The surroundings of a decision on a case of this kind."""
        snapshot = self.snapshot
        return World(
            kind=kind,
            rulebook=snapshot.rulebook,
            calendar=snapshot.calendar,
            now=self.now,
            find_term=self._find_term,
            find_office=self._find_office,
            object_to=lambda view: snapshot.jurisdiction.hooks.check_step(view=view),
            units_below=lambda unit, day: snapshot.organisation.on(day).children.get(unit, ()),
            name_superior=self._name_superior,
            is_member=self._is_member,
            find_category_term=self._find_category_term,
            find_permission=self._find_permission,
            find_figure=self._find_figure,
            regime=snapshot.jurisdiction.regimes.get(kind.regime) if kind.regime else None,
        )

    def _find_term(self, key: str, day: date) -> StatedTerm | None:
        setting = self.snapshot.settings.on(key, day)
        return StatedTerm(setting.value, setting.basis) if setting and isinstance(setting.value, Term) else None

    def _find_figure(self, key: str, day: date) -> tuple[Decimal, str] | None:
        setting = self.snapshot.settings.on(key, day)
        # An exact figure is kept as its text.
        return (Decimal(setting.value), setting.basis) if setting and isinstance(setting.value, str) else None

    def _find_permission(self, key: str, day: date) -> str | None:
        setting = self.snapshot.settings.on(key, day)
        return setting.basis if setting is not None and setting.value is True else None

    def _find_category_term(self, code: str, which: CategoryLimit, day: date) -> CategoryTerm | None:
        found = self.snapshot.categories.on(day).limit(code, which)
        return CategoryTerm(found[1].term, found[1].basis, found[0]) if found else None

    def _is_member(self, unit: UUID, day: date) -> bool:
        version = self.snapshot.organisation.on(day).versions.get(unit)
        return version is None or version.member

    def _name_superior(self, unit: UUID, day: date) -> str | None:
        organisation = self.snapshot.organisation
        above = organisation.superior(unit, day)
        version = organisation.on(day).versions.get(above.id) if above else None
        return version.name if version else None

    def _find_office(self, key: str, day: date) -> UUID | None:
        units = self.snapshot.organisation.offices(key, day)
        return units[0].id if units else None
