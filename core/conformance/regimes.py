"""The accountability regimes: each over an instrument of the city, with clauses, versions and settings that are there."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.walk import repeated
from core.law.citation import Citation, MalformedCitation
from core.law.instrument import Instrument
from core.sanctions.completion import citations_of
from core.sanctions.reach import find_clause
from core.sanctions.regime import Regime, RegimeVersion, Sanction

_READING, _TERM = "boolean", "term"


def check_regimes(city: City) -> Iterator[Finding]:
    """Each regime stands once, over one instrument, and cites and names what is there."""
    regimes = city.jurisdiction.hooks.provide_regimes()
    for key in repeated([regime.key for regime in regimes]):
        yield Finding("regimes.key-twice", f"regime {key}", "stands twice; give each regime a name of its own")
    for id_ in repeated([regime.instrument for regime in regimes]):
        advice = "is what two regimes stand over; a case names one of them by its instrument"
        yield Finding("regimes.instrument-twice", f"instrument {id_}", advice)
    instruments = {instrument.id: instrument for instrument in city.jurisdiction.hooks.provide_instruments()}
    for regime in regimes:
        place = f"regime {regime.key}"
        if regime.instrument not in instruments:
            advice = (
                f"stands over {regime.instrument!r}, which is not loaded; expected one of {', '.join(sorted(instruments))}"
            )
            yield Finding("regimes.instrument-unknown", place, advice)
            continue
        yield from _check_versions(place, regime, instruments)
        for version in regime.versions:
            yield from _check_settings(city, f"{place}, version {version.version}", version)


def _check_versions(place: str, regime: Regime, instruments: dict[str, Instrument]) -> Iterator[Finding]:
    order = [version.id for version in instruments[regime.instrument].versions]
    named = [version.version for version in regime.versions]
    if named[0] != order[0] or [id_ for id_ in order if id_ in named] != named:
        advice = f"has versions {', '.join(named)}; they follow the instrument's ({', '.join(order)}), from its first on"
        yield Finding("regimes.versions", place, advice)
        return
    for version in regime.versions:
        for citation in dict.fromkeys(citations_of(version)):
            if not _is_there(citation, regime, version, instruments):
                advice = (
                    f"cites {citation!r}, which is no clause or choice; load the file by load_regimes, which tells its line"
                )
                yield Finding("regimes.citation-unknown", f"{place}, version {version.version}", advice)


def _is_there(citation: str, regime: Regime, version: RegimeVersion, instruments: dict[str, Instrument]) -> bool:
    try:
        instrument = instruments.get(Citation.parse(citation).instrument)
    except MalformedCitation:
        return False
    if instrument is None:
        return False
    own = instrument.id == regime.instrument
    law = next(item for item in instrument.versions if item.id == version.version) if own else instrument.versions[-1]
    return find_clause(law, citation) is not None


def _check_settings(city: City, place: str, version: RegimeVersion) -> Iterator[Finding]:
    for item in (item for listed in version.sanctions.values() for item in listed.items):
        for key, type_ in _named_settings(item):
            setting = city.settings.get(key)
            if setting is None or setting.type != type_:
                advice = f"{item.clause} names the setting {key!r}; declare it among the settings, of the type {type_}"
                yield Finding("regimes.setting-unknown", place, advice)


def _named_settings(item: Sanction) -> Iterator[tuple[str, str]]:
    if item.reading:
        yield item.reading, _READING
    if item.effect and item.effect.setting:
        yield item.effect.setting, _TERM
