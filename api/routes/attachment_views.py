"""Attachments as integrators see them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from core.attachments.attaching import AttachmentIds
from core.attachments.attachment import Attachment, AttachmentPart, LinkPurpose, ScanState
from core.attachments.names import LONGEST_NAME
from core.cases.bodies import Instant
from core.tenants.names import Prose

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", title="内容摘要", description="SHA-256 of the file's bytes")]
Scan = Annotated[ScanState, Meta(title="病毒扫描", description="clean, or unscanned where no scanner is set up; can grow")]


class UploadQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a file is called."""

    name: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=LONGEST_NAME,
            title="文件名",
            description="The file's base name with its extension, percent-encoded: no path, no control characters",
            examples=["现场照片.jpg"],
        ),
    ]


class UploadView(Struct, frozen=True, kw_only=True):
    """A file that was taken in (附件), to be attached to a case before ``expires_at``."""

    id: UUID
    name: str
    media_type: Annotated[str, Meta(title="内容类型", description="What the content was found to be")]
    size: Annotated[int, Meta(title="字节数")]
    sha256: Sha256
    scan: Scan
    expires_at: Annotated[Instant, Meta(title="失效时间", description="When it is removed unless it is attached")]


class AttachmentView(Struct, frozen=True, kw_only=True):
    """An attachment of a case (附件)."""

    id: UUID
    name: Annotated[
        str,
        Meta(
            title="文件名",
            description="To who sees no originals, a name such as 附件1.jpg for what came with the matter or from who "
            "brings it: names of files tell who that is",
        ),
    ]
    media_type: Annotated[str, Meta(title="内容类型", description="What the content was found to be")]
    size: Annotated[int, Meta(title="字节数")]
    sha256: Sha256
    scan: Scan
    part: Annotated[AttachmentPart, Meta(title="公开范围", description="disclosed: the units of the case see it; can grow")]
    step_id: Annotated[UUID | None, Meta(title="步骤", description="The step that brought it")]
    person_id: Annotated[UUID | None, Meta(title="上传人", description="Who uploaded it, for who sees the originals")]
    attached_at: Instant
    version: Annotated[int, Meta(title="版本", description="Its ETag, for If-Match")]


class AttachmentList(Struct, frozen=True):
    """The attachments of a case that the reader may see, oldest first."""

    items: tuple[AttachmentView, ...]


class AttachmentAddition(Struct, frozen=True, forbid_unknown_fields=True):
    """Files to add to a case."""

    attachments: AttachmentIds
    disclosed: Annotated[bool, Meta(title="向承办单位公开", description="Whether the units of the case see them")] = False


class AttachmentDisclosure(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the units of a case see an attachment, and why."""

    disclosed: Annotated[bool, Meta(title="向承办单位公开", description="true opens it to the units, false closes it")]
    reason: Annotated[Prose, Meta(title="理由", description="Why; stays on record")]


class LinkRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a content is opened for."""

    purpose: Annotated[
        LinkPurpose | None,
        Meta(title="目的", description="Needed for an original that is not disclosed; on record with the link"),
    ] = None


class LinkView(Struct, frozen=True):
    """A link that opens one content for a short time (下载链接). Whoever has it needs no token."""

    address: Annotated[str, Meta(title="地址", description="Where the content is read with GET")]
    expires_at: Annotated[Instant, Meta(title="失效时间", description="From when on it opens nothing")]


def uploaded(found: Attachment) -> UploadView:
    """An upload as its client sees it."""
    return msgspec.convert(_plain(found, UploadView), UploadView)


def view(found: Attachment) -> AttachmentView:
    """An attachment as it stands in a case."""
    return msgspec.convert(_plain(found, AttachmentView), AttachmentView)


def _plain(found: Attachment, type_: type[Struct]) -> dict[str, object]:
    plain = {name: getattr(found, name) for name in type_.__struct_fields__}
    return plain | {"sha256": found.sha256.hex()}
