"""By which words an article is found, and what a hit is worth."""

from __future__ import annotations

from collections.abc import Iterable

from core.knowledge.article import ArticleVersion
from core.search.grams import find_grams

IN_QUESTION, IN_PHRASING, IN_ANSWER = 3, 2, 1
"""What a gram is worth where it stands. Callers put questions, so that what was worded as one goes before the answer."""


def weigh_grams(version: ArticleVersion) -> dict[str, int]:
    """Every gram of a version with the worth of the best place at which it stands."""
    weights: dict[str, int] = dict.fromkeys(find_grams(version.answer), IN_ANSWER)
    weights |= dict.fromkeys(_grams_of_all(version.phrasings), IN_PHRASING)
    return weights | dict.fromkeys(find_grams(version.question), IN_QUESTION)


def share_of_best(score: int, asked: int) -> int:
    """A score in percent of what ``asked`` grams would give if all of them stood in the question; rounded down."""
    return 100 * score // (IN_QUESTION * asked)


def _grams_of_all(texts: Iterable[str]) -> set[str]:
    return {gram for text in texts for gram in find_grams(text)}
