"""What an identity provider says of itself: its discovery document and its keys, fetched when needed and kept for minutes.

Kept per tenant and issuer, bounded, so that no tenant reads what another one's provider has told (PITFALLS 6).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from core.accounts.providers import Provider, is_safe_address
from core.errors import Unavailable
from core.settings import Network

KEPT = timedelta(minutes=10)
CAPACITY = 256
_AGAIN = timedelta(seconds=30)
"""How soon keys are fetched again because of a key id that is not among them; bogus ids make no load."""
_OKAY = 200
T = TypeVar("T")
Networks = tuple[Network, ...]
"""Those that the operator has named, of which addresses are reached though they are not public."""


class ProviderDocument(Struct, frozen=True):
    """The part of a discovery document that we go by (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool = False


class _Jwks(Struct, frozen=True):
    keys: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class _Slot:
    """What is kept of one provider, and the lock under which one caller fetches it."""

    document: ProviderDocument | None = None
    document_at: datetime | None = None
    keys: tuple[Mapping[str, Any], ...] = ()
    keys_at: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ProviderDocuments:
    """The documents of one process."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._slots: OrderedDict[tuple[int, str], _Slot] = OrderedDict()

    async def describe(self, networks: Networks, tenant: int, provider: Provider, now: datetime) -> ProviderDocument:
        """The provider's discovery document; raises :class:`Unavailable` where there is none that can be trusted."""
        slot = self._slot(tenant, provider.issuer)
        async with slot.lock:
            if slot.document is None or slot.document_at is None or now - slot.document_at >= KEPT:
                address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
                slot.document = _checked(await _fetch(networks, address, ProviderDocument), provider)
                slot.document_at = now
            return slot.document

    async def find_keys(
        self, networks: Networks, tenant: int, provider: Provider, kid: str | None, now: datetime
    ) -> tuple[Mapping[str, Any], ...]:
        """The provider's keys of that id, all for none; fetched again, once in a while, where there is none such."""
        document = await self.describe(networks, tenant, provider, now)
        slot = self._slot(tenant, provider.issuer)
        async with slot.lock:
            if slot.keys_at is None or now - slot.keys_at >= KEPT:
                await _fetch_keys(networks, slot, document, now)
            found = _of(slot.keys, kid)
            if not found and slot.keys_at is not None and now - slot.keys_at >= _AGAIN:
                await _fetch_keys(networks, slot, document, now)
                found = _of(slot.keys, kid)
            return found

    def _slot(self, tenant: int, issuer: str) -> _Slot:
        found = self._slots.get((tenant, issuer))
        if found is None:
            found = self._slots[(tenant, issuer)] = _Slot()
            if len(self._slots) > self._capacity:
                self._slots.popitem(last=False)
        else:
            self._slots.move_to_end((tenant, issuer))
        return found


async def _fetch_keys(networks: Networks, slot: _Slot, document: ProviderDocument, now: datetime) -> None:
    slot.keys, slot.keys_at = (await _fetch(networks, document.jwks_uri, _Jwks)).keys, now


async def _fetch(networks: Networks, address: str, type_: type[T]) -> T:
    from api.oauth.reaching import fetch  # here: its client takes long to load, and few processes ever ask a provider

    status, content = await fetch(networks, address)
    if status != _OKAY:
        raise Unavailable("federation.provider-away")
    try:
        return msgspec.json.decode(content, type=type_)
    except msgspec.DecodeError as error:
        raise Unavailable("federation.provider-unsound") from error


def _checked(document: ProviderDocument, provider: Provider) -> ProviderDocument:
    """The document, if it is the issuer's own (section 4.3) and leads to nothing but safe addresses."""
    told = (document.authorization_endpoint, document.token_endpoint, document.jwks_uri, document.userinfo_endpoint)
    challenges = document.code_challenge_methods_supported
    sound = document.issuer == provider.issuer and all(is_safe_address(address) for address in told if address is not None)
    if not sound or (challenges is not None and "S256" not in challenges):
        raise Unavailable("federation.provider-unsound")
    return document


def _of(keys: tuple[Mapping[str, Any], ...], kid: str | None) -> tuple[Mapping[str, Any], ...]:
    return keys if kid is None else tuple(key for key in keys if key.get("kid") == kid)
