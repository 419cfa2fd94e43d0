"""What an answer or a row says of itself, without the ids, moments and hashes that hold any few digits by chance."""

from __future__ import annotations

import re

_CHANCE = re.compile(
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"  # an id
    r"|\b(?:[0-9a-f]{32}|[0-9a-f]{64})\b"  # an id or a hash in hexadecimal
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"  # a moment
    r"|datetime\.datetime\([^()]*(?:\([^()]*\)[^()]*)*\)"  # a moment as Python shows it
)


def without_chance(text: str) -> str:
    """The text with a mark for each id, moment and hash; any other digits, a phone's too, still stand."""
    return _CHANCE.sub("…", text)
