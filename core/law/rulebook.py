"""A city's rulebook: its instruments, looked up by citation and by day (R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.errors import NotFound, Refused
from core.law.citation import Citation
from core.law.instrument import Choice, Clause, Instrument, Term, Text, Version


@dataclass(frozen=True, slots=True)
class Passage:
    """A citation together with what it says on a given day: the version, the clause and, where named, the choice."""

    citation: Citation
    instrument: Instrument
    version: Version
    clause: Clause
    choice: Choice | None

    @property
    def term(self) -> Term | None:
        """The term in which the cited choice or clause is to be done; ``None`` where the text has none."""
        return self.choice.term if self.choice else self.clause.term

    @property
    def label(self) -> Text:
        """Our own short words for what is cited."""
        return self.choice.label if self.choice else self.clause.label


class Rulebook:
    """The instruments of one jurisdiction. Immutable."""

    def __init__(self, instruments: tuple[Instrument, ...]) -> None:
        self.instruments = {instrument.id: instrument for instrument in instruments}
        self._passages: dict[tuple[Citation, str], Passage] = {}

    def instrument(self, id_: str) -> Instrument:
        """The instrument; raises :class:`NotFound` with those that exist."""
        if id_ not in self.instruments:
            raise NotFound("law.instrument-unknown", instrument=id_, known=", ".join(sorted(self.instruments)))
        return self.instruments[id_]

    def version(self, id_: str, on: date) -> Version:
        """The version in force on that day; raises :class:`Refused` for a day before the first (R7)."""
        instrument = self.instrument(id_)
        version = instrument.version_on(on)
        if version is None:
            first = instrument.versions[0].in_force_from.isoformat()
            raise Refused("law.before-first-version", clause=id_, day=on.isoformat(), first=first)
        return version

    def passage(self, citation: Citation, on: date) -> Passage:
        """What ``citation`` says on that day; raises :class:`NotFound` or :class:`Refused` (R7)."""
        version = self.version(citation.instrument, on)
        key = (citation, version.id)
        if key not in self._passages:
            self._passages[key] = self._look_up(citation, version)
        return self._passages[key]

    def _look_up(self, citation: Citation, version: Version) -> Passage:
        clause = version.clause(citation.clause or "")
        if clause is None:
            raise NotFound("law.clause-unknown", clause=str(citation), version=version.id)
        choice = clause.choice(citation.choice) if citation.choice else None
        if citation.choice and choice is None:
            known = ", ".join(choice.key for choice in clause.choices) or "–"
            raise NotFound("law.choice-unknown", clause=str(citation), known=known)
        return Passage(citation, self.instrument(citation.instrument), version, clause, choice)
