"""The sound city with its accountability regime broken in one place each: what, the finding, a word of its place."""

from __future__ import annotations

from typing import Any

from core.law.instrument import Text
from core.sanctions.regime import Effect, Ends, GroundList, SubjectKind
from tests.jurisdictions.yunqi import Yunqi, change, load_yunqi

_CITY = load_yunqi()
_REGIME = _CITY.regimes[0]
_LISTED = _REGIME.versions[0].sanctions[SubjectKind.PERSON]


def _with(**changes: Any) -> Yunqi:
    return _CITY.but(regimes=(change(_REGIME, **changes),))


def _first(**changes: Any) -> Yunqi:
    first, *others = _REGIME.versions
    return _with(versions=(change(first, **changes), *others))


def _notice(**changes: Any) -> Yunqi:
    first, *others = _LISTED.items
    items = (change(first, **changes), *others)
    return _first(sanctions=_REGIME.versions[0].sanctions | {SubjectKind.PERSON: change(_LISTED, items=items)})


def _talked(title: Text) -> Yunqi:
    (talk,) = _REGIME.versions[0].before
    return _first(before=(change(talk, title=title),))


REGIME_BREAKS: list[tuple[str, str, str, Yunqi]] = [
    ("two regimes of one name", "regimes.key-twice", "road-duty", _CITY.but(regimes=(_REGIME, _REGIME))),
    (
        "two regimes over one instrument",
        "regimes.instrument-twice",
        "hazards-2025",
        _CITY.but(regimes=(_REGIME, change(_REGIME, key="other"))),
    ),
    ("over nothing loaded", "regimes.instrument-unknown", "road-duty", _with(instrument="yunqi:lamps-2025")),
    ("later version first", "regimes.versions", "road-duty", _with(versions=_REGIME.versions[::-1])),
    ("from the second version on", "regimes.versions", "road-duty", _with(versions=_REGIME.versions[1:])),
    (
        "a ground that is not there",
        "regimes.citation-unknown",
        "version 2025",
        _first(grounds=(GroundList("yunqi:hazards-2025#13/early", ("yunqi:hazards-2025#13/early",)),)),
    ),
    ("a citation cut short", "regimes.citation-unknown", "version 2025", _first(referrals=("#13",))),
    ("of another city", "regimes.citation-unknown", "version 2025", _first(referrals=("linhai:waves-2025#1",))),
    ("a reading that nothing confirms", "regimes.setting-unknown", "version 2025", _notice(reading="hazard.nap")),
    ("a reading of a number", "regimes.setting-unknown", "version 2025", _notice(reading="hazard.crews-on-call")),
    (
        "an end that nothing sets",
        "regimes.setting-unknown",
        "version 2025",
        _notice(effect=Effect(Ends.SETTING, "hazard.crews-on-call")),
    ),
    ("English under zh", "texts.no-chinese", "regime", _talked(Text("a talk", "a talk"))),
]
