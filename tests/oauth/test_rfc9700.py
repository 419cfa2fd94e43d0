"""RFC 9700 (OAuth 2.0 Security Best Current Practice), section 4: a test for each attack that applies, named after it.

4.17 (communication within the browser) does not apply: no page of ours posts a message to a window or listens for one, and
none runs a script. Of 4.10 the sender-constrained tokens are left out, for the reason that test_asvs_v10_4 gives.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from core.accounts.account import Account
from core.accounts.sign_ins import end_sign_in
from core.law.instrument import Text
from core.tenants.client import GrantType
from core.tenants.service.directory import NewTenant, create_tenant
from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk
from tests.oauth.flow import ALLOW, DENY, REGISTERED_ITSELF, allow, authorize, initial_token, registered_itself
from tests.oauth.people import BACK, answer_in
from tests.screens.house import Browser, Office
from tests.support.world import PUBLIC_URL

EVIL = "https://evil.example"
DISCOVERY = f"/t/{SLUG}/oauth/.well-known/openid-configuration"
FORWARDED = {
    "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-forwarded-prefix": "/evil",
    "x-forwarded-port": "1", "forwarded": "host=evil.example;proto=http", "x-original-url": "/evil",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine_kind() -> str:
    """What the store does is proved on both engines beside this (test_codes, test_refresh, test_races); one will do here."""
    return "sqlite"


@pytest.fixture
async def browser(office: Office, li_ming: Account) -> Browser:
    """One in which somebody is signed in."""
    return await office.browser().enter(li_ming.login)


async def claims_of(desk: Desk, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set((await desk.http.get(f"/t/{SLUG}/oauth/jwks")).json())
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


async def test_4_1_nobody_is_sent_to_an_address_that_was_not_registered(
    desk: Desk, office: Office, browser: Browser
) -> None:
    patterns = ("https://*.example.cn/back", "https://app.example.cn/*", "https://app.example.cn/a/../back", f"{BACK}#x")
    bearer = {"authorization": f"Bearer {await initial_token(office)}"}
    for uri in patterns:
        said = {"client_name": "x", "redirect_uris": [uri], "token_endpoint_auth_method": "none"}
        answer = await browser.http.post(f"{office.root}/register", json=said, headers=bearer)
        assert answer.json()["error"] == "invalid_redirect_uri", uri
    faults = ({}, {"scope": "everything"}, {"response_type": "token"}, {"prompt": "none"}, {"code_challenge": ""})
    for told in (EVIL, f"{BACK}/../../evil", f"{BACK}@evil.example", f"{BACK}\\@evil.example", f"{BACK}?to={EVIL}"):
        for fault in faults:
            await browser.get(authorize(desk.app, redirect_uri=told, **fault))
            assert (browser.answer.status_code, "location" in browser.answer.headers) == (400, False), (told, fault)
    app = await people.register_app(desk.services, desk.tenant, public=True, redirect_uris=("http://127.0.0.1/back",))
    await browser.get(authorize(app, redirect_uri="http://127.0.0.1:51004/back"))
    assert browser.page.heading == "Allow this app?", "of an app on the person's own machine any port will do"


async def test_4_2_no_page_tells_anybody_the_address_that_it_has(desk: Desk, office: Office, browser: Browser) -> None:
    stranger, faulty = office.browser(), authorize(desk.app, scope="x")
    for address in (authorize(desk.app), "/sign-in", "/device", "/invitation?code=x", "/sign-out", faulty):
        await stranger.get(address)
        assert stranger.answer.headers.get_list("referrer-policy") == ["same-origin"], address
    for address in (authorize(desk.app, prompt="consent"), "/account", "/account/password", "/authorize"):
        await browser.get(address)
        assert browser.answer.headers["referrer-policy"] == "same-origin"
        assert browser.answer.headers["content-security-policy"].startswith("default-src 'none'; ")
        for element in browser.page.elements:
            used = [element.attributes.get(name, "") for name in ("src", "srcset", "data", "background", "poster")]
            used += [element.attributes["href"]] if element.tag == "link" else []
            assert all(not address or address.startswith((f"{office.root}/", "data:")) for address in used), element
    assert (await desk.post("token")).headers["referrer-policy"] == "no-referrer"


async def test_4_3_no_token_is_ever_in_an_address(desk: Desk, office: Office, browser: Browser) -> None:
    approved = await allow(browser, desk.app, scope="openid cases:read")
    assert answer_in(approved.location).keys() == {"code", "state", "iss"}
    assert "#" not in approved.location
    assert browser.answer.headers["cache-control"] == "no-store"
    answer = await people.redeem(desk.http, SLUG, approved)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    again = await people.redeem(desk.http, SLUG, approved)
    assert again.json()["error"] == "invalid_grant", "who finds the code in the history gets nothing by it"
    told = await desk.tokens(scope="openid cases:read")
    for path in (f"/t/{SLUG}/v1/me", f"/t/{SLUG}/oauth/userinfo"):
        shown = await desk.http.get(path, params={"access_token": told["access_token"]})
        assert shown.status_code == 401, path
    query = {"refresh_token": told["refresh_token"]}
    shown = await desk.http.post(f"/t/{SLUG}/oauth/token", params=query, data={"grant_type": "refresh_token"})
    assert shown.json()["error"] == "invalid_request"


async def test_4_4_every_answer_says_which_server_it_is_from(desk: Desk, office: Office, browser: Browser) -> None:
    said = (await desk.http.get(DISCOVERY)).json()
    assert (said["issuer"], said["authorization_response_iss_parameter_supported"]) == (ISSUER, True)
    answers = [(await allow(browser, desk.app)).location]
    await browser.get(authorize(desk.app, prompt="consent"))
    answers.append((await browser.send(browser.page.form("/authorize"), DENY)).location)
    stranger = office.browser()
    faults = ({"scope": "everything"}, {"prompt": "none"}, {"response_type": "token"}, {"response_mode": "fragment"})
    answers += [(await stranger.get(authorize(desk.app, **query))).location for query in faults]
    assert [answer_in(location)["iss"] for location in answers] == [ISSUER] * 6
    made = NewTenant("another", "ankang", Text(zh="别处", en="Elsewhere"), sandbox=True)
    await create_tenant(office.owner, desk.services.jurisdictions, made)
    other = (await desk.http.get(DISCOVERY.replace(SLUG, "another"))).json()
    assert not {other["issuer"], other["token_endpoint"]} & {ISSUER, said["token_endpoint"]}


async def test_4_5_a_code_that_is_slipped_to_another_is_worth_nothing(desk: Desk, browser: Browser) -> None:
    stolen = await allow(browser, desk.app, scope="openid", nonce="of-the-victim")
    own = await desk.approve()
    assert (await people.redeem(desk.http, SLUG, stolen, code_verifier=own.verifier)).json()["error"] == "invalid_grant"
    elsewhere = await people.redeem(desk.http, SLUG, stolen, client_id=desk.public_app.client_id, client_secret=None)
    assert elsewhere.json()["error"] == "invalid_grant"
    told = await people.tokens_of(desk.http, SLUG, stolen)
    assert (await claims_of(desk, told["id_token"]))["nonce"] == "of-the-victim"


async def test_4_6_a_token_says_whose_it_is_and_none_comes_through_the_browser(desk: Desk, browser: Browser) -> None:
    await browser.get(authorize(desk.app, response_type="code token"))
    assert browser.told["error"] == "unsupported_response_type"
    told = await desk.tokens(scope="openid cases:read")
    name = desk.app.client_id
    identity, access = await claims_of(desk, told["id_token"]), await claims_of(desk, told["access_token"])
    assert (identity["iss"], identity["aud"], identity["azp"]) == (ISSUER, name, name)
    assert (access["iss"], access["client_id"]) == (ISSUER, name)
    half = hashlib.sha256(told["access_token"].encode()).digest()[:16]
    assert identity["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert (await desk.me(told["id_token"])).status_code == 401
    answer = await desk.post("introspect", token=told["access_token"], **desk.app.credentials)
    assert (answer.json()["client_id"], answer.json()["aud"]) == (name, f"{PUBLIC_URL}/t/{SLUG}/v1")


async def test_4_7_nobody_allows_anything_by_a_page_of_somebody_else(desk: Desk, office: Office, browser: Browser) -> None:
    approved = await allow(browser, desk.app, state="what the client bound to its browser")
    assert answer_in(approved.location)["state"] == "what the client bound to its browser"
    await browser.get(authorize(desk.app, prompt="consent"))
    form = browser.page.form("/authorize")
    good, name = {**form.values, "decision": "allow"}, "form_token"
    foreign = [{"origin": EVIL}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
    for values, headers in [(good, told) for told in foreign] + [({**good, name: "x.y"}, {"origin": PUBLIC_URL})]:
        await browser.post(form.action, values, headers=headers)
        assert (browser.answer.status_code, "location" in browser.answer.headers) == (403, False), headers
    await browser.post(form.action, {key: value for key, value in good.items() if key != name}, headers={"origin": EVIL})
    assert browser.location.startswith(f"{ISSUER}/authorize?"), "without our mark it is a request, which is asked about"
    await browser.follow()
    assert browser.page.heading == "Allow this app?"


async def test_4_8_nobody_gets_round_pkce_by_leaving_it_out(desk: Desk, office: Office) -> None:
    less = ({"code_challenge": "", "code_challenge_method": ""}, {"code_challenge_method": ""}, {"code_challenge": ""})
    for app in (desk.app, desk.public_app):
        for query in less:
            browser = await office.browser().get(authorize(app, nonce="does not stand in for it", **query))
            assert browser.told["error"] == "invalid_request", query
        approved = await desk.approve(app)
        assert (await people.redeem(desk.http, SLUG, approved, code_verifier=None)).json()["error"] == "invalid_request"
    assert (await desk.http.get(DISCOVERY)).json()["code_challenge_methods_supported"] == ["S256"]


async def test_4_9_a_token_is_good_at_one_tenants_api_alone(desk: Desk, office: Office) -> None:
    made = NewTenant("beside", "ankang", Text(zh="隔壁", en="Beside"), sandbox=True)
    await create_tenant(office.owner, desk.services.jurisdictions, made)
    told = await desk.tokens()
    assert (await claims_of(desk, told["access_token"]))["aud"] == f"{PUBLIC_URL}/t/{SLUG}/v1"
    bearer = {"authorization": f"Bearer {told['access_token']}"}
    assert (await desk.http.get("/t/beside/v1/me", headers=bearer)).status_code == 401
    for resource in (f"{PUBLIC_URL}/t/beside/v1", EVIL, f"{PUBLIC_URL}/t/{SLUG}/v1/"):
        browser = await office.browser().get(authorize(desk.app, resource=resource))
        assert browser.told["error"] == "invalid_target"
        answer = await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"], resource=resource)
        assert answer.json()["error"] == "invalid_target"


async def test_4_10_a_stolen_token_lasts_ten_minutes_at_most_and_ends_when_it_is_revoked(desk: Desk) -> None:
    first, second = await desk.tokens(), await desk.tokens()
    assert first["expires_in"] <= 600
    await desk.post("revoke", token=first["access_token"], **desk.app.credentials)
    assert (await desk.me(first["access_token"])).json()["code"] == "api.token-revoked"
    assert (await desk.me(second["access_token"])).status_code == 200
    desk.wait(seconds=600)
    assert (await desk.me(second["access_token"])).json()["code"] == "api.token-expired"


async def test_4_11_no_link_of_ours_leads_where_nobody_here_has_looked(desk: Desk, office: Office, li_ming: Account) -> None:
    anybody, stranger = await registered_itself(office), office.browser()
    known = await office.browser().enter(li_ming.login)
    for query in ({"scope": "everything"}, {"response_type": "token"}, {"prompt": "none"}, {"code_challenge": ""}):
        for browser in (stranger, known):
            await browser.get(authorize(anybody, **query))
            assert (browser.answer.status_code, "location" in browser.answer.headers) == (400, False), query
            assert "not verified" in browser.page.by_role("note")[0]
            where = browser.page.link("I know this app, go back to it")
            assert where.startswith(f"{REGISTERED_ITSELF}?")
            assert answer_in(where)["iss"] == ISSUER
        assert (await stranger.get(authorize(desk.app, **query))).location.startswith(f"{BACK}?"), "an administrator looked"
    await known.get(authorize(anybody))
    await known.send(known.page.form("/authorize"), ALLOW)
    assert known.location.startswith(f"{REGISTERED_ITSELF}?"), "who was asked and said yes goes there"
    for then in (EVIL, f"//{EVIL[8:]}", f"/authorize/../../..//{EVIL[8:]}", f"/account@{EVIL[8:]}", "\\\\evil.example"):
        await stranger.get("/sign-in", params={"then": then})
        form = stranger.page.form("/sign-in")
        assert "evil" not in form.action, then
    for name in ("post_logout_redirect_uri", "redirect_uri", "next", "return_to"):
        assert (await stranger.get("/sign-out", params={name: EVIL})).answer.status_code == 200, name


async def test_4_12_what_was_typed_is_never_sent_on(desk: Desk, office: Office, li_ming: Account) -> None:
    browser, seen = office.browser(), []
    browser.http.event_hooks = {"response": [lambda answer: _note(seen, answer)]}
    await (await browser.get(authorize(desk.app, prompt="consent"))).follow()
    await browser.sign_in(li_ming.login)
    await browser.send(browser.page.form("/authorize"), ALLOW)
    form = dict(pair.split("=", 1) for pair in urlsplit(authorize(desk.app)).query.split("&"))
    await browser.post("/authorize", form)
    await browser.get("/sign-out")
    await browser.send(browser.page.form("/sign-out"))
    assert seen.count(303) >= 5
    assert set(seen) == {200, 303}


async def _note(seen: list[int], answer: Any) -> None:
    seen.append(answer.status_code)


async def test_4_13_no_header_says_who_we_are_or_who_asks(desk: Desk, office: Office) -> None:
    plain, browser = (await desk.http.get(DISCOVERY)).content, office.browser()
    for host in (None, "evil.example", "wenze.example.cn:1@evil.example"):
        headers = {**FORWARDED, **({"host": host} if host else {})}
        assert (await desk.http.get(DISCOVERY, headers=headers)).content == plain
        await browser.get(authorize(desk.app), headers=headers)
        assert browser.location.startswith(f"{ISSUER}/sign-in?")
        await browser.get("/sign-in", headers=headers)
        assert "evil" not in browser.answer.text
        approved = await desk.approve()
        told = await desk.http.post(f"/t/{SLUG}/oauth/token", data=approved.form, headers=headers)
        assert (await claims_of(desk, told.json()["access_token"]))["iss"] == ISSUER
    name = {"x-client-cert": "x", "x-remote-user": "li.ming", "remote-user": "li.ming", "x-ssl-client-verify": "SUCCESS"}
    assert (await browser.get("/account", headers=name)).location.startswith(f"{ISSUER}/sign-in?")
    shown = {"grant_type": "client_credentials", "client_id": desk.app.client_id}
    assert (await desk.http.post(f"/t/{SLUG}/oauth/token", data=shown, headers=name)).status_code == 401


async def test_4_14_a_refresh_token_is_its_clients_alone_and_ends_with_the_sign_in(desk: Desk) -> None:
    signed_in = await desk.sign_in()
    told = await desk.tokens(by=signed_in, scope="cases:read")
    for app in (desk.public_app, await people.register_app(desk.services, desk.tenant)):
        stolen = await people.refresh(desk.http, SLUG, app, told["refresh_token"])
        assert stolen.json()["error"] == "invalid_grant"
    wider = await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"], scope="cases:read rulebook:read")
    assert wider.json()["error"] == "invalid_scope"
    second = (await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"])).json()
    assert second["scope"] == "cases:read"
    async with desk.services.database.tenant(desk.tenant) as session:
        await end_sign_in(session, signed_in.id, "signed-out", desk.clock.now())
    ended = await people.refresh(desk.http, SLUG, desk.app, second["refresh_token"])
    assert ended.json()["error"] == "invalid_grant"
    unused = await desk.tokens()
    desk.wait(hours=1)
    assert (await people.refresh(desk.http, SLUG, desk.app, unused["refresh_token"])).json()["error"] == "invalid_grant"


async def test_4_15_no_client_is_taken_for_a_person(desk: Desk, office: Office) -> None:
    person = str(desk.staff.person_id)
    only = frozenset({GrantType.CLIENT_CREDENTIALS})
    app = await people.register_app(desk.services, desk.tenant, redirect_uris=(), grant_types=only)
    machine = (await desk.post("token", grant_type="client_credentials", **app.credentials)).json()["access_token"]
    claims = await claims_of(desk, machine)
    assert claims["sub"] != person
    assert not {"gid", "sid", "auth_time", "amr"} & claims.keys()
    bearer = {"authorization": f"Bearer {machine}"}
    assert (await desk.http.get(f"/t/{SLUG}/oauth/userinfo", headers=bearer)).status_code == 403
    said = {"client_name": person, "client_id": person, "redirect_uris": [BACK], "token_endpoint_auth_method": "none"}
    shown = {"authorization": f"Bearer {await initial_token(office)}"}
    made = (await desk.http.post(f"/t/{SLUG}/oauth/register", json=said, headers=shown)).json()
    for name in (made["client_id"], app.client_id):
        with pytest.raises(ValueError, match="UUID"):
            UUID(name)


async def test_4_16_no_page_is_shown_in_a_frame(desk: Desk, browser: Browser, office: Office) -> None:
    asked = [(browser, authorize(desk.app, prompt="consent")), (browser, "/account"), (browser, "/device")]
    asked += [(office.browser(), address) for address in ("/sign-in", "/authorize", "/invitation?code=x")]
    for who, address in asked:
        await who.get(address)
        assert who.answer.headers["content-type"] == "text/html; charset=utf-8", address
        assert who.answer.headers["x-frame-options"] == "DENY", address
        assert "frame-ancestors 'none'" in who.answer.headers["content-security-policy"].split("; "), address
