"""requests-oauthlib as a client, by its own documentation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from oauthlib.oauth2 import BackendApplicationClient, InvalidGrantError
from requests_oauthlib import OAuth2Session

from core.tenants.client import Credentials
from tests.interop.office import Colleague, Office
from tests.interop.visitor import DENY

BACK = "https://desk.example.cn/callback"
SCOPE = ["openid", "cases:read"]


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the library speak to a server without TLS."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(scope="module")
def server(office: Office) -> dict[str, Any]:
    """What the issuer says of itself, by OpenID Connect Discovery."""
    told: dict[str, Any] = httpx.get(office.discovery_address).raise_for_status().json()
    return told


@pytest.fixture(scope="module")
def desk(office: Office) -> Credentials:
    """A client with a secret."""
    return office.client(redirect_uris=(BACK,))


def test_the_code_flow_with_a_challenge_and_what_follows(
    office: Office, li_ming: Colleague, desk: Credentials, server: dict[str, Any]
) -> None:
    secret = {"client_id": desk.client_id, "client_secret": desk.client_secret}
    with OAuth2Session(desk.client_id, redirect_uri=BACK, scope=SCOPE, pkce="S256") as session:
        address, _ = session.authorization_url(server["authorization_endpoint"])
        back = office.visitor(li_ming).authorize(address)
        token = session.fetch_token(
            server["token_endpoint"], authorization_response=back, client_secret=desk.client_secret
        )
        assert session.get(f"{office.api}/cases").status_code == 200
        renewed = session.refresh_token(server["token_endpoint"], auth=(secret["client_id"], secret["client_secret"]))
        assert renewed["refresh_token"] != token["refresh_token"]
        assert session.get(f"{office.api}/cases").status_code == 200
        # The library renews by itself, too, once it is told where and how.
        session.auto_refresh_url, session.auto_refresh_kwargs = server["token_endpoint"], secret
        kept: list[Any] = []
        session.token_updater = kept.append
        session.token = {**renewed, "expires_at": 1}
        assert session.get(f"{office.api}/cases").status_code == 200
        assert len(kept) == 1
        # A token that was used before ends everything that came of it.
        with pytest.raises(InvalidGrantError):
            session.refresh_token(server["token_endpoint"], refresh_token=token["refresh_token"], **secret)


def test_a_refusal_is_an_error_that_the_library_knows(
    office: Office, li_ming: Colleague, desk: Credentials, server: dict[str, Any]
) -> None:
    with OAuth2Session(desk.client_id, redirect_uri=BACK, scope=SCOPE, pkce="S256") as session:
        address, _ = session.authorization_url(server["authorization_endpoint"], prompt="consent")
        back = office.visitor(li_ming).authorize(address, DENY)
        with pytest.raises(Exception, match="access_denied"):
            session.fetch_token(server["token_endpoint"], authorization_response=back, client_secret=desk.client_secret)


def test_a_machine_gets_its_own_token(office: Office, desk: Credentials, server: dict[str, Any]) -> None:
    machine = BackendApplicationClient(client_id=desk.client_id, scope=["cases:read"])
    with OAuth2Session(client=machine) as session:
        session.fetch_token(server["token_endpoint"], client_id=desk.client_id, client_secret=desk.client_secret)
        assert session.get(f"{office.api}/me").json()["scopes"] == ["cases:read"]
