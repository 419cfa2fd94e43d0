"""Receives a file while it streams in: counted, summed, looked at, scanned, sealed and stored, never held whole.

All checks lie inside the stream that the store reads from, so that what they refuse was never stored.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from core.attachments.attachment import ScanState
from core.attachments.inspection import Inspection
from core.attachments.kinds import Kind
from core.attachments.names import check_name, extension_of
from core.attachments.scan import Scan
from core.attachments.sealing import Sealer
from core.attachments.vault import Vault
from core.errors import TooLarge, Unavailable
from core.ids import new_id
from core.logs import logger
from core.settings import Settings
from core.store.envelope import KEY_BYTES

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client sends: the bytes, how it calls them, and the media type that it says they have."""

    name: str
    declared: str
    announced: int | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is stored, sealed under ``key``, and that no row speaks of yet."""

    id: UUID
    name: str
    kind: Kind
    size: int
    sha256: bytes
    scan: ScanState
    key: bytes = field(repr=False)
    tenant: int
    vault: Vault

    @property
    def digest(self) -> bytes:
        """What stands for the body where requests are compared."""
        return self.sha256

    async def discard(self) -> None:
        """Removes the content, for a request that did not come to its end; where the store is away the purge does it."""
        try:
            await self.vault.remove(self.tenant, self.id)
        except Unavailable:
            _log.warning("attachments.left-behind", attachment_id=str(self.id))


async def receive(vault: Vault, tenant: int, upload: Upload, settings: Settings) -> Received:
    """Takes a file in; nothing is kept of one that is refused or whose client goes away.

    Raises :class:`core.errors.Invalid` for its name, :class:`TooLarge`, :class:`core.errors.Refused` for its content, and
    :class:`core.errors.Unavailable` where the store or the scanner is away.
    """
    id_, key = new_id(), os.urandom(KEY_BYTES)
    name = check_name(upload.name)
    if (upload.announced or 0) > settings.attachment_max_bytes:
        raise TooLarge("attachments.too-large", limit=settings.attachment_max_bytes)
    inspection = Inspection(settings.attachment_kinds, upload.declared, extension_of(name))
    async with Scan(settings.scanner) as scan:
        watch = _Watch(inspection, scan, settings.attachment_max_bytes)
        await vault.put(tenant, id_, Sealer(key, tenant, id_).seal(watch.passing(upload.chunks)))
    return Received(id_, name, watch.kind, watch.size, watch.digest(), watch.verdict, key, tenant, vault)


class _Watch:
    """Sees every chunk on its way to the store."""

    def __init__(self, inspection: Inspection, scan: Scan, limit: int) -> None:
        self._inspection, self._scan, self._limit = inspection, scan, limit
        self._sum, self.size = hashlib.sha256(), 0
        self.kind: Kind
        self.verdict: ScanState

    def digest(self) -> bytes:
        return self._sum.digest()

    async def passing(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same chunks; ends in an error where one of the checks refuses."""
        async for chunk in chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                raise TooLarge("attachments.too-large", limit=self._limit)
            self._sum.update(chunk)
            await self._look(chunk)
            await self._scan.feed(chunk)
            yield chunk
        self.kind = self._inspection.finish()
        self.verdict = await self._scan.finish()

    async def _look(self, chunk: bytes) -> None:
        if self._inspection.is_laborious:
            await asyncio.to_thread(self._inspection.feed, chunk)
        else:
            self._inspection.feed(chunk)
