"""Attachments in the store: kept, attached, listed, disclosed, opened by link. Their contents lie in the vault."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select, update

from core.attachments.access import DISCLOSURE, check_adding, check_discloser, may_see, works_with_originals
from core.attachments.aliases import list_aliases
from core.attachments.attaching import attach
from core.attachments.attachment import Attachment, AttachmentPart, LinkPurpose, ScanState
from core.attachments.links import Link, make_token, read_token
from core.attachments.reception import Received
from core.attachments.sealing import Sealer
from core.attachments.vault import Vault
from core.cases.case import Case
from core.cases.recusal import is_recused
from core.cases.rendition import has_rendition
from core.cases.service import Desk, find_case
from core.errors import NotFound, OutOfOrder, Refused, Stale
from core.procedure import CaseKind
from core.store.change import Change
from core.store.envelope import Wrapped
from core.store.session import TenantSession
from core.store.tables.attachments import attachment
from core.store.tables.schema import TENANT
from core.tenants.principal import Principal

_FIELDS = [attachment.c[name] for name in Attachment.__struct_fields__]
_OF_CASE = (
    select(*_FIELDS)
    .where(attachment.c.tenant == TENANT, attachment.c.case_id == bindparam("of_case"))
    .order_by(attachment.c.id)
)
_ONE_OF_CASE = select(*_FIELDS).where(
    attachment.c.tenant == TENANT, attachment.c.id == bindparam("of_id"), attachment.c.case_id == bindparam("of_case")
)
_SEALED = select(*_FIELDS, attachment.c.alg, attachment.c.kid, attachment.c.wrapped_key).where(
    attachment.c.tenant == TENANT, attachment.c.id == bindparam("of_id"), attachment.c.case_id.is_not(None)
)
_DISCLOSE = (
    update(attachment)
    .where(
        attachment.c.tenant == TENANT,
        attachment.c.id == bindparam("of_id"),
        attachment.c.version == bindparam("expected"),
    )
    .values(part=bindparam("new_part"), version=attachment.c.version + 1)
)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What somebody sees of a case's attachments: whether what was not disclosed, too, and which under another name."""

    kind: CaseKind
    originals: bool
    aliases: Mapping[UUID, str]

    def show(self, row: Mapping[str, Any]) -> Attachment | None:
        """The attachment as the person may see it: who brought it is told only to who sees the originals."""
        found = _read(row)
        if not may_see(found.part, originals=self.originals):
            return None
        if self.originals:
            return found
        return msgspec.structs.replace(found, person_id=None, name=self.aliases.get(found.id, found.name))


@dataclass(frozen=True, slots=True)
class Opened:
    """An attachment and its content, each chunk verified before it is handed on."""

    attachment: Attachment
    content: AsyncIterator[bytes]


async def keep_upload(session: TenantSession, principal: Principal, received: Received, lasting: timedelta) -> Attachment:
    """Writes down what was received; it is the client's and the person's until they attach it, and ends otherwise."""
    wrapped = (await session.keys()).current.wrap_data_key(received.id, received.key)
    kept = Attachment(
        id=received.id,
        name=received.name,
        media_type=received.kind.media_type,
        size=received.size,
        sha256=received.sha256,
        scan=received.scan,
        part=AttachmentPart.ORIGINAL,
        person_id=principal.person_id,
        uploaded_at=session.recorded_at,
        version=1,
        expires_at=session.recorded_at + lasting,
    )
    sealed = {"client_id": principal.client_id, "alg": wrapped.alg, "kid": wrapped.kid, "wrapped_key": wrapped.wrapped}
    session.add(attachment, msgspec.structs.asdict(kept) | sealed)
    content = {"media_type": kept.media_type, "size": kept.size, "sha256": kept.sha256.hex(), "scan": kept.scan.value}
    _record(session, "attachment.uploaded", f"attachment:{kept.id}", {"attachment_id": str(kept.id)}, content, new=True)
    return kept


async def add_attachments(desk: Desk, case_id: UUID, ids: tuple[UUID, ...], *, disclosed: bool) -> tuple[Attachment, ...]:
    """Attaches files to a case that exists; answers all that the person sees of it.

    Raises :class:`NotFound` for the case, :class:`OutOfOrder` where it has ended, and what :func:`attach` raises.
    """
    case = await find_case(desk, case_id, lock=True)
    if case.closed_at is not None:
        raise OutOfOrder("attachments.case-closed", clause="wenze:house#reopening")
    check_adding(originals=await sees_originals(desk, _kind(desk, case), case.id), disclosed=disclosed)
    await attach(desk.session, desk.principal, ids, case_id, None, disclosed=disclosed)
    return await _list(desk, case)


async def list_attachments(desk: Desk, case_id: UUID) -> tuple[Attachment, ...]:
    """The attachments of a case that the person may see, oldest first; raises :class:`NotFound` for the case."""
    return await _list(desk, await find_case(desk, case_id))


async def find_attachment(desk: Desk, case_id: UUID, attachment_id: UUID) -> Attachment:
    """One attachment; raises :class:`NotFound`, the same for one that the person may not see."""
    return (await _find(desk, case_id, attachment_id))[0]


