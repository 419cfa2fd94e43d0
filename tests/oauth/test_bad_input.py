"""Whatever is posted to the authorization server, the answer is an error of OAuth (PITFALLS 8 to 16, 17 to 19)."""

from __future__ import annotations

import pytest

from tests.oauth.conftest import SLUG, Desk

FORM = "application/x-www-form-urlencoded"
FIELD = {"revoke": "token", "introspect": "token", "device_authorization": "scope", "token": "code"}
ENDPOINTS = tuple(FIELD)


async def post(desk: Desk, path: str, body: bytes, **headers: str) -> tuple[int, str]:
    answer = await desk.http.post(
        f"/t/{SLUG}/oauth/{path}", content=body, headers={"content-type": FORM, **headers}
    )
    assert answer.headers["content-type"] == "application/json"
    assert "error" in answer.json()
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "value",
    [b"%00", b"\x00", b"%ff", b"\xff\xfe", b"%ed%a0%80", b"a&{field}=b", b"x" * 20_000],
    ids=["nul", "raw-nul", "no-utf8", "raw-bytes", "surrogate", "twice", "long"],
)
async def test_a_field_that_is_no_text(desk: Desk, path: str, value: bytes) -> None:
    field = FIELD[path]
    shown = f"client_id={desk.app.client_id}&client_secret={desk.app.secret}&grant_type=authorization_code&{field}="
    status, error = await post(desk, path, shown.encode() + value.replace(b"{field}", field.encode()))
    assert (status, error) == (413 if len(value) > 16_384 else 400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic /w==", "Basic JTAwOiUwMA==", "Bearer x", "Basic " + "QQ" * 6_000, ""]
)
async def test_a_header_that_shows_nobody(desk: Desk, path: str, header: str) -> None:
    body = f"{FIELD[path]}=x&grant_type=authorization_code".encode()
    assert await post(desk, path, body, authorization=header) == (401, "invalid_client")


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_what_is_no_form_or_stands_in_the_query(desk: Desk, path: str) -> None:
    assert await post(desk, path, b"{}", **{"content-type": "application/json"}) == (400, "invalid_request")
    assert await post(desk, f"{path}?client_id=x", b"grant_type=password") == (400, "invalid_request")


@pytest.mark.parametrize("path", [*ENDPOINTS, "userinfo"])
async def test_a_tenant_that_is_not_there(desk: Desk, path: str) -> None:
    answer = await desk.http.post(f"/t/nowhere/oauth/{path}", data={"token": "x"})
    assert answer.status_code == 404
