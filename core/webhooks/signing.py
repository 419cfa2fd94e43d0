"""Signatures as Standard Webhooks has them: HMAC-SHA256 over id, timestamp and body; several while a secret is rotated."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from uuid import UUID

PREFIX = "whsec_"
_SECRET_BYTES = 32
_VERSION = "v1"


def new_webhook_secret() -> str:
    """A secret of 256 random bits, in the form in which receivers' libraries read it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def purpose_of(webhook_id: UUID) -> str:
    """For what a webhook's secrets are sealed."""
    return f"webhook {webhook_id}"


def headers_of(signers: Iterable[str], id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``, with a signature by each secret."""
    signed = b".".join((id_.encode(), str(timestamp).encode(), body))
    signatures = (f"{_VERSION},{_sign(secret, signed)}" for secret in signers)
    return {"webhook-id": id_, "webhook-timestamp": str(timestamp), "webhook-signature": " ".join(signatures)}


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
