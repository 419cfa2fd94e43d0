"""Uploading over HTTP: what is taken is kept once, what is refused leaves nothing, who may not is told before it is read."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api.routes.attachments import UPLOADERS
from core.procedure import Role
from core.store.tables import TENANT, attachment
from core.tenants.scopes import Scope
from tests.attachments import files
from tests.attachments.conftest import Upload
from tests.support.world import Place, World, asking

Stored = Callable[[], set[str]]
_ROWS = select(attachment).where(attachment.c.tenant == TENANT)


async def rows(world: World, place: Place) -> dict[str, dict[str, Any]]:
    async with world.services.database.reading(place.number) as session:
        return {str(row["id"]): row for row in await session.all(_ROWS)}


async def test_a_file_is_taken_sealed_and_told(world: World, place: Place, upload: Upload, stored: Stored) -> None:
    content = files.docx(("word/big.xml", os.urandom(200_000)))
    answer = await upload(content, "处理意见.docx")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert told == {
        "id": told["id"],
        "name": "处理意见.docx",
        "media_type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "scan": "unscanned",
        "expires_at": told["expires_at"],
    }
    assert told["id"] in stored()
    row = (await rows(world, place))[told["id"]]
    assert (row["case_id"], row["part"], bytes(row["sha256"]).hex()) == (None, "original", told["sha256"])
    assert (row["expires_at"] - row["uploaded_at"]).total_seconds() == 24 * 3_600
    sealed = b"".join([piece async for piece in world.services.vault.get(place.number, row["id"])])
    assert content[:40] not in sealed
    assert len(content) < len(sealed) < len(content) + 200


@pytest.mark.parametrize(
    ("content", "name", "media", "status", "code"),
    [
        (files.JPEG, "a.png", None, 422, "attachments.kind-contradicted"),
        (files.JPEG, "a.jpg", "image/png", 422, "attachments.kind-contradicted"),
        (files.EXE, "a.pdf", "application/pdf", 422, "attachments.kind-not-taken"),
        (files.HTML, "a.txt", "text/plain", 422, "attachments.kind-not-taken"),
        (b"", "a.txt", None, 422, "attachments.empty"),
        (files.docx(("../x", b"x")), "a.docx", None, 422, "attachments.container-path"),
        (files.docx()[:-4], "a.docx", None, 422, "attachments.container-broken"),
        (files.PDF, "../a.pdf", None, 400, "attachments.name-unsafe"),
        (files.PDF, "a\u202efdp.exe", None, 400, "attachments.name-unsafe"),
        (files.PDF, "a\x00.pdf", None, 400, "api.text-nul"),
        (files.PDF, "nul.pdf", None, 400, "attachments.name-reserved"),
        (files.PDF, "", None, 400, "api.field-length"),
        (files.PDF, "x" * 201, None, 400, "api.field-length"),
    ],
)
async def test_what_is_refused_leaves_nothing(
    world: World, place: Place, upload: Upload, stored: Stored,
    content: bytes, name: str, media: str | None, status: int, code: str,
) -> None:  # fmt: skip
    before = (stored(), await rows(world, place))
    answer = await upload(content, name, media)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (stored(), await rows(world, place)) == before


async def test_a_bomb_leaves_nothing(world: World, place: Place, upload: Upload, stored: Stored) -> None:
    before = (stored(), await rows(world, place))
    answer = await upload(files.bomb(), "a.docx")
    assert (answer.status_code, answer.json()["code"]) == (422, "attachments.container-bomb")
    assert (stored(), await rows(world, place)) == before


async def endless(size: int) -> AsyncIterator[bytes]:
    yield files.PDF
    for _ in range(size >> 16):
        yield bytes(1 << 16)


async def test_too_large_is_refused_by_what_is_announced_and_by_what_comes(
    world: World, upload: Upload, stored: Stored
) -> None:
    before, most = stored(), world.services.settings.attachment_max_bytes

    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("a byte was asked for")
        yield b""

    announced = await upload(unread(), "a.pdf", **{"content-length": str(most + 1)})
    assert (announced.status_code, announced.json()["code"]) == (413, "attachments.too-large")
    streamed = await upload(endless(most), "a.pdf")
    assert (streamed.status_code, streamed.json()["code"]) == (413, "attachments.too-large")
    assert stored() == before
    assert (await upload(endless(most - (1 << 17)), "a.pdf")).status_code == 201


@pytest.mark.parametrize("wrong", ["token", "scope", "role", "key", "name", "encoding"])
async def test_who_may_not_is_told_before_a_byte_is_read(world: World, place: Place, stored: Stored, wrong: str) -> None:
    asked = []

    async def watched() -> AsyncIterator[bytes]:
        asked.append(1)
        yield files.PDF

    scopes = [scope for scope in Scope if scope is not Scope.CASES_WRITE] if wrong == "scope" else Scope
    token = await world.token(place, place.powerless if wrong == "role" else None, scopes=scopes)
    headers = {"idempotency-key": "x" if wrong != "key" else "no blanks", "content-encoding": "identity"}
    headers |= {"content-encoding": "gzip"} if wrong == "encoding" else {}
    params = {"name": "a.pdf", **({"other": "x"} if wrong == "name" else {})}
    async with asking(world.app(), None if wrong == "token" else token) as client:
        answer = await client.post(f"/t/{place.slug}/v1/attachments", params=params, content=watched(), headers=headers)
    expected = {"token": 401, "scope": 403, "role": 403, "key": 400, "name": 400, "encoding": 415}
    assert answer.status_code == expected[wrong], answer.text
    assert asked == []


async def test_the_same_request_again_is_the_same_file(world: World, place: Place, upload: Upload, stored: Stored) -> None:
    first = await upload(files.PDF, "a.pdf", key="once")
    before = (stored(), await rows(world, place))
    again = await upload(files.PDF, "a.pdf", key="once")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    other = await upload(files.PDF + b"%", "a.pdf", key="once")
    assert (other.status_code, other.json()["code"]) == (422, "api.idempotency-key-reused")
    renamed = await upload(files.PDF, "b.pdf", key="once")
    assert (renamed.status_code, renamed.json()["code"]) == (422, "api.idempotency-key-reused")
    assert (stored(), await rows(world, place)) == before


async def test_at_once_under_one_key_one_file_is_kept(world: World, place: Place, upload: Upload, stored: Stored) -> None:
    before, known = stored(), await rows(world, place)
    content = files.PDF + os.urandom(300_000)
    answers = await asyncio.gather(*(upload(content, "a.pdf", key="together") for _ in range(8)))
    kept = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(kept) == 1
    assert stored() - before == kept
    assert (await rows(world, place)).keys() - known.keys() == kept


async def test_a_client_that_goes_away_leaves_nothing(world: World, place: Place, stored: Stored) -> None:
    before, known = stored(), await rows(world, place)
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": files.PDF + bytes(7_000_000), "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": f"/t/{place.slug}/v1/attachments", "query_string": b"name=a.pdf",
        "headers": [
            (b"authorization", f"Bearer {await world.token(place)}".encode()), (b"idempotency-key", b"gone"),
        ],
        "raw_path": b"", "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("x", 80), "client": ("x", 1),
        "extensions": {}, "state": {},
    }  # fmt: skip
    await world.app()(scope, receive, send)
    assert sent[0]["status"] == 499
    assert (stored(), await rows(world, place)) == (before, known)


@pytest.mark.parametrize("role", Role)
async def test_each_role(world: World, place: Place, role: Role) -> None:
    if role in {Role.PETITIONER, Role.PLATFORM_OPERATOR}:
        return
    unit = next(iter(place.cast.units))
    credentials = await world.register(place.cast, (role,), Scope, unit)
    async with asking(world.app(), await world.token(place, credentials)) as client:
        address = f"/t/{place.slug}/v1/attachments?name=a.pdf"
        answer = await client.post(address, content=files.PDF, headers={"idempotency-key": role.value})
    assert answer.status_code == (201 if role in UPLOADERS else 403)


async def test_the_store_being_away_is_a_503_and_nothing_is_kept(
    world: World, place: Place, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    from obstore.store import S3Store

    from core.attachments import vault

    away = vault.Vault(
        S3Store(
            "b", endpoint="http://127.0.0.1:9", region="us-east-1", access_key_id="x", secret_access_key="x",
            client_options={"allow_http": True}, retry_config={"max_retries": 0},
        )
    )  # fmt: skip
    known = await rows(world, place)
    monkeypatch.setattr("api.services.open_vault", lambda _: away)
    answer = await upload(files.PDF, "a.pdf")
    assert (answer.status_code, answer.json()["code"]) == (503, "attachments.store-away")
    assert answer.headers["retry-after"] == "1"
    assert await rows(world, place) == known


async def test_a_refusal_after_the_upload_removes_it(
    world: World, place: Place, upload: Upload, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.attachments import service
    from core.errors import Conflict

    async def fail(*_: object) -> None:
        raise Conflict("store.taken", constraint="x")

    before = stored()
    monkeypatch.setattr(service, "keep_upload", fail)
    answer = await upload(files.PDF, "a.pdf")
    assert answer.status_code == 409
    assert stored() == before


async def test_answers_stay_the_same_over_the_two_clients(world: World, place: Place, api: httpx.AsyncClient) -> None:
    """The key is of one client: another's is another request."""
    credentials = await world.register(place.cast, (Role.INTAKE_CLERK,), Scope, None)
    sent = {"content": files.PDF, "headers": {"idempotency-key": "shared"}, "params": {"name": "a.pdf"}}
    async with asking(world.app(), await world.token(place, credentials)) as other:
        other.base_url = api.base_url
        ids = {(await client.post("/attachments", **sent)).json()["id"] for client in (api, other)}  # type: ignore[arg-type]
    assert len(ids) == 2
