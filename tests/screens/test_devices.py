"""The page for devices: the code is compared, guesses are counted, and an answer is given once."""

from __future__ import annotations

import httpx

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import Office
from tests.screens.test_code_flow import ALLOW, DENY


async def begin(office: Office, desk: Client) -> dict[str, str]:
    """What a terminal is told that asks to be allowed."""
    form = {"client_id": desk.client_id, "scope": "openid cases:read"}
    answer = await office.browser().http.post(f"{office.root}/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told


async def poll(office: Office, desk: Client, begun: dict[str, str]) -> httpx.Response:
    """What the terminal is answered."""
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant, "device_code": begun["device_code"], "client_id": desk.client_id}
    return await office.browser().http.post(f"{office.root}/token", data=form)


async def test_a_device_is_allowed_by_who_compares_its_code(office: Office, li_ming: Account, desk: Client) -> None:
    begun = await begin(office, desk)
    browser = await (await office.browser().get(begun["verification_uri"])).follow()
    await browser.sign_in()
    assert browser.page.heading == "Connect a device"
    await browser.send(browser.page.form("/device"), user_code=begun["user_code"].lower().replace("-", " "))
    assert begun["user_code"] in browser.page.text
    assert desk.name in browser.page.text
    assert (await poll(office, desk, begun)).json()["error"] in {"authorization_pending", "slow_down"}
    form = browser.page.form("/device", ALLOW)
    await browser.send(form, ALLOW)
    assert browser.page.heading == "The device is connected"
    granted = await poll(office, desk, begun)
    assert granted.status_code == 200, granted.text
    await browser.send(form, ALLOW)
    assert browser.answer.status_code in {409, 422}
    assert len(browser.page.by_role("alert")) == 1


async def test_a_device_that_is_denied_gets_nothing(office: Office, li_ming: Account, desk: Client) -> None:
    begun = await begin(office, desk)
    browser = await office.browser().enter()
    await browser.get(begun["verification_uri_complete"])
    assert browser.page.heading == "Connect a device", "a code in the address is not looked up unasked"
    form = browser.page.form("/device")
    assert form.values["user_code"] == begun["user_code"]
    await browser.send(form)
    await browser.send(browser.page.form("/device", DENY), DENY)
    assert browser.page.heading == "The device was denied"
    assert (await poll(office, desk, begun)).json()["error"] == "access_denied"


async def test_guesses_are_slowed_down_and_a_good_code_is_not_looked_at_meanwhile(office: Office, desk: Client) -> None:
    account = await office.hire()
    begun = await begin(office, desk)
    browser = await (await office.browser(address="192.0.2.99").enter(account.login)).get("/device")
    statuses = []
    for _ in range(12):
        await browser.send(browser.page.form("/device"), user_code="BBBB-BBBB")
        statuses.append(browser.answer.status_code)
    assert statuses[0] == 422
    assert statuses[-1] == 429
    assert int(browser.answer.headers["retry-after"]) > 0
    await browser.send(browser.page.form("/device"), user_code=begun["user_code"])
    assert browser.answer.status_code == 429
