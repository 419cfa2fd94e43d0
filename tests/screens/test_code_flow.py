"""From a client's request to its code: signing in, consent, and back; on both engines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import CALLBACK, ORIGIN, PASSWORD, Office, open_office
from tests.servers import Addresses

ALLOW, DENY = ("decision", "allow"), ("decision", "deny")


@pytest.fixture(scope="module")
async def office(addresses: Addresses) -> AsyncIterator[Office]:
    """An office of this module's own, on each engine."""
    async with open_office(addresses) as opened:
        yield opened


@pytest.fixture(scope="module")
async def li_ming(office: Office) -> Account:
    """Somebody who has an account there."""
    return await office.hire("李明", "li.ming")


@pytest.fixture(scope="module")
async def desk(office: Office) -> Client:
    """A client of that tenant's own."""
    return await office.client()


async def test_who_is_not_signed_in_signs_in_then_allows_and_the_client_gets_its_token(
    office: Office, li_ming: Account, desk: Client
) -> None:
    browser = await (await office.browser().get(office.request(desk, nonce="the-nonce"))).follow()
    assert browser.page.heading == "Sign in"
    assert desk.name in browser.page.text
    await browser.sign_in()
    page = browser.page
    assert page.heading == "Allow this app?"
    for shown in (desk.name, "https://desk.example.cn", "李明", "li.ming", "Know who you are", "Read cases"):
        assert shown in page.text
    assert "Register cases" not in page.text
    await browser.send(page.form("/authorize"), ALLOW)
    assert browser.location.startswith(f"{CALLBACK}?")
    assert browser.told.keys() == {"code", "state", "iss"}
    assert (browser.told["state"], browser.told["iss"]) == ("the-state", office.issuer)
    granted = await office.redeem(desk, browser.told["code"])
    assert granted.status_code == 200, granted.text
    assert granted.json()["scope"] == "openid cases:read"
    assert "id_token" in granted.json()


async def test_who_is_signed_in_is_asked_at_once_and_the_second_time_not_at_all(
    office: Office, li_ming: Account, desk: Client
) -> None:
    browser = await office.browser().enter()
    await browser.get(office.request(desk, prompt="consent"))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    await browser.get(office.request(desk))
    assert browser.told.keys() == {"code", "state", "iss"}
    await browser.get(office.request(desk, scope="openid cases:read cases:write"))
    assert browser.page.heading == "Allow this app?"


async def test_who_denies_is_sent_back_without_a_code(office: Office, li_ming: Account, desk: Client) -> None:
    browser = await office.browser().enter()
    await browser.get(office.request(desk, prompt="consent"))
    await browser.send(browser.page.form("/authorize"), DENY)
    assert browser.told == {"error": "access_denied", "state": "the-state", "iss": office.issuer}


async def test_a_second_factor_is_asked_for_between_and_stands_in_the_token(office: Office, desk: Client) -> None:
    account = await office.hire("王芳")
    factor = await office.enrol(account)
    browser = await (await office.browser().get(office.request(desk))).follow()
    await browser.sign_in(account.login)
    assert browser.page.heading == "Second step"
    await browser.send(browser.page.form("/second-factor"), code="000000")
    assert browser.answer.status_code == 422
    assert len(browser.page.by_role("alert")) == 1
    await (await browser.send(browser.page.form("/second-factor"), code=factor.code(office.clock.now()))).follow()
    assert browser.page.heading == "Allow this app?"
    await browser.send(browser.page.form("/authorize"), ALLOW)
    assert (await office.redeem(desk, browser.told["code"])).status_code == 200


async def test_a_recovery_code_stands_in_for_the_app_once(office: Office) -> None:
    account = await office.hire("赵敏")
    factor = await office.enrol(account)
    for status in (303, 422):
        browser = await office.browser().enter(account.login)
        await browser.get(browser.page.link("No phone at hand? Use a recovery code"))
        await browser.send(browser.page.form("/second-factor"), code=factor.recovery[0])
        assert browser.answer.status_code == status


