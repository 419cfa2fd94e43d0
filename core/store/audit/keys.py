"""The key that seals: Ed25519 (made here) or ECDSA on P-256 with SHA-256, as PEM files; kept outside the database."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey
ED25519, ES256 = "Ed25519", "ES256"


class UnusableKey(ValueError):
    """A file does not hold a key that can seal or verify."""


def new_key() -> tuple[bytes, bytes]:
    """A fresh Ed25519 key: its private and its public PEM."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_private(pem: bytes) -> PrivateKey:
    """The key that seals; raises :class:`UnusableKey`."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"not a private key in PEM without a password: {error}") from error
    if not isinstance(key, Ed25519PrivateKey | EllipticCurvePrivateKey):
        raise UnusableKey("a key that seals is Ed25519 or EC P-256")
    algorithm(key)
    return key


def read_public(pem: bytes) -> PublicKey:
    """The key that verifies; raises :class:`UnusableKey`."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey(f"not a public key in PEM: {error}") from error
    if not isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey):
        raise UnusableKey("a key that verifies is Ed25519 or EC P-256")
    algorithm(key)
    return key


def algorithm(key: PrivateKey | PublicKey) -> str:
    """The algorithm that a key is for; raises :class:`UnusableKey` for another curve."""
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return ED25519
    if not isinstance(key.curve, SECP256R1):
        raise UnusableKey(f"the curve {key.curve.name} is not P-256")
    return ES256


def sign(key: PrivateKey, message: bytes) -> bytes:
    """The signature over a message."""
    return key.sign(message) if isinstance(key, Ed25519PrivateKey) else key.sign(message, ECDSA(SHA256()))


def is_signed(key: PublicKey, alg: str, message: bytes, signature: bytes) -> bool:
    """Whether the signature is this key's; the algorithm is the key's own, whatever the seal says."""
    if alg != algorithm(key):
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
