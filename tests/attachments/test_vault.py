"""The same promises of a folder and of a bucket: whole or not at all, found by tenant, and away is told as away."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.attachments.address import FileAddress, S3Address, read_address, read_scanner
from core.attachments.vault import Vault, open_vault
from core.errors import Unavailable
from core.ids import new_id
from tests.attachments.s3 import BUCKET, S3, running_s3

LATER = timedelta(hours=1)
_PART = 5_242_880


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A server that checks signatures."""
    with running_s3(tmp_path_factory.mktemp("s3") / "server.log") as running:
        yield running


@pytest.fixture(params=["folder", "bucket"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    """Each of the two, by its one setting."""
    if request.param == "folder":
        yield open_vault((tmp_path / "new" / "附件 x").as_uri())
        return
    s3: S3 = request.getfixturevalue("s3")
    with pytest.MonkeyPatch.context() as patch:
        sign_as(patch, s3.access_key, s3.secret_key)
        yield open_vault(s3.address)
    open_vault.cache_clear()


def sign_as(patch: pytest.MonkeyPatch, access_key: str, secret_key: str) -> None:
    open_vault.cache_clear()
    patch.setenv("AWS_ACCESS_KEY_ID", access_key)
    patch.setenv("AWS_SECRET_ACCESS_KEY", secret_key)


async def pieces(content: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
    if error is not None:
        raise error


async def read(vault: Vault, tenant: int, id_: object) -> bytes:
    return b"".join([piece async for piece in vault.get(tenant, id_)])  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, _PART - 1, _PART, _PART + 1, 3 * _PART + 7])
async def test_what_is_put_is_there_until_it_is_removed(vault: Vault, size: int) -> None:
    id_, content = new_id(), os.urandom(size)
    await vault.put(7, id_, pieces(content))
    assert await read(vault, 7, id_) == content
    for _ in range(2):
        await vault.remove(7, id_)
    with pytest.raises(Unavailable):
        await read(vault, 7, id_)


async def test_a_stream_that_breaks_leaves_nothing(vault: Vault) -> None:
    for size in (10, _PART + 10):
        with pytest.raises(ZeroDivisionError):
            await vault.put(8, new_id(), pieces(bytes(size), ZeroDivisionError()))
    assert [batch async for batch in vault.find_older(8, datetime.now(UTC) + LATER)] in ([], [()])
    assert await vault.clear_unfinished(8, datetime.now(UTC) + LATER) == 0


async def test_a_tenants_old_objects_are_found(vault: Vault) -> None:
    mine, other = [new_id() for _ in range(5)], new_id()
    for tenant, id_ in [*((71, id_) for id_ in mine), (7, other)]:
        await vault.put(tenant, id_, pieces(b"x"))
    now = datetime.now(UTC)
    found = [item.attachment_id async for batch in vault.find_older(71, now + LATER) for item in batch]
    assert sorted(found) == sorted(mine)
    assert [item async for batch in vault.find_older(71, now - LATER) for item in batch] == []


async def test_what_a_crash_left_half_written_is_cleared(tmp_path: Path) -> None:
    vault, id_ = open_vault(tmp_path.as_uri()), new_id()
    await vault.put(7, id_, pieces(b"x"))
    whole = tmp_path / "t7" / id_.hex[-2:] / str(id_)
    half = whole.with_name(f"{new_id()}#1")
    half.write_bytes(b"half")
    assert await vault.clear_unfinished(7, datetime.now(UTC) - LATER) == 0
    assert await vault.clear_unfinished(7, datetime.now(UTC) + LATER) == 1
    assert (whole.exists(), half.exists()) == (True, False)


async def test_nobody_else_can_read_the_folder(tmp_path: Path) -> None:
    open_vault((tmp_path / "kept").as_uri())
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


async def test_a_wrong_signature_is_refused_and_told_as_away(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    id_ = new_id()
    sign_as(monkeypatch, s3.access_key, s3.secret_key)
    await open_vault(s3.address).put(9, id_, pieces(b"x"))
    listed = s3.client().list_objects_v2(Bucket=BUCKET, Prefix="attachments/t9/")["Contents"]
    assert [item["Key"].rpartition("/")[2] for item in listed] == [str(id_)]
    sign_as(monkeypatch, s3.access_key, "another secret")
    with pytest.raises(Unavailable) as caught:
        await read(open_vault(s3.address), 9, id_)
    assert "SignatureDoesNotMatch" in str(caught.value.__cause__)
    with pytest.raises(Unavailable):
        await open_vault(s3.address).put(9, new_id(), pieces(b"x"))
    open_vault.cache_clear()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("file:///var/lib/wenze", FileAddress(Path("/var/lib/wenze"))),
        ("file:///a%20b", FileAddress(Path("/a b"))),
        ("s3://b", S3Address("b", "", "us-east-1", None)),
        ("s3://b/p/q/?region=cn-north-1", S3Address("b", "p/q", "cn-north-1", None)),
        ("s3://b/p?endpoint=https://s3.example.cn:9000", S3Address("b", "p", "us-east-1", "https://s3.example.cn:9000")),
    ],
)
def test_addresses(text: str, address: object) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "/var/lib", "file://host/x", "file:x", "s3:///x", "http://x/y", "s3://key:secret@b/p", "s3://b?secret=x",
     "s3://b?endpoint=ftp://x"],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_address(text)


@pytest.mark.parametrize(
    ("text", "place"), [("tcp://127.0.0.1:3310", ("127.0.0.1", 3310)), ("unix:///run/clamd.ctl", "/run/clamd.ctl")]
)
def test_addresses_of_scanners(text: str, place: object) -> None:
    assert read_scanner(text) == place


@pytest.mark.parametrize("text", ["127.0.0.1:3310", "tcp://127.0.0.1", "tcp://x:y", "unix://host/x", "http://x:1"])
def test_what_is_no_scanner(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_scanner(text)