async def test_a_wrong_password_is_told_on_the_page_and_nothing_else_is(office: Office, li_ming: Account) -> None:
    browser = await office.browser().get("/sign-in")
    await browser.send(browser.page.form("/sign-in"), login="li.ming", password="wrong")
    wrong = browser.page
    await browser.send(wrong.form("/sign-in"), login="nobody", password=PASSWORD)
    assert browser.answer.status_code == 422
    assert wrong.by_role("alert") == browser.page.by_role("alert")
    assert "set-cookie" not in browser.answer.headers


@pytest.mark.parametrize("prompt", ["login", "select_account"])
async def test_signing_in_again_keeps_the_sign_in_and_leads_on_once(
    office: Office, li_ming: Account, desk: Client, prompt: str
) -> None:
    browser = await office.browser().enter()
    await browser.get(office.request(desk, prompt="consent"))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    earlier = (await office.redeem(desk, browser.told["code"])).json()
    office.clock.advance(timedelta(minutes=1))
    await (await browser.get(office.request(desk, prompt=prompt))).follow()
    assert "Sign in again to show that it is you" in browser.page.text
    await browser.send(browser.page.form("/sign-in"), login="li.ming", password=PASSWORD)
    await browser.follow()
    assert browser.told.keys() == {"code", "state", "iss"}
    form = {"grant_type": "refresh_token", "refresh_token": earlier["refresh_token"], "client_id": desk.client_id}
    refreshed = await browser.http.post(f"{office.root}/token", data=form)
    assert refreshed.status_code == 200, refreshed.text


async def test_an_old_sign_in_is_renewed_where_the_client_asks_for_a_fresh_one(
    office: Office, li_ming: Account, desk: Client
) -> None:
    browser = await office.browser().enter()
    office.clock.advance(timedelta(minutes=10))
    await browser.get(office.request(desk, max_age="900", prompt="consent"))
    assert browser.page.heading == "Allow this app?"
    await (await browser.get(office.request(desk, max_age="300", prompt="consent"))).follow()
    assert browser.page.heading == "Sign in"
    await browser.sign_in()
    assert browser.page.heading == "Allow this app?"
    await (await browser.get(office.request(desk, max_age="0"))).follow()
    assert browser.page.heading == "Sign in"
    await browser.sign_in()
    assert browser.told.keys() == {"code", "state", "iss"}


async def test_without_a_page_the_client_is_told_what_would_be_asked(
    office: Office, li_ming: Account, desk: Client
) -> None:
    stranger = await office.browser().get(office.request(desk, prompt="none"))
    assert stranger.told["error"] == "login_required"
    other = await office.client("Another")
    known = await (await office.browser().enter()).get(office.request(other, prompt="none"))
    assert known.told["error"] == "consent_required"


async def test_a_request_in_a_form_goes_on_as_one_in_the_address(office: Office, li_ming: Account, desk: Client) -> None:
    browser = await office.browser().enter()
    address = office.request(desk, prompt="consent")
    form = dict(pair.split("=") for pair in address.partition("?")[2].replace("%3A", ":").replace("%2F", "/").split("&"))
    form["scope"] = "openid cases:read"
    await browser.post("/authorize", form, headers={"origin": "https://desk.example.cn", "sec-fetch-site": "cross-site"})
    assert browser.location.startswith(f"{ORIGIN}{office.root}/authorize?")
    await browser.follow()
    assert browser.page.heading == "Allow this app?"


async def test_who_is_not_whom_the_client_expects_is_told_so(office: Office, li_ming: Account, desk: Client) -> None:
    mine = await office.browser().enter()
    await mine.get(office.request(desk, prompt="consent"))
    await mine.send(mine.page.form("/authorize"), ALLOW)
    hint = (await office.redeem(desk, mine.told["code"])).json()["id_token"]
    other = await office.hire("王芳")
    browser = await office.browser().enter(other.login)
    await (await browser.get(office.request(desk, id_token_hint=hint))).follow()
    assert browser.page.heading == "Sign in"
    assert "The app asks for another account" in browser.page.by_role("note")[0]
    await browser.sign_in("li.ming")
    assert browser.told.keys() == {"code", "state", "iss"}
