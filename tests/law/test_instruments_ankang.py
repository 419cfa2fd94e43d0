"""Ankang's three instruments hold every clause of the catalogue, with its terms, figures, reach and force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from core.law.citation import Citation
from core.law.instrument import Clause, ForceBasis, Instrument, Term, Unit, Version
from core.law.loader import load_instruments

PLATFORM, COMPLAINTS, CENTRE = "ankang:platform-2017", "ankang:complaints-2018", "ankang:centre-2018"
INSTRUMENTS = {found.id: found for found in load_instruments(files("jurisdictions.ankang") / "data" / "instruments")}

COUNTS = {"4.1": 5, "4.2": 3, "4.3": 3, "4.4": 4, "4.5": 3, "4.6": 2, "4.7": 3, "4.8": 3}


def span(parent: str, last: int) -> list[str]:
    """The items 1 to ``last`` of an article or category."""
    return [f"{parent}.{number}" for number in range(1, last + 1)]


def articles(last: int) -> list[str]:
    """The articles 1 to ``last``."""
    return [str(number) for number in range(1, last + 1)]


GROUNDS = [ref for parent, last in COUNTS.items() for ref in span(parent, last)] + ["4.9"]
REFS = {
    PLATFORM: [
        *articles(11),
        *span("2", 3),
        *COUNTS,
        *GROUNDS,
        *span("5", 5),
        *span("6", 3),
        *span("7", 10),
        "7.p2",
        "8.p2",
    ],
    COMPLAINTS: [*articles(10), *span("6", 3)],
    CENTRE: [*articles(9), *span("5", 15), *span("6", 3), *span("7", 4)],
}
CHANNELS_AND_FORMS = ("on-site", "report-box", "phone", "online", "form.oral", "form.written")
CHOICES = {
    f"{PLATFORM}#7.8": ["removal", "ordered-resignation"],
    f"{PLATFORM}#7.9": ["dismissal", "termination"],
    f"{PLATFORM}#7.p2": ["refer-to-discipline", "refer-to-judiciary"],
    f"{COMPLAINTS}#2": ["quality", "attitude", "efficiency", "conduct"],
    f"{COMPLAINTS}#3": [
        *CHANNELS_AND_FORMS,
        *span("accept", 8),
        *span("refuse", 3),
    ],
    f"{COMPLAINTS}#4": ["duty-office", "supervision-office"],
    f"{COMPLAINTS}#6.1": ["on-the-spot"],
    f"{COMPLAINTS}#6.2": ["complex"],
    f"{COMPLAINTS}#7": [
        *("talk", "public-criticism", "points"),
        *("loss-of-qualification", "return-to-home-unit", "report-to-discipline"),
    ],
    f"{CENTRE}#4": [
        *("criticism-education", "admonition-talk", "written-self-examination", "points"),
        *("no-awards", "public-criticism", "loss-of-qualification", "refer-to-discipline"),
    ],
    f"{CENTRE}#6.2": ["decide", "transfer"],
    f"{CENTRE}#6.3": ["appeal", "review"],
}
TERMS = {
    f"{COMPLAINTS}#6.1": Term(Unit.WORKING_DAY, 5, "receipt"),
    f"{COMPLAINTS}#6.2": Term(Unit.WORKING_DAY, 5, "receipt"),
    f"{COMPLAINTS}#6.2/complex": Term(Unit.WORKING_DAY, 10, "receipt"),
    f"{COMPLAINTS}#6.3": Term(Unit.WORKING_DAY, 20, "receipt"),
}
CATCH_ALLS = {
    *(f"{PLATFORM}#{ref}" for ref in ("4.1.5", "4.7.3", "4.9", "5.5", "6.3", "7.10")),
    f"{COMPLAINTS}#3/accept.8",
    *(f"{CENTRE}#{ref}" for ref in ("5.15", "7.4")),
}
OPEN_LISTS = {
    PLATFORM: {
        *("1", "2.2", "4.1.2", "4.1.5", "4.3.1", "4.4.2", "4.6.1", "4.7.2", "4.7.3", "4.8.1", "4.9"),
        *("5.5", "6.3", "7.10"),
    },
    COMPLAINTS: {"2", "3", "5", "7"},
    CENTRE: {"1", "4", "5.14", "5.15", "7.4"},
}
MUST = {
    PLATFORM: {"4", *COUNTS, *GROUNDS, "5", *span("5", 5)},
    COMPLAINTS: {"5", "6.1", "8"},
    CENTRE: {"6.1"},
}
MAY = {
    PLATFORM: {"6", *span("6", 3), "8.p2"},
    COMPLAINTS: set(),
    CENTRE: {"6.3", "7", *span("7", 4)},
}
KINDS = {
    PLATFORM: {
        "text": {"1", "3", "10", "11"},
        "rule": {"4.4.4", "5", "5.4", "7"},
        "step": {"7.p2", "8", "8.p2"},
        "duty": {"9"},
        "list": {"2", *span("2", 3), "4", *COUNTS, *GROUNDS, "5", *span("5", 5)}
        | {"6", *span("6", 3), "7", *span("7", 10)},
    },
    COMPLAINTS: {
        "text": {"1", "9", "10"},
        "rule": {"6", *span("6", 3)},
        "step": {"4", "6.3", "8"},
        "duty": {"5"},
        "list": {"2", "3", "6", "7"},
    },
    CENTRE: {
        "text": {"1", "3", "8", "9"},
        "rule": {"5.12"},
        "step": {"6", "6.2", "6.3"},
        "duty": {"6.1"},
        "list": {"2", "4", "5", *span("5", 15), "7", *span("7", 4)},
    },
}


def version(id_: str) -> Version:
    """The one version that the instrument has."""
    (only,) = INSTRUMENTS[id_].versions
    return only


def clause(citation: str) -> Clause:
    """The cited clause, which must exist."""
    cited = Citation.parse(citation)
    found = version(cited.instrument).clause(cited.clause or "")
    assert found is not None, citation
    return found


def flagged(id_: str, name: str, value: object = True) -> set[str]:
    """The references of the clauses of which the field ``name`` has that value."""
    return {found.ref for found in version(id_).clauses if getattr(found, name) == value}


def terms(instrument: Instrument) -> dict[str, Term]:
    """Every term of an instrument by citation, choices included."""
    pairs: dict[str, Term | None] = {}
    for found in instrument.versions[0].clauses:
        pairs[f"{instrument.id}#{found.ref}"] = found.term
        pairs |= {f"{instrument.id}#{found.ref}/{choice.key}": choice.term for choice in found.choices}
    return {citation: term for citation, term in pairs.items() if term}


def test_the_three_instruments_and_no_other_are_there() -> None:
    assert set(INSTRUMENTS) == {PLATFORM, COMPLAINTS, CENTRE}


@pytest.mark.parametrize(
    ("id_", "day", "basis", "number"),
    [
        (PLATFORM, date(2017, 10, 9), ForceBasis.ISSUE_DAY, None),
        (COMPLAINTS, date(2018, 12, 31), ForceBasis.YEAR_OF_ISSUE, "安政务发〔2018〕7号"),
        (CENTRE, date(2018, 12, 31), ForceBasis.YEAR_OF_ISSUE, "安政务发〔2018〕7号"),
    ],
)
def test_force_and_number(id_: str, day: date, basis: ForceBasis, number: str | None) -> None:
    only = version(id_)
    assert (only.id, only.in_force_from, only.force_basis) == (str(day.year), day, basis)
    assert (only.known_from, only.revision) == (date(2026, 11, 21), 1)
    assert INSTRUMENTS[id_].document_number == number


def test_not_in_force_the_day_before() -> None:
    assert INSTRUMENTS[PLATFORM].version_on(date(2017, 10, 8)) is None
    assert INSTRUMENTS[PLATFORM].version_on(date(2017, 10, 9)) is version(PLATFORM)
    assert INSTRUMENTS[COMPLAINTS].version_on(date(2018, 12, 30)) is None
    assert INSTRUMENTS[COMPLAINTS].version_on(date(2019, 1, 1)) is version(COMPLAINTS)


@pytest.mark.parametrize("id_", REFS)
def test_every_clause_is_there_once(id_: str) -> None:
    assert sorted(found.ref for found in version(id_).clauses) == sorted(REFS[id_])


def test_platform_has_twenty_seven_grounds() -> None:
    assert len(GROUNDS) == 27


def test_choices_are_the_agreed_ones_in_the_order_of_the_text() -> None:
    found = {
        f"{id_}#{each.ref}": [choice.key for choice in each.choices]
        for id_ in INSTRUMENTS
        for each in version(id_).clauses
        if each.choices
    }
    assert found == CHOICES


def test_terms_are_those_of_the_text_and_no_others() -> None:
    found = {citation: term for instrument in INSTRUMENTS.values() for citation, term in terms(instrument).items()}
    assert found == TERMS


def test_an_answer_on_the_spot_has_no_term() -> None:
    choice = clause(f"{COMPLAINTS}#6.1").choice("on-the-spot")
    assert choice is not None
    assert choice.term is None


def test_catch_alls() -> None:
    found = {f"{id_}#{ref}" for id_ in INSTRUMENTS for ref in flagged(id_, "catch_all")}
    for id_ in INSTRUMENTS:
        for each in version(id_).clauses:
            found |= {f"{id_}#{each.ref}/{choice.key}" for choice in each.choices if choice.catch_all}
    assert found == CATCH_ALLS


@pytest.mark.parametrize("id_", OPEN_LISTS)
def test_open_lists(id_: str) -> None:
    assert flagged(id_, "open_list") == OPEN_LISTS[id_]


def test_choices_that_are_open_or_permitted() -> None:
    reasons = {choice.key for choice in clause(f"{COMPLAINTS}#3").choices if choice.open_list}
    assert reasons == {"accept.7", "accept.8", "refuse.3"}
    permitted = {
        (each.ref, choice.key)
        for id_ in INSTRUMENTS
        for each in version(id_).clauses
        for choice in each.choices
        if choice.binding == "may"
    }
    assert permitted == {("4", "duty-office"), *(("3", key) for key in CHANNELS_AND_FORMS)}


@pytest.mark.parametrize("id_", MUST)
def test_what_binds_and_what_permits(id_: str) -> None:
    assert flagged(id_, "binding", "must") == MUST[id_]
    assert flagged(id_, "binding", "may") == MAY[id_]


@pytest.mark.parametrize("id_", KINDS)
def test_kinds(id_: str) -> None:
    for kind in ("text", "rule", "step", "duty", "list"):
        assert {each.ref for each in version(id_).clauses if kind in each.kinds} == KINDS[id_][kind], kind


@pytest.mark.parametrize(
    ("id_", "refs", "subjects"),
    [
        (PLATFORM, ["2.1"], ("managing-unit", "managing-staff", "external-hire")),
        (PLATFORM, ["2.2"], ("required-unit",)),
        (PLATFORM, ["2.3"], ("stationed-staff",)),
        (PLATFORM, [ref for ref in GROUNDS if ref not in {"4.8.2", "4.8.3"}], ("unit", "person")),
        (PLATFORM, ["4.8.2"], ("stationed-unit", "stationed-staff")),
        (PLATFORM, ["4.8.3"], ("centre",)),
        (PLATFORM, span("5", 5) + span("6", 3), ("person",)),
        (PLATFORM, span("7", 5), ("unit", "person")),
        (PLATFORM, span("7", 10)[5:], ("person",)),
        (COMPLAINTS, ["2"], ("centre", "window", "staff")),
        (COMPLAINTS, ["7"], ("window", "staff")),
        (COMPLAINTS, ["8"], ("complainant",)),
        (CENTRE, ["2"], ("centre", "centre-staff", "window-department", "window-staff")),
        (CENTRE, ["4"], ("unit", "person")),
        (CENTRE, ["5", *span("5", 15)], ("window-department", "window-staff")),
        (CENTRE, span("7", 4), ("unit", "person")),
    ],
)
def test_whom_a_clause_reaches(id_: str, refs: list[str], subjects: tuple[str, ...]) -> None:
    assert {ref: clause(f"{id_}#{ref}").subjects for ref in refs} == dict.fromkeys(refs, subjects)


@pytest.mark.parametrize("ref", ["7.8", "7.9"])
def test_choices_of_person_sanctions_reach_persons_only(ref: str) -> None:
    assert {choice.subjects for choice in clause(f"{PLATFORM}#{ref}").choices} == {("person",)}


@pytest.mark.parametrize(
    ("id_", "kinds"),
    [
        (
            PLATFORM,
            {"managing-unit": ("unit",), "managing-staff": ("person",), "external-hire": ("person",)}
            | {"required-unit": ("unit",), "stationed-staff": ("person",)}
            | {"stationed-unit": ("unit",), "centre": ("unit",)},
        ),
        (
            COMPLAINTS,
            {"centre": ("unit",), "window": ("unit",), "staff": ("person",)}
            | {"complainant": ("unit", "person"), "complaint-handler": ("person",)},
        ),
        (
            CENTRE,
            {"centre": ("unit",), "centre-staff": ("person",)}
            | {"window-department": ("unit",), "window-staff": ("person",)},
        ),
    ],
)
def test_classes_of_subjects(id_: str, kinds: dict[str, tuple[str, ...]]) -> None:
    assert {subject.key: subject.kinds for subject in version(id_).subjects} == kinds
    for subject in version(id_).subjects:
        assert version(id_).clause(subject.clause) is not None, subject.key


def test_figures_other_than_terms() -> None:
    found = {
        (f"{id_}#{each.ref}", value.key): (value.amount, value.unit)
        for id_ in INSTRUMENTS
        for each in version(id_).clauses
        for value in each.values
    }
    assert found == {(f"{PLATFORM}#5.4", "categories-min"): (Decimal(2), "category")}


def test_remarks_on_replaced_norms_are_dated() -> None:
    days = [remark.since for remark in version(PLATFORM).remarks]
    assert days == [date(2018, 3, 20), date(2020, 7, 1), date(2023, 11, 6)]
    assert version(COMPLAINTS).remarks == version(CENTRE).remarks == ()
