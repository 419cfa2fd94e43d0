"""Completes what a city's data leaves short: citations become whole, titles come from the law, yes and no are no texts.

A citation of a clause that is not loaded is a fault of the plugin and is refused at start-up.
"""

from __future__ import annotations

import msgspec

from core.errors import WenzeError
from core.law.citation import Citation, MalformedCitation
from core.law.rulebook import Passage, Rulebook
from core.procedure import CaseKind, DeadlineRule, Field, FieldType, Option, SettingKind, StepKind
from core.sanctions.choices import list_choices
from core.sanctions.regime import Regime
from core.shared_steps import expand_kind
from core.supervisions import SupervisionRule


class UnknownClause(ValueError):
    """A kind, step or setting cites a clause that its instrument does not have."""


class _Resolver:
    """Resolves citations relative to one instrument, against its newest version."""

    def __init__(self, rulebook: Rulebook, instrument: str, place: str) -> None:
        self.rulebook, self.instrument, self.place = rulebook, instrument, place

    def passage(self, reference: str) -> Passage:
        try:
            citation = Citation.within(self.instrument, reference)
            newest = self.rulebook.instrument(citation.instrument).versions[-1].in_force_from
            return self.rulebook.passage(citation, newest)
        except (MalformedCitation, WenzeError) as error:
            raise UnknownClause(f"{self.place}: {reference!r}: {error}") from error

    def cite(self, reference: str) -> str:
        return str(self.passage(reference).citation)

    def option(self, option: Option) -> Option:
        if option.clause is None:
            return option
        passage = self.passage(option.clause)
        catch_all = passage.choice.catch_all if passage.choice else passage.clause.catch_all
        return msgspec.structs.replace(
            option,
            clause=str(passage.citation),
            title=option.title or passage.label,
            needs_reason=option.needs_reason or catch_all,
        )

    def field(self, field: Field) -> Field:
        clause = self.cite(field.clause) if field.clause else None
        options = tuple(self.option(option) for option in field.options)
        return msgspec.structs.replace(field, clause=clause, options=options)

    def step(self, step: StepKind) -> StepKind:
        requires = tuple(msgspec.structs.replace(item, clause=self.cite(item.clause)) for item in step.requires)
        fields = tuple(self.field(field) for field in step.fields)
        evidence = self.cite(step.evidence) if step.evidence else None
        sanctions = tuple(self.cite(item) for item in step.sanctions)
        copies = tuple(msgspec.structs.replace(rule, clause=self.cite(rule.clause)) for rule in step.copies)
        return msgspec.structs.replace(
            step,
            clause=self.cite(step.clause),
            requires=requires,
            fields=fields,
            evidence=evidence,
            copies=copies,
            sanctions=sanctions,
        )

    def deadline(self, rule: DeadlineRule) -> DeadlineRule:
        return msgspec.structs.replace(rule, clause=self.cite(rule.clause))

    def supervision(self, rule: SupervisionRule) -> SupervisionRule:
        outside = rule.outside and msgspec.structs.replace(rule.outside, clause=self.cite(rule.outside.clause))
        return msgspec.structs.replace(rule, clause=self.cite(rule.clause), outside=outside)


def resolve_kind(kind: CaseKind, rulebook: Rulebook, regime: Regime | None = None) -> CaseKind:
    """The kind with the shared steps it uses, whole citations, titles, and what its regime lists; raises
    :class:`UnknownClause`."""
    kind = expand_kind(kind)
    resolver = _Resolver(rulebook, kind.instrument, f"kind {kind.key}")
    yes_or_no = {field.key for step in kind.steps for field in step.fields if field.type is FieldType.BOOLEAN}
    return msgspec.structs.replace(
        kind,
        channels=tuple(resolver.option(option) for option in kind.channels),
        tracks=tuple(resolver.option(option) for option in kind.tracks),
        steps=tuple(_settle(resolver.step(step), yes_or_no) for step in kind.steps),
        deadlines=tuple(resolver.deadline(rule) for rule in kind.deadlines),
        warnings=tuple(msgspec.structs.replace(rung, clause=resolver.cite(rung.clause)) for rung in kind.warnings),
        supervisions=tuple(resolver.supervision(rule) for rule in kind.supervisions),
        choices=_choices(resolver, regime, kind),
    )


def _choices(resolver: _Resolver, regime: Regime | None, kind: CaseKind) -> dict[str, tuple[Option, ...]]:
    if kind.regime is None:
        return {}
    if regime is None or regime.instrument != kind.instrument:
        raise UnknownClause(f"kind {kind.key}: {kind.regime!r} is no regime of {kind.instrument}")
    listed = list_choices(regime, resolver.rulebook)
    return {name: tuple(resolver.option(option) for option in options) for name, options in listed.items()}


def _settle(step: StepKind, yes_or_no: set[str]) -> StepKind:
    """The step with the yes-or-no facts that it establishes as a step states them, so that a fact has one type."""
    words = {"true": True, "false": False}

    def settle(sets: dict[str, str | bool]) -> dict[str, str | bool]:
        return {name: words.get(str(value), value) if name in yes_or_no else value for name, value in sets.items()}

    fields = tuple(
        msgspec.structs.replace(
            item, options=tuple(msgspec.structs.replace(option, sets=settle(option.sets)) for option in item.options)
        )
        for item in step.fields
    )
    return msgspec.structs.replace(step, sets=settle(step.sets), fields=fields)


def resolve_setting(kind: SettingKind, rulebook: Rulebook) -> SettingKind:
    """The setting with its whole citation; raises :class:`UnknownClause`."""
    return msgspec.structs.replace(kind, clause=_Resolver(rulebook, "", f"setting {kind.key}").cite(kind.clause))
