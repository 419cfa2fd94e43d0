"""Makes the tokens of an answer: access tokens as JWTs (RFC 9068) by the service's clock, refresh tokens as secrets."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc.jwk import KeySet

from api.oauth.clients import RegisteredClient
from api.oauth.issue import Issue, SignedInPerson
from api.oauth.subjects import ActingOperator
from api.oauth.tokens import ALGORITHM
from core.ids import new_secret


class TokenGenerator(JWTBearerTokenGenerator):  # type: ignore[misc]  # Authlib ships no types
    """The tokens of one answer."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.issuer, ALGORITHM, expires_generator=lambda _client, _grant: issue.seconds)
        self._issue = issue

    def generate(
        self,
        grant_type: str,
        client: RegisteredClient,
        user: object = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        """The tokens as they are told. A person has allowed the scopes already; of a client alone they are chosen here."""
        if not isinstance(user, SignedInPerson):
            plain: dict[str, Any] = super().generate(grant_type, client, user, scope, expires_in, False)
            return plain
        token = {
            "token_type": "Bearer",
            "access_token": self.access_token_generator(client, grant_type, user, scope),
            "expires_in": self._issue.seconds_of(user.authorization),
            "scope": scope,
        }
        return {**token, "refresh_token": new_secret()} if include_refresh_token else token

    def get_jwks(self) -> KeySet:
        """The active key alone; as a set, because only then does the header name it."""
        return KeySet([self._issue.key])

    def get_audiences(self, client: RegisteredClient, user: object, scope: str) -> str:
        """The tenant's API."""
        del client, user, scope
        return self._issue.audience

    def get_extra_claims(self, client: RegisteredClient, grant_type: str, user: object, scope: str) -> dict[str, Any]:
        """Who is behind the client: its service person, its operator, or who signed in; and the times by our clock."""
        del grant_type, scope
        now = int(self._issue.now.timestamp())
        times = {"iat": now, "exp": now + self._issue.seconds}
        if isinstance(user, SignedInPerson):
            return self._claims_of(user, now)
        if isinstance(user, ActingOperator):
            return {**times, "act": {"sub": client.get_client_id()}, "operator": str(user.operator.id)}
        return {**times, "sub": str(client.client.person_id)}

    def _claims_of(self, user: SignedInPerson, now: int) -> dict[str, Any]:
        """RFC 9068, section 2.2.1; ``gid`` and ``sid`` are by what all tokens of a family or a sign-in are ended."""
        authorization = user.authorization
        return {
            "iat": now,
            "exp": now + self._issue.seconds_of(authorization),
            "gid": str(authorization.id),
            "sid": str(authorization.sign_in_id),
            "auth_time": int(authorization.authenticated_at.timestamp()),
            "amr": list(authorization.methods),
        }
