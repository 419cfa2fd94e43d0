"""The instruments: versions in order, clauses named once, terms and dates that can be (R7)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.walk import repeated, walk
from core.law.instrument import Clause, ForceBasis, Instrument, Term, Unit, Version


def check_instruments(city: City) -> Iterator[Finding]:
    """Each instrument is the city's own and stands once; its versions, clauses and terms are sound."""
    instruments = city.jurisdiction.hooks.provide_instruments()
    if not instruments:
        yield Finding("law.none", "instruments", "there is none; a city needs at least the one that its cases rest on")
    for id_ in repeated([instrument.id for instrument in instruments]):
        yield Finding("law.instrument-twice", f"instrument {id_}", "stands twice; amend it by a further version instead")
    for instrument in instruments:
        yield from _check_instrument(city, instrument)


def _check_instrument(city: City, instrument: Instrument) -> Iterator[Finding]:
    place = f"instrument {instrument.id}"
    if instrument.id.partition(":")[0] != city.id:
        yield Finding("law.foreign", place, f"its id must begin with the city's, {city.id}:")
    for earlier, later in pairwise(instrument.versions):
        if earlier.in_force_from >= later.in_force_from:
            advice = f"comes into force on {later.in_force_from}, not after {earlier.id}; order the versions by that day"
            yield Finding("law.versions-unordered", f"{place}, version {later.id}", advice)
    for id_ in repeated([version.id for version in instrument.versions]):
        yield Finding("law.version-twice", f"{place}, version {id_}", "stands twice; give each version an id of its own")
    for version in instrument.versions:
        yield from _check_version(f"{place}, version {version.id}", version)


def _check_version(place: str, version: Version) -> Iterator[Finding]:
    day = version.in_force_from
    if version.force_basis is ForceBasis.YEAR_OF_ISSUE and (day.month, day.day) != (12, 31):
        advice = f"only the year of issue is known, so it counts from 31 December {day.year}, not from {day} (R7)"
        yield Finding("law.year-not-at-its-end", place, advice)
    for ref in repeated([clause.ref for clause in version.clauses]):
        yield Finding("law.clause-twice", f"{place}, clause {ref}", "stands twice; name each clause once")
    known = {subject.key for subject in version.subjects} | {"unit", "person"}
    for clause in version.clauses:
        yield from _check_clause(f"{place}, clause {clause.ref}", clause, known)
    for where, name, part in walk(version.clauses, f"{place}, clause"):
        if name == "term" and isinstance(part, Term) and (part.unit is Unit.SAME_DAY) != (part.length == 0):
            advice = f"{part.length} {part.unit.value}: 'the same day' has length 0, every other unit at least 1"
            yield Finding("law.term-length", where, advice)


def _check_clause(place: str, clause: Clause, known: set[str]) -> Iterator[Finding]:
    for key in repeated([choice.key for choice in clause.choices]):
        yield Finding("law.choice-twice", f"{place}, choice {key}", "stands twice; name each choice once")
    reached = {*clause.subjects, *(key for choice in clause.choices for key in choice.subjects)}
    for key in sorted(reached - known):
        yield Finding("law.subject-unknown", place, f"subject {key!r} is not declared; add it to the version's subjects")
    for binding in {clause.binding, *(choice.binding for choice in clause.choices)} - {None, "must", "may"}:
        yield Finding("law.binding-unknown", place, f"binding {binding!r} must be must (应当) or may (可以) (R9)")
