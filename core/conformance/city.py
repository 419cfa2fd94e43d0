"""The jurisdiction under examination, as its hooks answer and as the core completes it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec
from msgspec import Struct

from core.cases.bodies import make_registration_body, make_step_body
from core.errors import WenzeError
from core.jurisdictions import Jurisdiction
from core.law.citation import Citation, MalformedCitation
from core.law.rulebook import Passage, Rulebook
from core.procedure import CaseKind, Field, SettingKind, StepKind, Verb
from core.resolution import UnknownClause, resolve_kind
from core.shared_steps import expand_kind
from core.story import Story


class City:
    """One city's answers. Everything is read from the hooks once; what cannot be completed is left as the city wrote it."""

    def __init__(self, id_: str, module: str, jurisdiction: Jurisdiction) -> None:
        self.id, self.module, self.jurisdiction = id_, module, jurisdiction

    @cached_property
    def kinds(self) -> tuple[CaseKind, ...]:
        """The kinds of case as the city wrote them, with the shared steps that they use."""
        return tuple(expand_kind(kind) for kind in self.jurisdiction.hooks.provide_case_kinds())

    @cached_property
    def completed(self) -> tuple[CaseKind, ...]:
        """The kinds whose citations all resolve, with whole citations and titles from the law."""
        return tuple(found for kind in self.kinds if (found := self._complete(kind)) is not None)

    @cached_property
    def settings(self) -> dict[str, SettingKind]:
        """The settings, by key."""
        return {kind.key: kind for kind in self.jurisdiction.hooks.provide_settings()}

    @cached_property
    def story(self) -> Story:
        """The city's story."""
        return self.jurisdiction.hooks.provide_story()

    @property
    def rulebook(self) -> Rulebook:
        """The city's instruments and those of the house."""
        return self.jurisdiction.rulebook

    def passage(self, instrument: str, reference: str) -> Passage | None:
        """What a citation says in the newest version; ``None`` where there is no such clause or choice."""
        try:
            citation = Citation.within(instrument, reference)
            newest = self.rulebook.instrument(citation.instrument).versions[-1].in_force_from
            return self.rulebook.passage(citation, newest)
        except (MalformedCitation, WenzeError):
            return None

    def kind(self, key: str | None) -> CaseKind | None:
        """The kind of that name, as the city wrote it."""
        return next((kind for kind in self.kinds if kind.key == key), None)

    def _complete(self, kind: CaseKind) -> CaseKind | None:
        try:
            return resolve_kind(kind, self.rulebook, self.jurisdiction.regimes.get(kind.regime or ""))
        except UnknownClause:
            return None


def make_body(kind: CaseKind, step: StepKind) -> type[Struct]:
    """The type of a step's input; raises :class:`ValueError` saying why it cannot be made or documented."""
    try:
        body = make_registration_body(kind) if step.verb is Verb.REGISTER else make_step_body(kind, step)
        msgspec.json.schema(body)
    except (TypeError, ValueError) as error:
        raise ValueError(str(error)) from error
    return body


def find_body(kind: CaseKind, step: StepKind) -> type[Struct] | None:
    """The type of a step's input; ``None`` where it cannot be made, which is a finding of its own."""
    try:
        return make_body(kind, step)
    except ValueError:
        return None


def steps_of(kinds: tuple[CaseKind, ...]) -> Iterator[tuple[str, CaseKind, StepKind]]:
    """Every step of every kind, with the words that say where it stands."""
    for kind in kinds:
        for step in kind.steps:
            yield f"kind {kind.key}, step {step.key}", kind, step


def fields_of(kinds: tuple[CaseKind, ...]) -> Iterator[tuple[str, StepKind, Field]]:
    """Every field of every step, with the words that say where it stands."""
    for place, _, step in steps_of(kinds):
        for field in step.fields:
            yield f"{place}, field {field.key}", step, field
