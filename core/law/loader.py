"""Loads instruments from data files and checks what the types alone cannot."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import msgspec

from core.law.instrument import Clause, Instrument, Subject, Version, amend
from core.law.source import FaultInSource, Source

__all__ = ["FaultInSource", "load_instrument", "load_instruments"]


def load_instruments(folder: Traversable) -> tuple[Instrument, ...]:
    """All instruments of a folder, by id; raises :class:`FaultInSource` at the first fault."""
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return tuple(load_instrument(file) for file in files)


def load_instrument(file: Traversable) -> Instrument:
    """One instrument, its amendments merged; raises :class:`FaultInSource`."""
    source = Source(file)
    instrument = source.read(Instrument)
    _check_order(source, instrument)
    for index, version in enumerate(instrument.versions):
        _check_version(source, f"$.versions[{index}]", version)
    return msgspec.structs.replace(instrument, versions=_merge(source, instrument.versions))


def _check_order(source: Source, instrument: Instrument) -> None:
    days = [version.in_force_from for version in instrument.versions]
    if days != sorted(set(days)):
        raise source.fault("$.versions", "versions must be in the order of their in_force_from, each with a day of its own")


def _merge(source: Source, versions: tuple[Version, ...]) -> tuple[Version, ...]:
    merged: dict[str, Version] = {}
    for index, version in enumerate(versions):
        if version.amends and version.amends not in merged:
            raise source.fault(f"$.versions[{index}].amends", f"{version.amends!r} is no earlier version of this file")
        merged[version.id] = amend(merged[version.amends], version) if version.amends else version
    return tuple(merged.values())


def _check_version(source: Source, path: str, version: Version) -> None:
    seen: set[str] = set()
    for index, clause in enumerate(version.clauses):
        place = f"{path}.clauses[{index}]"
        if clause.ref in seen:
            raise source.fault(place, f"clause {clause.ref} stands twice")
        seen.add(clause.ref)
        _check_clause(source, place, clause, version.subjects)


def _check_clause(source: Source, place: str, clause: Clause, subjects: tuple[Subject, ...]) -> None:
    known = {subject.key for subject in subjects} | {"unit", "person"}
    for key in (*clause.subjects, *(key for choice in clause.choices for key in choice.subjects)):
        if key not in known:
            raise source.fault(f"{place}.subjects", f"subject {key!r} is not declared; expected one of {sorted(known)}")
    for binding in (clause.binding, *(choice.binding for choice in clause.choices)):
        if binding not in {None, "must", "may"}:
            raise source.fault(f"{place}.binding", f"binding {binding!r}; expected must or may")
    keys = [choice.key for choice in clause.choices]
    if len(keys) != len(set(keys)):
        raise source.fault(f"{place}.choices", "two choices have the same key")
