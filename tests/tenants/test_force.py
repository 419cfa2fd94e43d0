"""Of two Ankang instruments only the year is known: they count from its last day, or from the day a tenant sets (R7)."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Refused
from core.force import force_settings, with_set_days
from core.law.citation import Citation
from core.law.instrument import ForceBasis
from core.tenants.figures import read_figure
from tests.jurisdictions.playing import load

COMPLAINTS = "ankang:complaints-2018"
KEY = "in-force.complaints-2018"


@pytest.fixture(scope="module")
def city():
    return load("ankang")


def test_each_instrument_of_a_mere_year_has_its_setting(city):
    keys = {kind.key for kind in force_settings(city.rulebook.instruments.values())}
    assert keys == {KEY, "in-force.centre-2018"}
    assert keys <= city.settings.keys()
    assert city.settings[KEY].clause == "wenze:readings#r7"


def test_without_a_day_it_counts_from_the_last_day_of_the_year(city):
    rulebook = with_set_days(city.rulebook, lambda _: None)
    assert rulebook is city.rulebook
    with pytest.raises(Refused, match=r"law\.before-first-version"):
        rulebook.version(COMPLAINTS, date(2018, 12, 30))
    assert rulebook.version(COMPLAINTS, date(2018, 12, 31)).force_basis is ForceBasis.YEAR_OF_ISSUE


@pytest.mark.parametrize(("day", "holds"), [(date(2018, 5, 31), False), (date(2018, 6, 1), True), (date(2018, 6, 2), True)])
def test_from_the_day_that_is_set(city, day, holds):
    rulebook = with_set_days(city.rulebook, {KEY: date(2018, 6, 1)}.get)
    if not holds:
        with pytest.raises(Refused):
            rulebook.version(COMPLAINTS, day)
        return
    assert rulebook.version(COMPLAINTS, day).force_basis is ForceBasis.STATED_DAY
    assert rulebook.passage(Citation.parse(f"{COMPLAINTS}#6.1"), day).term.length == 5


def test_the_other_instrument_stays_as_it_was(city):
    rulebook = with_set_days(city.rulebook, {KEY: date(2018, 6, 1)}.get)
    with pytest.raises(Refused):
        rulebook.version("ankang:centre-2018", date(2018, 12, 30))


@pytest.mark.parametrize(
    ("told", "sound"), [("2017-12-31", False), ("2018-01-01", True), ("2018-12-31", True), ("2019-01-01", False)]
)
def test_the_day_lies_in_the_year_of_issue(city, told, sound):
    kind = city.settings[KEY]
    if sound:
        assert read_figure(kind, told) == date.fromisoformat(told)
        return
    with pytest.raises(Refused, match=r"tenants\.figure-out-of-bounds"):
        read_figure(kind, told)
