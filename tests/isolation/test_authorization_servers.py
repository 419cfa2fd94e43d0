"""Two tenants' authorization servers beside each other: what one gave, showed or knows is nothing at the other.

Access tokens at the other's API are the matrix's; codes and tokens that a client shows are tests/oauth/test_tenants.py's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from core.accounts.account import Account
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.client import Client
from core.tenants.service.directory import NewTenant, create_tenant
from tests.oauth.flow import ALLOW, DENY, initial_token
from tests.screens.house import OTHER_PASSWORD, PASSWORD, Browser, Office, open_office
from tests.servers import Addresses

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
SAID = {"client_name": "x", "redirect_uris": ["https://x.example.cn/back"], "token_endpoint_auth_method": "none"}


@dataclass
class Side:
    """One of the two: its pages, a client that people can allow something, and somebody with an account."""

    office: Office
    client: Client
    account: Account

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Posts a form to an endpoint."""
        return await self.office.browser().http.post(f"{self.office.root}/{path}", data=form)

    async def enter(self) -> Browser:
        """A browser in which that person is signed in."""
        return await self.office.browser().enter(self.account.login)


async def settle(office: Office) -> Side:
    return Side(office, await office.client(), await office.hire())


@pytest.fixture(scope="module")
async def sides(addresses: Addresses) -> AsyncIterator[tuple[Side, Side]]:
    """Two tenants of one city, served by one process."""
    async with open_office(addresses) as here:
        new = NewTenant("other-side", "ankang", Text(zh="另一侧", en="Other side"))
        tenant = await create_tenant(here.owner, here.services.jurisdictions, new)
        there = Office(here.services, here.owner, tenant, here.clock, here.app, here.browsers)
        yield await settle(here), await settle(there)


def cookies_of(browser: Browser, office: Office, other: Office) -> dict[str, str]:
    """What the browser holds of one tenant, under the names of the other."""
    mark, renamed = f".{office.tenant.slug}", f".{other.tenant.slug}"
    return {name.replace(mark, renamed): value for name, value in browser.http.cookies.items() if name.endswith(mark)}


async def test_who_is_signed_in_here_is_not_signed_in_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    mine = await here.enter()
    taken = cookies_of(mine, here.office, there.office)
    assert len(taken) == 3
    browser = there.office.browser()
    header = {"cookie": "; ".join(f"{name}={value}" for name, value in taken.items())}
    for address in ("/account", there.office.request(there.client), "/device"):
        await browser.get(address, headers=header)
        assert browser.location.startswith(f"{there.office.issuer}/sign-in?"), address
    await browser.get(there.office.request(there.client, prompt="none"), headers=header)
    assert browser.told["error"] == "login_required"
    assert (await mine.get("/account")).page.heading == "My account", "and stays so here"


async def test_a_form_that_was_shown_here_does_nothing_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    mine = await here.office.browser().get("/sign-in")
    form = mine.page.form("/sign-in")
    cookie = "; ".join(f"{name}={value}" for name, value in cookies_of(mine, here.office, there.office).items())
    data = {**form.values, "login": there.account.login, "password": PASSWORD}
    browser = await there.office.browser().post("/sign-in", data, headers={"cookie": cookie})
    assert browser.answer.status_code == 403


async def test_a_password_of_here_is_none_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    browser = await there.office.browser().get("/sign-in")
    await browser.send(browser.page.form("/sign-in"), login=here.account.login, password=PASSWORD)
    assert browser.answer.status_code == 422


async def test_a_client_of_here_is_unknown_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    unknown = await (await there.enter()).get(there.office.request(here.client))
    assert (unknown.answer.status_code, "location" in unknown.answer.headers) == (400, False)
    nobody = await (await there.enter()).get(there.office.request(here.client, client_id="nobody"))
    assert unknown.page.text.split("Request number")[0] == nobody.page.text.split("Request number")[0]
    for path in ("device_authorization", "revoke", "token"):
        answer = await there.post(path, client_id=here.client.client_id, token="x", grant_type="refresh_token")
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), path


async def test_a_terminal_of_here_is_allowed_and_served_by_nobody_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    begun = (await here.post("device_authorization", client_id=here.client.client_id, scope="openid")).json()
    browser = await (await there.enter()).get("/device")
    await browser.send(browser.page.form("/device"), user_code=begun["user_code"])
    assert browser.answer.status_code == 422
    mine = await (await here.enter()).get("/device")
    await mine.send(mine.page.form("/device"), user_code=begun["user_code"])
    await mine.send(mine.page.form("/device", ALLOW), ALLOW)
    form = {"grant_type": DEVICE_CODE, "device_code": begun["device_code"]}
    stolen = await there.post("token", **form, client_id=there.client.client_id)
    assert stolen.json()["error"] == "invalid_grant"
    assert (await here.post("token", **form, client_id=here.client.client_id)).status_code == 200


async def test_who_may_register_here_may_not_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    http, bearer = here.office.browser().http, {"authorization": f"Bearer {await initial_token(here.office)}"}
    assert (await http.post(f"{there.office.root}/register", json=SAID, headers=bearer)).status_code == 401
    made = (await http.post(f"{here.office.root}/register", json=SAID, headers=bearer)).json()
    manages = {"authorization": f"Bearer {made['registration_access_token']}"}
    for method in ("GET", "PUT", "DELETE"):
        path = f"{there.office.root}/register/{made['client_id']}"
        body = {"json": {**SAID, "client_id": made["client_id"]}} if method == "PUT" else {}
        assert (await http.request(method, path, headers=manages, **body)).status_code == 401, method
    assert (await http.get(made["registration_client_uri"], headers=manages)).status_code == 200


async def test_a_hint_of_here_names_nobody_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    browser = await (await here.enter()).get(here.office.request(here.client))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    hint = (await here.office.redeem(here.client, browser.told["code"])).json()["id_token"]
    answer = await there.office.browser().get(there.office.request(there.client, id_token_hint=hint, prompt="none"))
    assert answer.told["error"] == "invalid_request"
    asked = await (await there.enter()).get(there.office.request(there.client, prompt="consent"))
    await asked.send(asked.page.form("/authorize"), DENY)
    assert (asked.told["error"], asked.told["iss"]) == ("access_denied", there.office.issuer)


async def test_an_invitation_of_here_lets_nobody_in_there(sides: tuple[Side, Side]) -> None:
    here, there = sides
    code = await here.office.invite("王芳", "wang.fang", Role.INTAKE_CLERK)
    for side, status in ((there, 422), (here, 303)):
        browser = await side.office.browser().get(f"/invitation?code={code}")
        form = browser.page.form("/invitation")
        await browser.send(form, password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)
        assert browser.answer.status_code == status
