"""Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0): asked, done, and back where that was said."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import Browser, Office

AFTER = "https://desk.example.cn/signed-out?from=wenze"
APP = "cn.example.desk:/signed-out"


@pytest.fixture(scope="module")
async def front(office: Office) -> Client:
    """A client that has said where people go who have signed out."""
    return await office.client("Front end", post_logout_redirect_uris=(AFTER, APP))


def leaving(**query: str) -> str:
    return f"/sign-out?{urlencode(query)}"


async def id_token(office: Office, browser: Browser, client: Client) -> str:
    """Of whoever is signed in in the browser."""
    await browser.get(office.request(client))
    if browser.answer.status_code == 200:
        await browser.send(browser.page.form("/authorize"), ("decision", "allow"))
    told: str = (await office.redeem(client, browser.told["code"])).json()["id_token"]
    return told


async def test_a_person_is_asked_and_then_sent_back(office: Office, li_ming: Account, front: Client) -> None:
    browser = await office.browser().enter()
    hint = await id_token(office, browser, front)
    await browser.get(leaving(id_token_hint=hint, post_logout_redirect_uri=AFTER, state="a&b"))
    assert browser.page.heading == "Sign out"
    assert "form-action 'self' https://desk.example.cn;" in browser.answer.headers["content-security-policy"]
    await browser.send(browser.page.form("/sign-out"))
    await browser.follow()
    assert browser.location == f"{AFTER}&state=a%26b"
    assert (await browser.get("/account")).answer.status_code == 303, "nobody is signed in any more"


async def test_a_request_in_a_form_goes_on_as_one_by_get(office: Office, li_ming: Account, front: Client) -> None:
    browser = await office.browser().enter()
    await browser.post("/sign-out", {"client_id": front.client_id, "post_logout_redirect_uri": APP})
    await browser.follow()
    await browser.send(browser.page.form("/sign-out"))
    await browser.follow()
    assert browser.location == APP


async def test_an_expired_hint_of_the_client_does_and_so_does_its_name(
    office: Office, li_ming: Account, front: Client
) -> None:
    browser = await office.browser().enter()
    hint = await id_token(office, browser, front)
    office.clock.advance(timedelta(hours=1))
    stranger, name = office.browser(), {"client_id": front.client_id}
    for query in ({"id_token_hint": hint}, name, {"id_token_hint": hint, **name}):
        await stranger.get(leaving(post_logout_redirect_uri=AFTER, **query))
        assert stranger.location == AFTER


async def test_nobody_is_sent_to_an_address_that_was_not_registered_for_it(
    office: Office, li_ming: Account, front: Client, desk: Client
) -> None:
    browser = await office.browser().enter()
    foreign = await id_token(office, browser, desk)
    back = {"post_logout_redirect_uri": AFTER}
    asked: list[dict[str, str]] = [
        back,
        {"client_id": front.client_id},
        {"client_id": front.client_id, "post_logout_redirect_uri": "https://desk.example.cn/signed-out"},
        {"client_id": front.client_id, "post_logout_redirect_uri": f"{AFTER}#"},
        {"client_id": front.client_id, "post_logout_redirect_uri": front.redirect_uris[0]},
        {"client_id": desk.client_id, **back},
        {"client_id": front.client_id, "id_token_hint": foreign, **back},
        {"client_id": front.client_id, "id_token_hint": "e30.e30.e30", **back},
        {"id_token_hint": foreign, **back},
        {"id_token_hint": "x", **back},
        {"id_token_hint": "é.é.é", **back},
        {"client_id": "nobody", **back},
    ]
    stranger = office.browser()
    for query in asked:
        await stranger.get(leaving(**query))
        assert stranger.page.heading == "You are signed out", query
        assert AFTER not in stranger.answer.text


async def test_to_a_client_that_registered_itself_a_link_leads_and_no_redirect(office: Office) -> None:
    made = await office.client("Own <make>", trusted=False, post_logout_redirect_uris=("https://own.example.net/out",))
    stranger = office.browser()
    await stranger.get(leaving(client_id=made.client_id, post_logout_redirect_uri="https://own.example.net/out", state="s"))
    assert stranger.page.heading == "You are signed out"
    assert "https://own.example.net/out?state=s" in stranger.answer.text
    assert "Back to Own &lt;make&gt; (own.example.net)" in stranger.answer.text
