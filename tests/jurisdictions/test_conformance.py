"""Every installed city inherits the conformance suite."""

from __future__ import annotations

import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from core.conformance import JurisdictionConformance, find_city
from core.jurisdictions import GROUP

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


class TestAnkang(JurisdictionConformance):
    """安康市."""

    jurisdiction = "ankang"


class TestBaoding(JurisdictionConformance):
    """保定市."""

    jurisdiction = "baoding"


class TestGanzhou(JurisdictionConformance):
    """赣州市."""

    jurisdiction = "ganzhou"


class TestJincheng(JurisdictionConformance):
    """晋城市."""

    jurisdiction = "jincheng"


def test_every_installed_city_inherits_the_suite() -> None:
    suites = {suite.jurisdiction for suite in JurisdictionConformance.__subclasses__() if suite.__module__ == __name__}
    assert suites == {point.name for point in entry_points(group=GROUP)}


def test_every_shipped_city_is_installed() -> None:
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    assert {point.name: point.value for point in entry_points(group=GROUP)}.items() >= declared.items()


def test_city_that_is_not_installed_is_refused_with_what_to_do() -> None:
    with pytest.raises(LookupError, match=r"declare it in the city's pyproject\.toml"):
        find_city("linhai")


def test_findings_are_listed_with_place_and_advice() -> None:
    class Nameless(JurisdictionConformance):
        jurisdiction = "ankang"

    suite = Nameless()
    found = find_city("ankang")
    original, found.module = found.module, "elsewhere.plugin"
    try:
        with pytest.raises(AssertionError, match=r"has 1 faults:\n- manifest: .*\[manifest\.package-differs\]"):
            suite.test_manifest()
    finally:
        found.module = original
