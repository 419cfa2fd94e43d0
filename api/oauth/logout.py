"""Where a person goes who has signed out at a client's wish (OpenID Connect RP-Initiated Logout 1.0, section 3).

To an address that the client has registered for that, character by character, or nowhere: the person is told here.
"""

from __future__ import annotations

from binascii import Error as MalformedBase64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc.util import urlsafe_b64decode

from api.oauth.identity import read_hint
from api.services import Services
from core.tenants.client import Client
from core.tenants.redirects import is_redirect_of
from core.tenants.snapshot import Snapshot

PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


@dataclass(frozen=True, slots=True)
class WayBack:
    """The client, and the address to which its person is sent, with its state."""

    client: Client
    redirect_uri: str
    uri: str


def find_way_back(services: Services, snapshot: Snapshot, query: Mapping[str, str]) -> WayBack | None:
    """Where a request to sign out leads; ``None`` where it names no client of this tenant, or no address of that client.

    An ID token is looked at whether it has expired or not; one that is not the client's own leads nowhere.
    """
    told, client = query.get("post_logout_redirect_uri", ""), _client_of(services, snapshot, query)
    if client is None or not is_redirect_of(client.post_logout_redirect_uris, told):
        return None
    state = {"state": query["state"]} if query.get("state") else {}
    joint = "&" if urlsplit(told).query else "?"
    return WayBack(client, told, f"{told}{joint}{urlencode(state)}" if state else told)


def _client_of(services: Services, snapshot: Snapshot, query: Mapping[str, str]) -> Client | None:
    hint = query.get("id_token_hint")
    named = query.get("client_id") or (_audience_of(hint) if hint else "")
    client = snapshot.clients.get(named)
    if client is None or client.disabled_at is not None:
        return None
    if hint and read_hint(snapshot, services.issuer(snapshot.tenant), named, hint) is None:
        return None
    return client


def _audience_of(token: str) -> str:
    """Whose token it says it is, before anything is checked."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(token.encode("ascii").split(b".")[1]), type=_Audience).aud
    except (msgspec.MsgspecError, MalformedBase64, ValueError, IndexError, RecursionError):
        return ""


class _Audience(msgspec.Struct, frozen=True):
    aud: str
