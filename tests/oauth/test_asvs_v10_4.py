"""OWASP ASVS 5.0, section V10.4 (OAuth Authorization Server): a test for each requirement that applies, named after it.

Three of its third level do not apply, and nothing here says that they are met:

- 10.4.13, pushed authorization requests: front-ends use ordinary client libraries, of which few push. A request holds no
  secret, each parameter is checked against the registration, and PKCE binds the answer to who asked.
- 10.4.14, sender-constrained access tokens: for the same reason tokens are bearers'. They last ten minutes, are for one
  tenant's API, and end at once with what they came of.
- 10.4.15, ``authorization_details``: there are none; what a client may is said in scopes.
"""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey

from core.accounts.account import Account
from core.store.actor import OPERATOR
from core.tenants.client import AuthMethod, GrantType
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import NewClient, register_client
from tests.clients.conftest import JWT_BEARER, assertion, public
from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk
from tests.oauth.flow import ALLOW, allow, authorize, initial_token, registered_itself
from tests.oauth.people import BACK, App
from tests.screens.house import Office

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
WITHDRAW = ("action", "withdraw")
NEAR = [
    f"{BACK}/", f"{BACK}?x=1", f"{BACK}#x", f"{BACK}%2e", f"{BACK}/../back", BACK.replace("https", "http"),
    BACK.replace("app.", "APP."), BACK.replace("/back", ":443/back"), BACK.replace("//", "//x@"), BACK.upper(),
    "https://app.example.cn.evil.example/back", "https://evil.example/back", "//app.example.cn/back", "/back", " " + BACK,
]  # fmt: skip


@pytest.fixture(scope="module")
def engine_kind() -> str:
    """What the store does is proved on both engines beside this (test_codes, test_refresh, test_races); one will do here."""
    return "sqlite"


async def refused(desk: Desk, path: str, **form: str) -> str:
    answer = await desk.post(path, **form)
    assert answer.status_code in {400, 401}, answer.text
    error: str = answer.json()["error"]
    return error


async def ended(desk: Desk, told: dict[str, Any], app: App) -> bool:
    """Whether neither token of an answer is good any more."""
    access = await desk.me(told["access_token"])
    again = await people.refresh(desk.http, SLUG, app, told["refresh_token"])
    return (access.status_code, again.status_code) == (401, 400)


async def test_10_4_1_redirect_uris_are_compared_exactly_with_those_of_the_client(desk: Desk, office: Office) -> None:
    other = await people.register_app(desk.services, desk.tenant, redirect_uris=("https://other.example.cn/back",))
    browser = office.browser()
    for app, told in [*((desk.app, uri) for uri in NEAR), (desk.app, str(other.redirect_uri)), (other, BACK)]:
        await browser.get(authorize(app, redirect_uri=told))
        assert (browser.answer.status_code, "location" in browser.answer.headers) == (400, False), told
    await browser.get(authorize(desk.app))
    assert browser.location.startswith(f"{ISSUER}/sign-in?")


async def test_10_4_2_a_code_is_good_once_and_its_second_use_ends_what_it_gave(desk: Desk) -> None:
    for app in (desk.app, desk.public_app):
        approved = await desk.approve(app)
        told = await people.tokens_of(desk.http, SLUG, approved)
        assert (await desk.me(told["access_token"])).status_code == 200
        assert (await people.redeem(desk.http, SLUG, approved)).json()["error"] == "invalid_grant"
        assert await ended(desk, told, app)


async def test_10_4_3_a_code_lives_for_a_minute_at_most(desk: Desk) -> None:
    approved = await desk.approve()
    desk.wait(seconds=60)
    assert (await people.redeem(desk.http, SLUG, approved)).json()["error"] == "invalid_grant"


