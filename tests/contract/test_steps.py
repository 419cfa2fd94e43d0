"""Every step of every city can be reached by a way that the contract's run can go."""

from __future__ import annotations

import pytest

from core.jurisdictions import Jurisdictions
from tests.contract.conftest import CITIES, own_unit
from tests.contract.ways import find_ways


@pytest.mark.parametrize("city", CITIES)
def test_every_step_of_a_city_can_be_reached(city: str) -> None:
    jurisdiction = Jurisdictions.discover().get(city)
    kinds = jurisdiction.kinds.values()
    steps = {(kind.key, step.key) for kind in kinds for step in kind.steps if step is not kind.registration}
    assert find_ways(jurisdiction, own_unit(jurisdiction)).keys() == steps
