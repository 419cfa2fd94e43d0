"""What opens a proposal: the computed limb of a clause, held against recorded facts, line by line. Pure, opens nothing.

Every figure is the instrument's own; whether a count includes it follows from the text (R1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from msgspec import Struct, field

from core.law.citation import Citation
from core.law.instrument import Text
from core.law.rulebook import Rulebook
from core.sanctions.dating import law_on, regime_on
from core.sanctions.proposal import Line
from core.sanctions.reach import find_clause
from core.sanctions.regime import Bound, Condition, Opens, RankRun, Regime, Trigger
from core.texts import Params


class Firing(StrEnum):
    """What comes of a trigger."""

    YES = "yes"
    NO = "no"
    AFTER_CONSENT = "after-consent"


class YearOfUnit(Struct, frozen=True):
    """A unit's place in its group in one year, and its total; without ``lower`` nobody shares a place."""

    position: int
    units: int
    total: Decimal | None = None
    """``None`` where it counts as in order (a rule table)."""
    lower: int | None = None
    """How many units of the group rank strictly lower."""


class Facts(Struct, frozen=True, kw_only=True):
    """Recorded facts: yes or no, counts, counts by month, years by number."""

    flags: Mapping[str, bool] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    months: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    years: Mapping[int, YearOfUnit] = field(default_factory=dict)


class Evaluation(Struct, frozen=True, kw_only=True):
    """What comes of a clause's computed limb on these facts."""

    clause: str
    version: str
    fires: Firing
    opens: Opens
    borderline: bool = False
    """Whether a count stands exactly at a figure that it had to exceed."""
    flagged: bool = False
    """Whether the group is so small that its last places say little."""
    finding: Text | None = None
    lines: tuple[Line, ...] = ()


RANKS = Text("组内名次和总分", "place in the group and total of each year")


def facts_of(trigger: Trigger) -> Iterator[tuple[str, Text]]:
    """The facts that a trigger asks for, each with its title."""
    yield from ((condition.fact, condition.title) for condition in trigger.when)
    if trigger.run is not None:
        yield "years", RANKS


class Figures:
    """The figures of clauses, as they are on a day."""

    def __init__(self, rulebook: Rulebook, on: date | None) -> None:
        self._rulebook, self._on = rulebook, on

    def of(self, citation: str, key: str) -> Decimal:
        """The figure of that name; raises :class:`LookupError` where the clause has none."""
        found = find_clause(law_on(self._rulebook, Citation.parse(citation).instrument, self._on), citation)
        for value in found[0].values if found else ():
            if value.key == key:
                return value.amount
        raise LookupError(f"{citation} {key}")


class _Held(Struct, frozen=True):
    """A condition held against the facts."""

    met: bool
    lines: tuple[Line, ...]
    borderline: bool = False


def find_trigger(regimes: Iterable[Regime], rulebook: Rulebook, clause: str, on: date | None = None) -> Trigger | None:
    """The trigger of a clause on a day; ``None`` for a clause without a computed limb.

    Raises :class:`core.errors.Refused` for a day before the clause's instrument came into force.
    """
    cited = Citation.parse(clause).instrument
    for regime in regimes:
        newest = regime_on(regime, rulebook)
        if cited == regime.instrument or newest.trigger(clause) is not None:
            found = regime_on(regime, rulebook, on).trigger(clause)
            if found is not None:
                return found
    return None


def evaluate(trigger: Trigger, rulebook: Rulebook, facts: Facts, on: date | None = None) -> Evaluation:
    """Whether the limb is fulfilled, with each condition; a missing yes or no is a no, a missing count is 0."""
    figures = Figures(rulebook, on)
    held = [_hold(trigger, condition, figures, facts) for condition in trigger.when]
    run = _hold_run(trigger, trigger.run, figures, facts) if trigger.run else None
    met = all(item.met for item in held) and (run is None or run.met)
    fires = Firing.NO
    if met and trigger.opens is not Opens.NOTHING:
        fires = Firing.AFTER_CONSENT if trigger.consent else Firing.YES
    lines = [line for item in [*held, *([run] if run else [])] for line in item.lines]
    borderline = not met and any(item.borderline for item in held) and all(item.met or item.borderline for item in held)
    return Evaluation(
        clause=trigger.clause,
        version=law_on(rulebook, Citation.parse(trigger.clause).instrument, on).id,
        fires=fires,
        opens=trigger.opens,
        borderline=borderline,
        flagged=trigger.run is not None and _is_small(trigger.run, facts),
        finding=trigger.finding,
        lines=(*lines, *_conclude(trigger, met=met, borderline=borderline)),
    )


