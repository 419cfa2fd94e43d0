"""The authorization request: nobody is sent to an address that was not registered, and every answer names the issuer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.oauth.authorize import (
    AuthorizationRequest,
    Redirected,
    Unsafe,
    has_consent,
    must_sign_in,
    read_authorization_request,
    refuse,
)
from core.store.actor import OPERATOR
from core.tenants.client import GrantType
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from tests.oauth import people
from tests.oauth.conftest import ISSUER, Desk
from tests.oauth.people import App, answer_in
from tests.support.world import PUBLIC_URL


async def read(desk: Desk, app: App | None = None, **query: str) -> AuthorizationRequest:
    return await people.read_request(desk.services, desk.tenant, app or desk.app, **query)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"client_id": ""}, "oauth.client-missing"),
        ({"client_id": "nobody"}, "oauth.client-unknown"),
        ({"redirect_uri": "https://evil.example/back"}, "oauth.redirect-unknown"),
        ({"redirect_uri": f"{people.BACK}/more"}, "oauth.redirect-unknown"),
        ({"redirect_uri": f"{people.BACK}?x=1"}, "oauth.redirect-unknown"),
        ({"redirect_uri": people.BACK.replace("https", "http")}, "oauth.redirect-unknown"),
        ({"redirect_uri": f"{people.BACK}#x", "response_type": "token"}, "oauth.redirect-unknown"),
        ({"redirect_uri": "javascript:alert(1)"}, "oauth.redirect-unknown"),
        ({"redirect_uri": "https://app.example.cn@evil.example/back"}, "oauth.redirect-unknown"),
    ],
    ids=str,
)
async def test_nobody_is_sent_to_an_unknown_address(desk: Desk, query: dict[str, str], code: str) -> None:
    with pytest.raises(Unsafe) as raised:
        await read(desk, **query)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "a" * 42 + "\n"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": "cases:write"}, "invalid_scope"),
        ({"scope": "openid offline_access"}, "invalid_scope"),
        ({"resource": f"{PUBLIC_URL}/t/other/v1"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "surprise"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "１"}, "invalid_request"),
        ({"nonce": "n" * 513}, "invalid_request"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"request_uri": "https://app.example.cn/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
    ids=str,
)
async def test_every_other_fault_goes_back_with_issuer_and_state(desk: Desk, query: dict[str, str], error: str) -> None:
    with pytest.raises(Redirected) as raised:
        await read(desk, **query)
    assert raised.value.uri.startswith(f"{people.BACK}?")
    told = answer_in(raised.value.uri)
    assert (told["error"], told["iss"], told["state"]) == (error, ISSUER, "s t/äß&=")
    assert told.keys() == {"error", "error_description", "iss", "state"}


async def test_a_client_without_an_address_ends_on_a_page(desk: Desk) -> None:
    only_devices = frozenset({GrantType.DEVICE_CODE})
    app = await people.register_app(desk.services, desk.tenant, redirect_uris=(), grant_types=only_devices)
    with pytest.raises(Unsafe) as raised:
        await read(desk, app)
    assert raised.value.code == "oauth.redirect-missing"


async def test_an_address_with_a_query_keeps_it(desk: Desk) -> None:
    app = await people.register_app(desk.services, desk.tenant, redirect_uris=("https://app.example.cn/back?city=ak",))
    request = await read(desk, app)
    snapshot = await people.snapshot_of(desk.services, desk.tenant)
    location = refuse(desk.services, snapshot, request, "access_denied")
    assert location.startswith("https://app.example.cn/back?city=ak&")
    assert answer_in(location) == {"city": "ak", "error": "access_denied", "state": "s t/äß&=", "iss": ISSUER}


async def test_the_only_address_need_not_be_told_and_one_of_two_must(desk: Desk) -> None:
    request = await read(desk, redirect_uri="")
    assert (request.redirect_uri, request.redirect_told) == (people.BACK, False)
    app = await people.register_app(desk.services, desk.tenant, redirect_uris=(people.BACK, "https://app.example.cn/2"))
    with pytest.raises(Unsafe) as raised:
        await read(desk, app, redirect_uri="")
    assert raised.value.code == "oauth.redirect-missing"


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ("http://127.0.0.1:51004/back", True),
        ("http://127.0.0.1/back", True),
        ("http://127.0.0.1:51004/other", False),
        ("http://localhost:51004/back", False),
        ("http://127.0.0.1.evil.example/back", False),
        ("https://127.0.0.1:51004/back", False),
    ],
)
async def test_an_apps_loopback_address_may_have_any_port(desk: Desk, told: str, taken: bool) -> None:
    app = await people.register_app(
        desk.services, desk.tenant, public=True, redirect_uris=("http://127.0.0.1/back",)
    )
    if taken:
        assert (await read(desk, app, redirect_uri=told)).redirect_uri == told
        return
    with pytest.raises(Unsafe):
        await read(desk, app, redirect_uri=told)


async def test_a_disabled_client_is_unknown(desk: Desk) -> None:
    app = await people.register_app(desk.services, desk.tenant)
    async with desk.services.database.tenant(desk.tenant, actor=OPERATOR) as session:
        await disable_client(Administration(session, desk.services.snapshots), app.client_id)
    with pytest.raises(Unsafe):
        await read(desk, app)


async def test_a_hint_of_another_client_or_of_another_kind_is_refused(desk: Desk) -> None:
    told = await desk.tokens(scope="openid")
    for hint, app in ((told["id_token"], desk.public_app), (told["access_token"], desk.app)):
        with pytest.raises(Redirected):
            await read(desk, app, id_token_hint=hint)


async def test_when_a_person_must_sign_in_again(desk: Desk) -> None:
    signed_in, began = await desk.sign_in(), desk.clock.now()
    desk.wait(seconds=100)
    now = desk.clock.now()
    plain, login = await read(desk), await read(desk, prompt="login")
    assert must_sign_in(plain, None, now, None)
    assert not must_sign_in(plain, signed_in, now, None)
    assert must_sign_in(login, signed_in, now, None)
    assert must_sign_in(login, signed_in, now, now)
    assert not must_sign_in(login, signed_in, now, began), "signed in for this very request"
    assert not must_sign_in(await read(desk, max_age="101"), signed_in, now, None)
    assert must_sign_in(await read(desk, max_age="100"), signed_in, now, None)
    assert must_sign_in(await read(desk, max_age="0"), signed_in, now, None)
    assert not must_sign_in(await read(desk, max_age="0"), signed_in, now, began)
    other = await people.hire(desk.services, desk.tenant)
    hint = (await desk.tokens(scope="openid"))["id_token"]
    hinted = await read(desk, id_token_hint=hint)
    assert not must_sign_in(hinted, signed_in, now, None)
    assert must_sign_in(hinted, await people.sign_in(desk.services, desk.tenant, other), now, None)


async def test_consent_is_remembered_for_as_much_of_the_tenants_own_client(desk: Desk) -> None:
    staff = await people.hire(desk.services, desk.tenant)
    signed_in = await people.sign_in(desk.services, desk.tenant, staff, lasts=timedelta(hours=2))

    async def known(app: App | None = None, **query: str) -> bool:
        request = await read(desk, app, **query)
        async with desk.services.database.reading(desk.tenant) as session:
            return await has_consent(session, request, staff.account_id)

    assert not await known(scope="cases:read")
    await desk.approve(by=signed_in, scope="openid cases:read")
    assert await known(scope="cases:read")
    assert not await known(scope="cases:read rulebook:read")
    assert not await known(scope="cases:read", prompt="consent")
    assert not await known(desk.public_app, scope="cases:read")
    desk.wait(hours=2)
    assert not await known(scope="cases:read")


async def test_an_app_that_anybody_can_pretend_to_be_is_asked_for_every_time(desk: Desk) -> None:
    signed_in = await desk.sign_in()
    for uri, known in (("http://127.0.0.1/back", False), ("cn.example.app:/back", False), (people.BACK, True)):
        app = await people.register_app(desk.services, desk.tenant, public=True, redirect_uris=(uri,))
        await desk.approve(app, signed_in)
        async with desk.services.database.reading(desk.tenant) as session:
            assert await has_consent(session, await read(desk, app), signed_in.account_id) is known, uri


async def test_parameters_that_nobody_knows_are_passed_over(desk: Desk) -> None:
    others = {"display": "page", "ui_locales": "zh", "acr_values": "x", "claims": "{}", "unknown": "1"}
    request = await read(desk, **others, login_hint="li.ming")
    assert request.login_hint == "li.ming"


async def test_a_request_is_read_from_its_parameters_alone(desk: Desk) -> None:
    snapshot = await people.snapshot_of(desk.services, desk.tenant)
    with pytest.raises(Unsafe):
        read_authorization_request(desk.services, snapshot, {})
