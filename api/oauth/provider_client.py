"""Our side of a sign-in at an identity provider: the address to go to, and what its answer is good for.

By Authlib's client, with PKCE (S256) in any case, over connections that are guarded (:mod:`core.reaching`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from api.oauth.provider_documents import ProviderDocument
from api.oauth.reaching import soon
from core.accounts.attempts import Attempt
from core.accounts.providers import Provider
from core.errors import Unauthenticated, Unavailable
from core.reaching import GuardedTransport, timeouts
from core.settings import Network

_BASIC, _POST, _NONE = "client_secret_basic", "client_secret_post", "none"
_OKAY = 200


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was redeemed for."""

    id_token: str = field(repr=False)
    access_token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProviderClient:
    """Us, as one provider knows us. ``redirect_uri`` is that provider's alone, so that answers of two are never mixed up."""

    provider: Provider
    document: ProviderDocument
    secret: str | None = field(repr=False)
    redirect_uri: str
    networks: tuple[Network, ...]

    def lead_out(self, state: str, attempt: Attempt, language: str) -> str:
        """The address at the provider to which the browser is sent."""
        more: dict[str, Any] = {"prompt": "login", "max_age": 0} if attempt.anew else {}
        address: str
        address, _ = self._open().create_authorization_url(
            self.document.authorization_endpoint,
            state=state,
            nonce=attempt.nonce,
            code_verifier=attempt.verifier,
            ui_locales="en" if language == "en" else "zh-CN",
            **more,
        )
        return address

    async def redeem(self, code: str, attempt: Attempt) -> Tokens:
        """The tokens for a code; raises :class:`Unauthenticated` where it is refused, and :class:`Unavailable`."""
        try:
            async with soon(), self._open() as client:
                answer = await client.fetch_token(
                    self.document.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=self.redirect_uri,
                )
        except OAuthError as error:
            raise Unauthenticated("federation.code-refused") from error
        except ValueError as error:
            raise Unavailable("federation.provider-unsound") from error
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise Unavailable("federation.provider-unsound")
        return Tokens(id_token, access_token if isinstance(access_token, str) else None)

    async def ask_userinfo(self, tokens: Tokens, subject: str) -> Mapping[str, Any]:
        """What the provider says of the person beside the token; nothing where it cannot be asked or means somebody else."""
        if self.document.userinfo_endpoint is None or tokens.access_token is None:
            return {}
        headers = {"authorization": f"Bearer {tokens.access_token}", "accept": "application/json"}
        async with soon(), self._open() as client:
            answer = await client.request("GET", self.document.userinfo_endpoint, withhold_token=True, headers=headers)
        try:
            claims = msgspec.json.decode(answer.content, type=dict[str, Any])
        except msgspec.DecodeError:
            return {}
        return claims if answer.status_code == _OKAY and claims.get("sub") == subject else {}

    def _open(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self.provider.client_id,
            client_secret=self.secret,
            token_endpoint_auth_method=self._method(),
            scope=" ".join(self.provider.scopes),
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            transport=GuardedTransport(self.networks),
            timeout=timeouts(),
            follow_redirects=False,
            trust_env=False,
        )

    def _method(self) -> str:
        if self.secret is None:
            return _NONE
        known = self.document.token_endpoint_auth_methods_supported
        method = next((name for name in (_BASIC, _POST) if name in known), None)
        if method is None:
            raise Unavailable("federation.provider-unsound")
        return method
