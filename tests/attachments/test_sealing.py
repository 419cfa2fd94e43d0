"""What was sealed opens as a whole, in its order, for its own tenant and attachment, or not at all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from core.attachments.sealing import CHUNK_BYTES, MARK, Sealer
from core.ids import new_id
from core.store.envelope import CannotOpen

KEY, ID = bytes(range(32)), UUID("0199f3a2-7c11-7b3e-8d05-2f4a6c8e0b13")
SEALED = CHUNK_BYTES + 16
LENGTHS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5]


async def pieces(content: bytes, step: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), step):
        yield content[start : start + step]


async def seal(content: bytes, step: int = 10_000, sealer: Sealer | None = None) -> bytes:
    return b"".join([piece async for piece in (sealer or Sealer(KEY, 7, ID)).seal(pieces(content, step))])


async def reopen(sealed: bytes, step: int = 10_000, sealer: Sealer | None = None) -> bytes:
    return b"".join([piece async for piece in (sealer or Sealer(KEY, 7, ID)).open(pieces(sealed, step))])


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("step", [1_000, 65_536, 1 << 20])
async def test_what_goes_in_comes_out(length: int, step: int) -> None:
    content = os.urandom(length)
    sealed = await seal(content, step)
    assert sealed.startswith(MARK)
    # One byte of the content stands by chance in anything.
    assert length < 16 or content[:64] not in sealed
    assert await reopen(sealed, step) == content


def chunks(sealed: bytes) -> list[bytes]:
    body = sealed[len(MARK) :]
    return [body[start : start + SEALED] for start in range(0, len(body), SEALED)]


async def test_every_way_of_cutting_and_shuffling_is_found() -> None:
    sealed = await seal(os.urandom(4 * CHUNK_BYTES))
    one, two, three, four = chunks(sealed)
    wrong = {
        "last cut off": MARK + one + two + three,
        "cut within": sealed[:-1],
        "first cut off": MARK + two + three + four,
        "middle cut out": MARK + one + three + four,
        "swapped": MARK + two + one + three + four,
        "doubled": MARK + one + one + two + three + four,
        "more behind": sealed + one,
        "a byte changed": sealed[:-3] + bytes([sealed[-3] ^ 1]) + sealed[-2:],
        "no mark": sealed[len(MARK) :],
        "mark only": MARK,
        "nothing": b"",
        "another mark": b"wenze-a2" + sealed[len(MARK) :],
    }
    for what, changed in wrong.items():
        with pytest.raises(CannotOpen):
            assert await reopen(changed) is None, what


async def test_no_byte_is_handed_on_that_was_not_verified() -> None:
    sealed = await seal(bytes(3 * CHUNK_BYTES))
    one, _, three = chunks(sealed)
    opened = Sealer(KEY, 7, ID).open(pieces(MARK + one + three, 1_000))
    assert await anext(opened) == bytes(CHUNK_BYTES)
    with pytest.raises(CannotOpen):
        await anext(opened)


@pytest.mark.parametrize("other", [Sealer(KEY, 8, ID), Sealer(KEY, 7, new_id()), Sealer(bytes(32), 7, ID)])
async def test_another_tenants_or_files_content_does_not_open(other: Sealer) -> None:
    with pytest.raises(CannotOpen):
        await reopen(await seal(b"content"), sealer=other)


async def test_an_error_of_the_stream_is_passed_on() -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield bytes(100_000)
        raise EOFError("gone")

    with pytest.raises(EOFError):
        async for _ in Sealer(KEY, 7, ID).seal(breaking()):
            pass
