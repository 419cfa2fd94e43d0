"""What a short round leaves out of what the coverage phase makes; a deep run leaves nothing out.

Three in four requests of that phase have a bad value in a place that many operations have, which the same decoder or the
same header's check refuses: ``If-Match``, ``/properties/note``. Of each kind of badness a place is given the first, and then
one in six, other ones from operation to operation; of good bodies each operation is given the first four, and then one in
six.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from zlib import crc32

from schemathesis.generation.meta import CoverageScenario

_FIRST_BAD, _FIRST_GOOD, _ONE_IN = 1, 4, 6
METHODS = ["DELETE", "TRACE"]
"""One that some paths have and one that none has, of those that are tried where a path does not have them."""
ALIKE = frozenset({
    CoverageScenario.INCORRECT_TYPE, CoverageScenario.INVALID_FORMAT, CoverageScenario.INVALID_PATTERN,
    CoverageScenario.STRING_ABOVE_MAX_LENGTH, CoverageScenario.STRING_BELOW_MIN_LENGTH,
    CoverageScenario.ARRAY_ABOVE_MAX_ITEMS, CoverageScenario.NON_UNIQUE_ITEMS, CoverageScenario.MISSING_PARAMETER,
    CoverageScenario.MALFORMED_CONTENT_TYPE, CoverageScenario.UNSUPPORTED_CONTENT_TYPE,
})  # fmt: skip
"""Badness that is refused by what operations share, wherever it stands under the same name."""


class Sparing:
    """Knows which bad values each place was given already."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def is_worth(self, case: Any) -> bool:
        """Whether the case is to be sent."""
        told = case.meta.phase.data if case.meta is not None else None
        scenario = getattr(told, "scenario", None)
        if scenario is CoverageScenario.VALID_OBJECT:
            return self._is_next(case.operation.label, case, _FIRST_GOOD)
        if scenario in ALIKE:
            # One word is one thing here: what is called alike is read alike, in whatever it stands.
            named = (told.location or "").rpartition("/properties/")[2]
            return self._is_next(f"{scenario} {told.parameter_location} {told.parameter} {named}", case, _FIRST_BAD)
        return True

    def _is_next(self, place: str, case: Any, first: int) -> bool:
        number, self._given[place] = self._given[place], self._given[place] + 1
        return number < first or crc32(f"{case.operation.label} {place} {number}".encode()) % _ONE_IN == 0
