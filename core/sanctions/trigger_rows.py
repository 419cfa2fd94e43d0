"""Checks rows of rule tables about triggers: facts in the words of the tables, made into those of the trigger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from core.law.check import Outcome, Row, unknown_facts
from core.law.citation import Citation
from core.law.rulebook import Rulebook
from core.sanctions.dating import law_on
from core.sanctions.proposal import Line
from core.sanctions.regime import Bound, Condition, Opens, Regime, Trigger
from core.sanctions.triggers import Evaluation, Facts, Firing, YearOfUnit, evaluate, find_trigger
from core.sanctions.wording import render_lines

_EXPECTED = {Firing.YES: True, Firing.NO: False, Firing.AFTER_CONSENT: "after consent"}
_ROW = frozenset({"clause", "facts", "expect"})
_LATE = frozenset({"overdue", "overdue_working_days", "overdue_calendar_days"})
_SHOWN = frozenset({"month", "months", "ranks", "totals", "reminders", "unjustified_overdue"})
"""What can be shown on a case beside the facts of an evidence helper, whatever comes of it."""
_OPEN_MONTH = "–"
Given = dict[str, object]


def check_trigger_row(row: Row, find: Callable[[str], tuple[tuple[Regime, ...], Rulebook]], language: str) -> Outcome:
    """Whether a clause's computed limb fires on the row's facts; a clause without such a limb never does."""
    if unknown := unknown_facts(row, _ROW):
        raise ValueError(f"facts that a trigger does not have: {', '.join(unknown)}")
    facts = row.get("facts")
    if not isinstance(facts, Mapping) or "expect" not in row:
        raise ValueError("a trigger needs facts and what is expected")
    citation = Citation.parse(str(row.get("clause", "")))
    regimes, rulebook = find(citation.instrument)
    rulebook.passage(citation, law_on(rulebook, citation.instrument, None).in_force_from)
    trigger = find_trigger(regimes, rulebook, str(citation))
    if trigger is None:
        lines = render_lines((Line("sanctions.line.not-computed", str(citation)),), language)
        return Outcome(_compare(row, Firing.NO), tuple(lines))
    found = evaluate(trigger, rulebook, read_facts(trigger, dict(facts)))
    return Outcome(_compare(row, found.fires), _reasoning(found, language))


def _compare(row: Row, fires: Firing) -> str:
    found, expected = _EXPECTED[fires], row["expect"]
    return "" if found is expected or (isinstance(expected, str) and found == expected) else f"{found}, expected {expected}"


def _reasoning(found: Evaluation, language: str) -> tuple[str, ...]:
    return tuple(render_lines(found.lines, language))


def read_facts(trigger: Trigger, given: Given) -> Facts:
    """The facts of a row; raises :class:`ValueError` for one that the trigger does not know or that cannot be."""
    if trigger.opens is Opens.NOTHING:
        given = {name: value for name, value in given.items() if name not in _SHOWN}
    if trigger.run is not None:
        _expect_known(given, frozenset({"ranks", "totals"}))
        return Facts(years=_years(given))
    monthly = next((condition for condition in trigger.when if condition.by_month), None)
    if monthly is not None:
        _expect_known(given, frozenset({"month", "months", "overdue", "justified", monthly.fact}))
        return Facts(months={monthly.fact: _months(monthly.fact, given)})
    conditions = {condition.fact: condition for condition in trigger.when}
    _expect_known(given, frozenset(conditions) | {"justified"} | _lateness(conditions))
    flags = {item.fact: _flag(item, given) for item in trigger.when if item.value is None}
    counts = {item.fact: _count(item.fact, given) for item in trigger.when if item.value is not None}
    return Facts(flags=flags, counts=counts)


def _lateness(conditions: Mapping[str, Condition]) -> frozenset[str]:
    """The words for lateness: any where the trigger asks whether something is late, else those of its own unit."""
    if "overdue" in conditions:
        return _LATE
    return frozenset({"overdue"}) if _LATE & conditions.keys() else frozenset()


def _expect_known(given: Given, known: frozenset[str]) -> None:
    if unknown := sorted(given.keys() - known):
        raise ValueError(f"facts that this trigger does not have: {', '.join(unknown)}; it has {', '.join(sorted(known))}")


def _flag(condition: Condition, given: Given) -> bool:
    """A yes or no. Unsaid it is in order: as the trigger has it, but for lateness, which a row must show."""
    if condition.fact == "overdue":
        return any(_is_late(given[name], name) for name in sorted(_LATE & given.keys()))
    value = given.get(condition.fact)
    if value is None:
        return condition.bound is Bound.TRUE
    if not isinstance(value, bool):
        raise TypeError(f"{condition.fact} must be true or false")
    return value


def _is_late(value: object, name: str) -> bool:
    return value if isinstance(value, bool) else _whole(value, name) > 0


def _count(fact: str, given: Given) -> int:
    """A count; days overdue can be said as ``overdue``, too, and are none where that says no."""
    if fact in given:
        return _whole(given[fact], fact)
    said = given.get("overdue") if fact in _LATE else None
    return 0 if said is None or isinstance(said, bool) else _whole(said, "overdue")


def _months(fact: str, given: Given) -> dict[str, int]:
    """Unjustified ones by month: as they are said, or what is late less what is justified."""
    month = str(given.get("month") or _OPEN_MONTH)
    if isinstance(found := given.get("months"), Mapping):
        counts = {str(name): _whole(count, "months") for name, count in found.items()}
        return {month: counts[month]} if month in counts else counts
    if fact in given:
        return {month: _whole(given[fact], fact)}
    overdue = _whole(given.get("overdue", 0), "overdue")
    said = given.get("justified", 0)
    justified = overdue * said if isinstance(said, bool) else _whole(said, "justified")
    if justified > overdue:
        raise ValueError("more are justified than are overdue")
    return {month: overdue - justified}


def _years(given: Given) -> dict[int, YearOfUnit]:
    ranks, totals = given.get("ranks"), given.get("totals")
    if not isinstance(ranks, Mapping) or not (totals is None or isinstance(totals, Mapping)):
        raise TypeError("ranks and totals must be given by year")
    return {int(year): _year(str(rank), str(year), totals) for year, rank in ranks.items()}


def _year(rank: str, year: str, totals: Mapping[str, object] | None) -> YearOfUnit:
    """A year's place; without any totals they are in order, and a total that is missing beside others is a fault."""
    position, units = (int(part) for part in rank.split("/"))
    if not 1 <= position <= units:
        raise ValueError(f"{rank} is no place in a group")
    if totals is not None and year not in totals:
        raise ValueError(f"the total of {year} is missing")
    return YearOfUnit(position, units, None if totals is None else Decimal(str(totals[year])))


def _whole(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(f"{name} must be a whole number from 0 on")
    return value
