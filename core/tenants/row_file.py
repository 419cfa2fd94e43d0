"""Reads a file of rows, CSV or NDJSON, in UTF-8 or GB18030, into typed rows, each with its faults."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from core.errors import Invalid

R = TypeVar("R", bound=Struct)
_WORDS = {
    **dict.fromkeys(("true", "yes", "1", "是"), True),
    **dict.fromkeys(("false", "no", "0", "否"), False),
}


@dataclass(frozen=True, slots=True)
class RowForm(Generic[R]):
    """The form of a file: the type of its rows, and which columns must be there, are lists (with ; between) or yes or no."""

    type_: type[R]
    required: tuple[str, ...]
    lists: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the file can have."""
        return self.type_.__struct_fields__


@dataclass(frozen=True, slots=True)
class ReadRow(Generic[R]):
    """A row of the file by its line: what was read, or why it could not be."""

    line: int
    row: R | None
    fault: str | None = None


def read_rows(data: bytes, form: RowForm[R]) -> list[ReadRow[R]]:
    """Every row of a file; raises :class:`Invalid` where the file as a whole cannot be read."""
    text = decode(data)
    rows = _read_lines(text, form) if text.lstrip().startswith("{") else _read_table(text, form)
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


def _read_lines(text: str, form: RowForm[R]) -> Iterator[ReadRow[R]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield ReadRow(number, msgspec.json.decode(line, type=form.type_))
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                yield ReadRow(number, None, str(error))


def _read_table(text: str, form: RowForm[R]) -> Iterator[ReadRow[R]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    _check_header(list(reader.fieldnames or ()), form)
    try:
        for cells in reader:
            yield _read_cells(reader.line_num, cells, form)
    except csv.Error as error:
        raise Invalid("tenants.import-not-csv", line=reader.line_num, fault=str(error)) from error


def _check_header(names: list[str], form: RowForm[R]) -> None:
    known, needed = form.columns, form.required
    wrong = [name for name in names if name not in known] + [name for name in needed if name not in names]
    if wrong or len(names) != len(set(names)):
        listed = ", ".join(map(str, wrong)) or "–"
        raise Invalid("tenants.import-header", wrong=listed, known=", ".join(known), required=", ".join(needed))


def _read_cells(line: int, cells: dict[str | Any, str | Any], form: RowForm[R]) -> ReadRow[R]:
    if None in cells or None in cells.values():
        return ReadRow(line, None, "the row has more or fewer cells than the header")
    plain: dict[str, Any] = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    for name in form.lists:
        plain[name] = [part.strip() for part in plain.get(name, "").split(";") if part.strip()]
    for name in form.flags:
        if name in plain:
            plain[name] = _WORDS.get(plain[name].lower(), plain[name])
    try:
        return ReadRow(line, msgspec.convert(plain, form.type_, strict=True))
    except msgspec.ValidationError as error:
        return ReadRow(line, None, str(error))
