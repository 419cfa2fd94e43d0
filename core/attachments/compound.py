"""Compound files (MS-CFB): told apart by the streams that their directory names, wherever in the file it lies."""

from __future__ import annotations

import struct

_NAME_BYTES, _ENTRY_BYTES, _HEADER_BYTES = 64, 128, 512
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls"}


def _entry_start(name: str) -> bytes:
    """How a directory entry begins (MS-CFB, 2.6.1): the name in 64 bytes, and how many of them it takes."""
    text = name.encode("utf-16-le")
    return text.ljust(_NAME_BYTES, b"\0") + struct.pack("<H", len(text) + 2)


_ENTRIES = {_entry_start(name): key for name, key in _STREAMS.items()}
_OVERLAP = _NAME_BYTES + 2


class CompoundCheck:
    """Looks at a stream chunk by chunk for the directory entry of a document or a workbook."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self._kept, self._place = b"", 0

    def feed(self, chunk: bytes) -> None:
        """Looks at the next part."""
        if self.kind is not None:
            return
        window = self._kept + chunk
        self.kind = next((key for entry, key in _ENTRIES.items() if self._stands(entry, window)), None)
        kept = min(len(window), _OVERLAP)
        self._kept, self._place = window[len(window) - kept :], self._place + len(window) - kept

    def _stands(self, entry: bytes, window: bytes) -> bool:
        """Entries lie at multiples of their length, so that a text which speaks of one is none."""
        found = window.find(entry)
        while found >= 0:
            place = self._place + found
            if place >= _HEADER_BYTES and place % _ENTRY_BYTES == 0:
                return True
            found = window.find(entry, found + 1)
        return False
