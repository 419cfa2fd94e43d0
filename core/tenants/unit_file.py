"""Reads a file of units, CSV or NDJSON, in UTF-8 or GB18030, into typed rows, each with its faults."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from core.errors import Invalid
from core.law.instrument import Key
from core.tenants.names import Name, UnitCode

COLUMNS = ("code", "name", "parent", "superior", "ranking_group", "member", "offices", "valid_from")
OPTIONAL_COLUMNS = ("basis", "dissolved", "merged_into")
_REQUIRED = ("code", "name", "valid_from")
_WORDS = {
    **dict.fromkeys(("true", "yes", "1", "是"), True),
    **dict.fromkeys(("false", "no", "0", "否"), False),
}


class UnitRow(Struct, frozen=True, forbid_unknown_fields=True):
    """One row: a unit as it stands from a day on. Other units are named by their codes."""

    code: UnitCode
    name: Name
    valid_from: date
    parent: UnitCode | None = None
    superior: UnitCode | None = None
    ranking_group: Name | None = None
    member: bool = True
    offices: tuple[Key, ...] = ()
    basis: str = ""
    dissolved: bool = False
    merged_into: UnitCode | None = None


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of the file by its line: what was read, or why it could not be."""

    line: int
    row: UnitRow | None
    fault: str | None = None


def read_units(data: bytes) -> list[ReadRow]:
    """Every row of a file; raises :class:`Invalid` where the file as a whole cannot be read."""
    text = decode(data)
    rows = _read_lines(text) if text.lstrip().startswith("{") else _read_table(text)
    return list(rows)


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, else GB18030 (as office programs in China write it)."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid("tenants.import-encoding")


def _read_lines(text: str) -> Iterator[ReadRow]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield ReadRow(number, msgspec.json.decode(line, type=UnitRow))
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                yield ReadRow(number, None, str(error))


def _read_table(text: str) -> Iterator[ReadRow]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    _check_header(list(reader.fieldnames or ()))
    try:
        for cells in reader:
            yield _read_cells(reader.line_num, cells)
    except csv.Error as error:
        raise Invalid("tenants.import-not-csv", line=reader.line_num, fault=str(error)) from error


def _check_header(names: list[str]) -> None:
    known = (*COLUMNS, *OPTIONAL_COLUMNS)
    wrong = [name for name in names if name not in known] + [name for name in _REQUIRED if name not in names]
    if wrong or len(names) != len(set(names)):
        raise Invalid("tenants.import-header", wrong=", ".join(map(str, wrong)) or "–", known=", ".join(known))


def _read_cells(line: int, cells: dict[str | Any, str | Any]) -> ReadRow:
    if None in cells or None in cells.values():
        return ReadRow(line, None, "the row has more or fewer cells than the header")
    plain: dict[str, Any] = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    plain["offices"] = [office.strip() for office in plain.get("offices", "").split(";") if office.strip()]
    for name in ("member", "dissolved"):
        if name in plain:
            plain[name] = _WORDS.get(plain[name].lower(), plain[name])
    try:
        return ReadRow(line, msgspec.convert(plain, UnitRow, strict=True))
    except msgspec.ValidationError as error:
        return ReadRow(line, None, str(error))
