"""What pages are kept from: forms from elsewhere, framing, planted cookies, and addresses from outside."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import ORIGIN, PASSWORD, Office
from tests.screens.test_code_flow import ALLOW

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action {targets}; frame-ancestors 'none'; base-uri 'none'"
)
PAGES = ["/sign-in", "/invitation", "/sign-out", "/authorize", "/account/unheard-of"]


@pytest.mark.parametrize("page", PAGES[:4])
async def test_a_page_is_not_framed_cached_run_or_told_of(office: Office, page: str) -> None:
    answer = (await office.browser().get(page)).answer
    assert answer.headers.get_list("content-security-policy") == [POLICY.format(targets="'self'")]
    wanted = {
        "x-frame-options": "DENY",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000; includeSubDomains",
    }
    for name, value in wanted.items():
        assert answer.headers.get_list(name) == [value], name


async def test_answers_that_are_no_page_keep_their_policy(office: Office) -> None:
    for address in ("/jwks", "/token"):
        answer = (await office.browser().get(address)).answer
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("redirect", "source"),
    [
        ("https://desk.example.cn/callback", "https://desk.example.cn"),
        ("http://127.0.0.1:8701/cb", "http://127.0.0.1:8701"),
        ("http://[::1]:8701/cb", "http:"),
        ("cn.example.desk:/cb", "cn.example.desk:"),
    ],
)
async def test_a_form_may_lead_to_the_client_that_was_checked_and_to_nobody_else(
    office: Office, li_ming: Account, redirect: str, source: str
) -> None:
    client = await office.client("App", redirect_uris=(redirect,))
    wanted = POLICY.format(targets=f"'self' {source}")
    browser = await (await office.browser().get(office.request(client))).follow()
    assert browser.answer.headers["content-security-policy"] == wanted
    await browser.sign_in()
    assert browser.page.heading == "Allow this app?"
    wanted = POLICY.format(targets=f"'self' {source} https:")
    assert browser.answer.headers["content-security-policy"] == wanted, "the client's address may lead on from there"


async def test_a_form_may_lead_to_where_the_clients_front_ends_are(office: Office, li_ming: Account) -> None:
    client = await office.client("App", origins=("https://www.example.cn", "https://app.example.cn"))
    browser = await (await office.browser().get(office.request(client))).follow()
    targets = "'self' https://desk.example.cn https://app.example.cn https://www.example.cn"
    assert browser.answer.headers["content-security-policy"] == POLICY.format(targets=targets)


async def test_cookies_are_of_the_tenants_pages_alone_and_no_script_reads_them(office: Office, li_ming: Account) -> None:
    browser = await office.browser().get("/sign-in")
    [planted] = browser.answer.headers.get_list("set-cookie")
    form = browser.page.form("/sign-in")
    await browser.send(form, login="li.ming", password=PASSWORD)
    cookies = browser.answer.headers.get_list("set-cookie")
    names = {cookie.partition("=")[0] for cookie in cookies}
    slug = office.tenant.slug
    assert {f"__Secure-wenze-{kind}.{slug}" for kind in ("sign-in", "browser", "device")} <= names
    for cookie in (planted, *cookies):
        assert {f"Path={office.root}", "HttpOnly", "SameSite=Lax", "Secure"} <= set(cookie.split("; ")), cookie
    [fresh] = [cookie for cookie in cookies if cookie.startswith("__Secure-wenze-browser.")]
    assert fresh.split(";")[0] != planted.split(";")[0], "what was planted before the sign-in binds nothing after it"
    await browser.send(form, login="li.ming", password=PASSWORD)
    assert browser.answer.status_code == 403


async def test_the_token_of_the_second_factor_is_not_that_of_the_sign_in(office: Office) -> None:
    account = await office.hire()
    factor = await office.enrol(account)
    browser = await office.browser().enter(account.login)
    name = f"__Secure-wenze-sign-in.{office.tenant.slug}"
    pending = browser.http.cookies[name]
    await browser.get("/account")
    assert browser.location == f"{office.issuer}/second-factor?then=%2Faccount"
    await browser.follow()
    await browser.send(browser.page.form("/second-factor"), code=factor.code(office.clock.now()))
    assert browser.http.cookies[name] != pending


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ORIGIN + ".evil.example"},
    {"origin": "http://wenze.example.cn"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=lambda headers: ",".join(headers.values()))
async def test_a_form_from_elsewhere_does_nothing(office: Office, li_ming: Account, headers: dict[str, str]) -> None:
    browser = await office.browser().get("/sign-in")
    form = browser.page.form("/sign-in")
    data = {**form.values, "login": "li.ming", "password": PASSWORD}
    await browser.post("/sign-in", data, headers=headers)
    assert browser.answer.status_code == 403
    assert browser.page.heading == "This cannot go on"
    assert "__Secure-wenze-sign-in" not in browser.answer.headers.get("set-cookie", "")


async def test_a_form_is_good_in_the_browser_and_the_sign_in_that_it_was_shown_to(
    office: Office, li_ming: Account, desk: Client
) -> None:
    mine, other = await office.browser().enter(), await office.browser().enter()
    for browser in (mine, other):
        await browser.get(office.request(desk, prompt="consent"))
    form, theirs = mine.page.form("/authorize"), other.page.form("/authorize")
    for token in ("", ".", "x", theirs.values["form_token"], form.values["form_token"] + "A", "é.é"):
        data = {**form.values, "form_token": token, "decision": "allow"}
        await mine.post(form.action, data)
        assert mine.answer.status_code == 403, token
    await mine.send(form, ALLOW)
    assert "code" in mine.told


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/authorize@evil.example",
        "/../../evil",
        "/authorize/../../x",
        "javascript:alert(1)",
        "/sign-out",
        "/device#x",
        "/authorize?a=1&a=2",
        "/account?x=%ff",
        "/authorize?" + "x" * 7000,
        "",
    ],
)
async def test_nobody_is_led_to_an_address_from_outside(office: Office, li_ming: Account, then: str) -> None:
    browser = await office.browser().get(f"/sign-in?then={quote(then)}")
    await browser.send(browser.page.form("/sign-in"), login="li.ming", password=PASSWORD)
    assert browser.location == f"{office.issuer}/account"


async def test_what_is_led_to_keeps_its_query_and_nothing_breaks_out_of_it(office: Office, li_ming: Account) -> None:
    then = "/device?user_code=AB%0d%0aLocation:%20https://evil.example"
    browser = await office.browser().get(f"/sign-in?then={quote(then)}")
    await browser.send(browser.page.form("/sign-in"), login="li.ming", password=PASSWORD)
    assert browser.location == f"{office.issuer}/device?user_code=AB%0D%0ALocation%3A+https%3A%2F%2Fevil.example"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"client_id": "unknown"}, "No such application"),
        ({"client_id": ""}, "client_id"),
        ({"redirect_uri": "https://evil.example/cb"}, "not registered"),
        ({"redirect_uri": "https://desk.example.cn/callback/"}, "not registered"),
        ({"redirect_uri": "https://desk.example.cn/callback?x=1"}, "not registered"),
        ({"redirect_uri": "https://DESK.example.cn/callback"}, "not registered"),
        ({"redirect_uri": "javascript:alert(1)"}, "not registered"),
    ],
)
async def test_what_may_not_be_redirected_is_a_page(
    office: Office, desk: Client, change: dict[str, str], says: str
) -> None:
    browser = await office.browser().get(office.request(desk, **change))
    assert browser.answer.status_code == 400
    assert "location" not in browser.answer.headers
    assert says in browser.page.text
    assert browser.answer.headers["x-request-id"] in browser.page.text
    assert "evil.example" not in browser.page.text


async def test_what_the_client_asked_wrongly_goes_back_to_it_with_who_says_so(office: Office, desk: Client) -> None:
    browser = await office.browser().get(office.request(desk, code_challenge_method="plain"))
    assert browser.location.startswith("https://desk.example.cn/callback?")
    assert browser.told["error"] == "invalid_request"
    assert (browser.told["state"], browser.told["iss"]) == ("the-state", office.issuer)


async def test_the_moment_of_a_request_is_not_made_up_by_who_asks(office: Office, li_ming: Account, desk: Client) -> None:
    browser = await office.browser().enter()
    second = int(office.clock.now().timestamp()) - 60
    for asked_at in (str(second), f"{second}.x", f"{second}.", ".", "x.y"):
        await browser.get(office.request(desk, prompt="login", asked_at=asked_at))
        assert browser.location.startswith(f"{office.issuer}/sign-in?"), asked_at
    good = browser.location
    await (await browser.follow()).sign_in()
    assert "then=" in good


async def test_names_are_shown_as_they_are_and_never_as_markup(office: Office, li_ming: Account) -> None:
    name = "<script>alert(1)</script>\"'&"
    client = await office.client(name)
    browser = await (await office.browser().get(office.request(client, login_hint="\"><b>'&"))).follow()
    assert browser.page.form("/sign-in").values["login"] == "\"><b>'&"
    await browser.sign_in()
    assert name in browser.page.text
    assert not browser.page.all("script")
    assert not browser.page.all("b")


async def test_who_registered_themselves_are_told_apart(office: Office, li_ming: Account) -> None:
    client = await office.client("Totally official", trusted=False)
    browser = await office.browser().enter()
    await browser.get(office.request(client))
    [caution] = browser.page.by_role("note")
    assert "not verified" in caution
    assert "Test City" in caution
    await browser.send(browser.page.form("/authorize"), ALLOW)
    await browser.get(office.request(client))
    assert browser.page.heading == "Allow this app?", "it is asked about each time"


async def test_a_post_from_a_client_to_sign_out_asks_and_ends_nothing(office: Office, li_ming: Account) -> None:
    browser = await office.browser().enter()
    await browser.post("/sign-out", {"id_token_hint": "x", "post_logout_redirect_uri": "https://evil.example"})
    await browser.follow()
    assert browser.page.heading == "Sign out"
    assert (await browser.get("/account")).page.heading == "My account"
