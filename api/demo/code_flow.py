"""A front-end as its author would write it: sends its user to the tenant's pages, and works with what comes of that."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from api.demo.browser import Browser, Unexpected
from api.demo.cast import ANYBODY
from api.demo.hiring import CALLBACK, Clerk

SCOPE = " ".join(["openid", "profile", *sorted(ANYBODY)])


def authorization_query(client_id: str, verifier: str, state: str) -> str:
    """What stands in the address to which a front-end sends its user (RFC 6749 section 4.1.1, RFC 7636)."""
    asked = {"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": SCOPE, "state": state}
    challenge = create_s256_code_challenge(verifier)
    return urlencode(asked | {"code_challenge": challenge, "code_challenge_method": "S256"})


class CodeFlow:
    """One clerk's front-end on a running service. Raises :class:`Unexpected` and :class:`httpx.HTTPStatusError`."""

    def __init__(self, http: httpx.Client, clerk: Clerk) -> None:
        self._http, self._clerk = http, clerk
        self._tokens: dict[str, Any] = {}
        path = f"/.well-known/oauth-authorization-server/t/{clerk.cast.tenant.slug}/oauth"
        self._server: dict[str, Any] = http.get(path).raise_for_status().json()

    @property
    def access_token(self) -> str:
        """The token that stands for the clerk at the API."""
        token: str = self._tokens["access_token"]
        return token

    def sign_in(self) -> None:
        """Follows the invitation, signs in, allows the front-end what it asks for, and gets the tokens."""
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        issuer, clerk = self._server["issuer"], self._clerk
        query = authorization_query(clerk.client_id, verifier, state)
        with Browser.fresh(issuer) as browser:
            browser.open(f"{issuer}/invitation?code={clerk.invitation}")
            browser.send("/invitation", password=clerk.password, repeated=clerk.password)
            browser.open(f"{self._server['authorization_endpoint']}?{query}")
            browser.send("/sign-in", login=clerk.login, password=clerk.password)
            browser.send("/authorize", decision="allow")
            told = browser.told(CALLBACK)
        if (told.get("state"), told.get("iss")) != (state, issuer):
            raise Unexpected(f"sent back by somebody else: {told.get('iss')}")
        self._ask(grant_type="authorization_code", code=told["code"], redirect_uri=CALLBACK, code_verifier=verifier)

    def renew(self) -> str:
        """A new access token for the refresh token, which is good once: another one comes with it."""
        self._ask(grant_type="refresh_token", refresh_token=self._tokens["refresh_token"])
        return self.access_token

    def read_person(self) -> dict[str, Any]:
        """Who works with the front-end (OpenID Connect Core, section 5.3)."""
        headers = {"Authorization": f"Bearer {self.access_token}"}
        told: dict[str, Any] = self._http.get(self._server["userinfo_endpoint"], headers=headers).raise_for_status().json()
        return told

    def _ask(self, **form: str) -> None:
        answer = self._http.post(self._server["token_endpoint"], data=form | {"client_id": self._clerk.client_id})
        self._tokens = answer.raise_for_status().json()
