"""Files of units as people really have them: CSV or NDJSON, UTF-8 or GB18030, with faults."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Invalid
from core.tenants.unit_file import UnitRow, read_units

HEADER = "code,name,parent,superior,ranking_group,member,offices,valid_from\n"
TABLE = HEADER + "hall,政务服务大厅,city,,窗口单位,是,supervision-office;reporting-centre,2026-01-01\n"
HALL = UnitRow(
    code="hall",
    name="政务服务大厅",
    parent="city",
    ranking_group="窗口单位",
    offices=("supervision-office", "reporting-centre"),
    valid_from=date(2026, 1, 1),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_each_encoding(encoding: str) -> None:
    rows = read_units(TABLE.encode(encoding))
    assert [(row.line, row.row, row.fault) for row in rows] == [(2, HALL, None)]


def test_lines_of_json_are_read() -> None:
    data = '{"code":"hall","name":"政务服务大厅","valid_from":"2026-01-01","offices":[]}\n\n{"code":"x"}\n'.encode()
    first, second = read_units(data)
    assert first.row == UnitRow(code="hall", name="政务服务大厅", valid_from=date(2026, 1, 1))
    assert (second.line, second.row) == (3, None)
    assert "name" in (second.fault or "")


def test_columns_may_stand_in_any_order_and_be_left_out() -> None:
    (row,) = read_units("valid_from,code,name,dissolved,merged_into\n2026-01-01,a,甲,true,b\n".encode())
    assert row.row == UnitRow(code="a", name="甲", valid_from=date(2026, 1, 1), dissolved=True, merged_into="b")


@pytest.mark.parametrize(
    ("cells", "about"),
    [
        ("hall,大厅,,,,perhaps,,2026-01-01", "member"),
        ("hall,大厅,,,,,,2026-02-29", "valid_from"),
        ("hall,大厅,,,,,Not An Office,2026-01-01", "offices"),
        ("大厅,大厅,,,,,,2026-01-01", "code"),
        (",大厅,,,,,,2026-01-01", "code"),
        ("hall,大\u202e厅,,,,,,2026-01-01", "name"),
        ("hall,大厅,,2026-01-01", "cells"),
        ("hall,大厅,,,,,,2026-01-01,more", "cells"),
    ],
)
def test_a_faulty_row_says_what_is_wrong(cells: str, about: str) -> None:
    good = "ok,大厅,,,,,,2026-01-01"
    faulty, sound = read_units(f"{HEADER}{cells}\n{good}\n".encode())
    assert (faulty.line, faulty.row) == (2, None)
    assert about in (faulty.fault or "")
    assert (sound.line, sound.fault) == (3, None)


def test_a_cell_over_several_lines_keeps_the_count() -> None:
    rows = read_units(f'{HEADER}a,"大\n厅",,,,,,2026-01-01\nb,乙,,,,,,2026-01-01\n'.encode())
    assert [row.line for row in rows] == [3, 4]
    assert rows[0].row is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff\xff\xff\xff", "tenants.import-encoding"),
        (HEADER.encode("utf-16"), "tenants.import-encoding"),
        (b"code;name;valid_from\n", "tenants.import-header"),
        (b"", "tenants.import-header"),
        (b"code,name,valid_from,code\n", "tenants.import-header"),
        (b'code,name,valid_from\na,"b"c,2026-01-01\n', "tenants.import-not-csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_units(data)
    assert caught.value.code == code
