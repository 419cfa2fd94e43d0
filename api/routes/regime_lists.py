"""What the versions of a regime list, for the enumerations of a city's document."""

from __future__ import annotations

from collections.abc import Iterable

from core.jurisdictions import Jurisdiction
from core.law.instrument import Version
from core.procedure import Option
from core.sanctions.dating import regime_under
from core.sanctions.grounds import leaves_open
from core.sanctions.reach import find_clause
from core.sanctions.regime import Regime, RegimeVersion


class RegimeLists:
    """What the versions of a regime list, all together: an enumeration never shrinks."""

    def __init__(self, city: Jurisdiction, regime: Regime) -> None:
        instrument = city.rulebook.instrument(regime.instrument)
        self.laws: dict[str, Version] = {law.id: law for law in instrument.versions}
        self.versions: list[tuple[RegimeVersion, Version]] = [
            (regime_under(regime, instrument, law), law) for law in instrument.versions
        ]

    def options(self, citations: Iterable[str]) -> tuple[Option, ...]:
        """Options for some clauses, each with its title and whether it is a catch-all."""
        return tuple(self._option(citation) for citation in dict.fromkeys(citations))

    def _option(self, citation: str) -> Option:
        for version, law in reversed(self.versions):
            found = find_clause(law, citation)
            if found is not None:
                title = (found[1] or found[0]).label
                return Option(clause=citation, title=title, needs_reason=leaves_open(version, law, citation))
        return Option(clause=citation)

    def grounds(self) -> list[str]:
        """Every ground."""
        return [item for version, _ in self.versions for item in version.categories]

    def circumstances(self) -> list[str]:
        """Every circumstance."""
        return [item for version, _ in self.versions for item in version.circumstance_lists]

    def sanctions(self, *, organ: bool = False) -> list[str]:
        """Every sanction; with ``organ`` those that another organ decides."""
        listed = [item for version, _ in self.versions for one in version.sanctions.values() for item in one.items]
        return [item.clause for item in listed if item.organ or not organ]

    def tiers(self) -> list[str]:
        """Every tier of severity."""
        return [tier.clause for version, _ in self.versions for tier in version.tiers]

    def labels(self) -> list[str]:
        """Every kind of responsibility."""
        told = [version.responsibility for version, _ in self.versions if version.responsibility]
        return [label for item in told for group in item.distinctions for label in group]

    def prerequisites(self) -> tuple[Option, ...]:
        """Everything that can be asked for before a decision."""
        found = {item.key: item for version, _ in self.versions for item in version.before}
        return tuple(Option(key=item.key, title=item.title, clause=item.clause) for item in found.values())

    def classes(self) -> tuple[Option, ...]:
        """Every class of subjects."""
        found = {item.key: item for law in self.laws.values() for item in law.subjects}
        return tuple(Option(key=item.key, title=item.label) for item in found.values())
