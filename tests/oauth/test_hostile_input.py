"""Hostile input at every address of the authorization server and every page (PITFALLS 8 to 20), and a bounded fuzz.

Whatever comes, nobody is sent to an address that was not registered, and no answer is a failure of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.catalogue import Catalogue
from api.oauth.routes import oauth_runners
from api.pipeline import Pipeline
from api.screens.routes import screen_runners
from tests.oauth import people
from tests.oauth.conftest import ISSUER, SLUG, Desk
from tests.oauth.people import BACK, answer_in

FORM = b"application/x-www-form-urlencoded"
ROOT = f"/t/{SLUG}/oauth"
ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
    "invalid_target", "authorization_pending", "slow_down", "access_denied", "expired_token",
}  # fmt: skip
QUERIES = [
    b"client_id=%00", b"client_id=\x00", b"client_id=%ff", b"client_id=%ed%a0%80", b"client_id=a&client_id=b", b"%ff=1",
    b"%=%&&==&", b"client_id=" + b"x" * 20_000, b"redirect_uri=https%3A%2F%2Fevil.example%2F", b"then=//evil.example",
    b"state=%0d%0aLocation:%20https://evil.example", b"code=%00&state=%00", b"error=x&error_description=%3Cscript%3E",
]  # fmt: skip
BODIES = {
    b"grant_type=": FORM, b"grant_type=authorization_code&grant_type=password": FORM, b"client_id=%00&token=x": FORM,
    b"client_id=%ff": FORM, b"token=" + b"x" * 70_000: FORM, b"\xff\xfe\x00": FORM, b"grant_type=%E2%80%AE": FORM,
    b"form_token=x.y&decision=allow": FORM, b"form_token=%C3%A9.%C3%A9": FORM, b"": b"", b"x": b"text/plain; charset=\xff",
    b'{"client_name":"\\u0000"}': b"application/json", b"[" * 3_000: b"application/json", b"\xff": b"application/json",
    b"--x\r\n\r\n--x--": b"multipart/form-data; boundary=x", b'{"client_name": 1e999}': b"application/json",
    b"a": FORM + b"; charset=utf-16",
}  # fmt: skip
HEADERS = [
    (b"authorization", b"Basic /w=="), (b"authorization", b"Basic AAA6AAA="), (b"authorization", b"Basic"),
    (b"authorization", b"Basic " + b"QUFB" * 4_000), (b"authorization", b"Bearer \xff\xfe"),
    (b"authorization", b"Bearer eyJhbGciOiJub25lIn0.e30."), (b"authorization", b"Bearer " + b"a." * 2_000),
    (b"authorization", b"DPoP x"), (b"authorization", b""), (b"cookie", b"\xff\xfe=\x80;;=;"),
    (b"accept-language", b"\xff,zh;q=x"), (b"content-length", b"x"), (b"content-length", b"-1"), (b"host", b"\xff"),
    (b"origin", b"\xff"), (b"user-agent", b"\xff" * 900), (b"x-forwarded-for", b"\xff,,"), (b"if-none-match", b"\xff"),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine_kind() -> str:
    """Nothing here reaches the store but as a parameter of a statement; one engine will do."""
    return "sqlite"


@dataclass
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str | None:
        """Where it leads."""
        return self.headers.get("location")


class Raw:
    """Asks the application in bytes that no client library would send."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(
        self, method: str, path: str, query: bytes = b"", body: bytes = b"", *headers: tuple[bytes, bytes]
    ) -> Told:
        sent: list[Any] = []
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
            "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query, "headers": list(headers),
            "server": ("wenze.example.cn", 443), "client": ("192.0.2.1", 1),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start, parts = sent[0], sent[1:]
        plain = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
        return Told(start["status"], plain, b"".join(part.get("body", b"") for part in parts))


@pytest.fixture(scope="module")
async def ask(desk: Desk) -> Raw:
    """With nobody kept waiting, so that every request is looked at."""
    services = replace(desk.services, settings=replace(desk.services.settings, failures_per_address=0))
    return Raw(create_app(services))


