"""Whatever is sent to a page is answered by a page: never a 500, and never by leading anywhere."""

from __future__ import annotations

import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import Office

EVERY_PAGE = [
    "/authorize",
    "/sign-in",
    "/second-factor",
    "/device",
    "/invitation",
    "/sign-out",
    "/account",
    "/account/password",
    "/account/second-factor",
    "/account/recovery-codes",
]
FORM = "application/x-www-form-urlencoded"
QUERIES = ["a=%ff", "a=%00", "a=1&a=2", "%ff=1", "then=%00", "ui_locales=%00", "a=" + "x" * 20_000, "a=%ed%a0%80"]
BODIES = {
    "no-utf-8": (FORM, b"form_token=%ff", 400),
    "nul": (FORM, b"form_token=%00", 400),
    "twice": (FORM, b"form_token=1&form_token=2", 400),
    "too-long": (FORM, b"form_token=" + b"x" * 20_000, 413),
    "bytes": (FORM, b"\xff\xfe\x00", 400),
    "json": ("application/json", b'{"form_token": 1}', 400),
    "nothing": ("", b"", 400),
    "multipart": ("multipart/form-data; boundary=x", b"--x--", 400),
    "no-token": (FORM, b"form_token=", 403),
}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:24])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_that_cannot_be_read_is_an_error_page(office: Office, method: str, query: str) -> None:
    browser = office.browser()
    for page in EVERY_PAGE:
        browser.answer = await browser.http.request(method, f"{office.root}{page}?{query}")
        assert browser.answer.status_code == 400, page
        assert browser.page.heading == "This cannot go on"


@pytest.mark.parametrize("kind", BODIES)
async def test_a_form_that_cannot_be_read_is_an_error_page(office: Office, kind: str) -> None:
    media, body, status = BODIES[kind]
    browser = office.browser()
    for page in EVERY_PAGE:
        browser.answer = await browser.http.post(office.root + page, content=body, headers={"content-type": media})
        assert browser.answer.status_code == status, (page, browser.answer.text)
        assert browser.page.heading == "This cannot go on"


async def test_a_value_that_is_too_long_is_told(office: Office, li_ming: Account) -> None:
    browser = await office.browser().get("/sign-in")
    await browser.send(browser.page.form("/sign-in"), login="li.ming", password="x" * 1025)
    assert browser.answer.status_code == 413
    assert "at most 1024" in browser.page.text


@pytest.mark.parametrize("cookie", ["", "x", "é", '"quoted"', "a;b", "x" * 5000, "\x7f"])
async def test_a_cookie_that_cannot_be_ours_is_none(office: Office, cookie: str) -> None:
    header = "; ".join(f"__Secure-wenze-{kind}.{office.tenant.slug}={cookie}" for kind in ("sign-in", "browser", "device"))
    answer = (await office.browser().get("/sign-in", headers={"cookie": header.encode("latin-1")})).answer
    assert answer.status_code == 200


@pytest.mark.parametrize("agent", [b"\xff\xfe", b"x" * 5000, b""], ids=["bytes", "long", "none"])
async def test_any_user_agent_can_sign_in(office: Office, agent: bytes) -> None:
    account = await office.hire()
    browser = office.browser()
    browser.http.headers.encoding = "latin-1"
    browser.http.headers["user-agent"] = agent.decode("latin-1")
    assert (await browser.enter(account.login)).page.heading == "My account"


async def test_a_tenant_that_is_not_there_has_no_pages(office: Office) -> None:
    browser = office.browser()
    for slug in ("nobody", "NOBODY", "%00", "a--b"):
        browser.answer = await browser.http.get(f"/t/{slug}/oauth/sign-in")
        assert browser.answer.status_code == 404
        assert browser.page.heading == "There is no such page"
        assert "set-cookie" not in browser.answer.headers


async def test_other_methods_are_told_which_there_are(office: Office) -> None:
    answer = await office.browser().http.put(f"{office.root}/sign-in")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert (await office.browser().http.head(f"{office.root}/sign-in")).status_code == 200


async def test_what_fails_unforeseen_says_where_to_look_and_nothing_more(
    office: Office, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("api.screens.authorizing.read_authorization_request", fail)
    browser = await office.browser().get(office.request(desk))
    assert browser.answer.status_code == 500
    assert "secret" not in browser.answer.text
    assert browser.answer.headers["x-request-id"] in browser.page.text
