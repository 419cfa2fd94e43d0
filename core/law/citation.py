"""Citations: the public names of clauses, such as ``ankang:complaints-2018#6.2/complex``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_PATTERN = re.compile(
    rf"(?P<instrument>{_NAME}:{_NAME})(?:#(?P<clause>[0-9a-z]+(?:\.[0-9a-z]+)*)(?:/(?P<choice>[a-z0-9]+(?:[.-][a-z0-9]+)*))?)?"
)


class MalformedCitation(ValueError):
    """The text is not of the form ``instrument#clause/choice``."""


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """One clause of one instrument, or one choice that the clause offers.

    ``clause`` is counted from the text (article, item, subitem; ``p2`` is a second paragraph); it is ``None`` when the
    instrument as a whole is meant. ``choice`` names one of several outcomes that a clause holds.
    """

    instrument: str
    clause: str | None = None
    choice: str | None = None

    @classmethod
    def parse(cls, text: str) -> Citation:
        """Reads a citation; raises :class:`MalformedCitation` with the expected form."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise MalformedCitation(f"{text!r} is not a citation; expected instrument#clause or instrument#clause/choice")
        return cls(match["instrument"], match["clause"], match["choice"])

    @classmethod
    def within(cls, instrument: str, text: str) -> Citation:
        """Reads a citation that may leave out its instrument (``#6.2``), as the data files of a city do."""
        return cls.parse(instrument + text if text.startswith("#") else text)

    @property
    def jurisdiction(self) -> str:
        """The city whose instrument it is."""
        return self.instrument.partition(":")[0]

    def __str__(self) -> str:
        clause = f"#{self.clause}" if self.clause else ""
        return f"{self.instrument}{clause}/{self.choice}" if self.choice else self.instrument + clause
