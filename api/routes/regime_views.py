"""A city's accountability regimes as front-ends read them: every list with clauses, titles and whom it is for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from core.law.instrument import Text, Version
from core.law.rulebook import Rulebook
from core.sanctions.dating import law_on, regime_under
from core.sanctions.grounds import leaves_open
from core.sanctions.reach import find_clause, kinds_reached, named_classes
from core.sanctions.regime import (
    Gravity,
    Leniency,
    Opens,
    Prerequisite,
    Regime,
    RegimeVersion,
    Share,
    SubjectKind,
    Tier,
    Trigger,
    Weight,
)
from core.sanctions.triggers import facts_of

_FOR = Annotated[tuple[SubjectKind, ...], Meta(title="适用对象", description="Whether it is for units, persons or both")]
_CLASSES = Annotated[
    tuple[str, ...], Meta(title="对象类别", description="The classes of subjects that it reaches; unit and person are any")
]
_REASON = Annotated[bool, Meta(title="须写明理由", description="A catch-all: used with a written reason and a cited basis")]


class GroundView(Struct, frozen=True):
    """A ground (问责情形) in its category."""

    clause: str
    title: Text
    category: str
    subjects: _FOR
    classes: _CLASSES
    needs_reason: _REASON


class CircumstanceView(Struct, frozen=True):
    """A circumstance (情节): what it does, whether it binds, and what it allows."""

    clause: str
    title: Text
    weight: Weight
    binding: Annotated[str | None, Meta(description="must (应当) or may (可以)")]
    allows: tuple[Leniency, ...]
    subjects: _FOR
    needs_reason: _REASON
    counted: Annotated[bool, Meta(description="Whether the system sets it by itself")]


class SanctionView(Struct, frozen=True):
    """A sanction (问责方式)."""

    clause: str
    title: Text
    subjects: _FOR
    classes: _CLASSES
    needs_reason: _REASON
    organ: Annotated[bool, Meta(description="Whether another organ decides it, so that its document is recorded")]
    gravities: Annotated[tuple[Gravity, ...], Meta(description="The degrees that it is for; all of them where empty")]
    setting: Annotated[str | None, Meta(description="The setting by which the tenant confirms a doubtful reading first")]
    ends: Annotated[str | None, Meta(description="How its lasting effect ends: year, term, setting, decision, lifting")]


class TierView(Struct, frozen=True):
    """What a degree of severity imposes on one kind of subject: all of `all`, and exactly one of the groups of `one`."""

    clause: str
    title: Text
    subject: SubjectKind
    all: tuple[str, ...]
    one: tuple[tuple[str, ...], ...]


class PrerequisiteView(Struct, frozen=True):
    """What must be there before a decision; with `sanctions`, `grounds` or `subject` only before such ones."""

    key: str
    clause: str
    title: Text
    sanctions: tuple[str, ...]
    grounds: tuple[str, ...]
    subject: SubjectKind | None
    blocks: Annotated[bool, Meta(description="Whether a decision is refused without it; else it is only remarked")]
    of_result: Annotated[bool, Meta(description="Whether it is needed before the result is used, not before the decision")]


class PartView(Struct, frozen=True):
    """A role on a path of decision, and what it usually bears."""

    role: str
    title: Text
    share: Share
    least: int
    most: int | None


class FactView(Struct, frozen=True):
    """A fact that counts."""

    name: str
    title: Text
    role: str | None = None


class PathView(Struct, frozen=True):
    """A path of decision, by which shares of responsibility follow."""

    key: str
    clause: str
    title: Text
    parts: tuple[PartView, ...]
    facts: tuple[FactView, ...]


class TriggerView(Struct, frozen=True):
    """The computed limb of a clause; what a person has to find beside it is `finding`."""

    clause: str
    title: Text
    opens: Opens
    consent: Annotated[str | None, Meta(description="The clause by which it waits for consent")]
    finding: Text | None
    facts: tuple[FactView, ...]


class RegimeVersionView(Struct, frozen=True, kw_only=True):
    """What a regime holds under one version of its instrument."""

    version: str
    in_force_from: date
    grounds: tuple[GroundView, ...]
    circumstances: tuple[CircumstanceView, ...]
    sanctions: tuple[SanctionView, ...]
    tiers: tuple[TierView, ...]
    together: Annotated[tuple[tuple[str, ...], ...], Meta(description="Sanctions of which none is imposed alone")]
    prerequisites: tuple[PrerequisiteView, ...]
    short_way: Annotated[str | None, Meta(description="The clause by which verification may be skipped")]
    referrals: Annotated[tuple[str, ...], Meta(description="Transfers, which are no sanctions")]
    distinctions: Annotated[tuple[tuple[str, ...], ...], Meta(description="Kinds of responsibility, one of each group")]
    paths: tuple[PathView, ...]
    triggers: tuple[TriggerView, ...]


class RegimeView(Struct, frozen=True):
    """An accountability regime (问责制度): its instrument, and what it holds under each version, oldest first."""

    key: str
    instrument: str
    title: Text
    versions: tuple[RegimeVersionView, ...]


class RegimeList(Struct, frozen=True):
    """The accountability regimes that the city has."""

    items: tuple[RegimeView, ...]


def regime_view(regime: Regime, rulebook: Rulebook) -> RegimeView:
    """A regime with titles from the law."""
    instrument = rulebook.instrument(regime.instrument)
    versions = (_version(regime_under(regime, instrument, law), law, rulebook) for law in instrument.versions)
    return RegimeView(regime.key, instrument.id, instrument.title, tuple(versions))


def _version(regime: RegimeVersion, law: Version, rulebook: Rulebook) -> RegimeVersionView:
    told = regime.responsibility
    return RegimeVersionView(
        version=law.id,
        in_force_from=law.in_force_from,
        grounds=tuple(_ground(law, regime, item, category) for item, category in regime.categories.items()),
        circumstances=tuple(_circumstance(law, regime, item) for item in regime.circumstance_lists),
        sanctions=tuple(_sanctions(law, regime)),
        tiers=tuple(view for tier in regime.tiers for view in _tier(law, tier)),
        together=regime.together,
        prerequisites=tuple(map(_prerequisite, regime.before)),
        short_way=regime.short_way,
        referrals=regime.referrals,
        distinctions=told.distinctions if told else (),
        paths=tuple(_paths(law, regime)),
        triggers=tuple(_trigger(item, rulebook) for item in regime.triggers),
    )


def title_of(law: Version, citation: str) -> Text:
    """Our words for a clause; the citation where it stands in another version alone."""
    found = find_clause(law, citation)
    return (found[1] or found[0]).label if found else Text(citation, citation)


def _for(law: Version, citation: str) -> tuple[SubjectKind, ...]:
    reached = kinds_reached(law, citation)
    return tuple(kind for kind in SubjectKind if kind in reached)


def _ground(law: Version, regime: RegimeVersion, clause: str, category: str) -> GroundView:
    classes, bare = named_classes(law, clause), leaves_open(regime, law, clause)
    return GroundView(clause, title_of(law, clause), category, _for(law, clause), classes, bare)


def _circumstance(law: Version, regime: RegimeVersion, clause: str) -> CircumstanceView:
    group, found = regime.circumstance_lists[clause], find_clause(law, clause)
    binding = (found[1] or found[0]).binding if found else None
    counted = any(item.clause == clause for item in regime.counted)
    bare = leaves_open(regime, law, clause)
    title, subjects = title_of(law, clause), _for(law, clause)
    return CircumstanceView(clause, title, group.weight, binding, group.allows, subjects, bare, counted)


def _sanctions(law: Version, regime: RegimeVersion) -> Iterable[SanctionView]:
    listed = {item.clause: item for one in regime.sanctions.values() for item in one.items}
    for clause, item in listed.items():
        kinds = tuple(kind for kind in SubjectKind if regime.sanction(kind, clause))
        yield SanctionView(
            clause,
            title_of(law, clause),
            kinds,
            named_classes(law, clause),
            leaves_open(regime, law, clause),
            item.organ,
            item.gravities,
            item.reading,
            item.effect.ends.value if item.effect else None,
        )


def _tier(law: Version, tier: Tier) -> Iterable[TierView]:
    for kind, measures in tier.measures.items():
        yield TierView(tier.clause, title_of(law, tier.clause), kind, measures.all, measures.one)


def _prerequisite(item: Prerequisite) -> PrerequisiteView:
    return PrerequisiteView(
        item.key, item.clause, item.title, item.sanctions, item.grounds, item.subject, item.blocks, item.of_result
    )


def _paths(law: Version, regime: RegimeVersion) -> Iterable[PathView]:
    for way in regime.responsibility.paths if regime.responsibility else ():
        parts = tuple(
            PartView(part.role, title_of(law, f"{way.clause}/{part.role}"), part.share, part.least, part.most)
            for part in way.parts
        )
        facts = tuple(FactView(turn.fact, turn.title, turn.role) for turn in way.turns)
        yield PathView(way.key, way.clause, title_of(law, f"{way.clause}/{way.key}"), parts, facts)


def _trigger(trigger: Trigger, rulebook: Rulebook) -> TriggerView:
    law = law_on(rulebook, trigger.clause.partition("#")[0], None)
    facts = tuple(FactView(name, title) for name, title in facts_of(trigger))
    return TriggerView(trigger.clause, title_of(law, trigger.clause), trigger.opens, trigger.consent, trigger.finding, facts)
