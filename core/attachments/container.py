"""Zip containers, read as they stream in: every member is inflated and counted, and the directory must tell the same.

A reader that trusts the directory at the end can be told lies; here the members themselves are read one after the other,
each byte once, so that members that overlap, sizes that are false, and bytes before, between or after the members are found.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Generator
from dataclasses import dataclass, field

from core.attachments.budget import CHECKED, MOST_NESTED, Budget
from core.errors import Refused

_LOCAL, _CENTRAL, _END, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_ENCRYPTED, _STREAMED, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_LONGEST_NAME = 512
_PIECE = 65_536

Reading = Generator[int, bytes, None]
"""Yields how many bytes it wants next and is sent them; a negative number wants at least one byte, whatever comes."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member as it was found: its name as bytes, its check sum, both its sizes, and where it began."""

    name: bytes
    crc: int
    packed: int
    size: int
    place: int


@dataclass(slots=True)
class _Source:
    """The bytes at hand, and how many went before them."""

    buffer: bytearray = field(default_factory=bytearray)
    place: int = 0

    def take(self, count: int) -> bytes:
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        self.place += len(taken)
        return taken


class Container:
    """Reads a container chunk by chunk. ``names`` are those of its members; raises :class:`Refused` at the first lie."""

    def __init__(self, budget: Budget, depth: int = 0) -> None:
        self.members: list[Member] = []
        self._budget, self._depth = budget, depth
        self._source = _Source()
        self._seen: set[bytes] = set()
        self._steps = self._read()
        self._wanted = next(self._steps)
        self._ended = False

    @property
    def names(self) -> frozenset[str]:
        """The names of the members."""
        return frozenset(member.name.decode("utf-8", "replace") for member in self.members)

    def feed(self, chunk: bytes) -> None:
        """Reads the next part."""
        if self._ended and chunk:
            raise _broken()
        self._source.buffer += chunk
        self._budget.read += 0 if self._depth else len(chunk)
        while not self._ended and self._has_enough():
            count = self._wanted if self._wanted >= 0 else len(self._source.buffer)
            try:
                self._wanted = self._steps.send(self._source.take(count))
            except StopIteration:
                self._ended = True
        if self._ended and self._source.buffer:
            raise _broken()

    def finish(self) -> None:
        """Says that nothing more comes; raises :class:`Refused` where the container is not whole."""
        if not self._ended:
            raise _broken()

    def _has_enough(self) -> bool:
        return len(self._source.buffer) >= (self._wanted if self._wanted >= 0 else 1)

    def _read(self) -> Reading:
        mark = yield 4
        while mark == _LOCAL:
            yield from self._read_member(self._source.place - 4)
            mark = yield 4
        directory = self._source.place - 4
        told: list[Member] = []
        while mark == _CENTRAL:
            told.append((yield from _read_entry()))
            mark = yield 4
        if mark != _END or not self.members or sorted(told, key=lambda member: member.place) != self.members:
            raise _broken()
        yield from _read_end(len(told), directory, self._source.place - 4 - directory)

    def _read_member(self, place: int) -> Reading:
        header = yield 26
        _, flags, method, _, _, crc, packed, size, name_length, extra_length = struct.unpack("<5H3I2H", header)
        name = yield name_length
        yield extra_length
        _check_member(name, flags, method)
        self._budget.count_member()
        if name in self._seen:
            raise _broken()
        self._seen.add(name)
        inner = _Inner(self._budget, self._depth)
        if method == _DEFLATED:
            packed_found = yield from self._inflate(inner)
        elif flags & _STREAMED:
            raise _broken()  # where what is stored ends could only be guessed
        else:
            packed_found = yield from _copy(packed, inner)
        inner.finish()
        found = Member(name, inner.crc, packed_found, inner.size, place)
        if flags & _STREAMED:
            yield from _read_descriptor(found)
        elif (crc, packed, size) != (found.crc, found.packed, found.size):
            raise _broken()
        self.members.append(found)

    def _inflate(self, inner: _Inner) -> Generator[int, bytes, int]:
        """Inflates a member up to its own end; what was read beyond it goes back."""
        stream, read = zlib.decompressobj(-zlib.MAX_WBITS), 0
        rest = b""
        while not stream.eof:
            piece = rest or (yield -1)
            if not rest:
                read += len(piece)
            try:
                inner.feed(stream.decompress(piece, _PIECE))
            except zlib.error as error:
                raise _broken() from error
            rest = stream.unconsumed_tail
        unused = stream.unused_data
        self._source.buffer[:0] = unused
        self._source.place -= len(unused)
        return read - len(unused)


