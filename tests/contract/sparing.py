"""What a short round leaves out of the values that the coverage phase makes; a deep run leaves nothing out.

Two in three requests of that phase have a value of a wrong type: five types for each field of each body, all of which the
same decoder refuses. Each field is given the first of them, and one of the others, another from field to field.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from zlib import crc32

from schemathesis.generation.meta import CoverageScenario

_OTHERS = 4
METHODS = ["DELETE", "TRACE"]
"""One that some paths have and one that none has, of those that are tried where a path does not have them."""


class Sparing:
    """Knows which wrong types each place was given already."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def is_worth(self, case: Any) -> bool:
        """Whether the case is to be sent."""
        told = case.meta.phase.data if case.meta is not None else None
        if getattr(told, "scenario", None) is not CoverageScenario.INCORRECT_TYPE:
            return True
        place = f"{case.operation.label} {told.parameter_location} {told.parameter} {told.location}"
        number, self._given[place] = self._given[place], self._given[place] + 1
        return number in {0, 1 + crc32(place.encode()) % _OTHERS}
