"""Explanations as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from core.deadlines.explanation import TermSource, explain
from core.deadlines.ledger import Entry, EntryKind
from core.deadlines.wording import align, describe_term, render
from core.law.calendar_source import source_name
from core.law.instrument import Term, Unit
from core.texts import catalogue
from tests.law.calendars import HOURS, calendar_with

SOURCE = TermSource("city:rules-2020#4", "2020", 3)
STARTS = datetime(2026, 9, 24, 2, tzinfo=UTC)


def lines(unit: Unit, length: int, language: str, **calendar: object) -> list[str]:
    explanation = explain(Term(unit, length), STARTS, calendar_with(office_hours=HOURS, **calendar), SOURCE)
    return render(explanation, language)


def test_a_rolled_term_in_english():
    assert lines(Unit.CALENDAR_DAY, 2, "en") == [
        "clause    city:rules-2020#4 (version 2020, revision 3 of the encoding)",
        "term      2 calendar days from receipt",
        "start     2026-09-24 10:00:00 (Asia/Shanghai); 2026-09-24T02:00:00Z",
        f"calendar  version 1: Test; {source_name()}",
        "days",
        "  2026-09-25  Fri  day 1        holiday      中秋",
        "  2026-09-26  Sat  day 2        holiday      中秋",
        "  2026-09-27  Sun  not counted  holiday      中秋",
        "  2026-09-28  Mon  not counted  working day",
        "rolled    2026-09-26 is a rest day (holiday), so the term ends on 2026-09-28 (R4)",
        "due       2026-09-28 until 24:00 (before 2026-09-28T16:00:00Z)",
        "reading   R1, R2, R3, R4, R5",
        "  R1  'Or more', 'within', 'expires' include the number; 'more than', 'less than' exclude it",
        "  R2  Working days follow the State Council's calendar with make-up days; days are calendar days",
        "  R3  The day of the starting event is not counted; day 1 is the next",
        "  R4  A calendar term whose last day is a rest day ends on the next working day",
        "  R5  A term ends at 24:00 of its last day, or at the tenant's closing hour",
    ]


def test_a_term_in_chinese():
    text = lines(Unit.WORKING_DAY, 1, "zh", closing_hour="17:30")
    assert text[1] == "期限  1 个工作日，自收到起"
    assert "  2026-09-25  周五  不计     节假日  中秋" in text
    assert "  2026-09-28  周一  第 1 日  工作日" in text
    assert "到期  2026-09-28，至 17:30（2026-09-28T09:30:00Z 前）" in text


def test_office_hours_show_the_hours():
    text = lines(Unit.OFFICE_HOUR, 2, "en")
    assert "  2026-09-24  Thu  day 1  working day  09:00–12:00 13:30–17:30" in text
    assert "due       2026-09-24 until 12:00 (before 2026-09-24T04:00:00Z)" in text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("unit", list(Unit))
def test_every_unit_has_its_words(unit, language):
    text = "\n".join(lines(unit, 0 if unit is Unit.SAME_DAY else 3, language))
    assert "deadlines." not in text
    assert "{" not in text


def test_provisional_and_the_origin_of_a_figure_are_said():
    source = TermSource("city:rules-2020#4", "2020", 3, figure_from="setting:handling", basis="市政府文件")
    explanation = explain(Term(Unit.WORKING_DAY, 80), STARTS, calendar_with(), source)
    text = "\n".join(render(explanation, "en"))
    assert "setting:handling: 市政府文件" in text
    assert "\nprovisional" in text
    assert "year not yet announced" in text


@pytest.mark.parametrize(
    ("term", "language", "expected"),
    [
        (Term(Unit.WORKING_DAY, 1), "en", "1 working day from receipt"),
        (Term(Unit.HALF_WORKING_DAY, 1, "notice"), "en", "1 half working day from notice"),
        (Term(Unit.CALENDAR_DAY, 60, "due-date", at_most=True), "en", "at most 60 calendar days from the due date"),
        (Term(Unit.CALENDAR_DAY, 60, "due-date", at_most=True), "zh", "最长 60 日（自然日），自到期起"),
        (Term(Unit.SAME_DAY, 0, "flood-warning"), "en", "the same day from flood-warning"),
    ],
)
def test_a_term_in_words(term, language, expected):
    assert describe_term(term, language) == expected


def test_columns_are_aligned_by_what_a_terminal_shows():
    assert align([("期限", "a"), ("x", "b")]) == ["期限  a", "x     b"]
    assert align([]) == []


def test_every_text_is_there_in_both_languages_and_says_the_same_parameters():
    from string import Formatter

    for id_, text in catalogue().items():
        if id_.startswith(("deadlines.", "calendar.", "law.")):
            zh, en = ({name for _, name, _, _ in Formatter().parse(words) if name} for words in (text.zh, text.en))
            assert zh == en, id_


def test_a_term_that_was_paused_and_extended_says_by_what():
    term, calendar = Term(Unit.WORKING_DAY, 1), calendar_with(office_hours=HOURS)
    moves = ((EntryKind.PAUSE, 4, None), (EntryKind.RESUME, 28, None), (EntryKind.EXTENSION, 30, Term(Unit.WORKING_DAY, 1)))
    entries = tuple(Entry(kind, STARTS + timedelta(hours=hours), by) for kind, hours, by in moves)
    found = explain(term, STARTS, calendar, SOURCE, entries)
    english = render(found, "en")
    assert english[3:6] == [
        "paused    2026-09-24 14:00:00 (Asia/Shanghai); 2026-09-24T06:00:00Z",
        "resumed   2026-09-25 14:00:00 (Asia/Shanghai); 2026-09-25T06:00:00Z",
        "extended  by 1 working day, at 2026-09-25 16:00:00 (Asia/Shanghai); 2026-09-25T08:00:00Z",
    ]
    assert "延期" in "".join(render(found, "zh"))


def test_a_paused_day_is_called_paused():
    entries = (Entry(EntryKind.PAUSE, STARTS), Entry(EntryKind.RESUME, STARTS + timedelta(days=4)))
    found = explain(Term(Unit.WORKING_DAY, 1), STARTS, calendar_with(office_hours=HOURS), SOURCE, entries)
    assert "  2026-09-28  Mon  paused       working day" in render(found, "en")
    assert "  2026-09-29  Tue  day 1        working day" in render(found, "en")
