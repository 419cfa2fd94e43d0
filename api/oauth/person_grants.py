"""The grants by which a client gets tokens of a person: authorization code with PKCE, refresh token and device code.

Each is Authlib's step over what the store was asked for before; what it does to the store is the server's ``effect``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from authlib.oauth2.rfc6749.errors import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, BaseGrant, RefreshTokenGrant, TokenEndpointMixin
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import compare_s256_code_challenge
from authlib.oauth2.rfc8628.errors import AuthorizationPendingError, ExpiredTokenError, SlowDownError

from api.oauth import clients
from api.oauth.identity import make_id_token
from api.oauth.issue import Issue, SignedInPerson, check_target
from api.oauth.scopes import OPENID, held_scopes
from core.authorizations.authorization import Authorization
from core.authorizations.codes import FoundCode, redeem_code
from core.authorizations.devices import INTERVAL_SECONDS, FoundDevice, record_poll, redeem_device_code
from core.authorizations.refresh import FoundRefresh, rotate_refresh
from core.store.session import TenantSession
from core.tenants.client import GrantType

Told = tuple[int, dict[str, Any], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class ShownCode:
    """A code as Authlib asks about it."""

    found: FoundCode
    scope: str
    redirect_uri: str | None
    """The address that the token request must name; ``None`` where it need not."""

    @property
    def code_challenge(self) -> str:
        """Of S256, always."""
        return self.found.challenge

    @property
    def code_challenge_method(self) -> str:
        """The only one."""
        return "S256"

    def get_redirect_uri(self) -> str | None:
        """As above."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What the person allowed, as far as the client can still have it."""
        return self.scope


