"""Many at once: each code and each refresh token is redeemed by one, and who comes second ends the family."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from sqlalchemy import func, select

from api.app import create_app
from core.store.tables import TENANT, client_authorization, refresh_token
from tests.oauth.conftest import SLUG, Desk

CODES, CALLERS, TRIES = 200, 50, 4
Told = tuple[int, dict[str, Any]]


class Caller:
    """Posts to the token endpoint without a client library, whose time would be most of the test."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._path = f"/t/{SLUG}/oauth/token"

    async def __call__(self, form: Mapping[str, str]) -> Told:
        body, sent = urlencode(form).encode(), []
        headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(body)).encode())]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "https",
            "path": self._path,
            "raw_path": self._path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "server": ("wenze.example.cn", 443),
            "client": ("192.0.2.1", 1),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return sent[0]["status"], msgspec.json.decode(sent[1]["body"])


@pytest.fixture
def call(desk: Desk) -> Caller:
    """With the settings as they are."""
    return Caller(create_app(desk.services))


@pytest.fixture
async def strict(desk: Desk) -> AsyncIterator[Caller]:
    """Without a grace for refresh tokens."""
    async with desk.with_settings(refresh_grace_seconds=0) as http:
        yield Caller(http._transport.app)  # type: ignore[attr-defined]


async def race(call: Caller, forms: list[Mapping[str, str]]) -> list[Counter[str]]:
    """What 50 callers are told of each form: four of them show it, at much the same time."""
    told = [Counter[str]() for _ in forms]

    async def show(caller: int) -> None:
        for number, form in enumerate(forms):
            if (caller - number * TRIES) % CALLERS < TRIES:
                _, answer = await call(form)
                told[number][answer.get("error", "granted")] += 1

    await asyncio.gather(*(show(caller) for caller in range(CALLERS)))
    return told


async def count(desk: Desk, statement: Any) -> int:
    async with desk.services.database.reading(desk.tenant) as session:
        return int(await session.scalar(statement))


LIVE = select(func.count()).select_from(client_authorization).where(
    client_authorization.c.tenant == TENANT, client_authorization.c.revoked_at.is_(None)
)
GOOD = select(func.count()).select_from(refresh_token).where(
    refresh_token.c.tenant == TENANT, refresh_token.c.used_at.is_(None), refresh_token.c.voided_at.is_(None)
)


async def test_50_callers_get_200_grants_for_200_codes(desk: Desk, call: Caller) -> None:
    signed_in = await desk.sign_in()
    approved = [await desk.approve(by=signed_in) for _ in range(CODES)]
    answers = await race(call, [item.form for item in approved])
    assert answers == [Counter(granted=1, invalid_grant=TRIES - 1)] * CODES
    assert await count(desk, LIVE) == 0, "the second one ended the family"


async def test_50_callers_at_once_get_one_grant_for_one_code(desk: Desk, call: Caller) -> None:
    approved = await desk.approve()
    told = await asyncio.gather(*(call(approved.form) for _ in range(CALLERS)))
    assert sorted(status for status, _ in told) == [200] + [400] * (CALLERS - 1)


async def test_50_callers_get_200_grants_for_200_refresh_tokens(desk: Desk, strict: Caller) -> None:
    given = await refresh_tokens(desk, strict, CODES)
    answers = await race(strict, [form_of(desk, token) for token in given])
    assert answers == [Counter(granted=1, invalid_grant=TRIES - 1)] * CODES
    assert await count(desk, LIVE) == 0


async def test_within_the_grace_one_token_is_good_in_the_end(desk: Desk, call: Caller) -> None:
    before = await count(desk, GOOD)
    given = await refresh_tokens(desk, call, 20)
    answers = await race(call, [form_of(desk, token) for token in given])
    assert answers == [Counter(granted=TRIES)] * len(given)
    assert await count(desk, GOOD) == before + len(given)


async def refresh_tokens(desk: Desk, call: Caller, many: int) -> list[str]:
    signed_in = await desk.sign_in()
    approved = [await desk.approve(by=signed_in) for _ in range(many)]
    return [(await call(item.form))[1]["refresh_token"] for item in approved]


def form_of(desk: Desk, token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token, **desk.app.credentials}
