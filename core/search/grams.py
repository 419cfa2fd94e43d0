"""What of a text is found: pairs of Chinese characters, and whole numbers and words of letters.

A text is read in NFKC and without case. A run of ideographs (and kana, hangul) gives every pair of neighbours, so that a
word of two characters is exactly one gram and is found without a dictionary; a run of one gives itself. A run of letters
and digits gives itself whole, the stretches of letters and of digits in it, and a number without its leading zeros:
``RX2026-000123`` is found by ``rx2026``, ``2026``, ``000123`` and ``123``. Pairs of digits are not made: there are only a
hundred of them, and an index in which every case has most of them narrows nothing down.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_IDEOGRAPHS = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"([{_IDEOGRAPHS}]+)|([^\W_{_IDEOGRAPHS}]+)")
_STRETCH = re.compile(r"\d+|\D+")


def fold(text: str) -> str:
    """The text as it is compared: NFKC, without case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def find_grams(text: str) -> frozenset[str]:
    """Every gram of a text that is to be found."""
    return frozenset(gram for ideographs, word in _runs(fold(text)) for gram in _all_of(ideographs, word))


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is looked for, folded; ``grams`` are those that a text with the word has, none for a word too short.

    ``exact`` says that a text that has the grams has the word; for others the text must be looked at.
    """

    text: str
    grams: tuple[str, ...]
    exact: bool

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text has the word."""
        return self.text in folded


def read_word(text: str) -> Word:
    """A word to look for. A single ideograph beside others gives no gram: in a text its run may be longer."""
    folded = fold(text)
    runs = list(_runs(folded))
    grams = tuple(dict.fromkeys(gram for run in runs for gram in _sought(*run)))
    return Word(folded, grams, exact=len(runs) == 1 and grams == (folded,))


def _runs(folded: str) -> Iterator[tuple[str, str]]:
    return ((match[1] or "", match[2] or "") for match in _RUN.finditer(folded))


def _all_of(ideographs: str, word: str) -> Iterator[str]:
    if ideographs:
        yield from _pairs(ideographs) if len(ideographs) > 1 else ideographs
        return
    yield word
    for stretch in _STRETCH.findall(word):
        yield stretch
        if stretch.isdigit():
            yield stretch.lstrip("0") or "0"


def _sought(ideographs: str, word: str) -> Iterator[str]:
    return _pairs(ideographs) if ideographs else iter((word,))


def _pairs(ideographs: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(ideographs))
