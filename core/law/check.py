"""Runs tables of facts and expected outcomes (``wenze law check``): which rows the rules meet, and which they fall short of.

A checker answers for one kind of row. A row of a kind that nobody answers for is reported as failed, never passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

Row = Mapping[str, object]
TERM = "term"
"""The kind of the rows that name none: a clause and the instant from which its term runs."""


class UnreadableTable(ValueError):
    """The file is not a JSON array of objects; says what was found."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row: why it falls short (empty where it passes), and the reasoning, line by line."""

    shortfall: str = ""
    reasoning: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the row says what the rules say."""
        return not self.shortfall


Checker = Callable[[Row], Outcome]


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with its number in the file, counted from 1, and its outcome."""

    number: int
    row: Row
    outcome: Outcome


def read_table(path: Path) -> list[Row]:
    """The rows of a table; raises :class:`UnreadableTable`, or :class:`OSError` where the file cannot be opened."""
    try:
        rows: list[Row] = msgspec.json.decode(path.read_bytes(), type=list[dict[str, object]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableTable(f"expected a JSON array of objects: {error}") from error
    return rows


def check_rows(rows: list[Row], checkers: Mapping[str, Checker]) -> Iterator[CheckedRow]:
    """Every row with its outcome, in the order of the table."""
    for number, row in enumerate(rows, 1):
        kind = row.get("kind", TERM)
        checker = checkers.get(kind) if isinstance(kind, str) else None
        outcome = checker(row) if checker else Outcome(f"rows of kind {kind!r} cannot be executed yet")
        yield CheckedRow(number, row, outcome)


def unknown_facts(row: Row, known: frozenset[str]) -> list[str]:
    """The facts of a row that its checker does not know; remarks (``note``, a leading underscore) are not facts."""
    return sorted(key for key in row if key not in known and key not in {"kind", "note"} and not key.startswith("_"))
