"""What a regime must be beyond its types: nothing stands twice, and nothing is given that the instrument does not give."""

from __future__ import annotations

from collections.abc import Iterable

from core.law.citation import Citation
from core.law.instrument import Choice, Clause, Unit, Version
from core.sanctions.completion import Completer
from core.sanctions.reach import find_clause, kinds_reached
from core.sanctions.regime import (
    Bound,
    DecisionPath,
    Ends,
    RegimeVersion,
    Sanction,
    SanctionList,
    SubjectKind,
    Trigger,
    Weight,
)

_COUNTING = frozenset({Bound.AT_LEAST, Bound.ABOVE})
_ENDING = frozenset({Unit.MONTH, Unit.CALENDAR_DAY})


def check_regime(regime: RegimeVersion, completer: Completer, path: str) -> None:
    """Raises :class:`core.law.source.FaultInSource` at the first fault of a regime whose citations are whole."""
    _check_grounds(regime, completer, path)
    _check_circumstances(regime, completer, path)
    for kind, listed in regime.sanctions.items():
        _check_sanctions(kind, listed, completer, f"{path}.sanctions.{kind.value}")
    _check_tiers(regime, completer, path)
    _check_selections(regime, completer, path)
    for index, way in enumerate(regime.responsibility.paths if regime.responsibility else ()):
        _check_path(way, completer, f"{path}.responsibility.paths[{index}]")
    _once([item.clause for item in regime.triggers], completer, f"{path}.triggers")
    for index, trigger in enumerate(regime.triggers):
        _check_trigger(trigger, completer, f"{path}.triggers[{index}]")


def _check_grounds(regime: RegimeVersion, completer: Completer, path: str) -> None:
    for index, group in enumerate(regime.grounds):
        if group.open and not _found(completer.version, group.category)[0].open_list:
            place = f"{path}.grounds[{index}].open"
            raise completer.fault(place, f"the instrument does not mark {group.category} as an open list (R15)")
    _once([item for group in regime.grounds for item in group.items], completer, f"{path}.grounds")


def _check_circumstances(regime: RegimeVersion, completer: Completer, path: str) -> None:
    _once([item for group in regime.circumstances for item in group.items], completer, f"{path}.circumstances")
    for index, group in enumerate(regime.circumstances):
        if bool(group.allows) != (group.weight is Weight.MITIGATING):
            raise completer.fault(
                f"{path}.circumstances[{index}]", "a mitigating circumstance allows something, an aggravating one nothing"
            )
    for index, counted in enumerate(regime.counted):
        place = f"{path}.counted[{index}]"
        if counted.clause not in regime.circumstance_lists:
            raise completer.fault(f"{place}.clause", f"{counted.clause} is none of the circumstances")
        _check_figure(counted.clause, counted.minimum, completer, f"{place}.minimum")


def _check_sanctions(kind: SubjectKind, listed: SanctionList, completer: Completer, path: str) -> None:
    _once([item.clause for item in listed.items], completer, path)
    for index, item in enumerate(listed.items):
        place = f"{path}.items[{index}]"
        if kind not in kinds_reached(completer.version, item.clause):
            raise completer.fault(place, f"the instrument does not give {item.clause} to a {kind.value}")
        _check_sanction(item, completer, place)


def _check_sanction(item: Sanction, completer: Completer, place: str) -> None:
    clause, choice = _found(completer.version, item.clause)
    if item.open and not (choice or clause).open_list:
        raise completer.fault(f"{place}.open", f"the instrument does not mark {item.clause} as an open list (R15)")
    if item.either and (choice or not clause.choices):
        raise completer.fault(f"{place}.either", f"{item.clause} offers no choices")
    ends = item.effect.ends if item.effect else None
    term = (choice or clause).term
    if ends is Ends.TERM and (term is None or term.unit not in _ENDING):
        raise completer.fault(f"{place}.effect", f"{item.clause} gives no term in months or calendar days")
    if item.effect and (item.effect.setting is not None) != (ends is Ends.SETTING):
        raise completer.fault(f"{place}.effect", "an effect that ends by a setting names it, and no other does")


