"""Files of categories as people have them, and what they do to the tree."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Invalid
from core.law.instrument import Term, Unit
from core.tenants.category_file import CategoryRow, read_categories, read_term

HEADER = "code,title_zh,valid_from,basis,parent,kinds,default_unit,urgent,handling_limit,handling_basis\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_each_encoding(encoding: str) -> None:
    data = HEADER + "roads,道路,2026-01-01,市办〔2026〕1号,municipal,complaint;tip-off,hall,是,5 working_day,会议纪要\n"
    (row,) = read_categories(data.encode(encoding))
    assert row.row == CategoryRow(
        code="roads", title_zh="道路", valid_from=date(2026, 1, 1), basis="市办〔2026〕1号", parent="municipal",
        kinds=("complaint", "tip-off"), default_unit="hall", urgent=True, handling_limit="5 working_day",
        handling_basis="会议纪要",
    )  # fmt: skip


def test_lines_of_json_are_read() -> None:
    line = '{"code":"a","title_zh":"甲","valid_from":"2026-01-01","basis":"b","urgent_response_limit":"30 minute"}\n'
    (row,) = read_categories(line.encode())
    assert row.row is not None
    assert row.row.urgent_response_limit == "30 minute"


@pytest.mark.parametrize(
    ("cells", "about"),
    [
        ("道路,道路,2026-01-01,b,,,,,,", "code"),
        ("a,,2026-01-01,b,,,,,,", "title_zh"),
        ("a,道路,2026-02-30,b,,,,,,", "valid_from"),
        ("a,道路,2026-01-01,,,,,,,", "basis"),
        ("a,道路,2026-01-01,b,,,,vielleicht,,", "urgent"),
        ("a,道路,2026-01-01,b,,,,,5 days,b", "handling_limit"),
        ("a,道路,2026-01-01,b,,,,,working_day,b", "handling_limit"),
        ("a,道路,2026-01-01,b,,,,,-5 working_day,b", "handling_limit"),
        ("a,道路,2026-01-01,b,,,,,99999 working_day,b", "handling_limit"),
        ("a,道路,2026-01-01,b,,,", "cells"),
    ],
)
def test_a_faulty_row_says_what_is_wrong(cells: str, about: str) -> None:
    faulty, sound = read_categories(f"{HEADER}{cells}\nok,好,2026-01-01,b,,,,,,\n".encode())
    assert (faulty.line, faulty.row) == (2, None)
    assert about in (faulty.fault or "")
    assert (sound.line, sound.fault) == (3, None)


def test_the_header_names_what_must_be_there() -> None:
    with pytest.raises(Invalid) as caught:
        read_categories(b"code,valid_from\n")
    assert caught.value.params["required"] == "code, title_zh, valid_from, basis"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("5 working_day", Term(Unit.WORKING_DAY, 5)),
        ("30 minute", Term(Unit.MINUTE, 30)),
        ("0 same_day", Term(Unit.SAME_DAY, 0)),
    ],
)
def test_a_cell_holds_a_term(text: str, term: Term) -> None:
    assert read_term(text) == term
