"""Jincheng's four instruments as data: every clause, choice, term, figure, open list, catch-all and binding word."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from core.law.instrument import ClauseKind, ForceBasis, Instrument, Term, Unit, Version
from core.law.loader import FaultInSource, load_instrument, load_instruments

FOLDER = files("jurisdictions.jincheng") / "data" / "instruments"
INSTRUMENTS = {found.id: found for found in load_instruments(FOLDER)}
ACCOUNTABILITY = "jincheng:accountability-2017"
POINTS = "jincheng:points-2017"
INSPECTORS = "jincheng:inspectors-2017"
RAPID = "jincheng:rapid-2017"


def version(instrument: str) -> Version:
    """The one version that there is."""
    (only,) = INSTRUMENTS[instrument].versions
    return only


def expand(ranges: str) -> set[str]:
    """``1-3 5.1-2 5.p2`` as the references 1, 2, 3, 5.1, 5.2, 5.p2."""
    refs: set[str] = set()
    for item in ranges.split():
        first, _, last = item.partition("-")
        head, dot, number = first.rpartition(".")
        mark = "p" if number.startswith("p") else ""
        start = int(number.removeprefix("p"))
        refs |= {f"{head}{dot}{mark}{n}" for n in range(start, int(last.removeprefix("p") or start) + 1)}
    return refs


CLAUSES = {
    ACCOUNTABILITY: "1-11 5.1-6 6.1-2 7.1-5 9.1-5",
    POINTS: "1-21 11.1-3 12.1-4",
    INSPECTORS: "1-19 5.p2-p4",
    RAPID: "1-3 2.1-5 3.1-3",
}
CHOICES = {
    ACCOUNTABILITY: {
        "2": ["state-interest", "public-interest", "lawful-rights", "loss-and-bad-effect"],
        "3": ["government", "department"],
        "6.2": ["talk"],
        "7.4": ["suspension", "transfer", "ordered-resignation", "demotion", "removal"],
        "9.5": ["copy", "internal-circular", "publication"],
    },
    POINTS: {
        "8": ["third-party", "experts", "public"],
        "11.3": ["included", "finished", "no-reminder-quarter"],
        "12.3": ["late-report", "overdue", "returned", "finished"],
        "12.4": ["obstruction", "material-late"],
        "16": ["system-use", "supervised-item", "key-supervision"],
        "19": ["county.exemption", "county.funds", "county.projects", "county.land", "municipal-unit.exemption"],
    },
    INSPECTORS: {
        "2": ["network", "full-time", "part-time", "invited"],
        "3": ["grand", "special", "assigned"],
        "6": ["points", "replacement"],
        "11": ["notice", "consent"],
        "14": ["problem-list", "non-implementation-list", "supplement", "resubmission"],
    },
    RAPID: {"2.1": ["ordinary", "major"], "2.2": ["ordinary", "major", "extension"]},
}
TERMS = {
    f"{INSPECTORS}#14": Term(Unit.CALENDAR_DAY, 3, "inspection-end"),
    f"{RAPID}#2.1/ordinary": Term(Unit.CALENDAR_DAY, 7, "receipt"),
    f"{RAPID}#2.1/major": Term(Unit.CALENDAR_DAY, 30, "receipt"),
    f"{RAPID}#2.2/ordinary": Term(Unit.CALENDAR_DAY, 7, "receipt"),
    f"{RAPID}#2.2/major": Term(Unit.CALENDAR_DAY, 30, "receipt"),
    f"{RAPID}#2.2/extension": Term(Unit.CALENDAR_DAY, 60, "due-date", at_most=True),
    f"{RAPID}#2.3": Term(Unit.CALENDAR_DAY, 3, "inspection-end"),
    f"{RAPID}#2.4": Term(Unit.CALENDAR_DAY, 7, "inspection-end"),
}
VALUES = {
    f"{ACCOUNTABILITY}#5.2": "overdue-days=2 calendar-day",
    f"{ACCOUNTABILITY}#5.5": "consecutive-years=2 year, bottom-ranks=2 rank",
    f"{POINTS}#10": "base=100 point",
    f"{POINTS}#11.1": "lead-min=10 point, lead-max=20 point, cooperating-min=5 point, cooperating-max=10 point",
    f"{POINTS}#11.2": "lead=10 point, cooperating=5 point",
    f"{POINTS}#11.3": (
        "included=0.5 point, included-passively=0 point, finished-excellent=3 point, finished-good=1 point, "
        "no-reminder-quarter=5 point"
    ),
    f"{POINTS}#12.1": (
        "lead=-5 point, cooperating=-3 point, cooperating-at-fault=-5 point, lead-excused=0 point, "
        "lead-reduced-min=-3 point, lead-reduced-max=-1 point"
    ),
    f"{POINTS}#12.2": "lead=-5 point, cooperating=-3 point",
    f"{POINTS}#12.3": (
        "late-report=-0.5 point, overdue-days=2 calendar-day, overdue=-5 point, returned-first=-0.5 point, "
        "returned-increment=-1 point, finished-unqualified=-5 point"
    ),
    f"{POINTS}#12.4": "obstruction=-5 point, material-late-per-day=-1 point",
    f"{POINTS}#17": "consecutive-years=2 year, bottom-ranks=2 rank",
    f"{POINTS}#19": "county-first-ranks=1 rank, municipal-first-ranks=3 rank",
    f"{INSPECTORS}#9": "full-time-max=3 person, part-time-max=2 person, invited-max=2 person, accompanying-max=1 person",
}
OPEN_LISTS = {
    ACCOUNTABILITY: {"1", "5.1", "5.6", "7.4"},
    POINTS: {"1", "2", "5", "6", "7", "9", "19"},
    INSPECTORS: {"1", "3", "5.p3", "5.p4", "7", "8", "9", "16", "17", "18"},
    RAPID: {"2.5"},
}
CATCH_ALLS = {ACCOUNTABILITY: {"5.6"}, POINTS: set(), INSPECTORS: set(), RAPID: set()}
MUST = {ACCOUNTABILITY: {"4"}, POINTS: set(), INSPECTORS: {"4", "8"}, RAPID: {"2.4"}}
MAY = {ACCOUNTABILITY: {"8", "10"}, POINTS: set(), INSPECTORS: set(), RAPID: set()}
CHOICE_BINDING = {
    f"{ACCOUNTABILITY}#9.5/copy": "must",
    f"{ACCOUNTABILITY}#9.5/internal-circular": "may",
    f"{ACCOUNTABILITY}#9.5/publication": "may",
    f"{INSPECTORS}#14/supplement": "may",
    f"{INSPECTORS}#14/resubmission": "may",
    f"{RAPID}#2.2/extension": "may",
}


def test_there_are_exactly_four() -> None:
    assert set(INSTRUMENTS) == set(CLAUSES)


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda found: found.id)
def test_in_force_from_the_day_of_issue(instrument: Instrument) -> None:
    only = version(instrument.id)
    assert (only.id, only.in_force_from, only.force_basis) == ("2017", date(2017, 11, 20), ForceBasis.ISSUE_DAY)
    assert (only.known_from, only.revision) == (date(2026, 11, 21), 1)
    assert instrument.document_number == "晋市政办〔2017〕101号"
    assert instrument.issuer.zh == "晋城市人民政府办公厅"
    assert instrument.version_on(date(2017, 11, 19)) is None
    assert instrument.version_on(date(2017, 11, 20)) is only


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


def test_figures_are_exact() -> None:
    found = {
        f"{id_}#{clause.ref}": ", ".join(f"{value.key}={value.amount} {value.unit}" for value in clause.values)
        for id_ in CLAUSES
        for clause in version(id_).clauses
        if clause.values
    }
    assert found == VALUES
    returned = version(POINTS).clause("12.3")
    assert returned is not None
    amounts = {value.key: value.amount for value in returned.values}
    assert amounts["returned-first"] + 2 * amounts["returned-increment"] == Decimal("-2.5")


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


def test_binding_words_of_single_choices() -> None:
    found = {
        f"{id_}#{clause.ref}/{choice.key}": choice.binding
        for id_ in CLAUSES
        for clause in version(id_).clauses
        for choice in clause.choices
        if choice.binding
    }
    assert found == CHOICE_BINDING


def test_an_unknown_binding_word_of_a_choice_is_a_fault(tmp_path: Path) -> None:
    text = (FOLDER / "accountability-2017.yaml").read_text(encoding="utf-8")
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace("            binding: must\n", "            binding: shall\n"), encoding="utf-8")
    with pytest.raises(FaultInSource, match="binding 'shall'; expected must or may"):
        load_instrument(changed)


SUBJECTS = {
    ACCOUNTABILITY: {
        "unit person": "5 5.1-6 8",
        "unit": "6 6.1-2",
        "person": "7 7.1-5",
    },
    POINTS: {
        "county development-zone municipal-unit stationed-unit": "2 9 17",
        "county development-zone municipal-unit": "18 20",
        "county municipal-unit": "19",
        "unit": "5-8 10-13 11.1-3 12.1-4",
    },
    INSPECTORS: {"full-time": "5.p2 7", "part-time": "5.p3", "invited": "5.p4", "part-time invited": "8 17"},
    RAPID: {"inspected-unit": "2.1-2 2.4-5", "policy-making-unit": "2.3"},
}


@pytest.mark.parametrize("id_", SUBJECTS)
def test_subjects(id_: str) -> None:
    for keys, ranges in SUBJECTS[id_].items():
        found = {clause.ref for clause in version(id_).clauses if clause.subjects == tuple(keys.split())}
        assert found == expand(ranges), keys


def test_sanction_choices_reach_units_or_persons() -> None:
    talk, measures = version(ACCOUNTABILITY).clause("6.2"), version(ACCOUNTABILITY).clause("7.4")
    assert talk is not None
    assert measures is not None
    assert [choice.subjects for choice in talk.choices] == [("unit",)]
    assert {choice.subjects for choice in measures.choices} == {("person",)}


DECLARED = {
    ACCOUNTABILITY: {
        "administrative-organ": "unit 2",
        "enterprise-institution": "unit 2",
        "organ-staff": "person 2",
        "institution-staff": "person 2",
    },
    POINTS: {"county": "unit 2", "development-zone": "unit 2", "municipal-unit": "unit 2", "stationed-unit": "unit 2"},
    INSPECTORS: {
        "full-time": "person 5.p2",
        "part-time": "person 5.p3",
        "invited": "person 5.p4",
        "accompanying": "person 9",
        "home-unit": "unit 6",
        "inspected-unit": "unit 18",
    },
    RAPID: {
        "inspected-unit": "unit 2.1",
        "policy-making-unit": "unit 2.3",
        "inspection-group": "unit 2.1",
        "group-head": "person 3.3",
    },
}


@pytest.mark.parametrize("id_", DECLARED)
def test_declared_subjects_name_their_clause(id_: str) -> None:
    only = version(id_)
    assert {subject.key: f"{' '.join(subject.kinds)} {subject.clause}" for subject in only.subjects} == DECLARED[id_]
    assert all(only.clause(subject.clause) for subject in only.subjects)


KINDS = {
    ACCOUNTABILITY: {"text": "1 11", "rule": "5.2 5.5 6 6.1-2 7 7.1-5 8", "step": "9 9.1-5 10", "duty": ""},
    POINTS: {"text": "1 3-4 20-21", "rule": "10-13 11.1-3 12.1-4 17-19", "step": "14-16", "duty": ""},
    INSPECTORS: {"text": "1 4 19", "rule": "6 9 14", "step": "7 10-11 14", "duty": "12-13 15-18"},
    RAPID: {"text": "1", "rule": "2.1-5", "step": "3.1 3.3", "duty": "3.2"},
}


@pytest.mark.parametrize("id_", KINDS)
@pytest.mark.parametrize("kind", ["text", "rule", "step", "duty"])
def test_kinds(id_: str, kind: str) -> None:
    found = {clause.ref for clause in version(id_).clauses if ClauseKind(kind) in clause.kinds}
    assert found == expand(KINDS[id_][kind])


def test_replaced_norms_are_remarked_with_their_day() -> None:
    assert [remark.since for remark in version(ACCOUNTABILITY).remarks] == [
        date(2019, 6, 1), date(2019, 9, 1), date(2020, 7, 1), date(2021, 2, 1),
    ]  # fmt: skip
    assert [remark.since for remark in version(INSPECTORS).remarks] == [date(2021, 2, 1)]
    assert [remark.since for remark in version(RAPID).remarks] == [date(2021, 2, 1)]
    assert not version(POINTS).remarks
