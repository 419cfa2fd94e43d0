"""Instruments and clauses as lines of text with aligned columns."""

from __future__ import annotations

from collections.abc import Iterable

from core.deadlines.wording import align, describe_term
from core.law.instrument import Choice, Clause, Instrument, Term, Text, Version
from core.law.rulebook import Passage
from core.texts import Params, render


def show_instrument(instrument: Instrument, version: Version, language: str) -> list[str]:
    """The head of an instrument, the remarks beside it, its subjects and every clause."""
    subjects = [("  " + one.key, _say(one.label, language), "#" + one.clause) for one in version.subjects]
    clauses = [("  " + (cells := _clause_cells(one, language))[0], *cells[1:]) for one in version.clauses]
    return [
        *_head(instrument, version, language),
        *_section("subjects", subjects, language),
        *_section("clauses", clauses, language),
    ]


def show_clause(passage: Passage, language: str) -> list[str]:
    """One clause or choice: what it says, its term, figures and choices, and the clauses below it."""
    clause, choice = passage.clause, passage.choice
    below = () if choice else [one for one in passage.version.clauses if one.ref.startswith(clause.ref + ".")]
    choices = () if choice else clause.choices
    values = () if choice else clause.values
    return [
        *_facts(_clause_facts(passage, language), language),
        *_section("values", [("  " + one.key, str(one.amount), one.unit) for one in values], language),
        *_section("choices", [_choice_cells(one, language) for one in choices], language),
        *_section("below", [("  " + (cells := _clause_cells(one, language))[0], *cells[1:]) for one in below], language),
    ]


def _head(instrument: Instrument, version: Version, language: str) -> list[str]:
    facts = {
        "instrument": f"{instrument.id}  {_say(instrument.title, language)}",
        "issuer": " ".join(filter(None, (_say(instrument.issuer, language), instrument.document_number))),
        "version": _in_force(version, language),
    }
    remarks = [(f"  {remark.since}", _say(remark.text, language)) for remark in version.remarks]
    return [*_facts(facts, language), *_section("remarks", remarks, language)]


def _clause_facts(passage: Passage, language: str) -> dict[str, str]:
    clause, stated = passage.clause, passage.choice or passage.clause
    return {
        "clause": f"{passage.citation}  {_say(passage.label, language)}",
        "instrument": _say(passage.instrument.title, language),
        "version": _in_force(passage.version, language),
        "kinds": _kinds(clause, language),
        "marks": _marks(clause, language),
        "subjects": ", ".join(stated.subjects),
        "term": _term(passage.term, language),
    }


def _clause_cells(clause: Clause, language: str) -> tuple[str, ...]:
    marks = _marks(clause, language)
    choices = " ".join("/" + choice.key for choice in clause.choices)
    remarks = "; ".join(filter(None, (_term(clause.term, language), marks, choices)))
    return "#" + clause.ref, _kinds(clause, language), _say(clause.label, language), remarks


def _choice_cells(choice: Choice, language: str) -> tuple[str, ...]:
    return "  /" + choice.key, _say(choice.label, language), _term(choice.term, language)


def _kinds(clause: Clause, language: str) -> str:
    return "+".join(render(f"law.kind.{kind.value}", {}, language) for kind in clause.kinds)


def _marks(clause: Clause, language: str) -> str:
    marks = [f"binding-{clause.binding}"] if clause.binding else []
    marks += [mark for mark, is_set in (("open-list", clause.open_list), ("catch-all", clause.catch_all)) if is_set]
    return ", ".join(render(f"law.mark.{mark}", {}, language) for mark in marks)


def _term(term: Term | None, language: str) -> str:
    return describe_term(term, language) if term else ""


def _in_force(version: Version, language: str) -> str:
    params: Params = {"version": version.id, "day": version.in_force_from.isoformat(), "revision": version.revision}
    return render("law.show.in-force", params, language)


def _facts(facts: dict[str, str], language: str) -> list[str]:
    return align([(render(f"law.show.{name}", {}, language), value) for name, value in facts.items() if value])


def _section(name: str, rows: Iterable[tuple[str, ...]], language: str) -> list[str]:
    lines = align(rows)
    return ["", render(f"law.show.{name}", {}, language), *lines] if lines else []


def _say(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en
