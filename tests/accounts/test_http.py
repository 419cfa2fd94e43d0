"""Accounts over HTTP: an administrator registers, disables and resets them; everybody ends their own sign-ins."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.services import Services
from core.accounts.invitations import redeem
from core.accounts.limits import SignInLimits
from core.accounts.passwords import Passwords
from core.accounts.sign_ins import find_sign_in
from core.accounts.signing_in import Browser, Opened, open_by_password
from core.procedure import Role
from core.store.replays import find_replay
from core.tenants.scopes import Scope
from tests.accounts.conftest import PASSWORD
from tests.servers import Addresses
from tests.support.world import Place, World, asking, open_world

CITY = "ankang"
API = f"/t/{CITY}/v1"
REASON = {"reason": "离岗"}


@pytest.fixture(scope="module")
async def world(addresses: Addresses, passwords: Passwords) -> AsyncIterator[World]:
    """Ankang, and passwords that cost nothing."""
    async with open_world(addresses) as opened:
        opened.services = replace(opened.services, passwords=passwords)
        await opened.add(CITY)
        yield opened


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """The tenant."""
    return world.places[CITY]


@pytest.fixture
async def client(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Who may everything."""
    async with asking(world.app(), await world.token(place)) as opened:
        yield opened


def key() -> dict[str, str]:
    return {"idempotency-key": secrets.token_hex(8)}


async def register(client: httpx.AsyncClient, login: str, *roles: str) -> dict[str, Any]:
    """A person with an account, as its registration was answered."""
    grants = [{"role": role, "valid_from": "2026-01-01"} for role in roles]
    person = await client.post(f"{API}/people", json={"name": login, "roles": grants}, headers=key())
    body = {"person_id": person.json()["id"], "login": login}
    made = await client.post(f"{API}/accounts", json=body, headers=key())
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def change(
    client: httpx.AsyncClient, account: dict[str, Any], verb: str, body: dict[str, Any] = REASON, version: int = 0
) -> httpx.Response:
    headers = key() | {"if-match": f'"{version or account["version"]}"'}
    return await client.post(f"{API}/accounts/{account['id']}/{verb}", json=body, headers=headers)


async def open_one(services: Services, world: World, place: Place, login: str) -> Opened:
    limits, now = SignInLimits.of(services.settings), services.wall.now()
    browser = Browser(None, "Firefox/140", "192.0.2.7")
    snapshot = await world.snapshot(place)
    return await open_by_password(
        services.database, snapshot, services.passwords, login, PASSWORD, browser, now, limits=limits
    )


async def sign_in(world: World, place: Place, login: str, code: str | None = None) -> Opened:
    """A sign-in of an account, whose password is set first where the code is given."""
    services = world.services
    if code is not None:
        snapshot = await world.snapshot(place)
        await redeem(services.database, services.passwords, snapshot, code, PASSWORD, services.wall.now())
    return await open_one(services, world, place, login)


async def is_live(world: World, place: Place, opened: Opened) -> bool:
    async with world.services.database.reading(place.number) as session:
        return await find_sign_in(session, opened.token, world.services.wall.now()) is not None


