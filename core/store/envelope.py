"""The envelope (design, decision 10): the master key wraps a key per tenant, which wraps a data key per petitioner.

Every sealed value says its algorithm and the key it was sealed with; an algorithm that this program does not know is
refused. What is sealed is bound to its tenant and purpose: moved elsewhere it does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALG = "A256GCM"
KEY_BYTES = 32
WRONG_KEY = "WENZE_MASTER_KEY: is not the key that this database was sealed with"
_NONCE_BYTES = 12


class CannotOpen(ValueError):
    """A sealed value is of an unknown algorithm or key, was tampered with, or was sealed for something else."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A key under another key, with what is needed to open it."""

    kid: str
    alg: str
    wrapped: bytes


class Cipher:
    """A key that seals and opens; ``kid`` names it."""

    __slots__ = ("_aead", "kid")

    def __init__(self, key: bytes, kid: str) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self._aead, self.kid = AESGCM(key), kid

    def seal(self, plain: bytes, context: str) -> bytes:
        """Nonce, ciphertext and tag, bound to ``context``."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, context: str, alg: str = ALG) -> bytes:
        """What was sealed; raises :class:`CannotOpen`."""
        if alg != ALG:
            raise CannotOpen(f"the algorithm {alg!r} is not known")
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(f"not sealed with {self.kid} for {context.partition('|')[2]}") from error


class MasterKey:
    """The operator's key; it never leaves the process."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(key, "m-" + hashlib.sha256(b"wenze master\0" + key).hexdigest()[:12])

    @property
    def kid(self) -> str:
        """A name that tells keys apart and nothing else."""
        return self._cipher.kid

    def new_tenant_key(self, tenant: int) -> Wrapped:
        """A fresh key for a tenant, wrapped."""
        kid = "t-" + os.urandom(6).hex()
        return Wrapped(kid, ALG, self._cipher.seal(os.urandom(KEY_BYTES), _context(tenant, f"tenant-key|{kid}")))

    def open_tenant_key(self, tenant: int, row: Wrapped) -> TenantKey:
        """The tenant's key; raises :class:`CannotOpen` under another master key or for another tenant's key."""
        key = self._cipher.open(row.wrapped, _context(tenant, f"tenant-key|{row.kid}"), row.alg)
        return TenantKey(tenant, row.kid, key)


class TenantKey:
    """A tenant's key: seals the tenant's own secrets, wraps data keys, and makes keyed hashes for look-ups."""

    __slots__ = ("_cipher", "_look_up", "kid", "tenant")

    def __init__(self, tenant: int, kid: str, key: bytes) -> None:
        self.tenant, self.kid = tenant, kid
        self._cipher = Cipher(_derived(key, tenant, "seal"), kid)
        self._look_up = _derived(key, tenant, "look-up")

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Seals for a purpose; the answer names algorithm and key: ``A256GCM.t-….`` and the sealed bytes."""
        return f"{ALG}.{self.kid}.".encode() + self._cipher.seal(plain, _context(self.tenant, purpose))

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Opens what :meth:`seal` of this key sealed; raises :class:`CannotOpen`."""
        alg, kid, body = _parts(sealed)
        if kid != self.kid:
            raise CannotOpen(f"sealed with {kid}, not with {self.kid}")
        return self._cipher.open(body, _context(self.tenant, purpose), alg)

    def new_data_key(self, owner: UUID) -> tuple[Cipher, Wrapped]:
        """A fresh data key for a petitioner, and how it is stored."""
        key = os.urandom(KEY_BYTES)
        return Cipher(key, str(owner)), self.wrap_data_key(owner, key)

    def open_data_key(self, owner: UUID, row: Wrapped) -> Cipher:
        """A petitioner's data key; raises :class:`CannotOpen`."""
        return Cipher(self.unwrap_data_key(owner, row), str(owner))

    def wrap_data_key(self, owner: UUID, key: bytes) -> Wrapped:
        """How a key that seals one thing alone, a stream say, is stored."""
        return Wrapped(self.kid, ALG, self._cipher.seal(key, _context(self.tenant, f"data-key|{owner}")))

    def unwrap_data_key(self, owner: UUID, row: Wrapped) -> bytes:
        """What :meth:`wrap_data_key` wrapped; raises :class:`CannotOpen`."""
        return self._cipher.open(row.wrapped, _context(self.tenant, f"data-key|{owner}"), row.alg)

    def hash(self, value: str, purpose: str) -> bytes:
        """HMAC-SHA256 under a key of the tenant's own: equal values are found, and cannot be guessed from outside."""
        return hmac.digest(self._look_up, f"{purpose}\0{value}".encode(), "sha256")


@dataclass(frozen=True, slots=True)
class TenantKeys:
    """All keys of a tenant: the newest seals, each opens what it sealed. Keyed hashes are made with the oldest, for ever."""

    by_kid: dict[str, TenantKey] = field(repr=False)
    """Oldest first."""

    @property
    def current(self) -> TenantKey:
        """The key that seals; raises :class:`CannotOpen` for a tenant without one."""
        if not self.by_kid:
            raise CannotOpen("the tenant has no key")
        return next(reversed(self.by_kid.values()))

    def of(self, kid: str) -> TenantKey:
        """The key of this name; raises :class:`CannotOpen`."""
        if kid not in self.by_kid:
            raise CannotOpen(f"the tenant has no key {kid!r}")
        return self.by_kid[kid]

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Seals with the newest key."""
        return self.current.seal(plain, purpose)

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Opens with the key that sealed; raises :class:`CannotOpen`."""
        return self.of(_parts(sealed)[1]).open(sealed, purpose)

    def hash(self, value: str, purpose: str) -> bytes:
        """The keyed hash for look-ups; raises :class:`CannotOpen` for a tenant without a key."""
        if not self.by_kid:
            raise CannotOpen("the tenant has no key")
        return next(iter(self.by_kid.values())).hash(value, purpose)


def _context(tenant: int, purpose: str) -> str:
    return f"wenze-1|tenant {tenant}|{purpose}"


def _derived(key: bytes, tenant: int, use: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=_context(tenant, f"derive|{use}").encode()).derive(key)


def _parts(sealed: bytes) -> tuple[str, str, bytes]:
    alg, dot, rest = sealed.partition(b".")
    kid, second, body = rest.partition(b".")
    if not (dot and second):
        raise CannotOpen("not a sealed value")
    return alg.decode("ascii", "replace"), kid.decode("ascii", "replace"), body
