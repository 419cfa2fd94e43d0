"""Whether a proposed decision may be: every reason against it, what the system adds by itself, and what goes with it.

Pure. The law is the version in force on the day of the conduct, or a later one that is lighter (R7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.law.instrument import Instrument, Version
from core.law.rulebook import Rulebook
from core.sanctions.dating import regime_under
from core.sanctions.effects import effects_of
from core.sanctions.grounds import VERSIONS, check_catch_alls, check_circumstances, check_grounds, found_circumstances
from core.sanctions.measures import check_gravity, check_sanctions, check_tier, check_together
from core.sanctions.prerequisites import check_before, check_share, remark_missing
from core.sanctions.proposal import FoundCircumstance, Line, Matter, Proposal, Reason, Verdict
from core.sanctions.regime import Leniency, Regime, Weight
from core.texts import Params

CHECKS: tuple[Callable[[Matter], Iterator[Reason]], ...] = (
    check_grounds,
    check_circumstances,
    check_catch_alls,
    check_share,
    check_tier,
    check_gravity,
    check_sanctions,
    check_together,
    check_before,
)


def decide(proposal: Proposal, regime: Regime, rulebook: Rulebook, confirmed: frozenset[str] = frozenset()) -> Verdict:
    """What comes of a proposal. A refusal is an answer, and nothing is raised for what a rule forbids."""
    instrument = rulebook.instrument(regime.instrument)
    law, faults = _version(proposal, instrument)
    if law is None:
        return _without_law(regime, faults)
    matter = Matter(proposal, regime_under(regime, instrument, law), law, instrument.id, rulebook, confirmed)
    reasons = (*faults, *(reason for check in CHECKS for reason in check(matter)))
    found = found_circumstances(matter)
    allowed = {item for circumstance in found for item in circumstance.allows}
    return Verdict(
        accepted=not reasons,
        regime=regime.key,
        instrument=instrument.id,
        version=law.id,
        revision=law.revision,
        reasons=reasons,
        remarks=tuple(_remarks(matter, found)),
        circumstances=found,
        allows=tuple(item for item in Leniency if item in allowed),
        effects=effects_of(matter),
        documents=_documents(matter),
        lines=tuple(_explain(matter, found, reasons)),
    )


def _version(proposal: Proposal, instrument: Instrument) -> tuple[Version | None, tuple[Reason, ...]]:
    """The version by which the conduct is judged (R7), and what is wrong with the one that was named."""
    versions = instrument.versions
    law = versions[-1] if proposal.conduct_on is None else instrument.version_on(proposal.conduct_on)
    if law is None and proposal.conduct_on is not None:
        params = {"clause": instrument.id, "day": proposal.conduct_on.isoformat(), "first": _first(instrument)}
        return None, (Reason("law.before-first-version", VERSIONS, (instrument.id,), params, "/conduct_on"),)
    if law is None or proposal.version in {None, law.id}:
        return law, ()
    later = {version.id: version for version in versions if version.in_force_from > law.in_force_from}
    named = later.get(proposal.version or "")
    if named is None:
        params = {"version": proposal.version or "", "own": law.id}
        return law, (Reason("sanctions.version-not-in-force", VERSIONS, (instrument.id,), params, "/version"),)
    if not proposal.lighter_reason.strip():
        params = {"version": named.id, "own": law.id}
        return named, (Reason("sanctions.version-bare", VERSIONS, (instrument.id,), params, "/lighter_reason"),)
    return named, ()


def _first(instrument: Instrument) -> str:
    return instrument.versions[0].in_force_from.isoformat()


def _without_law(regime: Regime, faults: tuple[Reason, ...]) -> Verdict:
    lines = tuple(Line(fault.code, fault.clause, fault.params) for fault in faults)
    return Verdict(
        accepted=False,
        regime=regime.key,
        instrument=regime.instrument,
        version=None,
        revision=None,
        reasons=faults,
        lines=lines,
    )


def _documents(matter: Matter) -> tuple[str, ...]:
    listed = (matter.regime.sanction(matter.kind, citation) for citation in dict.fromkeys(matter.proposal.sanctions))
    return tuple(item.clause for item in listed if item is not None and item.organ)


def _remarks(matter: Matter, found: tuple[FoundCircumstance, ...]) -> Iterator[Reason]:
    """What binds, is permitted, follows or is yet to be named, without standing in the way."""
    yield from remark_missing(matter)
    for item in found:
        code = "sanctions.aggravating-binds" if item.weight is Weight.AGGRAVATING else "sanctions.mitigating-permits"
        yield Reason(code, item.clause, (), matter.named(item.clause))
    for index, citation in enumerate(matter.proposal.sanctions):
        sanction = matter.regime.sanction(matter.kind, citation)
        if sanction is not None and sanction.either:
            yield Reason("sanctions.choice-open", citation, (), matter.named(citation), f"/sanctions/{index}")
    for consequence in matter.regime.consequences if matter.proposal.grounds else ():
        params = {"zh": consequence.title.zh, "en": consequence.title.en}
        yield Reason("sanctions.consequence", consequence.clause, (), params)


def _explain(matter: Matter, found: tuple[FoundCircumstance, ...], reasons: tuple[Reason, ...]) -> Iterator[Line]:
    """The reasoning line by line: by which law, on which grounds, with what, and what stands in the way."""
    law, proposal = matter.law, matter.proposal
    day = law.in_force_from.isoformat()
    params: Params = {"what": matter.instrument, "version": law.id, "day": day, "revision": law.revision}
    yield Line("sanctions.line.law", matter.instrument, params)
    for ground in proposal.grounds:
        yield Line("sanctions.line.ground", ground.clause, matter.named(ground.clause) | {"act": ground.act})
    for item in found:
        code = "sanctions.line.circumstance-added" if item.added else "sanctions.line.circumstance"
        yield Line(code, item.clause, matter.named(item.clause))
    for citation in proposal.sanctions:
        yield Line("sanctions.line.sanction", citation, matter.named(citation))
    if not proposal.sanctions:
        yield Line("sanctions.line.no-sanction", matter.list_clause)
    for reason in reasons:
        yield Line(reason.code, reason.clause, reason.params)
    yield Line(
        "sanctions.line.refused" if reasons else "sanctions.line.accepted", matter.instrument, {"count": len(reasons)}
    )
