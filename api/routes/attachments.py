"""Attachments over HTTP: streamed in, attached, listed, disclosed to units, read by short-lived links."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

from api.operations import Call, Incoming, Method, Operation, PathParameter, Received, Reply
from api.problems import UnsupportedMedia
from api.routes.attachment_views import (
    AttachmentAddition,
    AttachmentDisclosure,
    AttachmentList,
    AttachmentView,
    LinkRequest,
    LinkView,
    UploadQuery,
    UploadView,
    uploaded,
    view,
)
from api.routes.cases import READERS, desk_of
from core.attachments import service
from core.attachments.access import DISCLOSURE, disclosers
from core.attachments.attachment import Attachment
from core.attachments.budget import CHECKED
from core.attachments.links import TOKEN_PATTERN
from core.attachments.reception import Upload, receive
from core.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused, Stale, TooLarge, Unavailable, WenzeError
from core.jurisdictions import Jurisdiction
from core.law.instrument import Text
from core.procedure import Role
from core.tenants.scopes import Scope

TAG = "attachments"
UPLOADERS = (
    Role.INTAKE_CLERK, Role.DISPATCHER, Role.UNIT_OFFICER, Role.SUPERVISOR, Role.INVESTIGATOR, Role.DECIDING_AUTHORITY,
    Role.APPEAL_OFFICER, Role.INSPECTION_OFFICE,
)  # fmt: skip
_UNKNOWN: dict[type[WenzeError], tuple[str, ...]] = {NotFound: ("cases.unknown", "attachments.unknown")}
_STORE_AWAY = ("attachments.store-away",)
_IMAGE = "0199f3a2-7c11-7b3e-8d05-2f4a6c8e0b13"


async def _receive(call: Call, incoming: Incoming) -> Received:
    query: UploadQuery = call.query
    upload = Upload(query.name, incoming.media_type, incoming.announced, incoming.chunks)
    return await receive(call.services.vault, call.snapshot.tenant.id, upload, call.services.settings)


async def _upload(call: Call) -> Reply:
    lasting = timedelta(hours=call.services.settings.attachment_hours)
    return Reply(uploaded(await service.keep_upload(call.session, call.principal, call.body, lasting)))


async def _add(call: Call) -> Reply:
    body: AttachmentAddition = call.body
    found = await service.add_attachments(desk_of(call), call.id("case_id"), body.attachments, disclosed=body.disclosed)
    return Reply(AttachmentList(tuple(map(view, found))))


async def _list(call: Call) -> Reply:
    return Reply(AttachmentList(tuple(map(view, await service.list_attachments(desk_of(call), call.id("case_id"))))))


async def _read(call: Call) -> Reply:
    found = await service.find_attachment(desk_of(call), call.id("case_id"), call.id("attachment_id"))
    return Reply(view(found), etag=found.version)


async def _disclose(call: Call) -> Reply:
    body: AttachmentDisclosure = call.body
    found = await service.disclose_attachment(
        desk_of(call),
        call.id("case_id"),
        call.id("attachment_id"),
        body.reason,
        call.expected or 0,
        disclosed=body.disclosed,
    )
    return Reply(view(found), etag=found.version)


async def _link(call: Call) -> Reply:
    body: LinkRequest = call.body
    lasting = timedelta(seconds=call.services.settings.link_seconds)
    token, link = await service.make_link(desk_of(call), call.id("case_id"), call.id("attachment_id"), body.purpose, lasting)
    address = f"{call.services.audience(call.snapshot.tenant)}/files/{token}"
    return Reply(LinkView(address, link.expires_at))


async def _download(call: Call) -> Reply:
    services = call.services
    async with services.database.reading(call.snapshot.tenant.id) as session:
        opened = await service.open_link(session, services.vault, call.path["token"])
    # The first piece is read before the answer begins, so that what cannot be read at all is a problem and no torn file.
    first = await anext(opened.content)
    content = _chained(first, opened.content)
    return Reply(content=content, headers=_headers(opened.attachment), cache_control="private, no-store")


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _headers(found: Attachment) -> dict[str, str]:
    """How a browser is to take it: as a file to save (RFC 6266), of the type that was found, and never to be run."""
    return {
        "Content-Type": found.media_type,
        "Content-Length": str(found.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Security-Policy": "sandbox",
    }


def _disclosers(jurisdiction: Jurisdiction) -> tuple[Role, ...]:
    return tuple(dict.fromkeys(role for kind in jurisdiction.kinds.values() for role in disclosers(kind)))


OPERATIONS = (
    Operation(
        id="uploadAttachment",
        method=Method.POST,
        path="/attachments",
        tag=TAG,
        title=Text(zh="上传附件", en="Upload a file"),
        description=Text(
            zh="以原始字节流上传一个文件（任何 Content-Type）。按内容识别类型，与所称类型或扩展名不符的不予接收；"
            "压缩类文件逐项核验；加密保存。随后以编号附到事项；到期未附的予以删除。重试须用同一幂等键和同一内容。",
            en="Streams one file as it is, under any Content-Type or none. What it is, is found from its content; a file "
            "whose declared type or extension says otherwise is refused, containers are looked through member by member, "
            "and what is taken is sealed at rest. Attach it to a case by its id before it expires. The content stands for "
            "the body: a retry with the same key needs the same content.",
        ),
        handler=_upload,
        receive=_receive,
        scope=Scope.CASES_WRITE,
        roles=UPLOADERS,
        query=UploadQuery,
        reply=UploadView,
        status=201,
        idempotent=True,
        clause=CHECKED,
        errors={
            Invalid: ("attachments.name-length", "attachments.name-unsafe", "attachments.name-reserved"),
            TooLarge: ("attachments.too-large",),
            UnsupportedMedia: ("api.encoding-unsupported",),
            Refused: (
                "attachments.empty",
                "attachments.kind-not-taken",
                "attachments.kind-contradicted",
                "attachments.container-broken",
                "attachments.container-bomb",
                "attachments.container-path",
                "attachments.container-encrypted",
                "attachments.infected",
            ),
            Unavailable: ("attachments.scanner-away", *_STORE_AWAY),
        },
    ),
    Operation(
        id="addAttachments",
        method=Method.POST,
        path="/cases/{case_id}/attachments",
        tag=TAG,
        title=Text(zh="为事项补充附件", en="Attach files to a case"),
        description=Text(
            zh="将已上传的文件附到事项，全部成功或全部不附。单位人员所附的须向承办单位公开。",
            en="Attaches uploaded files to a case that exists, all or none. What a unit's officer attaches is disclosed to "
            "the units of the case.",
        ),
        handler=_add,
        scope=Scope.CASES_WRITE,
        roles=UPLOADERS,
        body=AttachmentAddition,
        reply=AttachmentList,
        idempotent=True,
        errors={
            Invalid: ("attachments.id-twice",),
            NotFound: ("cases.unknown",),
            OutOfOrder: ("attachments.case-closed",),
            Refused: ("attachments.not-attachable", "attachments.own-must-be-disclosed"),
        },
        examples=lambda _: {"photograph": {"attachments": [_IMAGE], "disclosed": True}},
    ),
    Operation(
        id="listAttachments",
        method=Method.GET,
        path="/cases/{case_id}/attachments",
        tag=TAG,
        title=Text(zh="事项的附件", en="The attachments of a case"),
        description=Text(
            zh="单位人员只能看到向承办单位公开的附件；保密事项的其他附件只对受托人员可见。不能看原件的人员，"
            "对随事项或由诉求人提供的附件只看到中性名称（如“附件1.jpg”），下载时亦同。",
            en="The attachments that the reader may see: a unit's officer the disclosed ones, and of a confidential case "
            "nobody else's but those who work on it. Who sees no originals is told a neutral name, such as 附件1.jpg, of "
            "what came with the matter or from who brings it, in downloads too.",
        ),
        handler=_list,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=AttachmentList,
        errors={NotFound: ("cases.unknown",)},
    ),
    Operation(
        id="readAttachment",
        method=Method.GET,
        path="/cases/{case_id}/attachments/{attachment_id}",
        tag=TAG,
        title=Text(zh="查看附件信息", en="Read what is known of an attachment"),
        description=Text(
            zh="附件的名称、类型、大小、摘要和版本；内容凭链接下载。",
            en="Its name, type, size, digest and version; the content is read by a link.",
        ),
        handler=_read,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=AttachmentView,
        etag=True,
        errors=_UNKNOWN,
    ),
    Operation(
        id="discloseAttachment",
        method=Method.POST,
        path="/cases/{case_id}/attachments/{attachment_id}/disclosure",
        tag=TAG,
        title=Text(zh="向承办单位公开附件", en="Disclose an attachment to the units"),
        description=Text(
            zh="登记或交办此类事项的人员决定承办单位能否看到该附件，留痕。",
            en="Who registers or dispatches such cases decides whether the units see an attachment; on record. It can be "
            "closed to them again.",
        ),
        handler=_disclose,
        scope=Scope.CASES_WRITE,
        roles=_disclosers,
        body=AttachmentDisclosure,
        reply=AttachmentView,
        idempotent=True,
        if_match=True,
        etag=True,
        clause=DISCLOSURE,
        errors=_UNKNOWN | {Forbidden: ("attachments.role-missing",), Stale: ("attachments.stale",)},
        examples=lambda _: {"open": {"disclosed": True, "reason": "照片中无诉求人信息，承办单位处置需要"}},
    ),
    Operation(
        id="linkAttachment",
        method=Method.POST,
        path="/cases/{case_id}/attachments/{attachment_id}/links",
        tag=TAG,
        title=Text(zh="取得附件下载链接", en="Make a link to an attachment's content"),
        description=Text(
            zh="取得短时有效的下载链接，每次留痕。未公开的原件须注明目的。链接即凭证，请勿转发。",
            en="An address that opens the content for a few minutes without a token; each is on record. An original that is "
            "not disclosed needs a purpose. Whoever has the link can read: do not pass it on.",
        ),
        handler=_link,
        scope=Scope.CASES_READ,
        roles=READERS,
        body=LinkRequest,
        reply=LinkView,
        status=201,
        idempotent=True,
        clause=DISCLOSURE,
        errors=_UNKNOWN | {Refused: ("attachments.purpose-missing",)},
        examples=lambda _: {"handle": {"purpose": "handle"}},
    ),
    Operation(
        id="downloadAttachment",
        method=Method.GET,
        path="/files/{token}",
        tag=TAG,
        title=Text(zh="下载附件内容", en="Read an attachment's content"),
        description=Text(
            zh="凭链接下载，无需令牌。链接失效、被改动或属于其他租户的，均视为不存在。",
            en="The content that a link opens. A link that has expired, was altered or is another tenant's looks like none.",
        ),
        handler=_download,
        scope=None,
        sends="*/*",
        path_parameters={"token": PathParameter(Text(zh="链接凭证", en="What the link was made of"), pattern=TOKEN_PATTERN)},
        errors={NotFound: ("attachments.link-unknown",), Unavailable: _STORE_AWAY},
    ),
)
