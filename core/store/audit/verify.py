"""Checks an export against seals, with no database: finds what was changed, removed, reordered, cut off or computed anew."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from core.store.audit.form import ExportEnd, ExportHead, ExportRow, SealedEnd, SealHead, Signature
from core.store.audit.keys import PublicKey, is_signed
from core.store.chain import Entry, digest_of, hash_of, start_of

T = TypeVar("T", bound=msgspec.Struct)


class Unreadable(ValueError):
    """A file is not an export or not a seal: ``file:line: why``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written. ``code`` names the text (``audit.row-changed`` …)."""

    code: str
    stream: str = ""
    seq: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as read: whose, and the sealed ends; ``genuine`` says whether the signature is the key's."""

    name: str
    tenant: int
    slug: str
    sealed_at: str
    genuine: bool
    ends: tuple[SealedEnd, ...]


@dataclass(slots=True)
class Verdict:
    """What a check has found and how much it has seen."""

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    streams: int = 0
    erased: int = 0
    sealed: int = 0


def read_seal(name: str, lines: Iterable[bytes], key: PublicKey) -> Seal:
    """A seal from its lines; raises :class:`Unreadable`."""
    digest, before, number = hashlib.sha256(), b"", 0
    ends: list[SealedEnd] = []
    head: SealHead | None = None
    for number, line in enumerate(lines, 1):
        if number == 1:
            head = _read(name, number, line, SealHead)
        elif number > 2:
            ends.append(_read(name, number - 1, before, SealedEnd))
            digest.update(before)
        if number == 1:
            digest.update(line)
        before = line
    if head is None or number < 2:
        raise Unreadable(f"{name}: not a whole seal")
    last = _read(name, number, before, Signature)
    genuine = is_signed(key, last.alg, digest.digest(), _decoded(name, last.signature))
    return Seal(name, head.tenant, head.slug, head.sealed_at.isoformat(), genuine, tuple(ends))


def verify_export(name: str, lines: Iterable[bytes], seals: Iterable[Seal]) -> Verdict:
    """Checks an export; raises :class:`Unreadable` where it is not one."""
    numbered = enumerate(lines, 1)
    first = next(numbered, None)
    if first is None:
        raise Unreadable(f"{name}: the file is empty")
    check = _Check(_read(name, 1, first[1], ExportHead))
    for seal in seals:
        check.take_seal(seal)
    check.take_rows(_rows(name, numbered, check))
    check.finish()
    return check.verdict


def _rows(name: str, numbered: Iterator[tuple[int, bytes]], check: _Check) -> Iterator[ExportRow]:
    """The rows up to the last line, which says how many there were."""
    ended = False
    for number, line in numbered:
        if ended:
            raise Unreadable(f"{name}:{number}: there are lines after the end")
        if line.startswith(b'{"rows":'):
            ended, said = True, _read(name, number, line, ExportEnd).rows
            if said != check.verdict.rows:
                check.find("audit.export-incomplete", detail=f"{check.verdict.rows}/{said}")
        else:
            yield _read(name, number, line, ExportRow)
    if not ended:
        check.find("audit.export-incomplete", detail=f"{check.verdict.rows}/?")


class _Check:
    """The check as it goes through the rows."""

    def __init__(self, head: ExportHead) -> None:
        self.tenant, self.slug = head.tenant, head.slug
        self.verdict = Verdict()
        self.sealed: dict[str, dict[int, list[tuple[str, str]]]] = {}
        self.last: dict[str, int] = {}
        self.current: str | None = None
        self.previous = b""

    def find(self, code: str, stream: str = "", seq: int = 0, detail: str = "") -> None:
        self.verdict.findings.append(Finding(code, stream, seq, detail))

    def take_seal(self, seal: Seal) -> None:
        if not seal.genuine:
            self.find("audit.seal-not-genuine", detail=seal.name)
            return
        if (seal.tenant, seal.slug) != (self.tenant, self.slug):
            self.find("audit.seal-of-another-tenant", detail=seal.name)
            return
        self.verdict.sealed += 1
        for end in seal.ends:
            self.sealed.setdefault(end.stream, {}).setdefault(end.seq, []).append((end.hash, seal.sealed_at))

    def take_rows(self, rows: Iterable[ExportRow]) -> None:
        for row in rows:
            self.verdict.rows += 1
            self._place(row)
            self._content(row)
            self._hash(row)
            self._seals(row)
            self.previous = _bytes(row.hash)

    def _place(self, row: ExportRow) -> None:
        if row.stream != self.current:
            if row.stream in self.last:
                self.find("audit.row-reordered", row.stream, row.seq)
            self.current, self.previous = row.stream, start_of(self.tenant, row.stream).hash
        expected = self.last.get(row.stream, 0) + 1
        if row.seq > expected:
            missing = str(expected) if row.seq == expected + 1 else f"{expected}–{row.seq - 1}"
            self.find("audit.row-removed", row.stream, expected, missing)
        elif row.seq < expected:
            self.find("audit.row-reordered", row.stream, row.seq)
        elif _bytes(row.previous) != self.previous:
            self.find("audit.row-not-linked", row.stream, row.seq)
        self.last[row.stream] = max(row.seq, expected - 1)

    def _content(self, row: ExportRow) -> None:
        if row.content is None and row.salt is None:
            self.verdict.erased += 1
        elif row.content is None or row.salt is None or digest_of(_bytes(row.salt), row.content) != _bytes(row.digest):
            self.find("audit.content-changed", row.stream, row.seq)

    def _hash(self, row: ExportRow) -> None:
        if hash_of(_entry(self.tenant, row)) != _bytes(row.hash):
            self.find("audit.row-changed", row.stream, row.seq)

    def _seals(self, row: ExportRow) -> None:
        for hash_, sealed_at in self.sealed.get(row.stream, {}).pop(row.seq, ()):
            if hash_ != row.hash:
                self.find("audit.row-recomputed", row.stream, row.seq, sealed_at)

    def finish(self) -> None:
        """Whatever was sealed and did not come is gone."""
        self.verdict.streams = len(self.last)
        for stream, ends in sorted(self.sealed.items()):
            for seq in sorted(ends):
                last = self.last.get(stream, 0)
                if seq > last:
                    self.find("audit.stream-truncated" if last else "audit.stream-removed", stream, seq, str(last))


def _entry(tenant: int, row: ExportRow) -> Entry:
    return Entry(
        tenant=tenant,
        stream=row.stream,
        seq=row.seq,
        at=row.at,
        client_id=row.client_id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        role=row.role,
        action=row.action,
        subject=row.subject,
        digest=_bytes(row.digest),
        previous=_bytes(row.previous),
    )


def _bytes(text: str) -> bytes:
    """Hexadecimal as bytes; text that is none can equal nothing that was written."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b"not hexadecimal: " + text.encode()


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"{name}: the signature is not base64") from error


def _read(name: str, number: int, line: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(line, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"{name}:{number}: {error}") from error