class Pkce(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types
    """RFC 7636 for every client, by S256 alone (Authlib lets confidential ones go without, and takes plain)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS = {"S256": compare_s256_code_challenge}  # noqa: RUF012  Authlib's own attribute


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib ships no types
    """An authorization code, once. A second valid use ends the family; one by another client changes nothing."""

    TOKEN_ENDPOINT_AUTH_METHODS = clients.METHODS

    def query_authorization_code(self, code: str, client: clients.RegisteredClient) -> ShownCode | None:
        """The code that was shown, if it is this client's and holds; a used one, too, so that its replay is seen."""
        del code
        found, issue = self.server.issue.presented, self.server.issue
        if not isinstance(found, FoundCode) or found.authorization.client_id != client.client.id:
            return None
        if not _stands(found.authorization, issue) or (found.used_at is None and issue.now >= found.expires_at):
            return None
        must_repeat = found.redirect_told or "redirect_uri" in self.request.payload.data
        scope = " ".join(held_scopes(client.client, found.authorization.scopes))
        return ShownCode(found, scope, found.redirect_uri if must_repeat else None)

    def authenticate_user(self, authorization_code: ShownCode) -> SignedInPerson:
        """Who allowed it."""
        return SignedInPerson(authorization_code.found.authorization)

    def delete_authorization_code(self, authorization_code: ShownCode) -> None:
        """Leaves it: used codes are kept, so that a replay is known for what it is."""

    def create_token_response(self) -> Told:
        """The tokens, with an ID token where ``openid`` was allowed."""
        shown, issue = self.request.authorization_code, self.server.issue
        check_target(self.request.payload.data, issue)
        redeem = partial(redeem_code, found=shown.found, now=issue.now)
        if shown.found.used_at is not None:
            self.server.effect = partial(redeem, refresh=None)
            raise InvalidGrantError("The code was used before.")
        _require(shown.scope)
        status, token, headers = super().create_token_response()
        self.server.effect = partial(redeem, refresh=issue.refresh_of(token))
        return status, _with_id_token(token, issue, self.request.client, self.request.user, shown.found.nonce), headers


@dataclass(frozen=True, slots=True)
class ShownRefresh:
    """A refresh token as Authlib asks about it."""

    found: FoundRefresh
    scope: str

    def check_client(self, client: clients.RegisteredClient) -> bool:
        """Whether it was given to this client."""
        return bool(self.found.authorization.client_id == client.client.id)

    def get_scope(self) -> str:
        """What the person allowed, as far as the client can still have it."""
        return self.scope


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # Authlib ships no types
    """A refresh token for the next one. One that was used before ends the family, but for the grace."""

    TOKEN_ENDPOINT_AUTH_METHODS = clients.METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> ShownRefresh | None:
        """The token that was shown, if its family lives and it was not left unused for too long."""
        del refresh_token
        found, issue = self.server.issue.presented, self.server.issue
        if not isinstance(found, FoundRefresh) or not _stands(found.authorization, issue):
            return None
        if found.fresh and issue.now >= found.expires_at:
            return None
        return ShownRefresh(found, " ".join(held_scopes(self.request.client.client, found.authorization.scopes)))

    def authenticate_user(self, refresh_token: ShownRefresh) -> SignedInPerson:
        """Who allowed it."""
        return SignedInPerson(refresh_token.found.authorization)

    def revoke_old_credential(self, refresh_token: ShownRefresh) -> None:
        """Leaves it: used tokens are kept, so that a second use is known for what it is."""

    def create_token_response(self) -> Told:
        """The next tokens."""
        found, issue = self.request.refresh_token.found, self.server.issue
        check_target(self.request.payload.data, issue)
        _require(self.request.payload.scope or self.request.refresh_token.scope)
        status, token, headers = super().create_token_response()
        new = issue.refresh_of(token)
        self.server.effect = partial(rotate_refresh, found=found, new=new, now=issue.now, grace=issue.lives.grace)
        return status, token, headers


class DeviceGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """A device code, polled with until somebody decides (RFC 8628, section 3.4), and then good once."""

    GRANT_TYPE = GrantType.DEVICE_CODE.value
    TOKEN_ENDPOINT_AUTH_METHODS = clients.METHODS

    def validate_token_request(self) -> None:
        """The client and its code; raises an error of OAuth for each."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client is not registered for device codes.")
        self.request.client = client
        form, found = self.request.payload.data, self.server.issue.presented
        if not form.get("device_code"):
            raise InvalidRequestError("device_code is missing.")
        if not isinstance(found, FoundDevice) or found.client_id != client.client.id:
            raise InvalidGrantError("The device code is not one that this client was given here.")
        check_target(form, self.server.issue)
        self.request.credential = found

    def create_token_response(self) -> Told:
        """The tokens, once somebody has allowed them; raises what a terminal waits by."""
        found, issue = self.request.credential, self.server.issue
        if issue.now >= found.expires_at and found.used_at is None:
            raise ExpiredTokenError
        if found.decided_at is None:
            self._wait(found, issue)
        allowed = found.authorization
        if allowed is None:
            raise AccessDeniedError
        if not _stands(allowed, issue):
            raise InvalidGrantError("What was allowed has ended.")
        return self._give(found, allowed, issue)

    def _wait(self, found: FoundDevice, issue: Issue) -> None:
        too_soon = found.polled_too_soon(issue.now)
        interval = found.interval_seconds + (INTERVAL_SECONDS if too_soon else 0)
        self.server.effect = partial(_poll, found=found, interval_seconds=interval, issue=issue)
        raise SlowDownError if too_soon else AuthorizationPendingError

    def _give(self, found: FoundDevice, allowed: Authorization, issue: Issue) -> Told:
        redeem = partial(redeem_device_code, found=found, allowed=allowed, now=issue.now)
        if found.used_at is not None:
            self.server.effect = partial(redeem, refresh=None)
            raise InvalidGrantError("The device code was used before.")
        client, user = self.request.client, SignedInPerson(allowed)
        scope = " ".join(held_scopes(client.client, allowed.scopes))
        _require(scope)
        again = client.check_grant_type(GrantType.REFRESH_TOKEN)
        token = self.generate_token(user=user, scope=scope, include_refresh_token=again)
        self.server.effect = partial(redeem, refresh=issue.refresh_of(token))
        return 200, _with_id_token(token, issue, client, user, None), self.TOKEN_RESPONSE_HEADER


def _stands(authorization: Authorization, issue: Issue) -> bool:
    """Whether it can still give tokens: it lives, and was given with a second factor where the tenant asks one by now."""
    methods, person = authorization.methods, authorization.person_id
    return authorization.lives(issue.now) and not issue.snapshot.lacks_factor(person, methods, issue.now)


async def _poll(session: TenantSession, found: FoundDevice, interval_seconds: int, issue: Issue) -> bool:
    await record_poll(session, found, interval_seconds, issue.now)
    return True


def _require(scope: str) -> None:
    """Raises :class:`InvalidScopeError` where the client can have none of what was allowed any more."""
    if not scope:
        raise InvalidScopeError


def _with_id_token(
    token: dict[str, Any], issue: Issue, client: clients.RegisteredClient, user: SignedInPerson, nonce: str | None
) -> dict[str, Any]:
    if OPENID not in token["scope"].split():
        return token
    now = int(issue.now.timestamp())
    id_token = make_id_token(
        issue.key,
        user.authorization,
        issuer=issue.issuer,
        client_id=client.get_client_id(),
        access_token=token["access_token"],
        nonce=nonce,
        issued_at=now,
        expires_at=now + token["expires_in"],
    )
    return {**token, "id_token": id_token}
