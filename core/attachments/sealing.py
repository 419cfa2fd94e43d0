"""Seals a stream in numbered chunks (the STREAM construction): what is cut off, reordered or of another file does not open.

Every file has a key of its own, so that a counter serves as the nonce: eleven bytes number the chunk, the last byte says
whether it is the final one. Each chunk is bound to the tenant and the file. An object is the mark and then the chunks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.store.envelope import CannotOpen

MARK = b"wenze-a1"
"""Names the form, so that a later one can be told from it."""
CHUNK_BYTES = 65_536
_TAG_BYTES = 16
_COUNTER_BYTES = 11


class Sealer:
    """Seals one file under its own key."""

    def __init__(self, key: bytes, tenant: int, attachment_id: UUID) -> None:
        self._aead = AESGCM(key)
        self._context = f"wenze-1|tenant {tenant}|attachment|{attachment_id}".encode()

    async def seal(self, plain: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The object's bytes. The final chunk is sealed when the stream has ended; an error of the stream is passed on."""
        yield MARK
        number = 0
        async for chunk, final in _regular(plain, CHUNK_BYTES):
            yield self._aead.encrypt(_nonce(number, final=final), chunk, self._context)
            number += 1

    async def open(self, sealed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The file's bytes, each chunk verified before it is handed on; raises :class:`core.store.envelope.CannotOpen`."""
        number = 0
        async for chunk, final in _regular(_unmarked(sealed), CHUNK_BYTES + _TAG_BYTES):
            try:
                yield self._aead.decrypt(_nonce(number, final=final), chunk, self._context)
            except (InvalidTag, ValueError) as error:
                raise CannotOpen(f"chunk {number} is not the one that was sealed") from error
            number += 1


def _nonce(number: int, *, final: bool) -> bytes:
    return number.to_bytes(_COUNTER_BYTES, "big") + bytes([final])


async def _regular(stream: AsyncIterator[bytes], size: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Chunks of one size, the last one shorter or as long, and which that is; one empty chunk for an empty stream."""
    waiting = bytearray()
    async for piece in stream:
        waiting += piece
        while len(waiting) > size:
            yield bytes(waiting[:size]), False
            del waiting[:size]
    yield bytes(waiting), True


async def _unmarked(sealed: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    head = b""
    async for piece in sealed:
        if len(head) < len(MARK):
            head += piece
            if len(head) < len(MARK):
                continue
            piece = head[len(MARK) :]
            _check_mark(head)
        yield piece
    _check_mark(head)


def _check_mark(head: bytes) -> None:
    if not head.startswith(MARK):
        raise CannotOpen("not the sealed content of an attachment")
