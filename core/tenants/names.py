"""Names and codes that people give to things: what they may hold, and the one form in which they are stored and compared."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from msgspec import Meta

_HIDDEN = r"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"

PLAIN = rf"^[^\s{_HIDDEN}](?:[^{_HIDDEN}]*[^\s{_HIDDEN}])?$(?!\n)"
"""No control, direction or zero-width characters, and no blanks at the ends (PITFALLS 19)."""

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)]
"""A name as people write it."""

VISIBLE = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085\ufeff][^\u0000]*$"
"""Something that can be seen. What is blank to Python or to JavaScript alone is named, so that both mean the same."""

Prose = Annotated[str, Meta(min_length=1, max_length=2_000, pattern=VISIBLE)]
"""A basis, a reason or a note in words."""

UnitCode = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$(?!\n)")]
"""The tenant's own short name of a unit: ASCII, so that no two codes look alike."""


def normalise(text: str) -> str:
    """The composed form (NFC) without blanks at the ends, in which texts are stored and compared."""
    return unicodedata.normalize("NFC", text).strip()
