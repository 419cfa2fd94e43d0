"""Texts and citations, wherever they stand in a city's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.walk import walk
from core.law.instrument import Text

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CITING = {"clause", "refused_by", "evidence"}


def check_wording(city: City) -> Iterator[Finding]:
    """Every text stands in both languages: the Chinese one holds Chinese, the English one does not and is not empty."""
    for place, name, part in _answers(city):
        if not isinstance(part, Text):
            continue
        if not _CHINESE.search(part.zh):
            yield Finding("texts.no-chinese", f"{place}, {name}", f"{part.zh!r} holds no Chinese; write the text under zh")
        if not part.en.strip() or _CHINESE.search(part.en):
            yield Finding("texts.no-english", f"{place}, {name}", f"{part.en!r} is not English; write the text under en")


def check_citations(city: City) -> Iterator[Finding]:
    """Every citation of a kind, a setting and the story names a clause, or a choice, that is loaded."""
    for kind in city.kinds:
        yield from _citations(city, kind.instrument, kind, f"kind {kind.key}")
    yield from _citations(city, "", list(city.settings.values()), "setting")
    yield from _citations(city, "", city.story, "story")


def _citations(city: City, instrument: str, value: object, start: str) -> Iterator[Finding]:
    for place, name, part in walk(value, start):
        if name in _CITING and isinstance(part, str) and city.passage(instrument, part) is None:
            advice = f"{part!r} is no clause or choice of the loaded instruments; correct it or add it to the instrument"
            yield Finding("citations.unknown", place, advice)


def _answers(city: City) -> Iterator[tuple[str, str, object]]:
    yield from walk(city.jurisdiction.manifest, "manifest")
    yield from walk(city.jurisdiction.hooks.provide_instruments(), "instrument")
    yield from walk(city.kinds, "kind")
    yield from walk(list(city.settings.values()), "setting")
    yield from walk(city.jurisdiction.hooks.provide_regimes(), "regime")
    yield from walk(city.story, "story")
