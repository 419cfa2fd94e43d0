"""A plain HTTP client of one tenant, as an integrator would write it: tokens, idempotency keys, entity tags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from api.demo.code_flow import CodeFlow
from core.tenants.client import Credentials

_TOO_OLD = 401


class TenantClient:
    """Speaks to one tenant as any of its clients; asks for a token when it needs one, and for a new one when it is old.

    For who is signed in it speaks by their front-end and not by a client of its own.
    """

    def __init__(
        self,
        http: httpx.Client,
        slug: str,
        clients: dict[str, Credentials],
        signed_in: Mapping[str, CodeFlow] = MappingProxyType({}),
    ) -> None:
        self._http, self._slug, self._clients, self._signed_in = http, slug, clients, signed_in
        self._tokens = {who: flow.access_token for who, flow in signed_in.items()}

    def get(self, who: str, path: str) -> httpx.Response:
        """Reads."""
        return self.send(who, "GET", path)

    def post(self, who: str, path: str, body: Any, etag: str | None = None, key: str | None = None) -> httpx.Response:
        """Changes something once, however often it is sent under one key; a new key, where the caller gives none."""
        headers = {"Idempotency-Key": key or str(uuid4()), **({"If-Match": etag} if etag else {})}
        return self.send(who, "POST", path, headers, msgspec.json.encode(body))

    def move_clock(self, who: str, to: datetime) -> None:
        """Moves the sandbox's legal time; raises :class:`httpx.HTTPStatusError` where that is refused."""
        tag = self.get(who, "/sandbox/clock").raise_for_status().headers["etag"]
        body = msgspec.json.encode({"now": to.isoformat()})
        self.send(who, "PUT", "/sandbox/clock", {"If-Match": tag}, body).raise_for_status()

    def send(
        self, who: str, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> httpx.Response:
        """Any request with any headers beside the token; once more with a new token where the old one has run out."""
        answer = self._once(who, method, path, headers or {}, body)
        if answer.status_code == _TOO_OLD:
            self._tokens.pop(who, None)
            answer = self._once(who, method, path, headers or {}, body)
        return answer

    def _once(self, who: str, method: str, path: str, headers: dict[str, str], body: bytes | None) -> httpx.Response:
        written = {"Content-Type": "application/json"} if body is not None else {}
        sent = {"Authorization": f"Bearer {self._token(who)}", **written, **headers}
        return self._http.request(method, f"/t/{self._slug}/v1{path}", headers=sent, content=body)

    def _token(self, who: str) -> str:
        if who not in self._tokens:
            flow = self._signed_in.get(who)
            self._tokens[who] = self._ask(self._clients[who]) if flow is None else flow.renew()
        return self._tokens[who]

    def _ask(self, credentials: Credentials) -> str:
        answer = self._http.post(
            f"/t/{self._slug}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(credentials.client_id, credentials.client_secret),
        )
        token: str = answer.raise_for_status().json()["access_token"]
        return token