def _conclude(trigger: Trigger, *, met: bool, borderline: bool) -> Iterator[Line]:
    if borderline:
        yield Line("sanctions.line.borderline", trigger.clause)
    if trigger.finding is not None:
        yield Line("sanctions.line.finding", trigger.clause, {"zh": trigger.finding.zh, "en": trigger.finding.en})
    if trigger.opens is Opens.NOTHING:
        yield Line("sanctions.line.evidence", trigger.clause)
    elif not met:
        yield Line("sanctions.line.not-fired", trigger.clause)
    elif trigger.consent:
        yield Line("sanctions.line.after-consent", trigger.consent)
    else:
        yield Line(f"sanctions.line.opens-{trigger.opens.value}", trigger.clause)


def _hold(trigger: Trigger, condition: Condition, figures: Figures, facts: Facts) -> _Held:
    if condition.value is None:
        wanted = condition.bound is Bound.TRUE
        given = facts.flags.get(condition.fact, False)
        params = _titles(condition) | {"given_zh": "是" if given else "否", "given_en": "yes" if given else "no"}
        return _mark(trigger, "flag", params, met=given is wanted)
    figure = figures.of(trigger.clause, condition.value)
    if not condition.by_month:
        return _count(trigger, condition, figure, facts.counts.get(condition.fact, 0), {})
    months = facts.months.get(condition.fact, {})
    held = [_count(trigger, condition, figure, count, {"month": month}) for month, count in sorted(months.items())]
    return _Held(any(item.met for item in held), tuple(line for item in held for line in item.lines))


def _count(trigger: Trigger, condition: Condition, figure: Decimal, given: int, more: Params) -> _Held:
    above = condition.bound is Bound.ABOVE
    name = "above" if above else "at-least"
    params = _titles(condition) | {"given": given, "figure": f"{figure:f}"} | more
    met = given > figure if above else given >= figure
    held = _mark(trigger, f"month-{name}" if more else name, params, met=met)
    return _Held(held.met, held.lines, borderline=above and given == figure)


def _mark(trigger: Trigger, what: str, params: Params, *, met: bool) -> _Held:
    signs: Params = {"sign_zh": "符合" if met else "不符合", "sign_en": "met" if met else "not met"}
    return _Held(met, (Line(f"sanctions.line.{what}", trigger.clause, params | signs),))


def _titles(condition: Condition) -> Params:
    return {"zh": condition.title.zh, "en": condition.title.en}


def _hold_run(trigger: Trigger, run: RankRun, figures: Figures, facts: Facts) -> _Held:
    """So many consecutive years, each at or below the base and among the last."""
    last, base = figures.of(trigger.clause, run.last), figures.of(run.base_clause, run.base)
    lines: list[Line] = []
    good: list[int] = []
    for number, year in sorted(facts.years.items()):
        lower = year.units - year.position if year.lower is None else year.lower
        met = lower < last and (year.total is None or year.total <= base)
        good += [number] if met else []
        total = "–" if year.total is None else f"{year.total:f}"
        params: Params = {"year": number, "position": year.position, "units": year.units, "lower": lower, "total": total}
        lines += _mark(trigger, "year", params | {"last": f"{last:f}", "base": f"{base:f}"}, met=met).lines
    needed = int(figures.of(trigger.clause, run.years))
    longest = _longest(good)
    lines += _mark(trigger, "run", {"given": longest, "figure": needed}, met=longest >= needed).lines
    if _is_small(run, facts):
        lines.append(Line("sanctions.line.small-group", trigger.clause, {"most": run.flag_groups_up_to}))
    return _Held(longest >= needed, tuple(lines))


def _longest(years: list[int]) -> int:
    """The most years in a row."""
    most = current = min(len(years), 1)
    for earlier, later in pairwise(years):
        current = current + 1 if later == earlier + 1 else 1
        most = max(most, current)
    return most


def _is_small(run: RankRun, facts: Facts) -> bool:
    return any(year.units <= run.flag_groups_up_to for year in facts.years.values())
