"""A tenant of wenze itself as the city's identity provider: its own authorization server is one, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import pytest

from core.accounts.account import Account
from core.accounts.providers import Provider
from core.tenants.client import Client
from tests.federation.conftest import LOOPBACK, register
from tests.federation.faking import listen, origin_of, served
from tests.screens.house import Browser, Office, open_office
from tests.screens.markup import Page
from tests.servers import Addresses


@pytest.fixture(scope="module")
async def office(addresses: Addresses) -> AsyncIterator[Office]:
    async with open_office(addresses, provider_networks=LOOPBACK) as opened:
        yield opened


@dataclass
class Bureau:
    """The other tenant, under an address of its own."""

    office: Office
    origin: str
    client: Client
    provider: Provider

    @property
    def issuer(self) -> str:
        return self.origin + self.office.root


@pytest.fixture(scope="module")
async def bureau(addresses: Addresses, office: Office) -> AsyncIterator[Bureau]:
    """The city's bureau, where its people sign in, and of which the office is a client."""
    listening = listen()
    origin = origin_of(listening)
    async with open_office(addresses, public_url=origin) as opened, served(opened.app, listening):
        await opened.hire("李明", "li.ming")
        back = f"{office.issuer}/providers/bureau/callback"
        client = await opened.client("Hotline office", redirect_uris=(back,))
        issuer = origin + opened.root
        provider = await register(
            office, "bureau", issuer, client_id=client.client_id, client_secret=None, link_by="preferred_username"
        )
        yield Bureau(opened, origin, client, provider)


async def follow_to(bureau: Bureau, http: httpx.AsyncClient, address: str) -> httpx.Response:
    """Goes where the bureau's own pages lead."""
    answer = await http.get(address)
    while answer.status_code == 303 and answer.headers["location"].startswith(bureau.origin):
        answer = await http.get(answer.headers["location"])
    return answer


async def show_who(bureau: Bureau, http: httpx.AsyncClient, address: str) -> str:
    """Signs in at the bureau and allows the office to know who it is; answers where that leads back to."""
    answer = await follow_to(bureau, http, address)
    headers = {"origin": bureau.origin}
    form = Page(answer.text).form("/sign-in")
    told = form.values | {"login": "li.ming", "password": "三更灯火五更鸡 grey heron"}
    answer = await http.post(bureau.origin + form.action, data=told, headers=headers)
    answer = await follow_to(bureau, http, answer.headers["location"])
    if answer.status_code == 200:
        form = Page(answer.text).form("/authorize")
        answer = await http.post(bureau.origin + form.action, data=form.values | {"decision": "allow"}, headers=headers)
    location: str = answer.headers["location"]
    return location


async def test_somebody_of_the_bureau_signs_in_at_the_office(office: Office, bureau: Bureau, li_ming: Account) -> None:
    browser: Browser = office.browser()
    await browser.get("/providers/bureau?then=/account")
    assert browser.location.startswith(f"{bureau.issuer}/authorize?")
    async with httpx.AsyncClient(base_url=bureau.origin) as http:
        back = await show_who(bureau, http, browser.location)
        parts = urlsplit(back)
        assert (f"{parts.scheme}://{parts.netloc}", parts.path) == (
            "https://wenze.example.cn",
            f"{office.root}/providers/bureau/callback",
        )
        await browser.get(f"{parts.path}?{parts.query}")
        await browser.follow()
        assert browser.page.heading == "My account"
        assert "李明" in browser.page.text
        # Signed in here already: the bureau asks for the password anew, and not whether the office may know.
        await browser.get("/providers/bureau?then=/account")
        again = urlsplit(await show_who(bureau, http, browser.location))
        await browser.get(f"{again.path}?{again.query}")
        assert (await browser.follow()).page.heading == "My account"
