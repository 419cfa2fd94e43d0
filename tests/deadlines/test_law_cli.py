"""``wenze law``: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.law import law
from core.jurisdictions import Jurisdictions
from tests.deadlines.cities import four_cities
from tests.deadlines.recompute import recompute

TABLE = Path(__file__).parents[1] / "vectors" / "terms.json"


@pytest.fixture(autouse=True)
def _cities(monkeypatch):
    monkeypatch.setattr(Jurisdictions, "discover", four_cities)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(law, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_deadline_prints_each_day_and_the_rules():
    result = run("deadline", "baoding:tip-offs-2010#7.5", "--from", "2022-01-24T00:01:00+08:00", "--language", "en")
    assert result.exit_code == 0
    assert "  2022-01-31  Mon  day 7        holiday" in result.output
    assert "due       2022-02-07 until 24:00" in result.output
    assert "reading   R1, R2, R3, R4, R5" in result.output


def test_deadline_as_json_is_enough_to_recompute_the_date():
    result = run("deadline", "jincheng:rapid-2017#2.1/major", "--from", "2024-01-11T04:00:00Z", "--json")
    said = json.loads(result.output)
    assert [str(part) for part in recompute(result.output)] == ["2024-02-10", "2024-02-18", "2024-02-18 16:00:00+00:00"]
    assert (said["clause"], said["due_on"]) == ("jincheng:rapid-2017#2.1/major", "2024-02-18")


@pytest.mark.parametrize(
    ("clause", "start", "code", "said"),
    [
        ("baoding:tip-offs-2010#7.5", "2022-01-24T00:01:00", 1, "names no zone"),
        ("baoding:tip-offs-2010#7.5", "yesterday", 1, "is not an instant"),
        ("baoding:tip-offs-2010#7.5", "2010-01-25T15:59:59Z", 1, "lies before"),
        ("baoding:tip-offs-2010#7.5", "1890-01-25T15:59:59Z", 1, "lies before"),
        ("baoding:tip-offs-2010#7.5", "2100-01-25T15:59:59Z", 1, "lies outside the working-day calendar"),
        ("baoding:tip-offs-2010#1", "2022-01-24T00:01:00Z", 1, "gives no term"),
        ("baoding:tip-offs-2010#77", "2022-01-24T00:01:00Z", 1, "is no clause"),
        ("baoding:tip-offs-2010", "2022-01-24T00:01:00Z", 1, "is no clause"),
        ("nowhere:rules-2010#1", "2022-01-24T00:01:00Z", 1, "There is no instrument"),
        ("not a citation", "2022-01-24T00:01:00Z", 2, "is not a citation"),
    ],
)
def test_deadline_refuses_and_says_why(clause, start, code, said):
    result = run("deadline", clause, "--from", start, "--language", "en")
    assert result.exit_code == code
    assert said in result.output


def test_show_an_instrument():
    result = run("show", "jincheng:rapid-2017", "--language", "en")
    assert result.exit_code == 0
    assert "version     2017, in force from 2017-11-20" in result.output
    columns = {line.index(" rule ") for line in result.output.splitlines() if line.startswith("  #2.")}
    assert len(columns) == 1


def test_show_a_clause_with_its_choices():
    result = run("show", "jincheng:rapid-2017#2.1", "--language", "en")
    assert "30 calendar days from receipt" in result.output
    assert "/ordinary" in result.output


def test_show_a_clause_with_those_below_it():
    result = run("show", "baoding:tip-offs-2010#7")
    assert [line.split()[0] for line in result.output.splitlines() if line.startswith("  #")] == [
        f"#7.{n}" for n in range(1, 7)
    ]


def test_show_a_choice_as_json():
    said = json.loads(run("show", "jincheng:rapid-2017#2.1/major", "--json").output)
    assert said["choice"]["term"] == {"unit": "calendar_day", "length": 30, "start": "receipt", "at_most": False}
    assert said["in_force_from"] == "2017-11-20"


def test_show_an_instrument_as_json_with_the_version_of_the_day():
    said = json.loads(run("show", "ganzhou:hotline-2022", "--json", "--on", "2024-05-01").output)
    assert said["id"] == "ganzhou:hotline-2022"
    assert len(said["versions"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("jincheng:rapid-2017", "--on", "2017-11-19"), 1, "lies before"),
        (("jincheng:rapid-2017#2.1", "--on", "2017-11-19"), 1, "lies before"),
        (("jincheng:rapid-2017#2.1/minor",), 1, "it offers: ordinary, major"),
        (("jincheng:rapid-2017", "--on", "2026-02-30"), 2, "is not a date"),
        (("jincheng",), 2, "is not a citation"),
    ],
)
def test_show_refuses_and_says_why(arguments, code, said):
    result = run("show", *arguments, "--language", "en")
    assert result.exit_code == code
    assert said in result.output


def test_check_counts_what_passed():
    result = run("check", str(TABLE))
    assert result.exit_code == 0
    assert result.output == f"{len(json.loads(TABLE.read_text()))} passed, 0 failed\n"


def test_check_prints_a_line_for_each_row_that_falls_short(tmp_path):
    rows = json.loads(TABLE.read_text())[:3]
    rows[1]["due_on"] = "2024-02-22"
    rows[2] = {"kind": "points", "entries": []}
    file = tmp_path / "table.json"
    file.write_text(json.dumps(rows))
    result = run("check", str(file))
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "row 2: ankang:complaints-2018#6.1 2024-02-08T01:00:00Z: due_on 2024-02-21, expected 2024-02-22",
        "row 3: points: rows of kind 'points' cannot be executed yet",
        "1 passed, 2 failed",
    ]


def test_check_explains_the_rows_that_pass_and_those_that_do_not(tmp_path):
    rows = json.loads(TABLE.read_text())[:2]
    rows[1]["due_on"] = "2024-02-22"
    file = tmp_path / "table.json"
    file.write_text(json.dumps(rows))
    output = run("check", str(file), "--explain", "--language", "en").output
    assert "row 1: ankang:complaints-2018#6.1 2019-09-26T01:00:00Z: passed" in output
    assert output.count("    reading   R1, R2, R3, R5") == 2
    assert output.endswith("1 passed, 1 failed\n")


@pytest.mark.parametrize("content", [None, b"{}", b"[1]", b"\xff"])
def test_check_of_what_cannot_be_read_ends_with_two(tmp_path, content):
    file = tmp_path / "table.json"
    if content is not None:
        file.write_bytes(content)
    result = run("check", str(file))
    assert result.exit_code == 2
    assert str(file) in result.output
