"""Many at once: each code and each refresh token is redeemed by one, and who comes second ends the family."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from sqlalchemy import func, select

from api.app import create_app
from api.oauth.authorize import approve
from core.authorizations.families import begin_authorization
from core.authorizations.refresh import NewRefresh, add_refresh
from core.ids import new_secret
from core.store.tables import TENANT, client_authorization, refresh_token
from core.tenants.client import GrantType
from tests.oauth import people
from tests.oauth.conftest import SLUG, Desk

CODES, CALLERS, TRIES = 200, 50, 2
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
    """What 50 callers are told of each form: two of them show it, at much the same time."""
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
    answers = await race(call, await codes(desk, CODES))
    assert answers == [Counter(granted=1, invalid_grant=TRIES - 1)] * CODES
    assert await count(desk, LIVE) == 0, "the second one ended the family"


async def test_50_callers_at_once_get_one_grant_for_one_code(desk: Desk, call: Caller) -> None:
    await one_is_granted_and_ended(desk, call, (await desk.approve()).form)


async def test_50_callers_at_once_get_one_grant_for_one_refresh_token(desk: Desk, strict: Caller) -> None:
    await one_is_granted_and_ended(desk, strict, (await refresh_tokens(desk, 1))[0])


async def one_is_granted_and_ended(desk: Desk, call: Caller, form: Mapping[str, str]) -> None:
    told = await asyncio.gather(*(call(form) for _ in range(CALLERS)))
    assert sorted(status for status, _ in told) == [200] + [400] * (CALLERS - 1)
    [granted] = [answer for status, answer in told if status == 200]
    assert (await desk.me(granted["access_token"])).json()["code"] == "api.token-revoked"
    again = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"], **desk.app.credentials}
    assert (await call(again))[1]["error"] == "invalid_grant"


async def test_50_callers_get_200_grants_for_200_refresh_tokens(desk: Desk, strict: Caller) -> None:
    answers = await race(strict, await refresh_tokens(desk, CODES))
    assert answers == [Counter(granted=1, invalid_grant=TRIES - 1)] * CODES
    assert await count(desk, LIVE) == 0


async def test_within_the_grace_one_token_is_good_in_the_end(desk: Desk, call: Caller) -> None:
    before = await count(desk, GOOD)
    forms = await refresh_tokens(desk, 20)
    assert await race(call, forms) == [Counter(granted=TRIES)] * len(forms)
    assert await count(desk, GOOD) == before + len(forms)
    families = await count(desk, LIVE)
    desk.wait(seconds=10)
    assert [(await call(form))[1]["error"] for form in forms] == ["invalid_grant"] * len(forms)
    assert await count(desk, LIVE) == families - len(forms), "after the grace each ends its family"


async def codes(desk: Desk, many: int) -> list[Mapping[str, str]]:
    """Token requests, each for a code of its own family."""
    signed_in, (verifier, challenge) = await desk.sign_in(), people.pkce()
    request = await people.read_request(desk.services, desk.tenant, desk.app, code_challenge=challenge)
    snapshot = await people.snapshot_of(desk.services, desk.tenant)
    async with desk.services.database.tenant(desk.tenant) as session:
        sent = [
            await approve(session, snapshot, desk.services, request, signed_in, desk.clock.now()) for _ in range(many)
        ]
    given = [people.Approved(people.answer_in(location)["code"], verifier, location, desk.app) for location in sent]
    return [item.form for item in given]


async def refresh_tokens(desk: Desk, many: int) -> list[Mapping[str, str]]:
    """Token requests, each for a refresh token of its own family."""
    signed_in, now = await desk.sign_in(), desk.clock.now()
    client = (await people.snapshot_of(desk.services, desk.tenant)).clients[desk.app.client_id]
    life, grant = timedelta(hours=1), GrantType.AUTHORIZATION_CODE
    given = [NewRefresh(new_secret(), now, life) for _ in range(many)]
    async with desk.services.database.tenant(desk.tenant) as session:
        for new in given:
            family = begin_authorization(session, client, signed_in, ("cases:read",), grant, now, life)
            add_refresh(session, family, new)
    credentials = {"grant_type": "refresh_token", **desk.app.credentials}
    return [{**credentials, "refresh_token": new.token} for new in given]
