"""Links to contents: what a link opens, for whom and until when, sealed, so that whoever has it needs nothing else."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.errors import NotFound
from core.store.envelope import CannotOpen, TenantKeys
from core.store.types import instant_of, microseconds

_PURPOSE = "attachment-link"
_ID_BYTES, _TIME_BYTES = 16, 8
TOKEN_PATTERN = "^[A-Za-z0-9_-]{60,200}$"  # noqa: S105  a form, no secret


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says."""

    attachment_id: UUID
    person_id: UUID
    expires_at: datetime
    alias: str | None = None
    """What the file is called to who made the link, where not by its name."""


def make_token(keys: TenantKeys, link: Link) -> str:
    """The token of a link: nobody can make or change one without the tenant's key, and it tells nothing to who sees it."""
    expiry = microseconds(link.expires_at).to_bytes(_TIME_BYTES, "big")
    told = link.attachment_id.bytes + link.person_id.bytes + expiry + (link.alias or "").encode()
    sealed = keys.seal(told, _PURPOSE)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def read_token(keys: TenantKeys, token: str, now: datetime) -> Link:
    """What a token opens; raises :class:`NotFound`, the same where it has expired, was altered or is another tenant's."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        plain = keys.open(base64.b64decode(padded, altchars=b"-_", validate=True), _PURPOSE)
    except (CannotOpen, ValueError, binascii.Error) as error:
        raise NotFound("attachments.link-unknown") from error
    ids, rest = plain[: 2 * _ID_BYTES], plain[2 * _ID_BYTES :]
    expires_at = instant_of(int.from_bytes(rest[:_TIME_BYTES], "big"))
    alias = rest[_TIME_BYTES:].decode() or None
    link = Link(UUID(bytes=ids[:_ID_BYTES]), UUID(bytes=ids[_ID_BYTES:]), expires_at, alias)
    if now >= link.expires_at:
        raise NotFound("attachments.link-unknown")
    return link
