"""Baoding's four instruments as data: every clause, choice, term, open list, catch-all and binding word of the text."""

from __future__ import annotations

from datetime import date
from importlib.resources import files

import pytest

from core.law.instrument import ClauseKind, ForceBasis, Instrument, Term, Unit, Version
from core.law.loader import load_instruments

INSTRUMENTS = {found.id: found for found in load_instruments(files("jurisdictions.baoding") / "data" / "instruments")}
ACCOUNTABILITY = "baoding:accountability-2010"
ASSESSMENT = "baoding:assessment-2010"
EVALUATION = "baoding:social-evaluation-2010"
TIP_OFFS = "baoding:tip-offs-2010"
GRADES = ["excellent", "good", "fair", "poor"]


def version(instrument: str) -> Version:
    """The one version that there is."""
    (only,) = INSTRUMENTS[instrument].versions
    return only


def expand(ranges: str) -> set[str]:
    """``1-3 5.1-2`` as the references 1, 2, 3, 5.1, 5.2."""
    refs: set[str] = set()
    for item in ranges.split():
        first, _, last = item.partition("-")
        head, dot, number = first.rpartition(".")
        refs |= {f"{head}{dot}{n}" for n in range(int(number), int(last or number) + 1)}
    return refs


CLAUSES = {
    ACCOUNTABILITY: "1-15 4.1-4 5.1-4 6.1-4 7.1-3 8.1-2 9.1-5 10.1-3 11.1-5",
    ASSESSMENT: "1-9 5.1-5 5.3.1-4 5.4.1-3",
    EVALUATION: "1-8 5.1-3 5.1.1-4 5.2.1-3 6.1-7",
    TIP_OFFS: "1-9 4.1-9 7.1-6",
}
CHOICES = {
    ACCOUNTABILITY: {
        "3": ["leading-group", "office"],
        "10.1": ["not-submitted", "handler", "leader-in-charge", "sole", "none"],
        "10.2": ["approved", "handler", "leader-in-charge", "full", "primary", "secondary", "none"],
        "10.3": ["collective", "principal-leader", "member", "primary", "secondary", "none"],
        "11.1": ["oral-admonition", "criticism-education", "correction"],
        "11.2": ["criticism", "public-criticism", "written-self-examination", "no-awards"],
        "11.3": ["public-criticism", "correction", "no-awards", "removal", "transfer", "off-post-training"],
    },
    ASSESSMENT: {
        "3": ["office", "departments"],
        "5.1": ["bodies", "staff-and-funds", "plan", "meetings-and-checks"],
        "5.2": ["awareness", "climate", "examples"],
        "5.5": ["supporting-rules", "operability"],
        "6": ["hearing-reports", "reviewing-files", "on-site", "evaluation-results"],
        "7": ["routine", "half-year", "year-end"],
        "8": GRADES,
    },
    EVALUATION: {
        "2": ["office"],
        "3": [
            "public", "public.online", "public.survey", "invited", "invited.department-staff",
            "invited.peoples-deputies", "invited.cppcc-members", "invited.business",
            "invited.discipline-inspectors", "invited.citizens", "invited.experts",
        ],
        "5.3": ["supporting-rules", "operability"],
        "7": GRADES,
    },
    TIP_OFFS: {"6": ["letter", "phone", "fax", "email", "in-person"]},
}  # fmt: skip
TERMS = {
    f"{ACCOUNTABILITY}#11.3/off-post-training": Term(Unit.MONTH, 3, "effect"),
    f"{TIP_OFFS}#7.3": Term(Unit.WORKING_DAY, 5, "receipt"),
    f"{TIP_OFFS}#7.5": Term(Unit.CALENDAR_DAY, 7, "receipt"),
    f"{TIP_OFFS}#7.6": Term(Unit.CALENDAR_DAY, 5, "receipt"),
}
OPEN_LISTS = {
    ACCOUNTABILITY: {"1", "5.1", "5.4", "8.2"},
    ASSESSMENT: {"5.4.3", "5.5", "6"},
    EVALUATION: {"3", "5.2.3", "5.3"},
    TIP_OFFS: {"4.9", "6"},
}
CATCH_ALLS = {ACCOUNTABILITY: {"5.4"}, ASSESSMENT: set(), EVALUATION: set(), TIP_OFFS: {"4.9"}}
GROUNDS = expand("5-9 5.1-4 6.1-4 7.1-3 8.1-2 9.1-5")
MUST = {ACCOUNTABILITY: GROUNDS | {"12"}, ASSESSMENT: set(), EVALUATION: set(), TIP_OFFS: expand("7.3 7.5 7.6 8")}
MAY = {ACCOUNTABILITY: set(), ASSESSMENT: set(), EVALUATION: set(), TIP_OFFS: {"6"}}


def test_there_are_exactly_four() -> None:
    assert set(INSTRUMENTS) == set(CLAUSES)


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda found: found.id)
def test_in_force_from_the_day_of_issue(instrument: Instrument) -> None:
    only = version(instrument.id)
    assert (only.id, only.in_force_from, only.force_basis) == ("2010", date(2010, 1, 26), ForceBasis.ISSUE_DAY)
    assert (only.known_from, only.revision) == (date(2026, 11, 21), 1)
    assert instrument.document_number is None
    assert instrument.issuer.zh == "保定市人民政府办公厅"
    assert instrument.version_on(date(2010, 1, 25)) is None
    assert instrument.version_on(date(2010, 1, 26)) is only