async def test_10_4_4_a_client_has_the_grants_that_it_needs_and_nobody_has_implicit_or_password(
    desk: Desk, office: Office
) -> None:
    one = frozenset({GrantType.AUTHORIZATION_CODE})
    app = await people.register_app(desk.services, desk.tenant, grant_types=one)
    own = {"refresh_token": (await desk.tokens())["refresh_token"], "device_code": "x", "code": "x", **app.credentials}
    for grant in ("refresh_token", "client_credentials", DEVICE_CODE):
        assert await refused(desk, "token", grant_type=grant, **own) == "unauthorized_client", grant
    assert await refused(desk, "device_authorization", **app.credentials) == "unauthorized_client"
    for grant in ("password", "implicit", "token", "PASSWORD"):
        known = {"grant_type": grant, "username": "li.ming", "password": "x", **desk.app.credentials}
        assert await refused(desk, "token", **known) == "unsupported_grant_type", grant
    for kind in ("token", "id_token", "id_token token", "code token", "code id_token", "none"):
        browser = await office.browser().get(authorize(desk.app, response_type=kind, nonce="n"))
        assert browser.told["error"] == "unsupported_response_type", kind
    said = (await desk.http.get(f"/t/{SLUG}/oauth/.well-known/openid-configuration")).json()
    assert said["response_types_supported"] == ["code"]
    assert not {"implicit", "password"} & set(said["grant_types_supported"])


async def test_10_4_5_a_public_clients_refresh_token_is_good_once_and_its_second_use_ends_the_family(desk: Desk) -> None:
    app = desk.public_app
    first = await desk.tokens(app)
    second = (await people.refresh(desk.http, SLUG, app, first["refresh_token"])).json()
    third = (await people.refresh(desk.http, SLUG, app, second["refresh_token"])).json()
    assert len({told["refresh_token"] for told in (first, second, third)}) == 3
    assert (await desk.me(third["access_token"])).status_code == 200
    replayed = await people.refresh(desk.http, SLUG, app, first["refresh_token"])
    assert replayed.json()["error"] == "invalid_grant"
    assert await ended(desk, third, app)