def _check_tiers(regime: RegimeVersion, completer: Completer, path: str) -> None:
    """A tier imposes what is listed for the kind of subject, and where there are tiers each sanction stands in one."""
    if bool(regime.tiers) != (regime.severity is not None):
        raise completer.fault(f"{path}.severity", "tiers, and the clause by which a decision names one, go together")
    for index, tier in enumerate(regime.tiers):
        for kind, measures in tier.measures.items():
            unlisted = [name for name in measures.named if regime.sanction(kind, name) is None]
            if unlisted:
                place = f"{path}.tiers[{index}].measures.{kind.value}"
                raise completer.fault(place, f"{unlisted[0]} is no sanction for a {kind.value}")
    for kind, listed in regime.sanctions.items() if regime.tiers else ():
        named = {name for tier in regime.tiers if kind in tier.measures for name in tier.measures[kind].named}
        for item in listed.items:
            if item.clause not in named:
                raise completer.fault(f"{path}.tiers", f"{item.clause} stands in no tier for a {kind.value}")


def _check_selections(regime: RegimeVersion, completer: Completer, path: str) -> None:
    """What goes together, and what something is asked before, is listed."""
    listed = {item.clause for one in regime.sanctions.values() for item in one.items}
    clauses = {name.partition("/")[0] for name in listed}
    for index, group in enumerate(regime.together):
        if unknown := sorted(set(group) - listed):
            raise completer.fault(f"{path}.together[{index}]", f"{unknown[0]} is no sanction of the regime")
    for index, item in enumerate(regime.before):
        place = f"{path}.before[{index}]"
        if unknown := sorted(set(item.sanctions) - listed - clauses):
            raise completer.fault(f"{place}.sanctions", f"{unknown[0]} is no sanction of the regime")
        if unknown := sorted(set(item.grounds) - regime.categories.keys()):
            raise completer.fault(f"{place}.grounds", f"{unknown[0]} is no ground of the regime")
        if item.short_way and regime.short_way is None:
            raise completer.fault(f"{place}.short_way", "the regime has no short way")


def _check_path(way: DecisionPath, completer: Completer, place: str) -> None:
    """Path, roles and shares are choices that the clause offers."""
    clause, _ = _found(completer.version, way.clause)
    offered = {choice.key for choice in clause.choices}
    roles = {part.role for part in way.parts}
    shares = {part.share.value for part in way.parts}
    for turn in way.turns:
        shares |= {turn.own.value, *(share.value for share in turn.others.values())}
        if unknown := sorted({turn.role, *turn.others} - roles):
            raise completer.fault(f"{place}.turns", f"{unknown[0]!r} is no role of the path")
    if missing := sorted({way.key, *roles, *shares} - offered):
        raise completer.fault(place, f"{missing[0]!r} is no choice of {way.clause}; it offers {', '.join(sorted(offered))}")
    _once([part.role for part in way.parts], completer, f"{place}.parts")


def _check_trigger(trigger: Trigger, completer: Completer, place: str) -> None:
    if not trigger.when and trigger.run is None:
        raise completer.fault(place, "a trigger needs conditions or a run of years")
    _once([item.fact for item in trigger.when], completer, f"{place}.when")
    for index, condition in enumerate(trigger.when):
        where = f"{place}.when[{index}]"
        if (condition.bound in _COUNTING) != (condition.value is not None):
            raise completer.fault(where, "a count is held against a figure of the clause, a yes or no against none")
        if condition.by_month and condition.bound not in _COUNTING:
            raise completer.fault(where, "what is counted by month is held against a figure")
        if condition.value is not None:
            _check_figure(trigger.clause, condition.value, completer, f"{where}.value")
    if trigger.run is not None:
        _check_figure(trigger.clause, trigger.run.years, completer, f"{place}.run.years")
        _check_figure(trigger.clause, trigger.run.last, completer, f"{place}.run.last")
        _check_figure(trigger.run.base_clause, trigger.run.base, completer, f"{place}.run.base")


def _check_figure(citation: str, key: str, completer: Completer, place: str) -> None:
    version = completer.version_of(place, Citation.parse(citation).instrument)
    clause, _ = _found(version, citation)
    if key not in {value.key for value in clause.values}:
        known = ", ".join(value.key for value in clause.values) or "none"
        raise completer.fault(place, f"{key!r} is no figure of {citation}; it has {known}")


def _found(version: Version, citation: str) -> tuple[Clause, Choice | None]:
    found = find_clause(version, citation)
    if found is None:
        raise LookupError(citation)
    return found


def _once(names: Iterable[str], completer: Completer, place: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise completer.fault(place, f"{name} stands twice")
        seen.add(name)