class _Inner:
    """The content of a member: counted, summed, and read as a container itself where it is one."""

    def __init__(self, budget: Budget, depth: int) -> None:
        self.crc, self.size = 0, 0
        self._budget, self._depth = budget, depth
        self._head = b""
        self._container: Container | None = None

    def feed(self, content: bytes) -> None:
        self.crc = zlib.crc32(content, self.crc)
        before, self.size = self.size, self.size + len(content)
        self._budget.count_inflated(len(content))
        if before < 4:
            self._head += content
            self._open()
        elif self._container is not None:
            self._container.feed(content)

    def finish(self) -> None:
        if self._container is not None:
            self._container.finish()

    def _open(self) -> None:
        if len(self._head) < 4 or not self._head.startswith(_LOCAL):
            return
        if self._depth >= MOST_NESTED:
            raise Refused("attachments.container-bomb", clause=CHECKED)
        self._container = Container(self._budget, self._depth + 1)
        self._container.feed(self._head)


def _copy(size: int, inner: _Inner) -> Generator[int, bytes, int]:
    left = size
    while left:
        piece = yield min(left, _PIECE)
        inner.feed(piece)
        left -= len(piece)
    return size


def _read_descriptor(found: Member) -> Reading:
    """The sizes that follow a member whose header did not know them, in any of the four forms that are written."""
    first = yield 4
    crc = (yield 4) if first == _DESCRIPTOR and found.crc.to_bytes(4, "little") != _DESCRIPTOR else first
    sizes = yield 8
    if (struct.unpack("<I", crc)[0], *struct.unpack("<2I", sizes)) == (found.crc, found.packed, found.size):
        return
    sizes += yield 8
    if (struct.unpack("<I", crc)[0], *struct.unpack("<2Q", sizes)) != (found.crc, found.packed, found.size):
        raise _broken()


def _read_entry() -> Generator[int, bytes, Member]:
    header = yield 42
    fields = struct.unpack("<6H3I5H2I", header)
    crc, packed, size, name_length, extra_length, comment_length = fields[6:12]
    name = yield name_length
    yield extra_length + comment_length
    return Member(name, crc, packed, size, fields[15])


def _read_end(count: int, directory: int, length: int) -> Reading:
    _, _, here, entries, size, place, comment = struct.unpack("<4H2IH", (yield 18))
    if (here, entries, size, place) != (count, count, length, directory):
        raise _broken()
    yield comment


def _check_member(name: bytes, flags: int, method: int) -> None:
    try:
        text = name.decode("utf-8" if flags & _UTF8 else "ascii")
    except UnicodeDecodeError:
        text = name.decode("gb18030", "replace")
    parts = text.replace("\\", "/").split("/")
    if not 1 <= len(name) <= _LONGEST_NAME or text.startswith(("/", "\\")) or ":" in text or ".." in parts or "\0" in text:
        raise Refused("attachments.container-path", clause=CHECKED)
    if flags & _ENCRYPTED:
        raise Refused("attachments.container-encrypted", clause=CHECKED)
    if method not in {_STORED, _DEFLATED}:
        raise _broken()


def _broken() -> Refused:
    return Refused("attachments.container-broken", clause=CHECKED)


_KIND_BY_PART = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "OFD.xml": "ofd"}
_TYPES, _MACROS = "[Content_Types].xml", "vbaProject.bin"


def kind_of_container(names: frozenset[str]) -> str | None:
    """The key of the kind by the parts that it must hold; ``None`` for any other container, one with macros among them."""
    found = next((key for part, key in _KIND_BY_PART.items() if part in names), None)
    if found is None or any(name.rpartition("/")[2] == _MACROS for name in names):
        return None
    return found if found == "ofd" or _TYPES in names else None
