"""What a step of an accountability case can be refused with, beyond what any step can."""

from __future__ import annotations

from core.errors import OutOfOrder, Refused, WenzeError
from core.texts import catalogue

_OUT_OF_ORDER = (
    "matters.already-decided",
    "matters.nothing-established",
    "matters.ground-open",
    "matters.found-after-decision",
    "matters.not-decided",
    "matters.not-served",
    "matters.appealed-already",
    "matters.nothing-appealed",
    "matters.effect-over",
    "matters.undecided",
    "matters.correction-open",
    "matters.appeal-open",
    "matters.copy-missing",
)
_JUDGED = tuple(code for code in catalogue() if code.startswith("sanctions.") and not code.startswith("sanctions.line."))
"""The reasons for which the rules refuse a decision or an apportionment."""
_OTHERS = tuple(code for code in catalogue() if code.startswith("matters.") and code not in _OUT_OF_ORDER)
REFUSED_MATTERS: dict[type[WenzeError], tuple[str, ...]] = {
    OutOfOrder: _OUT_OF_ORDER,
    Refused: (*_OTHERS, *_JUDGED, "recusals.person-unknown"),
}
