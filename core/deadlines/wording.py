"""An explanation as lines of text for people, in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from unicodedata import east_asian_width

from core.deadlines.explanation import CountedDay, Explanation
from core.law.instrument import Term
from core.law.loader import load_instrument
from core.law.zone import find_zone
from core.texts import Params, catalogue
from core.texts import render as render_text


def render(explanation: Explanation, language: str) -> list[str]:
    """The explanation, line by line, in ``zh`` or ``en``: clause, term, start, every day, due date and rules used."""
    before = [*_facts_before(explanation, language)]
    facts = _list([*before, *_facts_after(explanation, language)], language)
    days = [f"  {line}" for line in align(_day_cells(day, language) for day in explanation.days)]
    heading = [render_text("deadlines.explain.days", {}, language)] if days else []
    rules = [f"  {line}" for line in align((rule, _readings()[rule][language]) for rule in explanation.rules)]
    return [*facts[: len(before)], *heading, *days, *facts[len(before) :], *rules]


def describe_term(term: Term, language: str) -> str:
    """A term in words, such as ``5 个工作日，自收到起``."""
    length = describe_length(term, language)
    if term.at_most:
        length = render_text("deadlines.at-most", {"term": length}, language)
    event = describe_event(term.start, language)
    return render_text("deadlines.explain.term-from", {"term": length, "event": event}, language)


def describe_length(term: Term, language: str) -> str:
    """How long a term is, in words."""
    length = render_text(f"deadlines.unit.{term.unit.value}", {"length": term.length}, language)
    return length.removesuffix("s") if language != "zh" and term.length == 1 else length


def describe_event(event: str, language: str) -> str:
    """A starting event in words; an event that only a city knows is shown by its key."""
    known = f"deadlines.event.{event}"
    return render_text(known, {}, language) if known in catalogue() else event


def align(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Rows of cells as lines with aligned columns; a Chinese character is two columns wide."""
    table = list(rows)
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    return ["  ".join(_pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _facts_before(explanation: Explanation, language: str) -> Iterable[tuple[str, str]]:
    local = explanation.starts_at.astimezone(find_zone(explanation.zone))
    source: Params = {
        "clause": explanation.clause,
        "version": explanation.instrument_version,
        "revision": explanation.encoding_revision,
    }
    start: Params = {"local": _clock(local), "zone": explanation.zone, "instant": _instant(explanation.starts_at)}
    calendar: Params = {
        "version": explanation.calendar_version,
        "basis": explanation.calendar_basis,
        "source": explanation.calendar_source,
    }
    yield "clause", render_text("deadlines.explain.source", source, language)
    yield "term", describe_term(explanation.term, language)
    if explanation.figure_from != "clause":
        giver, category = explanation.figure_from, explanation.category
        given: Params = {"figure_from": giver, "basis": explanation.basis, "category": category}
        inherited = category and giver != f"category:{category}"
        said = "deadlines.explain.figure-inherited" if inherited else "deadlines.explain.figure-from"
        yield "figure", render_text(said, given, language)
    yield "start", render_text("deadlines.explain.start-at", start, language)
    yield from _moves(explanation, language)
    yield "calendar", render_text("deadlines.explain.calendar-version", calendar, language)


def _moves(explanation: Explanation, language: str) -> Iterable[tuple[str, str]]:
    """Each pause and extension, in order."""
    for entry in explanation.entries:
        local = entry.at.astimezone(find_zone(explanation.zone))
        told: Params = {"local": _clock(local), "zone": explanation.zone, "instant": _instant(entry.at)}
        value = render_text("deadlines.explain.start-at", told, language)
        if entry.term is not None:
            by: Params = {"term": describe_length(entry.term, language), "at": value}
            value = render_text("deadlines.explain.extended-by", by, language)
        yield entry.kind.value, value


def _facts_after(explanation: Explanation, language: str) -> Iterable[tuple[str, str]]:
    if explanation.roll_reason is not None:
        kind = render_text(f"deadlines.kind.{explanation.roll_reason.value}", {}, language)
        rolled: Params = {"unrolled": str(explanation.unrolled), "kind": kind, "due": str(explanation.due_on)}
        yield "roll", render_text("deadlines.explain.rolled", rolled, language)
    due: Params = {
        "due": str(explanation.due_on),
        "time": _last_time(explanation),
        "instant": _instant(explanation.due_at),
    }
    yield "due", render_text("deadlines.explain.due-on", due, language)
    if explanation.provisional:
        yield "provisional", render_text("deadlines.explain.provisional-why", {}, language)
    yield "rules", ", ".join(explanation.rules)


@cache
def _readings() -> dict[str, dict[str, str]]:
    """The reading rules in our own words, by id and language."""
    readings = load_instrument(files("core.law") / "data" / "readings.yaml")
    clauses = readings.versions[-1].clauses
    return {clause.ref.upper(): {"zh": clause.label.zh, "en": clause.label.en} for clause in clauses}


def _list(facts: Iterable[tuple[str, str]], language: str) -> list[str]:
    return align([(render_text(f"deadlines.explain.{name}", {}, language), value) for name, value in facts])


def _day_cells(day: CountedDay, language: str) -> tuple[str, ...]:
    number: Params = {"number": day.number or 0}
    counted = render_text("deadlines.explain.day-number", number, language)
    uncounted = "deadlines.explain.day-paused" if day.paused else "deadlines.explain.not-counted"
    hours = " ".join(f"{period.start}–{period.end}" for period in day.hours)
    remarks = [day.name or "", hours]
    if day.provisional:
        remarks.append(render_text("deadlines.explain.provisional-day", {}, language))
    return (
        day.date.isoformat(),
        render_text(f"deadlines.weekday.{day.date.isoweekday()}", {}, language),
        counted if day.counts else render_text(uncounted, {}, language),
        render_text(f"deadlines.kind.{day.kind.value}", {}, language),
        " ".join(filter(None, remarks)),
    )


def _last_time(explanation: Explanation) -> str:
    local = explanation.due_at.astimezone(find_zone(explanation.zone))
    if local.date() != explanation.due_on:
        return "24:00"
    return local.time().isoformat() if local.second or local.microsecond else f"{local:%H:%M}"


def _clock(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H:%M:%S}"


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