def addresses_of(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every address of the authorization server and of the pages, with each of its methods and one that it has not."""
    pipeline = Pipeline(desk.services, Catalogue(()))
    runners = {**oauth_runners(desk.services, pipeline), **screen_runners(desk.services, pipeline)}
    for route, methods in runners.items():
        path = route.replace("{tenant}", SLUG)
        for method in (*methods, "PATCH"):
            yield method, path


def check(told: Told, asked: object) -> None:
    """What holds of every answer."""
    assert told.status < 500, (asked, told)
    assert told.location is None or told.location.startswith((f"{ISSUER}/", f"{BACK}?")), (asked, told.location)
    assert b"<script" not in told.body


async def test_every_address_bears_every_query_body_and_header(desk: Desk, ask: Raw) -> None:
    asked = list(addresses_of(desk))
    assert len({path for _, path in asked}) > 20
    for method, path in asked:
        for part in ("", "x", "\x00", "é", "x" * 3_000) if "{" in path else ("",):
            where = path.replace("{client}", part).replace("{key}", part)
            for query in QUERIES:
                check(await ask(method, where, query), (method, where, query))
        for body, media in BODIES.items():
            check(await ask(method, where, b"", body, (b"content-type", media)), (method, where, body))
        for header in HEADERS:
            check(await ask(method, where, b"", b"token=x", (b"content-type", FORM), header), (method, where, header))


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "é", "\u202e", "None", "0", "../x", "' OR 1=1 --", "x" * 9_000])
async def test_a_client_id_that_is_nobodys_is_an_invalid_client(ask: Raw, name: str) -> None:
    """At each endpoint where a client shows itself; at the authorization endpoint it is a page."""
    content = (b"content-type", FORM)
    for path, form in (("token", {"grant_type": "password"}), ("revoke", {"token": "x"}), ("introspect", {"token": "x"})):
        body = urlencode({**form, "client_id": name, "client_secret": "x"}).encode()
        told = await ask("POST", f"{ROOT}/{path}", b"", body, content)
        error = msgspec.json.decode(told.body)["error"]
        wanted = {"invalid_request"} if "\x00" in name else {"invalid_client", "unsupported_grant_type"}
        assert (told.status in {400, 401}, error in wanted) == (True, True), (path, told)
    told = await ask("GET", f"{ROOT}/authorize", urlencode({"client_id": name}).encode())
    assert (told.status, told.location) == (400, None)


TEXT = st.text(max_size=24)
FAULTS = st.one_of(
    st.none(),
    TEXT,
    st.sampled_from(["", "none", "login consent", "code", "token", "code token", "openid", "cases:read", "plain", "S256",
                     "0", "-1", "1" * 30, "１", "a" * 43, "https://evil.example/", "//evil.example", f"{BACK}/",
                     "javascript:alert(1)", "query", "fragment", "a.b.c", f"{ISSUER}/account", "zh", "x" * 700]),
)  # fmt: skip
PARAMETERS = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method", "prompt",
    "max_age", "nonce", "id_token_hint", "login_hint", "resource", "request", "response_mode", "ui_locales", "asked_at",
    "then", "claims",
)  # fmt: skip


@settings(max_examples=150)
@given(changes=st.dictionaries(st.sampled_from(PARAMETERS), FAULTS, max_size=4), posted=st.booleans())
async def test_authorize_leads_to_a_page_of_ours_or_to_the_client(
    desk: Desk, ask: Raw, changes: dict[str, str | None], posted: bool
) -> None:
    request = {**people.request_of(desk.app, "A" * 43), **changes}
    query = urlencode({name: value for name, value in request.items() if value is not None}).encode()
    if posted:
        told = await ask("POST", f"{ROOT}/authorize", b"", query, (b"content-type", FORM))
    else:
        told = await ask("GET", f"{ROOT}/authorize", query)
    check(told, query)
    if told.location is not None and told.location.startswith(BACK):
        answer = answer_in(told.location)
        assert answer["iss"] == ISSUER
        assert "code" not in answer
        assert answer.get("state") in {request["state"], None}


@settings(max_examples=150)
@given(
    grant=st.one_of(TEXT, st.sampled_from(["authorization_code", "refresh_token", "client_credentials", "password",
                                           "urn:ietf:params:oauth:grant-type:device_code",
                                           "urn:ietf:params:oauth:grant-type:token-exchange",
                                           "urn:ietf:params:oauth:grant-type:jwt-bearer"])),
    form=st.dictionaries(
        st.sampled_from(["code", "code_verifier", "redirect_uri", "refresh_token", "device_code", "scope", "resource",
                         "audience", "client_assertion", "client_assertion_type", "subject_token", "subject_token_type",
                         "actor_token", "requested_token_type", "username", "password"]),
        FAULTS, max_size=5,
    ),
    shown=st.sampled_from(["form", "basic", "wrong", "nothing", "both"]),
)  # fmt: skip
async def test_the_token_endpoint_answers_in_errors_of_oauth(
    desk: Desk, ask: Raw, grant: str, form: Mapping[str, str | None], shown: str
) -> None:
    fields = {"grant_type": grant, **{name: value for name, value in form.items() if value is not None}}
    fields |= desk.app.credentials if shown in {"form", "both"} else {}
    fields |= {"client_id": desk.app.client_id, "client_secret": "é\u202e"} if shown == "wrong" else {}
    basic = [(b"authorization", b"Basic /w==")] if shown in {"basic", "both"} else []
    told = await ask("POST", f"{ROOT}/token", b"", urlencode(fields).encode(), (b"content-type", FORM), *basic)
    answer = msgspec.json.decode(told.body)
    assert (told.status in {400, 401}, answer["error"] in ERRORS) == (True, True), (fields, told)
    assert told.headers["cache-control"] == "no-store"
    assert ("www-authenticate" in told.headers) == (told.status == 401)
