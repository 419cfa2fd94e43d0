"""A short round leaves out wrong types of what was given a wrong type already, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from schemathesis.generation.meta import CoverageScenario

from tests.contract.sparing import Sparing

PLACES = [f"/properties/field_{number}/type" for number in range(20)]


def case(location: str | None, scenario: Any = CoverageScenario.INCORRECT_TYPE) -> Any:
    data = SimpleNamespace(scenario=scenario, parameter_location="body", parameter="application/json", location=location)
    phase = SimpleNamespace(data=data)
    return SimpleNamespace(operation=SimpleNamespace(label="POST /x"), meta=SimpleNamespace(phase=phase))


def test_each_place_is_given_two_wrong_types_of_five() -> None:
    sparing = Sparing()
    kept = {place: [number for number in range(5) if sparing.is_worth(case(place))] for place in PLACES}
    assert all(len(numbers) == 2 and numbers[0] == 0 for numbers in kept.values())
    assert {numbers[1] for numbers in kept.values()} == {1, 2, 3, 4}


def test_every_place_is_given_one_where_there_is_only_one() -> None:
    sparing = Sparing()
    assert all(sparing.is_worth(case(place)) for place in PLACES)


def test_whatever_else_is_asked_is_asked() -> None:
    sparing = Sparing()
    others = [scenario for scenario in CoverageScenario if scenario is not CoverageScenario.INCORRECT_TYPE]
    assert all(sparing.is_worth(case("/type", scenario)) for scenario in others for _ in range(5))
    assert sparing.is_worth(SimpleNamespace(meta=None))
    assert sparing.is_worth(SimpleNamespace(meta=SimpleNamespace(phase=SimpleNamespace(data=object()))))
