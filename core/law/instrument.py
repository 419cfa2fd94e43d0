"""Instruments as typed, frozen values: versions, clauses, choices and terms.

An instrument is a document with versions. An amendment of the law is a new version (``in_force_from``); a correction of
our encoding of the same law is a higher ``revision`` (``known_from``). The two are never mixed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

Key = Annotated[str, Meta(pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*$(?!\n)", max_length=64)]
ClauseRef = Annotated[str, Meta(pattern=r"^[0-9a-z]+(?:\.[0-9a-z]+)*$(?!\n)", max_length=32)]


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """A short text in both languages, in our own words."""

    zh: Annotated[str, Meta(min_length=1)]
    en: Annotated[str, Meta(min_length=1)]


class ClauseKind(StrEnum):
    """What the system does with a clause (CLAUSES: rule, list, step, duty, text)."""

    RULE = "rule"
    LIST = "list"
    STEP = "step"
    DUTY = "duty"
    TEXT = "text"


class Unit(StrEnum):
    """Units in which a term is counted (promise 2 of the design)."""

    MINUTE = "minute"
    HOUR = "hour"
    OFFICE_HOUR = "office_hour"
    HALF_WORKING_DAY = "half_working_day"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    SAME_DAY = "same_day"


class Term(Struct, frozen=True, forbid_unknown_fields=True):
    """A length of time that a clause or a setting gives.

    ``start`` names the event from which it is counted, ``at_most`` says that the figure is a ceiling (an extension).
    ``same_day`` has length 0.
    """

    unit: Unit
    length: Annotated[int, Meta(ge=0, le=100_000)]
    start: Key = "receipt"
    at_most: bool = False


class TermFigure(Struct, frozen=True, forbid_unknown_fields=True):
    """A term that somebody states: a length in a unit of time. 'The same day' has length 0, every other at least 1."""

    unit: Unit
    length: Annotated[int, Meta(ge=0, le=10_000)]


class Value(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure of a clause other than a term: points, a count, a share. Exact."""

    key: Key
    amount: Decimal
    unit: Key


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """One of several outcomes that a clause holds, named by the word after the slash."""

    key: Key
    label: Text
    term: Term | None = None
    subjects: tuple[Key, ...] = ()
    catch_all: bool = False
    open_list: bool = False
    binding: str | None = None


class Subject(Struct, frozen=True, forbid_unknown_fields=True):
    """A class of units or persons that an instrument reaches."""

    key: Key
    label: Text
    kinds: Annotated[tuple[str, ...], Meta(min_length=1)]
    """``unit``, ``person`` or both."""
    clause: ClauseRef


class Clause(Struct, frozen=True, forbid_unknown_fields=True):
    """One operative clause.

    ``binding`` is ``must`` (应当) or ``may`` (可以) where the text uses the word (R9); ``open_list`` marks 等 and 其他
    (R15); ``catch_all`` marks a clause usable only with a written reason and a basis (R8).
    """

    ref: ClauseRef
    kinds: Annotated[tuple[ClauseKind, ...], Meta(min_length=1)]
    label: Text
    subjects: tuple[Key, ...] = ()
    term: Term | None = None
    choices: tuple[Choice, ...] = ()
    values: tuple[Value, ...] = ()
    binding: str | None = None
    open_list: bool = False
    catch_all: bool = False

    def choice(self, key: str) -> Choice | None:
        """The choice of that name, or ``None``."""
        return next((choice for choice in self.choices if choice.key == key), None)


class ForceBasis(StrEnum):
    """From what the day of entry into force is known (R7)."""

    ISSUE_DAY = "issue-day"
    YEAR_OF_ISSUE = "year-of-issue"
    STATED_DAY = "stated-day"


class Remark(Struct, frozen=True, forbid_unknown_fields=True):
    """A dated remark beside an instrument, such as a replaced norm it rests on (R16). Changes no rule."""

    since: date
    text: Text


class Version(Struct, frozen=True, forbid_unknown_fields=True):
    """The instrument as it stands from one day on.

    ``amends`` names the version whose clauses are taken over where this one does not state them anew; ``repeals`` drops
    clauses of it.
    """

    id: Key
    in_force_from: date
    force_basis: ForceBasis
    known_from: date
    revision: Annotated[int, Meta(ge=1)]
    clauses: Annotated[tuple[Clause, ...], Meta(min_length=1)]
    subjects: tuple[Subject, ...] = ()
    amends: Key | None = None
    repeals: tuple[ClauseRef, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def clause(self, ref: str) -> Clause | None:
        """The clause of that reference, or ``None``."""
        return next((clause for clause in self.clauses if clause.ref == ref), None)


class Instrument(Struct, frozen=True, forbid_unknown_fields=True):
    """A regulation: who issued it, under which number, and its versions, oldest first."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9-]+:[a-z0-9-]+$(?!\n)")]
    title: Text
    issuer: Text
    versions: Annotated[tuple[Version, ...], Meta(min_length=1)]
    document_number: str | None = None
    replaces: str | None = None

    def version_on(self, day: date) -> Version | None:
        """The version in force on ``day``; ``None`` before the first."""
        return next((version for version in reversed(self.versions) if version.in_force_from <= day), None)


def amend(base: Version, amendment: Version) -> Version:
    """The amendment with the clauses of ``base`` that it neither states anew nor repeals, in the order of the text."""
    stated = {clause.ref: clause for clause in amendment.clauses}
    kept = [stated.pop(clause.ref, clause) for clause in base.clauses if clause.ref not in amendment.repeals]
    subjects = amendment.subjects or base.subjects
    return msgspec.structs.replace(amendment, clauses=(*kept, *stated.values()), subjects=subjects)
