"""Makes what a regime's file says whole: citations with their instrument, lists with the clauses that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, structs

from core.law.citation import Citation, MalformedCitation
from core.law.instrument import Instrument, Version
from core.law.source import FaultInSource, Source
from core.sanctions.reach import find_clause
from core.sanctions.regime import CircumstanceList, GroundList, RegimeVersion

_CITING = frozenset({"clause", "category", "severity", "short_way", "needed_by", "consent", "base_clause"})
_LISTING = frozenset(
    {"items", "sanctions", "grounds", "together", "referrals", "all", "one", "distinctions", "also", "gravity"}
)
"""The fields that hold a citation, or citations in lists of any depth."""


class Completer:
    """Completes the regime of one version, against the law that it was written for."""

    def __init__(self, source: Source, instruments: Mapping[str, Instrument], instrument: str, version: Version) -> None:
        self._source, self._instruments = source, instruments
        self._instrument, self.version = instrument, version

    def complete(self, regime: RegimeVersion, path: str) -> RegimeVersion:
        """The regime with whole citations and lists; raises :class:`FaultInSource` for a clause that is not there."""
        whole: RegimeVersion = self._whole(regime, path)
        return structs.replace(
            whole,
            grounds=tuple(self._fill_grounds(item) for item in whole.grounds),
            circumstances=tuple(self._fill_circumstances(item) for item in whole.circumstances),
        )

    def cite(self, path: str, reference: str) -> str:
        """The whole citation; raises :class:`FaultInSource`."""
        try:
            citation = Citation.within(self._instrument, reference)
        except MalformedCitation as error:
            raise self._source.fault(path, str(error)) from error
        version = self.version_of(path, citation.instrument)
        if citation.clause is None or find_clause(version, str(citation)) is None:
            raise self._source.fault(path, f"{reference!r} is no clause or choice of {citation.instrument} {version.id}")
        return str(citation)

    def version_of(self, path: str, instrument: str) -> Version:
        """The version against which a citation is read: the regime's own, or another instrument's newest."""
        if instrument == self._instrument:
            return self.version
        if instrument not in self._instruments:
            known = ", ".join(sorted(self._instruments))
            raise self._source.fault(path, f"{instrument!r} is no instrument of the city; expected one of {known}")
        return self._instruments[instrument].versions[-1]

    def fault(self, path: str, message: str) -> FaultInSource:
        """A fault at a place of the file."""
        return self._source.fault(path, message)

    def _whole(self, value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {key: self._whole(item, f"{path}.{key}") for key, item in value.items()}
        if isinstance(value, tuple):
            return tuple(self._whole(item, f"{path}[{index}]") for index, item in enumerate(value))
        if not isinstance(value, Struct):
            return value
        changed = {name: self._part(name, getattr(value, name), f"{path}.{name}") for name in value.__struct_fields__}
        return structs.replace(value, **changed)

    def _part(self, name: str, value: Any, path: str) -> Any:
        if name in _CITING and isinstance(value, str):
            return self.cite(path, value)
        return self._listed(value, path) if name in _LISTING else self._whole(value, path)

    def _listed(self, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return self.cite(path, value)
        if isinstance(value, tuple):
            return tuple(self._listed(item, f"{path}[{index}]") for index, item in enumerate(value))
        if isinstance(value, dict):
            return {key: self._listed(item, f"{path}.{key}") for key, item in value.items()}
        return self._whole(value, path)

    def _fill_grounds(self, group: GroundList) -> GroundList:
        named = group.items or self._below(group.category)
        return structs.replace(group, items=(*named, group.category) if group.open else named)

    def _fill_circumstances(self, group: CircumstanceList) -> CircumstanceList:
        return structs.replace(group, items=group.items or self._below(group.clause))

    def _below(self, citation: str) -> tuple[str, ...]:
        """The clauses directly below one, or else its choices, or else itself."""
        cited = Citation.parse(citation)
        depth = (cited.clause or "").count(".") + 1
        below = [
            clause.ref
            for clause in self.version.clauses
            if clause.ref.startswith(f"{cited.clause}.") and clause.ref.count(".") == depth and not _is_paragraph(clause.ref)
        ]
        found = self.version.clause(cited.clause or "")
        choices = [f"{citation}/{choice.key}" for choice in found.choices] if found and not cited.choice else []
        return tuple(f"{cited.instrument}#{ref}" for ref in below) or tuple(choices) or (citation,)


def _is_paragraph(ref: str) -> bool:
    return ref.rpartition(".")[2].startswith("p")


def citations_of(value: Any) -> Iterator[str]:
    """Every citation that a regime, or a part of one, holds."""
    if isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from citations_of(item)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            part = getattr(value, name)
            yield from _listed_citations(part) if name in _CITING | _LISTING else citations_of(part)


def _listed_citations(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _listed_citations(item)
    else:
        yield from citations_of(value)
