"""Names of files: a base name that is safe to show, to store and to save under, on any system."""

from __future__ import annotations

import re
import unicodedata

from core.errors import Invalid

LONGEST_NAME = 200
_FIELD = "name"
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
"""What Windows takes for a device, with any extension."""
_FORBIDDEN = frozenset('/\\:*?"<>|')
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, direction and zero-width characters, lone surrogates, and what stands for nothing."""


def check_name(name: str) -> str:
    """The name in its composed form (NFC); raises :class:`Invalid` for a path, what cannot be seen, or a reserved name."""
    composed = unicodedata.normalize("NFC", name)
    if not 1 <= len(composed) <= LONGEST_NAME:
        raise Invalid("attachments.name-length", field=_FIELD, limit=LONGEST_NAME)
    if any(character in _FORBIDDEN or unicodedata.category(character) in _UNSAFE_CATEGORIES for character in composed):
        raise Invalid("attachments.name-unsafe", field=_FIELD)
    if composed != composed.strip() or composed.startswith(".") or composed.endswith("."):
        raise Invalid("attachments.name-unsafe", field=_FIELD)
    if _RESERVED.fullmatch(composed):
        raise Invalid("attachments.name-reserved", field=_FIELD)
    return composed


def extension_of(name: str) -> str:
    """The extension in lower case without its dot; empty where the name has none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""
