"""Whom a clause reaches: the classes of subjects that it names, and whether they are units or persons."""

from __future__ import annotations

from core.law.citation import Citation
from core.law.instrument import Choice, Clause, Subject, Version
from core.sanctions.regime import SubjectKind

_KINDS = frozenset(kind.value for kind in SubjectKind)


def find_clause(version: Version, citation: str) -> tuple[Clause, Choice | None] | None:
    """What a whole citation names in a version; ``None`` where there is no such clause or choice."""
    cited = Citation.parse(citation)
    clause = version.clause(cited.clause or "")
    if clause is None:
        return None
    choice = clause.choice(cited.choice) if cited.choice else None
    return None if cited.choice and choice is None else (clause, choice)


def named_classes(version: Version, citation: str) -> tuple[str, ...]:
    """The classes that a clause names, or the clause of a choice that names none; ``unit`` and ``person`` are any."""
    found = find_clause(version, citation)
    if found is None:
        return ()
    clause, choice = found
    return (choice.subjects if choice else ()) or clause.subjects or (SubjectKind.UNIT.value, SubjectKind.PERSON.value)


def kinds_reached(version: Version, citation: str) -> frozenset[SubjectKind]:
    """Whether a clause reaches units, persons or both."""
    return frozenset(kind for key in named_classes(version, citation) for kind in kinds_of(version, key))


def classes_reached(version: Version, citation: str, kind: SubjectKind) -> frozenset[str] | None:
    """The classes of that kind that a clause reaches; ``None`` where it reaches every subject of the kind."""
    named = named_classes(version, citation)
    if kind.value in named:
        return None
    return frozenset(key for key in named if kind in kinds_of(version, key))


def subject_class(version: Version, key: str) -> Subject | None:
    """The class of that name."""
    return next((item for item in version.subjects if item.key == key), None)


def kinds_of(version: Version, key: str) -> frozenset[SubjectKind]:
    """Whether the class is one of units, of persons, or of both."""
    if key in _KINDS:
        return frozenset({SubjectKind(key)})
    found = subject_class(version, key)
    return frozenset(map(SubjectKind, found.kinds)) if found else frozenset()
