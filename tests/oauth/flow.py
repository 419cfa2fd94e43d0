"""The code flow as a browser goes through it, for clients of :mod:`tests.oauth.people`."""

from __future__ import annotations

from urllib.parse import urlencode

from core.store.actor import OPERATOR
from core.tenants.client import AuthMethod, GrantType
from core.tenants.client_commands import NewInitialToken
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.initial_tokens import issue_initial_token
from tests.oauth.people import App, Approved, pkce, request_of
from tests.screens.house import Browser, Office

ALLOW, DENY = ("decision", "allow"), ("decision", "deny")
REGISTERED_ITSELF = "https://anybody.example.net/back"


def authorize(app: App, challenge: str | None = None, **query: str) -> str:
    """The address of an authorization request below the issuer; a parameter that is the empty string is left out."""
    return f"/authorize?{urlencode(request_of(app, challenge or pkce()[1], **query))}"


async def allow(browser: Browser, app: App, **query: str) -> Approved:
    """The code that who is signed in gives the client, asked or not."""
    verifier, challenge = pkce()
    await browser.get(authorize(app, challenge, **query))
    if browser.answer.status_code == 200:
        await browser.send(browser.page.form("/authorize"), ALLOW)
    return Approved(browser.told["code"], verifier, browser.location, app)


async def initial_token(office: Office) -> str:
    """What somebody shows who registers a client."""
    new = NewInitialToken(
        note="for a test", scopes=(Scope.CASES_READ,), grant_types=(GrantType.AUTHORIZATION_CODE,), uses=5, days=30
    )
    async with office.owner.tenant(office.tenant.id, actor=OPERATOR) as session:
        _, token = await issue_initial_token(Administration(session, office.services.snapshots), new)
    return token


async def registered_itself(office: Office, name: str = "Totally official") -> App:
    """A client that nobody here has checked."""
    said = {"client_name": name, "redirect_uris": [REGISTERED_ITSELF], "token_endpoint_auth_method": AuthMethod.NONE.value}
    headers = {"authorization": f"Bearer {await initial_token(office)}"}
    answer = await office.browser().http.post(f"{office.root}/register", json=said, headers=headers)
    assert answer.status_code == 201, answer.text
    client_id = answer.json()["client_id"]
    client = (await office.snapshot()).clients[client_id]
    return App(client.id, client_id, None, REGISTERED_ITSELF)
