"""A platform acts as any of its operators, so that it takes two: for each of its keys, and for each operator (R12)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.client import Credentials
from core.tenants.scopes import Scope
from tests.platforms.conftest import Hand, make_hand
from tests.support.world import Place, World, asking

WAYS = {"token_exchange": True, "operator_claims": False, "reason": "接入"}
ADMINISTRATES = (Role.TENANT_ADMINISTRATOR,)
Ask = Callable[..., Awaitable[httpx.Response]]


@dataclass
class Hall:
    """A platform, two administrators and a clerk, who each ask by a client, and the person who is to be an operator."""

    hand: Hand
    person: str
    ask: dict[str, Ask]
    puppet: str
    """A client that the first administrator holds, and that administers, too."""

    @property
    def path(self) -> str:
        return f"/clients/{self.hand.auth[0]}"

    async def prepare(self, keys: str, allows: str, names: str) -> dict[str, Any]:
        """Everything that is said of the platform, by whom; the operator as it was named."""
        said = {"keys": [dict(self.hand.key.as_dict(private=False))], "reason": "登记"}
        registered = await self.ask[keys]("PUT", f"{self.path}/keys", said, 0)
        assert registered.status_code == 200, registered.text
        allowed = await self.ask[allows]("PUT", f"{self.path}/platform", WAYS, 1)
        assert allowed.status_code == 200, allowed.text
        named = await self.name(names)
        assert named.status_code == 201, named.text
        made: dict[str, Any] = named.json()
        return made

    async def name(self, who: str) -> httpx.Response:
        body = {"external_id": "1024", "person_id": self.person, "valid_from": "2026-01-01"}
        return await self.ask[who]("POST", f"{self.path}/operators", body)

    async def confirm(self, who: str, operator: str, match: int = 1) -> httpx.Response:
        return await self.ask[who]("POST", f"{self.path}/operators/{operator}/confirm", None, match)


def _asker(client: httpx.AsyncClient, base: str) -> Ask:
    async def ask(method: str, path: str, body: object = None, match: int | None = None) -> httpx.Response:
        headers = {"idempotency-key": str(uuid4())} if method == "POST" else {}
        headers |= {"if-match": f'"{match}"'} if match is not None else {}
        return await client.request(method, base + path, json=body, headers=headers)

    return ask


@pytest.fixture
async def hall(world: World, place: Place) -> AsyncIterator[Hall]:
    """A client of which nothing was said yet, and who may say something."""
    async with AsyncExitStack() as stack:

        async def asker(credentials: Credentials) -> Ask:
            client = await stack.enter_async_context(asking(world.app(), await world.token(place, credentials)))
            return _asker(client, f"/t/{place.slug}/v1")

        roles = {"first": ADMINISTRATES, "second": ADMINISTRATES, "clerk": (Role.INTAKE_CLERK,)}
        ask = {name: await asker(await world.register(place.cast, held, Scope, None)) for name, held in roles.items()}
        puppet = {
            "name": "脚本", "auth_method": "client_secret_post", "grant_types": ["client_credentials"],
            "scopes": [scope.value for scope in Scope], "roles": ["tenant-administrator"],
        }  # fmt: skip
        made = (await ask["first"]("POST", "/clients", puppet)).json()
        ask["puppet of the first"] = await asker(Credentials(made["client_id"], made["client_secret"]))
        clerk_at = {"role": "intake-clerk", "valid_from": "2026-01-01"}
        person = (await ask["first"]("POST", "/people", {"name": "王丽", "roles": [clerk_at]})).json()["id"]
        yield Hall(await make_hand(world, place), person, ask, made["client_id"])


async def test_one_administrator_alone_acts_as_nobody(hall: Hall, anybody: httpx.AsyncClient) -> None:
    """The proof: an own client, an own key on it, and anybody at all named its operator."""
    operator = await hall.prepare("first", "first", "first")
    assert (operator["confirmed_at"], operator["confirmed_by"]) == (None, None)
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 400
    own = await hall.confirm("first", operator["id"])
    assert (own.status_code, own.json()["code"], own.json()["clause"]) == (
        422,
        "platforms.named-by-you",
        "wenze:readings#r12",
    )
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 400


async def test_a_client_of_ones_own_is_no_second_administrator(hall: Hall, anybody: httpx.AsyncClient) -> None:
    puppet = "puppet of the first"
    operator = await hall.prepare("first", puppet, puppet)
    waiting = (await hall.ask["first"]("GET", f"{hall.path}/platform")).json()["waiting_keys"]
    assert waiting == [hall.hand.key.kid]
    for who in ("first", puppet):
        assert (await hall.confirm(who, operator["id"])).json()["code"] == "platforms.named-by-you"
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 400


async def test_two_administrators_let_a_platform_act(hall: Hall, anybody: httpx.AsyncClient) -> None:
    operator = await hall.prepare("first", "second", "first")
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 400, "nobody has confirmed it"
    confirmed = await hall.confirm("second", operator["id"])
    assert (confirmed.status_code, confirmed.headers["etag"]) == (200, '"2"'), confirmed.text
    assert confirmed.json()["confirmed_by"] not in {None, operator["named_by"]}
    given = await hall.hand.exchange(anybody, "1024")
    assert given.status_code == 200, given.text
    again = await hall.confirm("second", operator["id"], 2)
    assert (again.status_code, again.json()["code"]) == (409, "platforms.operator-confirmed")


async def test_a_key_waits_beside_the_one_that_counts(hall: Hall, anybody: httpx.AsyncClient) -> None:
    """Of a platform that two have set up, one alone cannot slip a key in, nor put another under a known name."""
    operator = await hall.prepare("first", "second", "first")
    await hall.confirm("second", operator["id"])
    good, stranger = hall.hand.key, (await _fresh(hall)).key
    both = {"keys": [dict(key.as_dict(private=False)) for key in (good, stranger)], "reason": "换钥"}
    changed = await hall.ask["second"]("PUT", f"{hall.path}/keys", both, 2)
    assert changed.json()["waiting_keys"] == [stranger.kid]
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 200
    hall.hand.key = stranger
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 400
    assert (await hall.ask["second"]("PUT", f"{hall.path}/platform", WAYS, 3)).json()["waiting_keys"] == [stranger.kid]
    assert (await hall.ask["first"]("PUT", f"{hall.path}/platform", WAYS, 4)).json()["waiting_keys"] == []
    assert (await hall.hand.exchange(anybody, "1024")).status_code == 200
    renamed = dict((await _fresh(hall)).key.as_dict(private=False)) | {"kid": good.kid}
    changed = await hall.ask["first"]("PUT", f"{hall.path}/keys", {"keys": [renamed], "reason": "换钥"}, 5)
    assert changed.json()["waiting_keys"] == [good.kid]


async def _fresh(hall: Hall) -> Hand:
    return Hand(hall.hand.world, hall.hand.place, hall.hand.credentials, hall.hand.client_id)


async def test_the_person_confirms_the_own_name_and_nobody_else_does(
    world: World, place: Place, hall: Hall, anybody: httpx.AsyncClient
) -> None:
    """By a token of their own; here one of another platform, for which the person works already."""
    operator = await hall.prepare("first", "second", "first")
    for id_ in (operator["id"], str(uuid4())):
        answer = await hall.confirm("clerk", id_)
        assert (answer.status_code, answer.json()["code"]) == (403, "tenants.role-missing")
    known = await make_hand(world, place)
    await known.allow()
    await known.register_keys()
    mine = await known.hire("7", Role.INTAKE_CLERK)
    body = {"external_id": "8", "person_id": str(mine.person_id), "valid_from": "2026-01-01"}
    named = (await hall.ask["first"]("POST", f"{hall.path}/operators", body)).json()
    token = (await known.exchange(anybody, "7")).json()["access_token"]
    async with asking(world.app(), token) as client:
        path = f"/t/{place.slug}/v1{hall.path}/operators/{named['id']}/confirm"
        headers = {"idempotency-key": str(uuid4()), "if-match": '"1"'}
        confirmed = await client.post(path, headers=headers)
    assert (confirmed.status_code, confirmed.json()["confirmed_by"]) == (200, str(mine.person_id)), confirmed.text
    assert (await hall.hand.exchange(anybody, "8")).status_code == 200


async def test_a_revoked_operator_is_not_confirmed(hall: Hall) -> None:
    operator = await hall.prepare("first", "second", "first")
    ended = await hall.ask["first"]("POST", f"{hall.path}/operators/{operator['id']}/end", {"reason": "离岗"}, 1)
    assert ended.status_code == 200
    assert (await hall.confirm("second", operator["id"], 1)).json()["code"] == "platforms.operator-stale"
    assert (await hall.confirm("second", operator["id"], 2)).json()["code"] == "platforms.operator-revoked"


async def test_nobody_gives_themselves_a_role_through_a_client_of_their_own(hall: Hall, world: World, place: Place) -> None:
    """Nor one client of theirs to another."""
    snapshot = await world.snapshot(place)
    puppet = snapshot.clients[hall.puppet]
    role = {"role": "deciding-authority", "valid_from": "2026-01-01"}
    for person in (puppet.held_by, puppet.person_id):
        member = snapshot.organisation.staff.grants_of(person) if person else ()
        answer = await hall.ask["puppet of the first"]("POST", f"/people/{person}/roles", role, len(member))
        assert (answer.status_code, answer.json()["code"]) == (422, "tenants.own-grant"), answer.text
