"""Writes the rows of one flush: on PostgreSQL as a single statement, whatever tables they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect

from core.store.prepared import bind_process
from core.store.tables.schema import metadata

Row = Mapping[str, Any]
Group = tuple[Table, tuple[str, ...]]
Shape = tuple[tuple[Table, tuple[str, ...], int], ...]

FanShape = tuple[tuple[Table, tuple[str, ...]], ...]
_POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy has no types for it

MOST_AT_ONCE = 64
"""Above so many rows a flush sends each table's rows as a batch of its own, so that statements stay few and small."""


@dataclass(frozen=True, slots=True)
class Fan:
    """Rows of one table that differ in one column alone: a statement of one text, whatever their number.

    A table that is written so has no foreign keys: it is written before the others.
    """

    table: Table
    shared: Row
    column: str
    values: Sequence[Any]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows one by one."""
        return [{**self.shared, self.column: value} for value in self.values]

    @property
    def shape(self) -> tuple[Table, tuple[str, ...]]:
        """What the text of its statement depends on: the column that differs stands last."""
        return self.table, (*self.shared, self.column)

    def arguments(self, dialect: Dialect) -> list[Any]:
        """The shared values and the array, as the driver takes them."""
        (_, process), *_ = _processes(self.table, (self.column,), dialect)
        values = [*self.values] if process is None else [process(value) for value in self.values]
        return [*row_arguments(self.table, tuple(self.shared), self.shared, dialect), values]


def grouped(rows: Iterable[tuple[Table, Row]]) -> dict[Group, list[Row]]:
    """Rows with the same table and columns together, tables in the order of their foreign keys."""
    groups: dict[Group, list[Row]] = {}
    for table, row in rows:
        groups.setdefault((table, tuple(row)), []).append(row)
    order = _order()
    return dict(sorted(groups.items(), key=lambda item: order[item[0][0].name]))


def shape_of(groups: Mapping[Group, list[Row]]) -> Shape:
    """What the text of the statement depends on."""
    return tuple((table, columns, len(rows)) for (table, columns), rows in groups.items())


@lru_cache(maxsize=512)
def text_of(shape: Shape, fans: FanShape = ()) -> str:
    """``WITH a AS (INSERT …), b AS (INSERT …) INSERT …``: PostgreSQL checks foreign keys when all of them are done."""
    parts, first = [], 1
    for table, columns in fans:
        parts.append(_fan_insert(table, columns, first))
        first += len(columns)
    for table, columns, count in shape:
        parts.append(_insert(table, columns, count, first))
        first += len(columns) * count
    *before, last = parts
    named = ", ".join(f"i{number} AS ({part})" for number, part in enumerate(before))
    return f"WITH {named} {last}" if named else last


def arguments(groups: Mapping[Group, list[Row]], dialect: Dialect) -> list[Any]:
    """The parameters of :func:`text_of`, in order."""
    return [
        value
        for (table, columns), rows in groups.items()
        for row in rows
        for value in row_arguments(table, columns, row, dialect)
    ]


def row_arguments(table: Table, columns: tuple[str, ...], row: Row, dialect: Dialect) -> list[Any]:
    """One row's values as the driver takes them."""
    return [
        process(row[name]) if process is not None and row[name] is not None else row[name]
        for name, process in _processes(table, columns, dialect)
    ]


def _insert(table: Table, columns: tuple[str, ...], count: int, first: int) -> str:
    width = len(columns)
    rows = (
        "(" + ", ".join(f"${number}" for number in range(start, start + width)) + ")"
        for start in range(first, first + width * count, width)
    )
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table.name}" ({names}) VALUES {", ".join(rows)}'  # noqa: S608  names of our own tables


def _fan_insert(table: Table, columns: tuple[str, ...], first: int) -> str:
    types = [table.c[name].type.compile(dialect=_POSTGRESQL) for name in columns]
    *plain, array = [f"${number}::{type_}" for number, type_ in enumerate(types, first)]
    names = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table.name}" ({names}) SELECT {", ".join(plain)}, unnest({array}[])'


@lru_cache(maxsize=512)
def _processes(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[tuple[str, Any], ...]:
    return tuple((name, bind_process(table.c[name].type, dialect)) for name in columns)


@cache
def _order() -> dict[str, int]:
    return {table.name: place for place, table in enumerate(metadata.sorted_tables)}
