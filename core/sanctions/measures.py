"""Whether the sanctions of a proposal are for its subject, fit its severity and gravity, and go together."""

from __future__ import annotations

from collections.abc import Iterator

from core.sanctions.grounds import KIND_NAMES, check_reached, found_circumstances
from core.sanctions.proposal import Matter, Reason
from core.sanctions.regime import Gravity, Leniency, Measures, Sanction, Share, Tier
from core.texts import Params

BINDING, COMPETENCE = "wenze:readings#r9", "wenze:readings#r14"
_ORDER = tuple(Gravity)


def check_sanctions(matter: Matter) -> Iterator[Reason]:
    """Each sanction once, of this regime, for this kind of subject, its reading confirmed and its organ's document there."""
    named = matter.proposal.sanctions
    if not named:
        yield from _check_waiver(matter)
    for index, citation in enumerate(named):
        at = f"/sanctions/{index}"
        sanction = matter.regime.sanction(matter.kind, citation)
        if sanction is None:
            yield _not_listed(matter, citation, at)
            continue
        yield from check_reached(matter, citation, matter.list_clause, at)
        if citation in named[:index]:
            yield Reason("sanctions.sanction-twice", citation, (), matter.named(citation), at)
        yield from _check_usable(matter, sanction, at)


def _not_listed(matter: Matter, citation: str, at: str) -> Reason:
    named = matter.named(citation)
    if citation in matter.regime.referrals:
        return Reason("sanctions.sanction-is-referral", citation, (matter.list_clause,), named, at)
    if any(item.clause == citation for listed in matter.regime.sanctions.values() for item in listed.items):
        params = named | KIND_NAMES[matter.kind] | {"list": matter.list_clause}
        return Reason("sanctions.sanction-not-for-kind", matter.list_clause, (citation,), params, at)
    params = named | {"instrument": matter.instrument, "list": matter.list_clause}
    return Reason("sanctions.sanction-unknown", matter.list_clause, (citation,), params, at)


def _check_usable(matter: Matter, sanction: Sanction, at: str) -> Iterator[Reason]:
    proposal, citation = matter.proposal, sanction.clause
    if sanction.reading and sanction.reading not in matter.confirmed:
        params = matter.named(citation) | {"setting": sanction.reading}
        yield Reason("sanctions.reading-unconfirmed", citation, (), params, at)
    if sanction.organ and citation not in proposal.documented and not proposal.in_order:
        yield Reason("sanctions.document-missing", COMPETENCE, (citation,), matter.named(citation), at)


def _check_waiver(matter: Matter) -> Iterator[Reason]:
    """No sanction at all is a waiver (免予): only where a circumstance of the regime allows it (R9)."""
    found = found_circumstances(matter)
    if matter.proposal.share is Share.NONE:  # there is nothing to waive
        return
    if any(Leniency.WAIVED in item.allows for item in found):
        return
    grounds = tuple(dict.fromkeys(ground.clause for ground in matter.proposal.grounds))
    lists = tuple(group.clause for group in matter.regime.circumstances)
    named = tuple(item.clause for item in found)
    code = "sanctions.waiver-without-circumstance" if matter.regime.allows_waiver else "sanctions.waiver-none"
    params: Params = {"grounds": ", ".join(grounds) or "–", "lists": ", ".join(lists) or "–"}
    yield Reason(code, BINDING, (*grounds, *lists, *named, matter.list_clause), params, "/sanctions")


def check_together(matter: Matter) -> Iterator[Reason]:
    """What the text imposes together is not taken apart."""
    named = set(matter.proposal.sanctions)
    for group in matter.regime.together:
        missing = [item for item in group if item not in named]
        if missing and len(missing) < len(group) and matter.regime.sanction(matter.kind, group[0]):
            given = next(item for item in group if item in named)
            params = matter.named(missing[0]) | {"given": given}
            yield Reason("sanctions.sanction-left-out", group[0], tuple(group[1:]), params, "/sanctions")


