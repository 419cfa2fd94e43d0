"""Where the sealed contents lie: a folder, or a bucket of an S3-compatible store, behind one interface (obstore).

An object is there whole or not at all, on both; its place is made from the tenant and the attachment's id alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from core.attachments.address import FileAddress, S3Address, read_address
from core.errors import Unavailable
from core.logs import logger

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_log = logger(__name__)
_S3_PART_BYTES, _FILE_PART_BYTES = 5_242_880, 524_288
"""What of a stream is held in memory while it is written: the smallest part that S3 takes, and less for a file."""
_PIECE_BYTES = 65_536
_LISTED_AT_ONCE = 500
_RETRIES, _PATIENCE = 3, timedelta(seconds=20)
"""A client waits for it: what takes longer is told as away."""
_UNFINISHED = "*#*"
"""How obstore calls a file that is not whole yet."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object that was found in the store."""

    attachment_id: UUID
    modified_at: datetime


class Vault:
    """The objects of every tenant. Raises :class:`core.errors.Unavailable` where the store is away or has lost an object."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    async def put(self, tenant: int, attachment_id: UUID, content: AsyncIterator[bytes]) -> None:
        """Writes an object from a stream. Where the stream raises, nothing is kept and its error is passed on."""
        place = _place(tenant, attachment_id)
        part = _S3_PART_BYTES if self._folder is None else _FILE_PART_BYTES
        with _answering():
            await obstore.put_async(self._store, place, content, chunk_size=part, max_concurrency=1, use_multipart=True)
        if self._folder is not None:
            await asyncio.to_thread(_sync, self._folder / place)

    async def get(self, tenant: int, attachment_id: UUID) -> AsyncIterator[bytes]:
        """The object's bytes, in pieces."""
        with _answering():
            found = await obstore.get_async(self._store, _place(tenant, attachment_id))
            async for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                yield bytes(piece)

    async def remove(self, tenant: int, attachment_id: UUID) -> None:
        """Removes an object; one that is not there is no error."""
        with _answering(), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _place(tenant, attachment_id))

    async def find_older(self, tenant: int, than: datetime) -> AsyncIterator[tuple[Stored, ...]]:
        """The tenant's objects that were written before an instant, some hundreds at a time."""
        with _answering():
            async for batch in obstore.list(self._store, prefix=_folder_of(tenant), chunk_size=_LISTED_AT_ONCE):
                found = ((_id_of(item["path"]), item["last_modified"]) for item in batch)
                yield tuple(Stored(id_, at) for id_, at in found if id_ is not None and at < than)

    async def clear_unfinished(self, tenant: int, than: datetime) -> int:
        """Removes what a crash left of files that were being written before an instant; answers how many.

        A bucket does that itself, by a lifecycle rule for incomplete multipart uploads.
        """
        if self._folder is None:
            return 0
        return await asyncio.to_thread(_clear, self._folder / _folder_of(tenant), than.timestamp())


@contextmanager
def _answering() -> Iterator[None]:
    """Says in our own words that the store did not do what it was asked; the reason is for the log."""
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        _log.warning("attachments.store-away", reason=type(error).__name__)
        raise Unavailable("attachments.store-away") from error


@lru_cache(maxsize=16)
def open_vault(address: str) -> Vault:
    """The store of an address (``file:///folder``, ``s3://bucket/prefix?endpoint=…&region=…``); raises :class:`ValueError`.

    A folder is made when it is not there. Credentials of S3 come from the usual ``AWS_…`` variables.
    """
    read = read_address(address)
    if isinstance(read, FileAddress):
        read.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Vault(LocalStore(read.folder, mkdir=True), read.folder)
    return Vault(_bucket(read))


def _bucket(address: S3Address) -> S3Store:
    """Signed requests; a plain endpoint is for a store on the same machine or network."""
    return S3Store(
        address.bucket,
        prefix=address.prefix or None,
        region=address.region,
        endpoint=address.endpoint,
        virtual_hosted_style_request=address.endpoint is None,
        client_options={"allow_http": (address.endpoint or "").startswith("http:")},
        retry_config={"max_retries": _RETRIES, "retry_timeout": _PATIENCE},
    )


def _folder_of(tenant: int) -> str:
    return f"t{tenant}/"


def _place(tenant: int, attachment_id: UUID) -> str:
    """By the last byte of the id, so that no folder grows too long; the first ones are the time."""
    return f"{_folder_of(tenant)}{attachment_id.hex[-2:]}/{attachment_id}"


def _id_of(path: str) -> UUID | None:
    """The id of an object; ``None`` for something else that somebody has put there."""
    try:
        return UUID(path.rpartition("/")[2])
    except ValueError:
        return None


def _sync(file: Path) -> None:
    """Makes sure that the file, and the entry of its folder, survive a loss of power."""
    for path in (file, file.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _clear(folder: Path, before: float) -> int:
    old: Iterator[Path] = (file for file in folder.rglob(_UNFINISHED) if file.stat().st_mtime < before)
    count = 0
    for file in old:
        file.unlink(missing_ok=True)
        count += 1
    return count
