"""Tables of terms: our own holds, and whatever is wrong with a row is said and counted."""

from pathlib import Path

import pytest

from core.deadlines.check import term_checker
from core.law.calendar import national_calendar
from core.law.check import TERM, UnreadableTable, check_rows, read_table
from tests.deadlines.cities import four_cities

TABLE = Path(__file__).parents[1] / "vectors" / "terms.json"
GOOD = {
    "clause": "baoding:tip-offs-2010#7.6",
    "starts_at": "2025-09-26T02:00:00Z",
    "unrolled": "2025-10-01",
    "due_on": "2025-10-09",
}


def check(*rows: dict[str, object]) -> list[str]:
    """What each row falls short of; empty where it passes."""
    checkers = {TERM: term_checker(four_cities().rulebook_for, national_calendar(), "en")}
    return [checked.outcome.shortfall for checked in check_rows(list(rows), checkers)]


def test_our_own_table_holds():
    rows = read_table(TABLE)
    assert len(rows) > 40
    assert check(*rows) == [""] * len(rows)


@pytest.mark.parametrize("name", ["unrolled", "due_on"])
@pytest.mark.parametrize("days", ["2025-09-30", "2025-10-02", "2025-10-08", "2025-10-10"])
def test_a_day_more_or_less_falls_short(name, days):
    assert check(GOOD | {name: days}) == [f"{name} {GOOD[name]}, expected {days}"]


def test_facts_for_the_reader_and_remarks_are_no_expectations():
    remarks = {"unit": "calendar_day", "length": 5, "local_start_date": "2025-09-26", "note": "a", "_source": "b"}
    assert check(GOOD | remarks) == [""]


def test_either_expectation_is_enough():
    assert check({key: GOOD[key] for key in ("clause", "starts_at", "due_on")}) == [""]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "decision"}, "rows of kind 'decision' cannot be executed yet"),
        ({"kind": ["term"]}, "rows of kind ['term'] cannot be executed yet"),
        ({"justified": True}, "facts that a term does not have: justified"),
        ({"clause": "baoding"}, "'baoding' is not a citation"),
        ({"clause": None}, "'None' is not a citation"),
        ({"clause": "nowhere:rules-2010#1"}, "There is no instrument nowhere:rules-2010"),
        ({"clause": "baoding:tip-offs-2010#99"}, "baoding:tip-offs-2010#99 is no clause of version 2010"),
        ({"clause": "baoding:tip-offs-2010#7.4"}, "gives no term"),
        ({"clause": "ankang:complaints-2018#6.1", "starts_at": "2018-12-30T02:00:00Z"}, "lies before"),
        ({"starts_at": "2025-09-26T02:00:00"}, "names no zone"),
        ({"starts_at": 5}, "is not an instant"),
        ({"starts_at": "2101-01-01T00:00:00Z"}, "lies outside the working-day calendar"),
    ],
)
def test_a_row_that_cannot_be_executed_falls_short_and_says_why(change, said):
    (shortfall,) = check(GOOD | change)
    assert said in shortfall


def test_a_row_that_expects_nothing_falls_short():
    assert check({key: GOOD[key] for key in ("clause", "starts_at")}) == [
        "nothing is expected; give due_on, unrolled or both"
    ]


def test_the_version_in_force_is_that_of_the_local_day():
    """From 31 December 2018 on in Shanghai, which begins at 16:00 UTC the day before."""
    row = {"clause": "ankang:complaints-2018#6.1", "due_on": "2019-01-08"}
    before, after = check(row | {"starts_at": "2018-12-30T15:59:59Z"}, row | {"starts_at": "2018-12-30T16:00:00Z"})
    assert "lies before" in before
    assert after == ""


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"[{]", b"\xff\xfe", b"[" * 100_000, b'"[]"'])
def test_what_is_no_table_cannot_be_read(tmp_path, content):
    file = tmp_path / "table.json"
    file.write_bytes(content)
    with pytest.raises(UnreadableTable, match="expected a JSON array of objects"):
        read_table(file)