def check_tier(matter: Matter) -> Iterator[Reason]:
    """The severity is named, its tier reaches the subject, and the tier is imposed as the text has it."""
    severity, regime = _severity(matter), matter.regime
    if not regime.tiers:
        return
    if severity is None:
        known = ", ".join(tier.clause for tier in regime.tiers)
        yield Reason("sanctions.severity-missing", regime.severity or matter.instrument, (), {"known": known}, "/severity")
        return
    tier = regime.tier(severity)
    if tier is None:
        yield Reason("sanctions.severity-unknown", regime.severity or matter.instrument, (), {"what": severity}, "/severity")
        return
    measures = tier.measures.get(matter.kind)
    if measures is None:
        params = matter.named(tier.clause) | KIND_NAMES[matter.kind]
        yield Reason("sanctions.tier-not-for-kind", tier.clause, (), params, "/severity")
        return
    yield from _check_measures(matter, tier, measures)


def _severity(matter: Matter) -> str | None:
    """The tier that is named; where everything unsaid is in order, the one to which the sanctions belong."""
    proposal = matter.proposal
    if proposal.severity is not None or not proposal.in_order:
        return proposal.severity
    named = set(proposal.sanctions)
    tiers = [tier for tier in matter.regime.tiers for measures in tier.measures.values() if named & set(measures.named)]
    clauses = {tier.clause for tier in tiers}
    return clauses.pop() if len(clauses) == 1 else None


def _check_measures(matter: Matter, tier: Tier, measures: Measures) -> Iterator[Reason]:
    named = matter.proposal.sanctions
    for index, citation in enumerate(named):
        if citation not in measures.named and matter.regime.sanction(matter.kind, citation):
            params = matter.named(citation) | {"tier": tier.clause}
            yield Reason("sanctions.sanction-of-other-tier", tier.clause, (citation,), params, f"/sanctions/{index}")
    if not named:
        return
    for missing in measures.all:
        if missing not in named:
            yield Reason(
                "sanctions.tier-incomplete",
                tier.clause,
                (missing,),
                matter.named(missing) | {"tier": tier.clause},
                "/sanctions",
            )
    groups = [group for group in measures.one if not set(group).isdisjoint(named)]
    if measures.one and len(groups) != 1:
        offered = ", ".join(item for group in measures.one for item in group)
        params = {"tier": tier.clause, "offered": offered, "count": len(groups)}
        yield Reason(
            "sanctions.tier-one-of", tier.clause, tuple(item for group in groups for item in group), params, "/sanctions"
        )


def check_gravity(matter: Matter) -> Iterator[Reason]:
    """Where sanctions follow from gravity it is named, none is for a graver matter, and one at least is for this one."""
    clause, gravity = matter.regime.gravity.get(matter.kind), matter.proposal.gravity
    if clause is None:
        return
    if gravity is None:
        if not matter.proposal.in_order:
            yield Reason("sanctions.gravity-missing", clause, (), {}, "/gravity")
        return
    listed = [matter.regime.sanction(matter.kind, citation) for citation in matter.proposal.sanctions]
    named = [item for item in listed if item is not None]
    fitting = _fitting(matter, gravity)
    known: Params = {"fitting": ", ".join(fitting) or "–"}
    for item in named:
        if item.gravities and _ORDER.index(item.gravities[0]) > _ORDER.index(gravity):
            params = matter.named(item.clause) | _gravity(gravity) | known
            yield Reason("sanctions.gravity-too-light", item.clause, (clause, *fitting), params, "/gravity")
    if named and all(item.gravities and _ORDER.index(item.gravities[-1]) < _ORDER.index(gravity) for item in named):
        params = matter.named(named[0].clause) | _gravity(gravity) | known
        yield Reason("sanctions.gravity-too-grave", named[0].clause, (clause, *fitting), params, "/gravity")


def _fitting(matter: Matter, gravity: Gravity) -> tuple[str, ...]:
    """The sanctions that are for a matter of that gravity."""
    listed = matter.regime.sanctions.get(matter.kind)
    return tuple(item.clause for item in listed.items if gravity in (item.gravities or _ORDER)) if listed else ()


def _gravity(gravity: Gravity) -> Params:
    words = {Gravity.LIGHT: ("较轻", "light"), Gravity.HEAVIER: ("较重", "heavier"), Gravity.SERIOUS: ("严重", "serious")}
    return {"gravity_zh": words[gravity][0], "gravity_en": words[gravity][1]}