async def test_an_account_is_registered_with_a_code_that_is_told_once(
    world: World, place: Place, client: httpx.AsyncClient
) -> None:
    person = (await client.post(f"{API}/people", json={"name": "王芳"}, headers=key())).json()["id"]
    body, headers = {"person_id": person, "login": "Wang.Fang"}, key()
    made = await client.post(f"{API}/accounts", json=body, headers=headers)
    account, invitation = made.json()["account"], made.json()["invitation"]
    assert (account["login"], account["has_password"], account["second_factor"]) == ("wang.fang", False, False)
    assert made.headers["location"].endswith(f"/accounts/{account['id']}")
    assert invitation["address"].endswith(f"/t/{CITY}/oauth/invitation")
    again = await client.post(f"{API}/accounts", json=body, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()) == (201, {"account": account, "invitation": None})
    who = (await world.snapshot(place)).clients[place.powers.client_id].id
    async with world.services.database.reading(place.number) as session:
        kept = await find_replay(session, who, "registerAccount", headers["idempotency-key"])
    assert kept is not None
    assert UUID(kept.body.decode().strip('"')) == UUID(account["id"])
    opened = await sign_in(world, place, "wang.fang", invitation["code"])
    read = await client.get(f"{API}/accounts/{account['id']}")
    assert (read.json()["has_password"], read.headers["etag"]) == (True, '"2"')
    listed = (await client.get(f"{API}/accounts/{account['id']}/sign-ins")).json()["items"]
    assert [(item["id"], item["methods"], item["complete"]) for item in listed] == [(str(opened.sign_in.id), ["pwd"], True)]
    assert opened.token not in str(listed)


async def test_a_login_is_plain(client: httpx.AsyncClient) -> None:
    person = (await client.post(f"{API}/people", json={"name": "某某"}, headers=key())).json()["id"]
    for login in ("a", "x" * 65, "li ming", ".liming", "liming\n", "李明", "liming\u200b"):
        made = await client.post(f"{API}/accounts", json={"person_id": person, "login": login}, headers=key())
        assert (made.status_code, made.json()["field"]) == (400, "/login")
    made = await client.post(f"{API}/accounts", json={"person_id": person, "login": "LI_MING@hall+1"}, headers=key())
    assert made.status_code == 201


async def test_what_cannot_be_registered_is_said(world: World, place: Place, client: httpx.AsyncClient) -> None:
    held = (await register(client, "zhao.lei"))["account"]
    other = (await client.post(f"{API}/people", json={"name": "钱多"}, headers=key())).json()["id"]
    service = str((await world.snapshot(place)).clients[place.powers.client_id].person_id)
    nobody = "0199f3a2-0000-7000-8000-000000000001"
    faults = [
        ({"person_id": other, "login": "ZHAO.LEI"}, 409, "accounts.login-taken"),
        ({"person_id": held["person_id"], "login": "zhao.lei.2"}, 409, "accounts.person-has-one"),
        ({"person_id": nobody, "login": "nobody"}, 422, "accounts.person-unknown"),
        ({"person_id": service, "login": "machine"}, 422, "accounts.person-no-human"),
    ]
    for body, status, code in faults:
        answer = await client.post(f"{API}/accounts", json=body, headers=key())
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_accounts_are_found(client: httpx.AsyncClient) -> None:
    first, second = [(await register(client, f"sun.{name}"))["account"] for name in ("yi", "er")]
    found = await client.get(f"{API}/accounts", params={"login": "SUN.YI"})
    assert [item["id"] for item in found.json()["items"]] == [first["id"]]
    found = await client.get(f"{API}/accounts", params={"person_id": second["person_id"]})
    assert [item["id"] for item in found.json()["items"]] == [second["id"]]
    seen, page = [], (await client.get(f"{API}/accounts?limit=1")).json()
    while page["next"]:
        seen += page["items"]
        page = (await client.get(f"{API}/accounts", params={"limit": 1, "cursor": page["next"]})).json()
    assert {first["id"], second["id"]} <= {item["id"] for item in [*seen, *page["items"]]}


async def test_a_disabled_account_is_signed_out_and_comes_back(
    world: World, place: Place, client: httpx.AsyncClient
) -> None:
    made = await register(client, "zhou.jie")
    opened = await sign_in(world, place, "zhou.jie", made["invitation"]["code"])
    assert (await change(client, made["account"], "disable")).json()["code"] == "accounts.stale"
    disabled = await change(client, made["account"], "disable", version=2)
    assert (disabled.status_code, disabled.headers["etag"]) == (200, '"3"')
    assert disabled.json()["disabled_at"]
    assert not await is_live(world, place, opened)
    again = await change(client, made["account"], "disable", version=3)
    assert (again.status_code, again.json()["code"]) == (409, "accounts.disabled-before")
    reset = await change(client, made["account"], "reset", version=3)
    assert (reset.status_code, reset.json()["code"]) == (409, "accounts.disabled-before")
    enabled = await change(client, made["account"], "enable", version=3)
    assert (enabled.status_code, enabled.json()["disabled_at"]) == (200, None)
    twice = await change(client, made["account"], "enable", version=4)
    assert (twice.status_code, twice.json()["code"]) == (409, "accounts.not-disabled")
    assert await is_live(world, place, await sign_in(world, place, "zhou.jie"))


