"""What must hold of a client before it is stored: sound addresses, and nothing that its grants have no use for; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.errors import Refused
from core.procedure import Role
from core.tenants.client import AuthMethod, GrantType
from core.tenants.client_keys import ClientKey, check_client_keys
from core.tenants.principal import Grant
from core.tenants.redirects import check_origin, check_redirect_uri, check_web_address
from core.tenants.scopes import Scope


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What is said of a client, from whichever door."""

    auth_method: AuthMethod
    grant_types: frozenset[GrantType]
    scopes: frozenset[Scope]
    redirect_uris: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    keys: tuple[ClientKey, ...] = ()
    uri: str | None = None
    roles: tuple[Role, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()

    @property
    def for_people(self) -> bool:
        """Whether it acts for people who sign in."""
        return any(grant.of_people for grant in self.grant_types)


def check_client(facts: ClientFacts) -> tuple[dict[str, str], ...]:
    """The keys as they are stored; raises :class:`core.errors.Invalid` for a faulty value, :class:`Refused` for what does
    not go together: the least that the grants need, and no more (RFC 9700)."""
    for index, uri in enumerate(facts.redirect_uris):
        check_redirect_uri(uri, f"/redirect_uris/{index}")
    for index, uri in enumerate(facts.post_logout_redirect_uris):
        check_redirect_uri(uri, f"/post_logout_redirect_uris/{index}")
    for index, origin in enumerate(facts.origins):
        check_origin(origin, f"/origins/{index}")
    if facts.uri is not None:
        check_web_address(facts.uri, "/uri")
    keys = check_client_keys(facts.keys)
    for find_fault in _RULES:
        fault = find_fault(facts)
        if fault is not None:
            raise fault
    return keys


def check_roles(roles: Iterable[tuple[Role, UUID | None]], held: Iterable[Grant]) -> None:
    """Raises :class:`Refused` where a client would have a role that whoever gets its secret has not (R12).

    Whoever holds the secret can pass for the client, so that a role of it is a role given to oneself.
    """
    grants = tuple(held)
    for role, unit in roles:
        if not any(grant.role is role and grant.unit_id in {None, unit} for grant in grants):
            raise Refused("clients.role-beyond-own", field="/roles", role=role, clause="wenze:readings#r12")


def _is_public_for_itself(facts: ClientFacts) -> bool:
    return facts.auth_method is AuthMethod.NONE and GrantType.CLIENT_CREDENTIALS in facts.grant_types


def _has_idle_roles(facts: ClientFacts) -> bool:
    return bool(facts.roles) and GrantType.CLIENT_CREDENTIALS not in facts.grant_types


def _refreshes_nothing(facts: ClientFacts) -> bool:
    beginnings = {GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE}
    return GrantType.REFRESH_TOKEN in facts.grant_types and not beginnings & facts.grant_types


def _has_nowhere_to_go(facts: ClientFacts) -> bool:
    return GrantType.AUTHORIZATION_CODE in facts.grant_types and not facts.redirect_uris


def _has_idle_addresses(facts: ClientFacts) -> bool:
    return GrantType.AUTHORIZATION_CODE not in facts.grant_types and bool(facts.redirect_uris)


def _returns_from_nowhere(facts: ClientFacts) -> bool:
    return GrantType.AUTHORIZATION_CODE not in facts.grant_types and bool(facts.post_logout_redirect_uris)


def _lacks_keys(facts: ClientFacts) -> bool:
    return facts.auth_method is AuthMethod.PRIVATE_KEY and not facts.keys


def _has_idle_keys(facts: ClientFacts) -> bool:
    return facts.auth_method is not AuthMethod.PRIVATE_KEY and bool(facts.keys)


def _rule(field: str, code: str, is_wrong: Callable[[ClientFacts], Any]) -> Callable[[ClientFacts], Refused | None]:
    """Where, which refusal, and when."""
    return lambda facts: Refused(code, field=field) if is_wrong(facts) else None


_RULES = (
    _rule("/grant_types", "clients.public-for-itself", _is_public_for_itself),
    _rule("/grant_types", "clients.refresh-alone", _refreshes_nothing),
    _rule("/redirect_uris", "clients.redirect-needed", _has_nowhere_to_go),
    _rule("/redirect_uris", "clients.redirect-unused", _has_idle_addresses),
    _rule("/post_logout_redirect_uris", "clients.redirect-unused", _returns_from_nowhere),
    _rule("/origins", "clients.origin-unused", lambda facts: facts.origins and not facts.for_people),
    _rule("/keys", "clients.keys-needed", _lacks_keys),
    _rule("/keys", "clients.keys-unused", _has_idle_keys),
    _rule("/scopes", "clients.scope-needed", lambda facts: not facts.scopes and not facts.for_people),
    _rule("/roles", "clients.roles-unused", _has_idle_roles),
)
"""What does not go together."""
