"""Schemathesis against one city's running service; a file for each city, so that they run side by side.

One short round in every test run; ``WENZE_CONTRACT_SECONDS=600`` (and ``WENZE_CONTRACT_EXAMPLES=50``) makes it a deep one of
so many seconds per city, and ``WENZE_CONTRACT_ENGINE=postgresql`` one over PostgreSQL.
"""

from __future__ import annotations

import os

from tests.contract.campaign import Depth, run_campaign
from tests.contract.conftest import Running
from tests.contract.sharing import others_to_ask

SECONDS = int(os.environ["WENZE_CONTRACT_SECONDS"]) if "WENZE_CONTRACT_SECONDS" in os.environ else None
EXAMPLES = int(os.environ.get("WENZE_CONTRACT_EXAMPLES", "1"))


def check_contract(running: Running, city: str) -> None:
    """The service keeps to the city's document, and every operation of it reaches a success."""
    depth = Depth(EXAMPLES, SECONDS, others_to_ask(city) if SECONDS is None else frozenset())
    senders = running.credentials(city), running.clerks[city], running.insiders[city]
    findings = run_campaign(running.tenant_address(city), senders, running.supply(city), depth)
    print(f"{city}: {findings.requests} requests; {', '.join(findings.phases)}")
    assert findings.nothing, str(findings)
