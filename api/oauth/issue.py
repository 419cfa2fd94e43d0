"""What a request to the authorization server is answered from, and what its answer does to the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from authlib.oauth2.rfc6749.errors import OAuth2Error
from joserfc.jwk import ECKey

from core.authorizations.authorization import Authorization
from core.authorizations.codes import FoundCode
from core.authorizations.devices import FoundDevice
from core.authorizations.families import LONGEST_TOKEN_SECONDS
from core.authorizations.refresh import FoundRefresh, NewRefresh
from core.settings import Settings
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot

Presented = FoundCode | FoundRefresh | FoundDevice
Effect = Callable[[TenantSession], Awaitable[bool]]
"""What is written before the answer goes out; ``False`` where the answer does not stand: somebody else was first."""


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The resource asked for is not one that this issuer gives tokens for (RFC 8707, section 2)."""

    error = "invalid_target"
    description = "The resource is not this tenant's API."


@dataclass(frozen=True, slots=True)
class Lives:
    """How long refresh tokens are good for."""

    idle: timedelta = timedelta(hours=1)
    """Unused."""
    grace: timedelta = timedelta(seconds=10)
    """After their use, for a client whose answer was lost."""

    @classmethod
    def of(cls, settings: Settings) -> Lives:
        """Those of the settings."""
        return cls(timedelta(seconds=settings.refresh_idle_seconds), timedelta(seconds=settings.refresh_grace_seconds))


@dataclass(frozen=True, slots=True)
class Issue:
    """What one request is answered from."""

    snapshot: Snapshot
    issuer: str
    audience: str
    key: ECKey
    now: datetime
    seconds: int
    """How long an access token is good for."""
    lives: Lives = field(default_factory=Lives)
    presented: Presented | None = None
    """The code or the refresh token that was shown, as the store has it."""

    def refresh_of(self, token: Mapping[str, object]) -> NewRefresh | None:
        """The refresh token that an answer gives, where it gives one."""
        given = token.get("refresh_token")
        return NewRefresh(str(given), self.now, self.lives.idle) if given is not None else None

    def seconds_of(self, authorization: Authorization) -> int:
        """How long an access token of a family is good for: none outlives the family."""
        return max(1, min(self.seconds, int((authorization.expires_at - self.now).total_seconds())))


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """The person behind a family of tokens, as Authlib asks about a resource owner."""

    authorization: Authorization

    def get_user_id(self) -> UUID:
        """The person of the tenant."""
        return self.authorization.person_id


def token_seconds(settings: Settings) -> int:
    """How long an access token is good for."""
    return min(settings.token_seconds, LONGEST_TOKEN_SECONDS)


def check_target(form: Mapping[str, str], issue: Issue) -> None:
    """Raises :class:`InvalidTargetError` where ``resource`` or ``audience`` is another than the tenant's API."""
    if any(form.get(name, issue.audience) != issue.audience for name in ("resource", "audience")):
        raise InvalidTargetError
