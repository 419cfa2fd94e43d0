"""Who must be sent a copy of a step, by the text: the hook type in which a city says so."""

from __future__ import annotations

from msgspec import Struct, field

from core.law.instrument import Key, Text


class CopyRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A copy that the text asks for: once the step is taken it is missing, until it is recorded as sent and received."""

    key: Key
    clause: str
    to: Text
    when: dict[str, str | list[str]] = field(default_factory=dict)
