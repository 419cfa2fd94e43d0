"""Files to send: small and real ones of each kind, and such as lie."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable

Member = tuple[str, bytes]
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
WEBP = b"RIFF" + struct.pack("<I", 12) + b"WEBPVP8 \0\0\0\0"
WAV = b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 8_000, 1, 8) + b"data\0\0\0\0"
AMR = b"#!AMR\n\x3c" + bytes(31)
MP3_TAGGED = b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)
_MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
MP3 = _MP3_FRAME * 2
EXE = b"MZ\x90\x00" + bytes(200)
HTML = "\ufeff <!DOCTYPE html><script>alert(1)</script>".encode()


def png(width: int = 1) -> bytes:
    """A picture of one line."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0)
    lines = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(width + 1))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + lines


def iso_media(major: bytes, *compatible: bytes) -> bytes:
    """The beginning of a film, a recording or a photograph."""
    content = major + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", 8 + len(content)) + b"ftyp" + content + b"\0\0\0\x08free"


class _Unseekable(io.RawIOBase):
    """Makes a writer put the sizes behind the members, as those do that stream."""

    def __init__(self) -> None:
        self.written = io.BytesIO()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        return self.written.write(data)


def container(members: Iterable[Member], *, streamed: bool = False, stored: bool = False) -> bytes:
    """A zip file of those members."""
    target = _Unseekable() if streamed else io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", method) as archive:
        warnings.simplefilter("ignore")  # a name twice is meant
        for name, content in members:
            archive.writestr(name, content)
    return target.written.getvalue() if isinstance(target, _Unseekable) else target.getvalue()


TYPES: Member = ("[Content_Types].xml", b"<Types/>")


def docx(*more: Member, streamed: bool = False, stored: bool = False) -> bytes:
    """A document, with further parts."""
    members = [TYPES, ("word/document.xml", "<w:t>您好</w:t>".encode() * 40), *more]
    return container(members, streamed=streamed, stored=stored)


def xlsx(*more: Member) -> bytes:
    """A workbook."""
    return container([TYPES, ("xl/workbook.xml", b"<workbook/>"), *more])


def ofd() -> bytes:
    """A document of the Chinese standard."""
    return container([("OFD.xml", b"<ofd:OFD/>"), ("Doc_0/Document.xml", b"<ofd:Document/>")])


def compound(stream: str, *, at: int = 1_024) -> bytes:
    """A compound file whose directory names a stream, at a place of the file."""
    name = stream.encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2) + bytes(62)
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(at, b"\0") + entry).ljust(at + 512, b"\0")


def bomb(size: int = 1 << 30) -> bytes:
    """A document of about a megabyte that inflates to ``size``, written piece by piece."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr(*TYPES)
        with archive.open("word/document.xml", "w") as member:
            for _ in range(size >> 20):
                member.write(bytes(1 << 20))
    return target.getvalue()
