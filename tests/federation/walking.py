"""What a browser does between the office and the provider."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.federation.faking import FakeProvider
from tests.screens.house import Browser, Office


async def leave(browser: Browser, fake: FakeProvider, key: str = "city", then: str = "/account") -> dict[str, str]:
    """Goes to the provider; answers what its authorization endpoint is asked."""
    await browser.get(f"/providers/{key}?{urlencode({'then': then})}")
    return arrive(browser, fake)


def arrive(browser: Browser, fake: FakeProvider) -> dict[str, str]:
    """What the browser brings to the provider."""
    query = dict(parse_qsl(urlsplit(browser.location).query))
    assert browser.location.startswith(f"{fake.issuer}/authorize?")
    fake.sent_out(query)
    return query


async def come_back(browser: Browser, asked: dict[str, str], **told: str | None) -> Browser:
    """Comes back from the provider with its answer."""
    answer = {"code": "the-code", "state": asked["state"], **told}
    path = urlsplit(asked["redirect_uri"]).path
    return await browser.get(f"{path}?{urlencode({name: value for name, value in answer.items() if value is not None})}")


async def sign_in(browser: Browser, fake: FakeProvider, key: str = "city", **told: str | None) -> Browser:
    """All of it."""
    return await come_back(browser, await leave(browser, fake, key), **told)


async def link(office: Office, browser: Browser, fake: FakeProvider, key: str = "city") -> Browser:
    """Links the account of who is signed in, on the account's page."""
    await browser.get("/account")
    forms = [form for form in browser.page.forms if form.values.get("provider") == key]
    await browser.send(forms[0], ("action", "link"))
    await come_back(browser, arrive(browser, fake))
    return await browser.follow()
