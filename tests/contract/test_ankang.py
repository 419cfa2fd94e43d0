"""The contract of Ankang."""

from __future__ import annotations

from tests.contract.conftest import Running
from tests.contract.keeping import check_contract

CITY = "ankang"


def test_the_service_keeps_to_its_document(running: Running) -> None:
    check_contract(running, CITY)
