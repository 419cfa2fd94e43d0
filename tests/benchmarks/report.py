"""What a run has found, line by line, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what was measured, the figure, the ceiling where there is one, and whether the target is reached."""

    name: str
    figure: str
    ceiling: str
    ratio: str
    target: str
    reached: bool
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Whether the target is reached."""
        return "ok" if self.reached else "SHORT"


_TITLES = ("line", "figure", "ceiling", "ratio", "target", "")


def render(lines: Iterable[Line]) -> str:
    """The table, each line's notes under it."""
    listed = list(lines)
    rows = [_TITLES, *(_cells(line) for line in listed)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = [_row(_TITLES, widths), "  ".join("-" * width for width in widths)]
    for line in listed:
        text += [_row(_cells(line), widths), *(f"    {note}" for note in line.notes)]
    return "\n".join(text)


def _cells(line: Line) -> tuple[str, ...]:
    return line.name, line.figure, line.ceiling, line.ratio, line.target, line.verdict


def _row(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