async def test_a_reset_invites_anew(world: World, place: Place, client: httpx.AsyncClient) -> None:
    made = await register(client, "wu.di")
    opened = await sign_in(world, place, "wu.di", made["invitation"]["code"])
    reset = await change(client, made["account"], "reset", {"reason": "遗忘密码"}, version=2)
    assert reset.status_code == 200
    assert not await is_live(world, place, opened)
    again = await sign_in(world, place, "wu.di", reset.json()["invitation"]["code"])
    assert await is_live(world, place, again)


async def test_an_administrator_ends_sign_ins(world: World, place: Place, client: httpx.AsyncClient) -> None:
    made = await register(client, "zheng.yi")
    path = f"{API}/accounts/{made['account']['id']}/sign-ins"
    first = await sign_in(world, place, "zheng.yi", made["invitation"]["code"])
    second, third = [await sign_in(world, place, "zheng.yi") for _ in range(2)]
    for ended in (1, 0):
        answer = await client.post(f"{path}/{first.sign_in.id}/end", headers=key())
        assert (answer.status_code, answer.json()) == (200, {"ended": ended})
    assert [await is_live(world, place, item) for item in (first, second, third)] == [False, True, True]
    assert (await client.post(f"{path}/end", headers=key())).json() == {"ended": 2}
    assert (await client.get(path)).json() == {"items": []}


async def test_people_see_and_end_their_own_alone(world: World, place: Place, client: httpx.AsyncClient) -> None:
    other = await register(client, "feng.shan")
    foreign = await sign_in(world, place, "feng.shan", other["invitation"]["code"])
    account, own = await world.sign_in(place)
    assert [item["id"] for item in (await client.get(f"{API}/me/sign-ins")).json()["items"]] == [str(own)]
    answer = await client.post(f"{API}/me/sign-ins/{foreign.sign_in.id}/end", headers=key())
    assert answer.status_code == 404
    assert await is_live(world, place, foreign)
    crossed = await client.post(f"{API}/accounts/{account}/sign-ins/{foreign.sign_in.id}/end", headers=key())
    assert crossed.status_code == 404
    assert (await client.post(f"{API}/me/sign-ins/{own}/end", headers=key())).json() == {"ended": 1}
    assert (await client.get(f"{API}/me/sign-ins")).json() == {"items": []}


async def test_nobody_decides_on_the_own_account(world: World, place: Place) -> None:
    own = replace(place, powers=await world.register(place.cast, (Role.TENANT_ADMINISTRATOR,), Scope, None))
    account, _ = await world.sign_in(own)
    async with asking(world.app(), await world.token(own)) as client:
        for verb in ("disable", "enable", "reset"):
            answer = await change(client, {"id": str(account), "version": 1}, verb)
            assert (answer.status_code, answer.json()["code"]) == (422, "accounts.own")
            assert answer.json()["clause"] == "wenze:readings#r12"


async def test_an_officer_sees_no_accounts(world: World, place: Place, client: httpx.AsyncClient) -> None:
    async with asking(world.app(), await world.token(place, place.powerless)) as officer:
        for path in ("accounts", "accounts/0199f3a2-0000-7000-8000-000000000001"):
            assert (await officer.get(f"{API}/{path}")).json()["code"] == "tenants.role-missing"
        assert (await officer.get(f"{API}/me/sign-ins")).json() == {"items": []}
