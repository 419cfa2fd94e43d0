"""How much a container may hold, in all and in proportion: what is inflated is counted, what is declared is not believed."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import Refused

CHECKED = "wenze:house#attachments"
"""The rule of the house on which every refusal of a file rests."""
MOST_MEMBERS = 4_096
MOST_INFLATED = 268_435_456
MOST_NESTED = 1
"""An office document can hold another, a chart's workbook say; nothing honest goes deeper."""
HIGHEST_RATIO = 200
RATIO_FROM = 4_194_304
"""Below so many bytes no ratio is a danger; text of one letter reaches 1,000 to 1."""


@dataclass(slots=True)
class Budget:
    """What one file has used of it, with all containers inside."""

    read: int = 0
    inflated: int = 0
    members: int = 0

    def count_member(self) -> None:
        """One member more; raises :class:`Refused` for too many."""
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise Refused("attachments.container-bomb", clause=CHECKED)

    def count_inflated(self, size: int) -> None:
        """Bytes that came out; raises :class:`Refused` where they are too many, or too many for what went in."""
        self.inflated += size
        if self.inflated > MOST_INFLATED or self.inflated > max(RATIO_FROM, self.read * HIGHEST_RATIO):
            raise Refused("attachments.container-bomb", clause=CHECKED)
