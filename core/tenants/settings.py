"""A tenant's dated settings: the figures that the regulations leave open (R11), looked up on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from core.law.instrument import Term
from core.rungs import Rung

SettingValue = Term | int | str | bool | date | tuple[Rung, ...]
"""A term, an integer, an exact decimal (as text), a yes or no, a text, a day, or a ladder; by the type of its kind."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of a setting from a day on, with what it rests on and who recorded it."""

    id: UUID
    key: str
    effective_from: date
    value: SettingValue
    basis: str
    reason: str
    recorded_at: datetime
    recorded_by: UUID | None


class DatedSettings:
    """Every value that was ever set. Immutable; nothing is edited, a later record for the same day goes before."""

    def __init__(self, settings: Iterable[Setting] = ()) -> None:
        ordered = sorted(settings, key=lambda item: (item.key, item.effective_from, item.recorded_at, item.id))
        self._values = {key: tuple(group) for key, group in groupby(ordered, key=lambda item: item.key)}

    def on(self, key: str, day: date) -> Setting | None:
        """The value in effect on ``day`` with its basis; ``None`` where the tenant had set none."""
        values = self._values.get(key, ())
        position = bisect_right(values, day, key=lambda item: item.effective_from)
        return values[position - 1] if position else None

    def history(self, key: str) -> tuple[Setting, ...]:
        """Every value of the setting, those superseded too, by the day from which each was to hold."""
        return self._values.get(key, ())
