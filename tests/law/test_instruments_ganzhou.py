"""Ganzhou's instrument holds every clause of the catalogue, with its terms, figures, reach and force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from core.law.instrument import Clause, ForceBasis, Term, Unit
from core.law.loader import load_instruments

(INSTRUMENT,) = load_instruments(files("jurisdictions.ganzhou") / "data" / "instruments")
(VERSION,) = INSTRUMENT.versions


def span(parent: str, last: int) -> list[str]:
    """The items 1 to ``last`` of an article."""
    return [f"{parent}.{number}" for number in range(1, last + 1)]


UNITS, PERSONS = ("centre", "member-unit"), ("centre-staff", "member-staff", "operator")
PARAGRAPHS = ["3.p2", "4.p2", "4.p3", "4.p4", "15.p2", "15.p3"]
ITEMS = span("6", 5) + span("7", 4) + span("11", 12) + span("12", 4) + span("13", 3) + span("14", 10)
COMPUTED = {"6.3", "6.4", "11.1", "11.2", "11.3", "11.4", "11.8"}
TEXT_MESSAGE = Term(Unit.WORKING_DAY, 2, "receipt")


def clause(ref: str) -> Clause:
    """The clause, which must exist."""
    found = VERSION.clause(ref)
    assert found is not None, ref
    return found


def flagged(name: str, value: object = True) -> set[str]:
    """The references of the clauses of which the field ``name`` has that value."""
    return {found.ref for found in VERSION.clauses if getattr(found, name) == value}


def test_force_and_number() -> None:
    assert (INSTRUMENT.id, INSTRUMENT.document_number) == ("ganzhou:hotline-2022", "赣市府办发〔2022〕25号")
    assert (VERSION.id, VERSION.in_force_from, VERSION.force_basis) == (
        "2022",
        date(2022, 11, 13),
        ForceBasis.ISSUE_DAY,
    )
    assert (VERSION.known_from, VERSION.revision, VERSION.remarks) == (date(2026, 11, 21), 1, ())


def test_not_in_force_the_day_before() -> None:
    assert INSTRUMENT.version_on(date(2022, 11, 12)) is None
    assert INSTRUMENT.version_on(date(2022, 11, 13)) is VERSION
    assert INSTRUMENT.version_on(date(2022, 11, 14)) is VERSION


def test_every_clause_is_there_once() -> None:
    expected = [str(number) for number in range(1, 20)] + ITEMS + PARAGRAPHS
    assert sorted(found.ref for found in VERSION.clauses) == sorted(expected)


def test_choices_are_the_agreed_ones_in_the_order_of_the_text() -> None:
    found = {each.ref: [choice.key for choice in each.choices] for each in VERSION.clauses if each.choices}
    assert found == {
        "5": ["remind", "report-up", "random-check", "follow-up"],
        "7.1": ["text-message", "phone", "wechat"],
        "9": ["attitude", "language", "intake-duty", "confidentiality", "unreported-emergency"],
        "10": ["untimely", "supervision-failure", "unreported-emergency", "abuse-of-office"],
        "14.10": ["termination", "dismissal"],
        "15.p2": ["collective", "individual", "direct", "leadership"],
        "15.p3": ["refer-to-discipline", "refer-to-judiciary", "talk", "inquiry"],
    }


def test_terms_are_those_of_the_text_and_no_others() -> None:
    found = {each.ref: each.term for each in VERSION.clauses if each.term}
    assert found == {"7.1": TEXT_MESSAGE, "7.2": Term(Unit.WORKING_DAY, 2, "notice")}


def test_each_way_of_supervising_by_message_has_the_term_of_its_clause() -> None:
    found = {
        f"{each.ref}/{choice.key}": choice.term for each in VERSION.clauses for choice in each.choices if choice.term
    }
    assert found == dict.fromkeys(["7.1/text-message", "7.1/phone", "7.1/wechat"], TEXT_MESSAGE)


def test_figures_other_than_terms() -> None:
    found = {(each.ref, value.key): (value.amount, value.unit) for each in VERSION.clauses for value in each.values}
    assert found == {
        ("11.1", "reminders-min"): (Decimal(2), "reminder"),
        ("11.1", "overdue-above"): (Decimal(10), "working-day"),
        ("11.2", "overdue-orders-min"): (Decimal(5), "order"),
    }


def test_catch_alls() -> None:
    assert flagged("catch_all") == {"6.5", "11.12", "12.4"}
    assert not [choice for each in VERSION.clauses for choice in each.choices if choice.catch_all]


def test_open_lists() -> None:
    assert flagged("open_list") == {
        *("1", "3", "3.p2", "4.p3", "6.5", "10"),
        *("11.9", "11.11", "11.12", "12.4"),
    }


def test_choices_that_are_open() -> None:
    found = {(each.ref, choice.key) for each in VERSION.clauses for choice in each.choices if choice.open_list}
    assert found == {("10", "unreported-emergency")}


def test_what_binds_and_what_permits() -> None:
    assert flagged("binding", "must") == {"7.1", "10", "11", *span("11", 12), "15", "15.p2", "15.p3"}
    assert flagged("binding", "may") == {"12", *span("12", 4), "16"}


@pytest.mark.parametrize(
    ("kind", "refs"),
    [
        ("text", {"1", "19"}),
        ("duty", {"3", "3.p2"}),
        ("step", {"4", "4.p2", "4.p3", "4.p4", "5", "7.3", "7.4", "15", "15.p3", "16", "17"}),
        ("rule", {"5", "6", "7.1", "7.2", "8", "15", "15.p2", "18"} | COMPUTED),
        (
            "list",
            {"2", "6", *span("6", 5), "7", "9", "10", "11", *span("11", 12), "12", *span("12", 4)}
            | {"13", *span("13", 3), "14", *span("14", 10)},
        ),
    ],
)
def test_kinds(kind: str, refs: set[str]) -> None:
    assert {each.ref for each in VERSION.clauses if kind in each.kinds} == refs


@pytest.mark.parametrize(
    ("refs", "subjects"),
    [
        (["2"], UNITS + PERSONS),
        (["4.p2"], ("centre",)),
        (["7", *span("7", 4), "8", "18"], ("member-unit",)),
        (["9"], ("operator",)),
        (["10"], ("centre", "centre-staff")),
        (["11", *span("11", 12)], ("member-unit", "member-staff")),
        (["12", "12.1", "12.3", "12.4"], ("unit", "person")),
        (["12.2"], ("person",)),
        (["13", *span("13", 3)], UNITS),
        (["14", *span("14", 10)], PERSONS),
        (["17"], ("outside-unit",)),
    ],
)
def test_whom_a_clause_reaches(refs: list[str], subjects: tuple[str, ...]) -> None:
    assert {ref: clause(ref).subjects for ref in refs} == dict.fromkeys(refs, subjects)


@pytest.mark.parametrize("ref", ["9", "10", "14.10"])
def test_choices_reach_whom_their_clause_reaches(ref: str) -> None:
    assert {choice.subjects for choice in clause(ref).choices} == {clause(ref).subjects}


def test_classes_of_subjects() -> None:
    assert {subject.key: subject.kinds for subject in VERSION.subjects} == {
        **dict.fromkeys(["centre", "member-unit", "outside-unit"], ("unit",)),
        **dict.fromkeys(PERSONS, ("person",)),
    }
    assert {subject.key for subject in VERSION.subjects if subject.clause != "2"} == {"operator", "outside-unit"}