@pytest.mark.parametrize("id_", CLAUSES)
def test_every_clause_stands_there_and_no_other(id_: str) -> None:
    assert {clause.ref for clause in version(id_).clauses} == expand(CLAUSES[id_])


@pytest.mark.parametrize("id_", CHOICES)
def test_choices(id_: str) -> None:
    found = {clause.ref: [choice.key for choice in clause.choices] for clause in version(id_).clauses if clause.choices}
    assert found == CHOICES[id_]


def test_terms() -> None:
    found = {f"{id_}#{clause.ref}": clause.term for id_ in CLAUSES for clause in version(id_).clauses if clause.term}
    for id_ in CLAUSES:
        for clause in version(id_).clauses:
            found |= {f"{id_}#{clause.ref}/{choice.key}": choice.term for choice in clause.choices if choice.term}
    assert found == TERMS


@pytest.mark.parametrize("id_", CLAUSES)
def test_open_lists_and_catch_alls(id_: str) -> None:
    clauses = version(id_).clauses
    assert {clause.ref for clause in clauses if clause.open_list} == OPEN_LISTS[id_]
    assert {clause.ref for clause in clauses if clause.catch_all} == CATCH_ALLS[id_]
    assert not any(choice.catch_all for clause in clauses for choice in clause.choices)


@pytest.mark.parametrize("id_", CLAUSES)
def test_binding_words(id_: str) -> None:
    clauses = version(id_).clauses
    assert {clause.ref for clause in clauses if clause.binding == "must"} == MUST[id_]
    assert {clause.ref for clause in clauses if clause.binding == "may"} == MAY[id_]


def test_the_ways_of_evaluation_are_permitted_and_the_two_strands_are_not_optional() -> None:
    clause = version(EVALUATION).clause("3")
    assert clause is not None
    assert {choice.key for choice in clause.choices if choice.binding is None} == {"public", "invited"}
    assert {choice.binding for choice in clause.choices if "." in choice.key} == {"may"}


@pytest.mark.parametrize("ref", sorted(GROUNDS))
def test_grounds_reach_units_and_persons(ref: str) -> None:
    clause = version(ACCOUNTABILITY).clause(ref)
    assert clause is not None
    assert clause.subjects == ("unit", "person")
    assert ClauseKind.LIST in clause.kinds


@pytest.mark.parametrize(
    ("ref", "unit", "person"),
    [
        ("11.1", set(), {"oral-admonition", "criticism-education", "correction"}),
        ("11.2", {"criticism"}, {"public-criticism", "written-self-examination", "no-awards"}),
        ("11.3", {"public-criticism", "correction", "no-awards"}, {"removal", "transfer", "off-post-training"}),
    ],
)
def test_sanctions_of_a_tier_are_split_between_unit_and_persons(ref: str, unit: set[str], person: set[str]) -> None:
    clause = version(ACCOUNTABILITY).clause(ref)
    assert clause is not None
    assert {choice.key for choice in clause.choices if choice.subjects == ("unit",)} == unit
    assert {choice.key for choice in clause.choices if choice.subjects == ("person",)} == person


@pytest.mark.parametrize(
    ("id_", "clause", "keys"),
    [
        (ACCOUNTABILITY, "2", {"administrative-organ", "public-institution", "organ-staff", "institution-staff"}),
        (ASSESSMENT, "4", {"county-government", "development-zone", "municipal-organ", "public-institution"}),
        (EVALUATION, "4", {"administrative-organ", "public-institution"}),
        (TIP_OFFS, "2", {"administrative-organ", "public-institution", "organ-staff", "institution-staff"}),
    ],
)
def test_subjects_are_declared_by_the_clause_that_names_them(id_: str, clause: str, keys: set[str]) -> None:
    only = version(id_)
    declared = {subject.key: subject for subject in only.subjects}
    named = only.clause(clause)
    assert named is not None
    assert set(declared) == set(named.subjects) == keys
    assert {subject.clause for subject in declared.values()} == {clause}
    assert all(subject.kinds == (("person",) if key.endswith("-staff") else ("unit",)) for key, subject in declared.items())


KINDS = {
    ACCOUNTABILITY: {
        "text": "1 4 4.1-4 14-15",
        "rule": "8.1 9.1 10 10.1-3 11 11.1-3",
        "step": "11.4-5 12-13",
        "duty": "",
    },
    ASSESSMENT: {"text": "1-2 9", "rule": "8", "step": "", "duty": ""},
    EVALUATION: {"text": "1 8", "rule": "3 7", "step": "6 6.1-7", "duty": ""},
    TIP_OFFS: {"text": "1 9", "rule": "7.3 7.5 7.6", "step": "7 7.1-2 7.4", "duty": "3 8"},
}


@pytest.mark.parametrize("id_", KINDS)
@pytest.mark.parametrize("kind", ["text", "rule", "step", "duty"])
def test_kinds(id_: str, kind: str) -> None:
    found = {clause.ref for clause in version(id_).clauses if ClauseKind(kind) in clause.kinds}
    assert found == expand(KINDS[id_][kind])


def test_replaced_norms_are_remarked_with_their_day() -> None:
    assert [remark.since for remark in version(ACCOUNTABILITY).remarks] == [date(2018, 3, 20), date(2020, 7, 1)]
    assert [remark.since for remark in version(TIP_OFFS).remarks] == [date(2018, 3, 20)]
    assert not version(ASSESSMENT).remarks
    assert not version(EVALUATION).remarks
