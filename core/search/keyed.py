"""Grams as numbers under a key of the tenant's: the index of an encrypted narrative does not hold its words in the clear.

Who reads the table alone learns which grams are equal and how frequent, not what they are. The key is made of the tenant's
oldest key, as the hashes of phones are, so that it stays when the sealing key is changed. A gram is one block of AES (a
pseudo-random permutation); all grams of a text are one call, which costs microseconds where an HMAC each costs a
hundred times that.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from core.store.envelope import TenantKeys

_BLOCK = 16
_KEY_BYTES = 16


def number_grams(keys: TenantKeys, purpose: str, grams: Sequence[str]) -> tuple[int, ...]:
    """A number from 0 to 2⁶³-1 for each gram, in their order: the same for the same gram, tenant and purpose.

    Raises :class:`core.store.envelope.CannotOpen` for a tenant without a key.
    """
    # Each block stands for itself on purpose: equal grams must give equal numbers.
    cipher = Cipher(AES(keys.hash(purpose, "gram-key")[:_KEY_BYTES]), ECB())  # noqa: S305  as said above
    blocks = cipher.encryptor().update(b"".join(map(_block, grams)))
    return tuple(first >> 1 for first, _ in struct.iter_unpack("<QQ", blocks))


def _block(gram: str) -> bytes:
    """A gram as one block; a long one by its digest, which no short one can equal in its last byte."""
    plain = gram.encode()
    if len(plain) < _BLOCK:
        return plain.ljust(_BLOCK - 1, b"\0") + bytes((len(plain),))
    return blake2b(plain, digest_size=_BLOCK - 1).digest() + b"\xff"
