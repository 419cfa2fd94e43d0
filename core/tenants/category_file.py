"""A file of categories: its rows, each a category as it stands from a day on."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from core.law.instrument import Key, Term, Unit
from core.tenants.names import Name, Prose, UnitCode
from core.tenants.row_file import ReadRow, RowForm, read_rows

TermText = Annotated[str, Meta(pattern=rf"^[0-9]{{1,4}} (?:{'|'.join(unit.value for unit in Unit)})$(?!\n)")]
"""A term as a cell holds it: ``5 working_day``, ``30 minute``."""


class CategoryRow(Struct, frozen=True, forbid_unknown_fields=True):
    """One row. Other categories and the unit are named by their codes; a limit needs what it rests on beside it."""

    code: UnitCode
    title_zh: Name
    valid_from: date
    basis: Prose
    title_en: Name | None = None
    parent: UnitCode | None = None
    kinds: tuple[Key, ...] = ()
    default_unit: UnitCode | None = None
    urgent: bool = False
    handling_limit: TermText | None = None
    handling_basis: Prose | None = None
    urgent_response_limit: TermText | None = None
    urgent_response_basis: Prose | None = None
    closed: bool = False
    merged_into: UnitCode | None = None


ReadCategory = ReadRow[CategoryRow]
_FORM = RowForm(CategoryRow, ("code", "title_zh", "valid_from", "basis"), lists=("kinds",), flags=("urgent", "closed"))


def read_categories(data: bytes) -> list[ReadCategory]:
    """Every row of a file; raises :class:`core.errors.Invalid` where the file as a whole cannot be read."""
    return read_rows(data, _FORM)


def read_term(text: str) -> Term:
    """The term that a cell holds."""
    length, unit = text.split(" ")
    return Term(unit=Unit(unit), length=int(length))
