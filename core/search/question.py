"""What is searched for: the words of a question, and the grams that are asked of the index."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from core.errors import Invalid
from core.search.grams import Word, fold, read_word

LONGEST, MOST_WORDS = 100, 8
MOST_GRAMS = 4
"""What the index is asked for at most; each gram more is one more table in the statement, and the rest is looked at."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words that must all stand in a text of a case, wherever each stands."""

    words: tuple[Word, ...]

    @property
    def grams(self) -> tuple[str, ...]:
        """The grams to ask the index for: of every word in turn, neighbours that do not overlap first."""
        spread = ((*word.grams[::2], *word.grams[1::2]) for word in self.words)
        turns = (gram for turn in zip_longest(*spread) for gram in turn if gram is not None)
        return tuple(dict.fromkeys(turns))[:MOST_GRAMS]

    @property
    def settled(self) -> bool:
        """Whether a case that has the grams has the words, so that its texts need not be looked at."""
        asked = set(self.grams)
        return all(word.exact and asked.issuperset(word.grams) for word in self.words)

    def stand_in(self, texts: list[str]) -> bool:
        """Whether each word stands in one of the texts."""
        folded = [fold(text) for text in texts]
        return all(any(word.stands_in(text) for text in folded) for word in self.words)


def read_words(text: str, field: str) -> Words:
    """The words of a question, parted by spaces.

    Raises :class:`Invalid` where there are none or too many, or one is too short to be looked for: a single ideograph, or
    nothing but punctuation.
    """
    words = tuple(read_word(part) for part in dict.fromkeys(fold(text).split()))
    if not 1 <= len(words) <= MOST_WORDS:
        raise Invalid("search.words-number", field=field, most=MOST_WORDS)
    if any(not word.grams for word in words):
        raise Invalid("search.word-too-short", field=field)
    return Words(words)
