"""Which scopes a client can get for a person: those of the API that it is registered for, and those of OpenID Connect."""

from __future__ import annotations

from collections.abc import Iterable

from core.law.instrument import Text
from core.tenants.client import Client
from core.tenants.scopes import Scope

OPENID, PROFILE = "openid", "profile"
OPENID_TEXTS: dict[str, Text] = {
    OPENID: Text("知道您是谁", "Know who you are"),
    PROFILE: Text("查看您的姓名和登录名", "Read your name and the name you sign in with"),
}
"""Open to every client that people can allow something (OpenID Connect Core, section 5.4). Without a full stop."""


def choose_scopes(client: Client, asked: str | None) -> tuple[str, ...] | None:
    """What was asked for, in the order of the catalogue; the API's scopes that the client has where nothing was asked.

    ``None`` where the client cannot get all of it, or would get nothing.
    """
    names = set((asked or "").split()) or {scope.value for scope in client.scopes}
    chosen = held_scopes(client, names)
    return chosen if chosen and len(chosen) == len(names) else None


def held_scopes(client: Client, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that the client can get for a person now, in the order of the catalogue."""
    wanted = set(names)
    known = (*OPENID_TEXTS, *(scope.value for scope in Scope if scope in client.scopes))
    return tuple(name for name in known if name in wanted)
