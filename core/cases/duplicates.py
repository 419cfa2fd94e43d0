"""How likely it is that two cases are about the same matter: points for what they share, each told. Pure.

The points are a rule of thumb of the house that helps a clerk to look; nothing follows from them by itself.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from core.search.grams import find_grams, fold

LEAST_POINTS = 40
"""Below so many of a hundred nothing is said."""
MOST_TOLD = 5
NEAR, NEARISH, LONG_AGO = timedelta(days=3), timedelta(days=14), timedelta(days=30)
_ALIKE = 0.3
"""From this share of common grams on two titles are alike."""


class Likeness(StrEnum):
    """What two cases share."""

    PETITIONER = "same-petitioner"
    TITLE = "similar-title"
    CATEGORY = "same-category"
    DIVISION = "same-division"
    ADDRESS = "same-address"
    TIME = "close-in-time"
    OPEN = "still-open"


class Matter(Struct, frozen=True):
    """What of a case is compared."""

    title: str
    at: datetime
    """When it was received."""
    category: str | None = None
    division: str | None = None
    address: str | None = None


class Candidate(Struct, frozen=True):
    """A case that may be about the same matter."""

    id: UUID
    number: str
    state: str
    matter: Matter
    closed_at: datetime | None
    same_petitioner: bool


class Share(Struct, frozen=True):
    """One thing that is shared, and its points."""

    likeness: Likeness
    points: int


class Likely(Struct, frozen=True):
    """A candidate with its points, a hundred at most, and where they come from."""

    candidate: Candidate
    score: int
    why: tuple[Share, ...]


_PETITIONER, _CATEGORY, _DIVISION = (
    Share(Likeness.PETITIONER, 35), Share(Likeness.CATEGORY, 10), Share(Likeness.DIVISION, 10),
)  # fmt: skip
_ADDRESS, _OPEN = Share(Likeness.ADDRESS, 20), Share(Likeness.OPEN, 5)
_NEAR, _NEARISH = Share(Likeness.TIME, 10), Share(Likeness.TIME, 5)
_TITLE_POINTS = 40


def rank_duplicates(matter: Matter, candidates: Iterable[Candidate]) -> tuple[Likely, ...]:
    """The likeliest candidates, best first, none below :data:`LEAST_POINTS`."""
    draft = _Draft(matter, find_grams(matter.title), fold(matter.address or ""))
    found: list[Likely] = []
    # What a title comes to at most is seen at a glance; it is taken apart only where that can still change what is told.
    for most in sorted((draft.score_at_most(candidate) for candidate in candidates), key=_place):
        if most.score < LEAST_POINTS or (len(found) == MOST_TOLD and _place(found[-1]) < _place(most)):
            break
        likely = draft.score(most)
        if likely.score >= LEAST_POINTS:
            insort(found, likely, key=_place)
            del found[MOST_TOLD:]
    return tuple(found)


def _place(item: Likely) -> tuple[int, str]:
    """Where it stands among others: the most points first, then by number."""
    return -item.score, item.candidate.number


@dataclass(frozen=True, slots=True)
class _Draft:
    """A matter made ready to be compared with many."""

    matter: Matter
    grams: frozenset[str]
    address: str
    """Folded."""

    def score_at_most(self, candidate: Candidate) -> Likely:
        """The candidate without what its title shares, under a score that no title can surpass."""
        common = self._common_at_most(candidate.matter.title)
        shares = self._shares(candidate)
        return Likely(candidate, self._sum(shares, candidate, _points_of(len(self.grams), common, common)), shares)

    def score(self, most: Likely) -> Likely:
        """What :meth:`score_at_most` has answered, with what the title really shares."""
        title = most.candidate.matter.title
        grams = self.grams if title == self.matter.title else find_grams(title)
        points = _points_of(len(self.grams), len(grams), len(self.grams & grams))
        why = (Share(Likeness.TITLE, points), *most.why) if points else most.why
        return Likely(most.candidate, self._sum(most.why, most.candidate, points), why)

    def _common_at_most(self, title: str) -> int:
        """How many grams of the draft a title has at most: each that it has stands in its text."""
        if title == self.matter.title:
            return len(self.grams)
        folded = fold(title)
        return sum([gram in folded for gram in self.grams])

    def _sum(self, shares: Iterable[Share], candidate: Candidate, points: int) -> int:
        score = min(sum([share.points for share in shares], points), 100)
        closed = candidate.closed_at
        return score // 2 if closed is not None and self.matter.at - closed > LONG_AGO else score

    def _shares(self, candidate: Candidate) -> tuple[Share, ...]:
        matter, other = self.matter, candidate.matter
        apart = abs(matter.at - other.at)
        told = (
            (_PETITIONER, candidate.same_petitioner),
            (_CATEGORY, matter.category is not None and matter.category == other.category),
            (_DIVISION, matter.division is not None and matter.division == other.division),
            (_ADDRESS, self._has_address(other.address)),
            (_OPEN, candidate.closed_at is None),
            (_NEAR, apart <= NEAR),
            (_NEARISH, NEAR < apart <= NEARISH),
        )
        return tuple([share for share, holds in told if holds])

    def _has_address(self, other: str | None) -> bool:
        if not self.address or not other:
            return False
        if other == self.matter.address:
            return True
        folded = fold(other)
        return self.address in folded or folded in self.address


def _points_of(one: int, other: int, common: int) -> int:
    """The points of two titles of so many grams with so many in common: by Dice's coefficient, none below :data:`_ALIKE`."""
    alike = 2 * common / (one + other) if common else 0.0
    return round(alike * _TITLE_POINTS) if alike >= _ALIKE else 0