async def test_10_4_6_every_client_proves_by_s256_that_it_asked_for_the_code(desk: Desk, office: Office) -> None:
    faulty = (
        {"code_challenge": ""}, {"code_challenge_method": ""}, {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"}, {"code_challenge": "a" * 42}, {"code_challenge": "a" * 44},
        {"code_challenge": "a" * 42 + "="},
    )  # fmt: skip
    for app in (desk.app, desk.public_app):
        for query in faulty:
            browser = await office.browser().get(authorize(app, **query))
            assert browser.told["error"] == "invalid_request", query
        approved = await desk.approve(app)
        for verifier in (None, "", people.pkce()[0], people.pkce()[1]):
            assert (await people.redeem(desk.http, SLUG, approved, code_verifier=verifier)).status_code == 400
        assert (await people.redeem(desk.http, SLUG, approved)).status_code == 200


async def test_10_4_7_a_client_that_registers_itself_is_checked_and_people_are_warned_each_time(
    office: Office, li_ming: Account
) -> None:
    http, register = office.browser().http, f"{office.root}/register"
    said = {"client_name": "x", "redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
    assert (await http.post(register, json=said)).status_code == 401, "nobody registers without having been let in"
    bearer = {"authorization": f"Bearer {await initial_token(office)}"}
    for uri in ("javascript:alert(1)", "data:text/html,x", BACK.replace("https", "http"), "https://*.cn/", f"{BACK}#x"):
        answer = await http.post(register, json=said | {"redirect_uris": [uri]}, headers=bearer)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_redirect_uri"), uri
    answer = await http.post(register, json=said | {"scope": "cases:write"}, headers=bearer)
    assert answer.json()["error"] == "invalid_client_metadata", "no more than who let it in allows"
    app, browser = await registered_itself(office), await office.browser().enter(li_ming.login)
    for _ in range(2):
        await browser.get(authorize(app, scope="cases:read"))
        assert browser.page.heading == "Allow this app?"
        [caution] = browser.page.by_role("note")
        assert "not verified" in caution
        assert "anybody.example.net" in browser.page.text
        await browser.send(browser.page.form("/authorize"), ALLOW)
        assert "code" in browser.told


async def test_10_4_8_refresh_tokens_end_however_often_they_are_used(desk: Desk) -> None:
    app, lived = desk.public_app, 0
    told = await desk.tokens(app)
    while lived < 24 * 60:
        desk.wait(minutes=50)
        lived += 50
        answer = await people.refresh(desk.http, SLUG, app, told["refresh_token"])
        if answer.status_code != 200:
            break
        told = answer.json()
    assert answer.json()["error"] == "invalid_grant"
    assert lived <= 13 * 60


async def test_10_4_9_people_withdraw_what_they_allowed_on_their_own_page(
    desk: Desk, office: Office, li_ming: Account
) -> None:
    browser = await office.browser().enter(li_ming.login)
    told = await people.tokens_of(desk.http, SLUG, await allow(browser, desk.app, scope="openid cases:read"))
    assert (await desk.me(told["access_token"])).status_code == 200
    while "None at present." not in (await browser.get("/account")).page.text:
        await browser.send(browser.page.form("/account", WITHDRAW), WITHDRAW)
    assert await ended(desk, told, desk.app)


async def test_10_4_10_a_confidential_client_shows_who_it_is_wherever_it_asks(desk: Desk) -> None:
    told, waiting = await desk.tokens(), await desk.approve()
    name = desk.app.client_id
    token = {"token": told["refresh_token"]}
    asked: list[tuple[str, dict[str, str]]] = [
        ("token", {**waiting.form, "client_secret": ""}),
        ("token", {"grant_type": "refresh_token", "refresh_token": told["refresh_token"]}),
        ("token", {"grant_type": DEVICE_CODE, "device_code": "x"}),
        ("token", {"grant_type": "client_credentials"}),
        ("revoke", token),
        ("introspect", token),
        ("device_authorization", {}),
    ]
    for path, form in asked:
        form.pop("client_secret", None)
        for shown in ({}, {"client_secret": "wrong"}, {"client_secret": str(desk.app.secret)[:-1]}):
            assert await refused(desk, path, **{**form, "client_id": name, **shown}) == "invalid_client", (path, form)
    assert (await desk.me(told["access_token"])).status_code == 200
    assert (await people.redeem(desk.http, SLUG, waiting)).status_code == 200


async def test_10_4_11_a_client_gets_the_scopes_that_it_was_registered_for_and_no_other(desk: Desk, office: Office) -> None:
    app = await people.register_app(desk.services, desk.tenant, scopes=(Scope.CASES_READ,))
    for scope in ("rulebook:read", "cases:read cases:write", "petitioners:read", "offline_access", "*"):
        browser = await office.browser().get(authorize(app, scope=scope))
        assert browser.told["error"] == "invalid_scope", scope
        assert await refused(desk, "device_authorization", scope=scope, **app.credentials) == "invalid_scope"
    told = await desk.tokens(app)
    assert told["scope"] == "cases:read"
    again = await people.refresh(desk.http, SLUG, app, told["refresh_token"], scope="cases:read rulebook:read")
    assert again.json()["error"] == "invalid_scope"
    bearer = {"authorization": f"Bearer {told['access_token']}"}
    answer = await desk.http.get(f"/t/{SLUG}/v1/rulebook", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "tenants.scope-missing")


async def test_10_4_12_an_answer_comes_in_the_query_and_no_other_way(desk: Desk, office: Office) -> None:
    for mode in ("fragment", "form_post", "web_message", "query.jwt", "jwt", "QUERY"):
        browser = await office.browser().get(authorize(desk.app, response_mode=mode))
        assert browser.told["error"] == "invalid_request", mode
        assert "#" not in browser.location
    assert (await office.browser().get(authorize(desk.app, response_mode="query"))).location.startswith(f"{ISSUER}/sign-in?")
    said = (await desk.http.get(f"/t/{SLUG}/oauth/.well-known/openid-configuration")).json()
    assert said["response_modes_supported"] == ["query"]


async def test_10_4_16_a_client_can_show_who_it_is_by_a_key_that_nobody_else_has(desk: Desk) -> None:
    key = ECKey.generate_key("P-256", {"kid": "own"})
    new = NewClient(
        "机", (), frozenset({Scope.CASES_READ}), people.SINCE, auth_method=AuthMethod.PRIVATE_KEY, keys=(public(key),)
    )  # fmt: skip
    async with desk.services.database.tenant(desk.tenant, actor=OPERATOR) as session:
        made = await register_client(Administration(session, desk.services.snapshots), new)
    name, now = made.client.client_id, desk.clock.now().timestamp()
    form = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER}
    form["client_assertion"] = assertion(name, key, now, aud=ISSUER)
    assert (await desk.post("token", **form)).status_code == 200
    assert await refused(desk, "token", **form) == "invalid_client", "it is good once"
    stranger = ECKey.generate_key("P-256", {"kid": "own"})
    assert await refused(desk, "token", **form | {"client_assertion": assertion(name, stranger, now, aud=ISSUER)})
    plain = {"grant_type": "client_credentials", "client_id": name}
    assert await refused(desk, "token", **plain, client_secret="x") == "invalid_client"
    assert await refused(desk, "token", **plain) == "invalid_client"
