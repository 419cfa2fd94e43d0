"""Identifiers: ordered ids of rows, and receipts that nobody can guess."""

from __future__ import annotations

import hashlib
import secrets
import time
from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_GROUPS, _GROUP = 7, 4
RECEIPT_BITS = 5 * _GROUPS * _GROUP


class _Ids:
    """Makes ids. The twelve bits behind the milliseconds hold their fraction (RFC 9562, 6.2, method 3): with milliseconds
    alone, each id of a busy process would have to be a millisecond later than the last, and they would run ahead of those
    that other processes make."""

    last = 0

    def make(self) -> UUID:
        moment = time.time_ns() * 4096 // 1_000_000
        self.last = moment = max(moment, self.last + 1)
        head = (moment >> 12) << 80 | 7 << 76 | (moment & 0xFFF) << 64
        return UUID(int=head | 2 << 62 | secrets.randbits(62))


_IDS = _Ids()


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): it sorts by the machine's time of making, so that keyset pages follow insertion."""
    return _IDS.make()


def new_receipt() -> str:
    """A receipt of 140 random bits in Crockford's base32, in groups that can be read out: ``7Q3K-…``."""
    number = secrets.randbits(RECEIPT_BITS)
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, RECEIPT_BITS, 5))
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def receipt_hash(receipt: str) -> bytes:
    """What a case is looked up by: SHA-256 of the receipt as Crockford reads (no case, no dashes, O is 0, I and L are 1)."""
    return hashlib.sha256(b"wenze receipt\0" + receipt.upper().translate(_READ_AS).encode()).digest()


def new_secret() -> str:
    """A client secret of 256 random bits, URL-safe; entropy enough that a plain hash of it suffices."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """SHA-256 of a secret of high entropy, which is what is stored."""
    return hashlib.sha256(b"wenze secret\0" + secret.encode()).digest()
