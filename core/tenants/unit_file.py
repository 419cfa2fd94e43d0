"""A file of units: its rows, each a unit as it stands from a day on."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from core.law.instrument import Key
from core.tenants.names import Name, UnitCode
from core.tenants.row_file import ReadRow, RowForm, read_rows


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


ReadUnit = ReadRow[UnitRow]
_FORM = RowForm(UnitRow, ("code", "name", "valid_from"), lists=("offices",), flags=("member", "dissolved"))


def read_units(data: bytes) -> list[ReadUnit]:
    """Every row of a file; raises :class:`core.errors.Invalid` where the file as a whole cannot be read."""
    return read_rows(data, _FORM)
