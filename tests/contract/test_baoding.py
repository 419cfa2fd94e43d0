"""The contract of Baoding."""

from __future__ import annotations

from tests.contract.conftest import Running
from tests.contract.keeping import check_contract

CITY = "baoding"


def test_the_service_keeps_to_its_document(running: Running) -> None:
    check_contract(running, CITY)
