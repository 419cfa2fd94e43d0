"""There are no more channels, rules and contacts than a tenant can have use for, and a guess at an address costs no lock."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from core.store.database import Database
from tests.messages.conftest import BASIS
from tests.servers import Addresses
from tests.support.world import World, asking, open_world

API = "/t/ankang/v1"
MAIL = {"host": "smtp.example.cn", "port": 465, "security": "tls", "sender": "w@example.cn"}


@pytest.fixture(scope="module")
async def world(addresses: Addresses) -> AsyncIterator[World]:
    """A tenant of Ankang, of which addresses may fail as often as they like."""
    async with open_world(addresses, failures_per_address=0) as opened:
        await opened.add("ankang")
        yield opened


@pytest.fixture
async def api(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who may everything."""
    async with asking(world.app(), await world.token(world.places["ankang"])) as client:
        yield client


async def send(api: httpx.AsyncClient, path: str, body: Any) -> httpx.Response:
    return await api.post(API + path, json=body, headers={"idempotency-key": secrets.token_hex(8)})


async def send_until_refused(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    """Sends the same again and again, each under another key."""
    for number in range(4):
        answer = await send(api, path, {**body, "key": f"k{number}"} if body.get("key") == "" else body)
        if answer.status_code != 201:
            return answer
    raise AssertionError("nobody refuses it")


async def test_there_are_so_many_channels_and_rules(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.messages.tenant_channels.MOST_CHANNELS", 2)
    monkeypatch.setattr("core.messages.rule_service.MOST_RULES", 2)
    channel = {"key": "", "kind": "smtp", "title": "邮箱", "settings": MAIL}
    refused = await send_until_refused(api, "/message-channels", channel)
    assert (refused.status_code, refused.json()["code"]) == (409, "messages.too-many-channels")
    text = {
        "key": "m",
        "purpose": "message",
        "title": "提醒",
        "body": "${number}",
        "valid_from": "2026-01-01",
        "reason": BASIS,
    }
    assert (await send(api, "/templates", text)).status_code == 201
    said = {"occasion": "rung", "key": "breach", "recipients": "lead", "channel": "k0", "template": "m"}
    said |= {"valid_from": "2026-01-01", "basis": BASIS}
    refused = await send_until_refused(api, "/message-rules", said)
    assert (refused.status_code, refused.json()["code"]) == (409, "messages.too-many-rules")
    rule = (await api.get(f"{API}/message-rules")).json()["items"][0]
    headers = {"idempotency-key": secrets.token_hex(8), "if-match": '"1"'}
    ended = await api.post(
        f"{API}/message-rules/{rule['id']}/end", json={"last_day": "2026-01-01", "reason": "x"}, headers=headers
    )
    assert ended.status_code == 200, ended.text
    assert (await send(api, "/message-rules", said)).status_code == 201


async def test_there_are_so_many_contacts_of_each(
    world: World, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.messages.contact_service.MOST_CONTACTS", 2)
    mine = {"kind": "email", "address": "a@example.cn", "valid_from": "2026-01-01", "valid_to": "9999-12-31"}
    unit = {"unit_id": str(next(iter(world.places["ankang"].cast.units.values())))}
    for whose in ({}, unit):
        refused = await send_until_refused(api, "/message-contacts", mine | whose)
        assert (refused.status_code, refused.json()["code"]) == (409, "messages.too-many-contacts")
    over = {"valid_to": "2026-01-02"}
    assert (await send(api, "/message-contacts", mine | over)).json()["code"] == "messages.too-many-contacts"
    items = (await api.get(f"{API}/message-contacts")).json()["items"]
    assert len(items) == 4


async def test_who_guesses_an_address_for_reports_takes_no_lock(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    tenant = Database.tenant

    def counting(self: Database, number: int, **more: Any) -> Any:
        opened.append(number)
        return tenant(self, number, **more)

    monkeypatch.setattr(Database, "tenant", counting)
    answer = await api.post(f"{API}/message-reports/{'A' * 43}", json={"id": "1"})
    assert (answer.status_code, opened) == (404, [])
