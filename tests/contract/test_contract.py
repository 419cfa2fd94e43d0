"""Schemathesis against each city's running service.

One short round in every test run; ``WENZE_CONTRACT_SECONDS=600`` (and ``WENZE_CONTRACT_EXAMPLES=50``) makes it a deep one of
so many seconds per city, and ``WENZE_CONTRACT_ENGINE=postgresql`` one over PostgreSQL.
"""

from __future__ import annotations

import os

import pytest

from core.jurisdictions import Jurisdictions
from tests.contract.campaign import Depth, run_campaign
from tests.contract.conftest import CITIES, Running, own_unit
from tests.contract.ways import find_ways

SECONDS = int(os.environ["WENZE_CONTRACT_SECONDS"]) if "WENZE_CONTRACT_SECONDS" in os.environ else None
EXAMPLES = int(os.environ.get("WENZE_CONTRACT_EXAMPLES", "2"))


@pytest.mark.parametrize("city", CITIES)
def test_every_step_of_a_city_can_be_reached(city: str) -> None:
    jurisdiction = Jurisdictions.discover().get(city)
    kinds = jurisdiction.kinds.values()
    steps = {(kind.key, step.key) for kind in kinds for step in kind.steps if step is not kind.registration}
    assert find_ways(jurisdiction, own_unit(jurisdiction)).keys() == steps


@pytest.mark.parametrize("city", CITIES)
def test_the_service_keeps_to_its_document(running: Running, city: str) -> None:
    depth = Depth(examples=EXAMPLES, seconds=SECONDS)
    findings = run_campaign(running.tenant_address(city), running.credentials(city), running.supply(city), depth)
    print(f"{city}: {findings.requests} requests; {', '.join(findings.phases)}")
    assert findings.nothing, str(findings)