async def disclose_attachment(
    desk: Desk, case_id: UUID, attachment_id: UUID, reason: str, expected: int, *, disclosed: bool
) -> Attachment:
    """Opens an attachment to the units of its case, or closes it again; raises :class:`core.errors.Forbidden` and
    :class:`Stale`."""
    found, sight = await _find(desk, case_id, attachment_id)
    role = check_discloser(sight.kind, desk.principal, originals=sight.originals)
    part = AttachmentPart.DISCLOSED if disclosed else AttachmentPart.ORIGINAL
    told = {"of_id": attachment_id, "expected": expected, "new_part": part.value}
    if await desk.session.execute(_DISCLOSE, told) != 1:
        raise Stale("attachments.stale", current=found.version)
    refs = {"case_id": str(case_id), "attachment_id": str(attachment_id), "part": part.value}
    _record(desk.session, "attachment.disclosed", f"case:{case_id}", refs, {**refs, "reason": reason}, role=role.value)
    return msgspec.structs.replace(found, part=part, version=expected + 1)


async def make_link(
    desk: Desk, case_id: UUID, attachment_id: UUID, purpose: LinkPurpose | None, lasting: timedelta
) -> tuple[str, Link]:
    """A token that opens the content for a short time; the reading is recorded now.

    Raises :class:`NotFound`, and :class:`Refused` for an original without a purpose.
    """
    found, sight = await _find(desk, case_id, attachment_id)
    if found.part is AttachmentPart.ORIGINAL and purpose is None:
        raise Refused("attachments.purpose-missing", field="/purpose", clause=DISCLOSURE)
    until, alias = desk.session.recorded_at + lasting, sight.aliases.get(attachment_id)
    link = Link(attachment_id, desk.principal.person_id, until, alias)
    refs = {"case_id": str(case_id), "attachment_id": str(attachment_id), "part": found.part.value}
    content = refs | ({"purpose": purpose.value} if purpose else {})
    # Whoever opens a case with many files asks for all their links at once.
    _record(desk.session, "attachment.read", f"case:{case_id}", refs, content, shared=True)
    return make_token(await desk.session.keys(), link), link


async def open_link(session: TenantSession, vault: Vault, token: str) -> Opened:
    """The content that a token stands for; raises :class:`NotFound` for a token that opens nothing (any more)."""
    keys = await session.keys()
    link = read_token(keys, token, session.recorded_at)
    row = await session.one(_SEALED, {"of_id": link.attachment_id})
    if row is None:
        raise NotFound("attachments.link-unknown")
    wrapped = Wrapped(row["kid"], row["alg"], bytes(row["wrapped_key"]))
    key = keys.of(wrapped.kid).unwrap_data_key(link.attachment_id, wrapped)
    sealer = Sealer(key, session.tenant, link.attachment_id)
    found = _read(row)
    called = msgspec.structs.replace(found, name=link.alias or found.name)
    return Opened(called, sealer.open(vault.get(session.tenant, link.attachment_id)))


async def sees_originals(desk: Desk, kind: CaseKind, case_id: UUID) -> bool:
    """Whether the person sees what was not disclosed of a case: by the roles, and never of a matter of the own unit."""
    return works_with_originals(kind, desk.principal) and not await is_recused(desk, kind, case_id)


async def _see(desk: Desk, case: Case) -> _Sight:
    kind = _kind(desk, case)
    originals = await sees_originals(desk, kind, case.id)
    if originals or not has_rendition(kind):
        return _Sight(kind, originals, {})
    return _Sight(kind, originals, await list_aliases(desk.session, case.id, desk.principal.person_id))


async def _list(desk: Desk, case: Case) -> tuple[Attachment, ...]:
    sight = await _see(desk, case)
    found = (sight.show(row) for row in await desk.session.all(_OF_CASE, {"of_case": case.id}))
    return tuple(item for item in found if item is not None)


async def _find(desk: Desk, case_id: UUID, attachment_id: UUID) -> tuple[Attachment, _Sight]:
    sight = await _see(desk, await find_case(desk, case_id))
    row = await desk.session.one(_ONE_OF_CASE, {"of_id": attachment_id, "of_case": case_id})
    found = sight.show(row) if row else None
    if found is None:
        raise NotFound("attachments.unknown")
    return found, sight


def _kind(desk: Desk, case: Case) -> CaseKind:
    return desk.snapshot.jurisdiction.kind(case.kind)


def _read(row: Mapping[str, Any]) -> Attachment:
    plain = {name: row[name] for name in Attachment.__struct_fields__}
    typed = {"sha256": bytes(row["sha256"]), "scan": ScanState(row["scan"]), "part": AttachmentPart(row["part"])}
    return Attachment(**plain | typed)


def _record(
    session: TenantSession,
    action: str,
    stream: str,
    refs: Mapping[str, str],
    content: Mapping[str, object],
    *,
    role: str | None = None,
    new: bool = False,
    shared: bool = False,
) -> None:
    session.record(
        Change(
            action=action, stream=stream, subject=stream, content=content, event_type=action, refs=refs, role=role,
            new_stream=new, shared=shared,
        )
    )  # fmt: skip
