"""How likely it is that two cases are about the same matter: points for what they share, each told. Pure.

The points are a rule of thumb of the house that helps a clerk to look; nothing follows from them by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

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


_POINTS = {Likeness.PETITIONER: 35, Likeness.CATEGORY: 10, Likeness.DIVISION: 10, Likeness.ADDRESS: 20, Likeness.OPEN: 5}
_TITLE_POINTS, _NEAR_POINTS, _NEARISH_POINTS = 40, 10, 5


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a case is compared."""

    title: str
    at: datetime
    """When it was received."""
    category: str | None = None
    division: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may be about the same matter."""

    id: UUID
    number: str
    state: str
    matter: Matter
    closed_at: datetime | None
    same_petitioner: bool


@dataclass(frozen=True, slots=True)
class Share:
    """One thing that is shared, and its points."""

    likeness: Likeness
    points: int


@dataclass(frozen=True, slots=True)
class Likely:
    """A candidate with its points, a hundred at most, and where they come from."""

    candidate: Candidate
    score: int
    why: tuple[Share, ...]


def rank_duplicates(matter: Matter, candidates: Iterable[Candidate]) -> tuple[Likely, ...]:
    """The likeliest candidates, best first, none below :data:`LEAST_POINTS`."""
    grams = find_grams(matter.title)
    scored = (_score(matter, grams, candidate) for candidate in candidates)
    likely = [item for item in scored if item.score >= LEAST_POINTS]
    likely.sort(key=lambda item: (-item.score, item.candidate.number))
    return tuple(likely[:MOST_TOLD])


def _score(matter: Matter, grams: frozenset[str], candidate: Candidate) -> Likely:
    why = tuple(_shares(matter, grams, candidate))
    score = min(sum(share.points for share in why), 100)
    closed_long_ago = candidate.closed_at is not None and matter.at - candidate.closed_at > LONG_AGO
    return Likely(candidate, score // 2 if closed_long_ago else score, why)


def _shares(matter: Matter, grams: frozenset[str], candidate: Candidate) -> Iterator[Share]:
    other = candidate.matter
    told = {
        Likeness.PETITIONER: candidate.same_petitioner,
        Likeness.CATEGORY: matter.category is not None and matter.category == other.category,
        Likeness.DIVISION: matter.division is not None and matter.division == other.division,
        Likeness.ADDRESS: _same_address(matter.address, other.address),
        Likeness.OPEN: candidate.closed_at is None,
    }
    yield from (Share(likeness, _POINTS[likeness]) for likeness, holds in told.items() if holds)
    alike = _alike(grams, find_grams(other.title))
    if alike >= _ALIKE:
        yield Share(Likeness.TITLE, round(alike * _TITLE_POINTS))
    apart = abs(matter.at - other.at)
    if apart <= NEARISH:
        yield Share(Likeness.TIME, _NEAR_POINTS if apart <= NEAR else _NEARISH_POINTS)


def _same_address(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return False
    first, second = fold(one), fold(other)
    return first in second or second in first


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of common grams (Dice's coefficient), from 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
