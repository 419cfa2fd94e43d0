"""An identity provider on a loopback address that answers as it is told, soundly or not."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from joserfc import jwk, jwt

from core.clock import Clock

KEY = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
OTHER_KEY = jwk.ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
RSA = jwk.RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})


class Quiet(uvicorn.Server):
    """A server in a test's own loop, which leaves the signals alone."""

    def __init__(self, app: Any) -> None:
        super().__init__(uvicorn.Config(app, lifespan="off", log_level="critical", ws="none"))
        self.ready = asyncio.Event()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]  # a generator there
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def served(app: Any, listening: socket.socket | None = None) -> AsyncIterator[str]:
    """Serves an application on a loopback port; answers its origin."""
    listening = listening or listen()
    server = Quiet(app)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(20):
            await server.ready.wait()
        yield origin_of(listening)
    finally:
        server.should_exit = True
        await running


def listen() -> socket.socket:
    """A port that nobody else has."""
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


def origin_of(listening: socket.socket) -> str:
    """The origin that is served there."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@dataclass
class FakeProvider:
    """Its documents and tokens, and what is said instead. ``asked`` are the token requests that it got."""

    clock: Clock
    issuer: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """The truth, and nothing but."""
        self.document: dict[str, Any] = {}
        self.keys: list[Any] = [KEY]
        self.signs: Any = KEY
        self.header: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.nonce = ""
        self.challenge = ""
        self.answer: tuple[int, bytes, dict[str, str]] | None = None
        self.id_token: str | None = None
        self.path_of_answer = "/token"

    def sent_out(self, query: dict[str, str]) -> None:
        """Somebody came to the authorization endpoint with this request."""
        self.nonce, self.challenge = query["nonce"], query["code_challenge"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The server."""
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        self.fetched.append(scope["path"])
        status, content, headers = self._respond(scope, body)
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    def _respond(self, scope: Any, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        path, plain = scope["path"], {"content-type": "application/json"}
        if self.answer is not None and path == self.path_of_answer:
            return self.answer
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self._document()).encode(), plain
        if path == "/jwks":
            return 200, json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode(), plain
        if path == "/token":
            return self._redeem(dict(parse_qsl(body.decode())), dict(scope["headers"]))
        if path == "/userinfo":
            return 200, json.dumps(self.userinfo).encode(), plain
        return 404, b"{}", plain

    def _document(self) -> dict[str, Any]:
        addresses = {"authorization": "/authorize", "token": "/token", "userinfo": "/userinfo"}
        told = {f"{name}_endpoint": self.issuer + path for name, path in addresses.items()}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **told, **self.document}

    def _redeem(self, form: dict[str, str], headers: dict[bytes, bytes]) -> tuple[int, bytes, dict[str, str]]:
        plain = {"content-type": "application/json"}
        self.asked.append(form | {"authorization": headers.get(b"authorization", b"").decode()})
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if digest != self.challenge:
            return 400, b'{"error": "invalid_grant"}', plain
        token = self.id_token if self.id_token is not None else self.make_token()
        told = {"access_token": secrets.token_hex(8), "token_type": "Bearer", "expires_in": 60, "id_token": token}
        return 200, json.dumps(told).encode(), plain

    def make_token(self) -> str:
        """An ID token as it is said to be."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer, "sub": "248289", "aud": "wenze", "iat": now, "exp": now + 300, "nonce": self.nonce,
            "auth_time": now, "amr": ["pwd", "otp"], "preferred_username": "nobody",
        } | self.claims  # fmt: skip
        told = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "ES256", "kid": "one"} | self.header
        return jwt.encode({name: value for name, value in header.items() if value is not None}, told, self.signs,
                          algorithms=["ES256", "RS256", "PS256", "HS256", "RS512"])  # fmt: skip
