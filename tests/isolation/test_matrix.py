"""Every operation × every wrong token: exactly the right problem, nothing told, nothing written (promise 6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.problems import render_problem
from core.errors import Forbidden, Unauthenticated, WenzeError
from tests.isolation.conftest import Keyring, Ledger
from tests.isolation.matrix import Row, read_matrix
from tests.support.world import World, asking

ROWS = read_matrix()
_KINDS: dict[int, type[WenzeError]] = {401: Unauthenticated, 403: Forbidden}


@pytest.fixture(scope="module", autouse=True)
async def _nothing_is_written(ledger: Ledger) -> AsyncIterator[None]:
    before = await ledger.count()
    assert before["unit"] > 0
    yield
    assert await ledger.count() == before


async def test_the_matrix_has_every_operation() -> None:
    assert len(ROWS) > 150
    assert {row.city for row in ROWS} == {"ankang", "baoding", "ganzhou", "jincheng"}
    assert sum(bool(row.roles) for row in ROWS) > 100


@pytest.mark.parametrize("row", ROWS, ids=str)
async def test_a_wrong_token_is_told_that_and_nothing_else(world: World, app: Any, keyring: Keyring, row: Row) -> None:
    path = f"/t/{row.city}/v1{row.address()}"
    async with asking(app) as client:
        for name, (token, status, code) in (await keyring.for_row(row)).items():
            request = row.request(f"{row.id}-{name}".replace(" ", "-"))
            if token is not None:
                request["headers"]["authorization"] = f"Bearer {token}"
            answer = await client.request(row.method, path, **request)
            assert (answer.status_code, answer.json()["code"]) == (status, code), (name, answer.text)
            assert answer.content == expected(row, answer, status, code), name
            issuer = f"{world.services.settings.public_url}/t/{row.city}/oauth"
            assert answer.headers["www-authenticate"].startswith(f'Bearer realm="{issuer}"')
            assert "etag" not in answer.headers


def expected(row: Row, answer: httpx.Response, status: int, code: str) -> bytes:
    """The whole body of the problem."""
    params: dict[str, str] = {}
    if code == "tenants.scope-missing":
        params = {"scope": str(row.scope)}
    if code == "tenants.role-missing":
        params = {"roles": ", ".join(row.roles)}
    error = _KINDS[status](code, **params)
    return render_problem((error,), "en", answer.headers["x-request-id"]).body
