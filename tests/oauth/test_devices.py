"""Device codes (RFC 8628): a terminal waits, a person decides elsewhere, and the terminal gets its tokens once."""

from __future__ import annotations

import re

import httpx
import pytest

from api.oauth.devices import DeviceRequest, decide_device, find_device
from core.errors import Conflict
from core.store.actor import Actor
from core.tenants.client import GrantType
from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk

GRANT = "urn:ietf:params:oauth:grant-type:device_code"


async def begin(desk: Desk, **more: str) -> dict[str, str]:
    answer = await desk.post("device_authorization", **desk.public_app.credentials, **more)
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told


async def poll(desk: Desk, told: dict[str, str], **more: str) -> httpx.Response:
    form = {"grant_type": GRANT, "device_code": told["device_code"], **desk.public_app.credentials, **more}
    return await desk.post("token", **form)


async def find(desk: Desk, code: str) -> DeviceRequest | None:
    snapshot = await people.snapshot_of(desk.services, desk.tenant)
    async with desk.services.database.reading(desk.tenant) as session:
        return await find_device(session, snapshot, code, desk.clock.now())


async def decide(desk: Desk, code: str, approved: bool) -> None:
    device, signed_in = await find(desk, code), await desk.sign_in()
    assert device is not None
    async with desk.services.database.tenant(desk.tenant, actor=Actor(person_id=signed_in.person_id)) as session:
        await decide_device(session, desk.services, device, signed_in, approved, desk.clock.now())


async def test_a_terminal_gets_what_a_person_allows_it(desk: Desk) -> None:
    told = await begin(desk, scope="openid cases:read")
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", told["user_code"])
    assert told["verification_uri"] == f"{ISSUER}/device"
    assert told["verification_uri_complete"] == f"{ISSUER}/device?user_code={told['user_code']}"
    assert (told["interval"], told["expires_in"]) == (5, 600)
    pending = await poll(desk, told)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    asked = await find(desk, told["user_code"].lower().replace("-", " "))
    assert asked is not None
    assert (asked.client.client_id, asked.scopes) == (desk.public_app.client_id, ("openid", "cases:read"))
    await decide(desk, told["user_code"], approved=True)
    assert await find(desk, told["user_code"]) is None
    given = (await poll(desk, told)).json()
    assert given["scope"] == "openid cases:read"
    assert {"access_token", "refresh_token", "id_token"} <= given.keys()
    assert (await desk.me(given["access_token"])).json()["person_id"] == str(desk.staff.person_id)
    assert (await people.refresh(desk.http, SLUG, desk.public_app, given["refresh_token"])).status_code == 200


async def test_a_terminal_that_asks_too_often_is_slowed_down(desk: Desk) -> None:
    told = await begin(desk)
    waits, slow = "authorization_pending", "slow_down"
    for pause, error in ((0, waits), (5, waits), (4, slow), (9, slow), (15, waits), (14, slow), (20, waits)):
        desk.wait(seconds=pause)
        assert (await poll(desk, told)).json()["error"] == error, pause


async def test_a_denied_terminal_is_told_so(desk: Desk) -> None:
    told = await begin(desk)
    await decide(desk, told["user_code"], approved=False)
    assert (await poll(desk, told)).json()["error"] == "access_denied"


async def test_a_code_expires(desk: Desk) -> None:
    told = await begin(desk)
    desk.wait(seconds=600)
    assert await find(desk, told["user_code"]) is None
    assert (await poll(desk, told)).json()["error"] == "expired_token"


async def test_it_is_decided_once(desk: Desk) -> None:
    told = await begin(desk)
    device, signed_in = await find(desk, told["user_code"]), await desk.sign_in()
    await decide(desk, told["user_code"], approved=False)
    assert device is not None
    with pytest.raises(Conflict):
        async with desk.services.database.tenant(desk.tenant) as session:
            await decide_device(session, desk.services, device, signed_in, True, desk.clock.now())
    assert (await poll(desk, told)).json()["error"] == "access_denied"


async def test_a_code_used_twice_ends_the_family(desk: Desk) -> None:
    told = await begin(desk)
    await decide(desk, told["user_code"], approved=True)
    given = (await poll(desk, told)).json()
    assert (await poll(desk, told)).json()["error"] == "invalid_grant"
    assert (await desk.me(given["access_token"])).json()["code"] == "api.token-revoked"


async def test_another_client_gets_nothing_by_it(desk: Desk) -> None:
    told = await begin(desk)
    await decide(desk, told["user_code"], approved=True)
    stolen = await poll(desk, told, **desk.app.credentials)
    assert stolen.json()["error"] == "invalid_grant"
    assert (await poll(desk, told)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"device_code": ""}, "invalid_request"),
        ({"device_code": "x" * 43}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
    ids=str,
)
async def test_faulty_polls_are_refused(desk: Desk, changes: dict[str, str], error: str) -> None:
    told = await begin(desk)
    assert (await poll(desk, told, **changes)).json()["error"] == error


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": "petitioners:read"}, "invalid_scope"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client"),
    ],
    ids=str,
)
async def test_faulty_requests_begin_nothing(desk: Desk, form: dict[str, str], error: str) -> None:
    answer = await desk.post("device_authorization", **{**desk.public_app.credentials, **form})
    assert answer.json()["error"] == error


async def test_a_client_that_is_not_registered_for_it_is_told_so(desk: Desk) -> None:
    app = await people.register_app(desk.services, desk.tenant, grant_types=frozenset({GrantType.AUTHORIZATION_CODE}))
    answer = await desk.post("device_authorization", **app.credentials)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("typed", ["", "WDJB", "AEIO-UAEI", "１２３４５６７８", "WDJB-MJHT" * 50])
async def test_what_cannot_be_a_short_code_is_none(desk: Desk, typed: str) -> None:
    assert await find(desk, typed) is None
