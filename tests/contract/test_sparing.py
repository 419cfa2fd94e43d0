"""A short round leaves out bad values of a kind that many operations refuse alike, and good bodies beyond a few."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from schemathesis.generation.meta import CoverageScenario

from tests.contract.sparing import ALIKE, Sparing

PLACES = [f"/properties/field_{number}/type" for number in range(20)]
BAD = CoverageScenario.INCORRECT_TYPE


def case(location: str | None, scenario: Any = BAD, label: str = "POST /x") -> Any:
    data = SimpleNamespace(scenario=scenario, parameter_location="body", parameter="application/json", location=location)
    phase = SimpleNamespace(data=data)
    return SimpleNamespace(operation=SimpleNamespace(label=label), meta=SimpleNamespace(phase=phase))


def test_every_place_is_given_each_kind_of_badness() -> None:
    sparing = Sparing()
    assert all(sparing.is_worth(case(place, scenario)) for scenario in ALIKE for place in PLACES)


def test_every_operation_is_given_good_bodies() -> None:
    sparing, good = Sparing(), CoverageScenario.VALID_OBJECT
    kept = [[sparing.is_worth(case(None, good, label)) for _ in range(60)] for label in ("POST /x", "POST /y")]
    assert all(given[:4] == [True] * 4 and 4 < sum(given) < 30 for given in kept)
    assert kept[0] != kept[1]


def test_a_place_that_many_operations_have_is_given_more_at_some_of_them() -> None:
    sparing = Sparing()
    kept = [label for label in map(str, range(600)) if sparing.is_worth(case("/type", label=label))]
    assert 60 < len(kept) < 150
    assert kept[-1] > "5"


def test_whatever_else_is_asked_is_asked() -> None:
    sparing = Sparing()
    others = [scenario for scenario in CoverageScenario if scenario not in {*ALIKE, CoverageScenario.VALID_OBJECT}]
    assert all(sparing.is_worth(case("/type", scenario)) for scenario in others for _ in range(5))
    assert sparing.is_worth(SimpleNamespace(meta=None))
    assert sparing.is_worth(SimpleNamespace(meta=SimpleNamespace(phase=SimpleNamespace(data=object()))))
