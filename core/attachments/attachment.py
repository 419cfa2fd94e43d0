"""An attachment as it is known: what it is called, what it was found to be, whose it is, and who may see it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class AttachmentPart(StrEnum):
    """Who may see an attachment: what came in stays with the intake until somebody there discloses it to the units."""

    ORIGINAL = "original"
    DISCLOSED = "disclosed"


class ScanState(StrEnum):
    """What is known of it: a scanner has found nothing, or none is set up."""

    CLEAN = "clean"
    UNSCANNED = "unscanned"


class Attachment(Struct, frozen=True, kw_only=True):
    """One attachment. ``expires_at`` is when it is given up unless it is attached to a case; ``version`` is its ETag."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: bytes
    scan: ScanState
    part: AttachmentPart
    person_id: UUID | None
    uploaded_at: datetime
    version: int
    expires_at: datetime | None = None
    case_id: UUID | None = None
    step_id: UUID | None = None
    attached_at: datetime | None = None


class LinkPurpose(StrEnum):
    """What the content is opened for; on record with each link."""

    HANDLE = "handle"
    VERIFY = "verify"
    REPLY = "reply"
    SUPERVISE = "supervise"
    LEGAL_DUTY = "legal-duty"
