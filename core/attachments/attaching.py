"""Attaches uploaded files to a case, in the transaction that registers it, takes a step of it, or adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import Update, bindparam, update

from core.attachments.attachment import AttachmentPart
from core.attachments.budget import CHECKED
from core.errors import Invalid, Refused
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables.attachments import attachment
from core.store.tables.schema import TENANT
from core.tenants.principal import Principal

MOST_AT_ONCE = 20
AttachmentIds = Annotated[
    tuple[UUID, ...],
    Meta(
        min_length=1, max_length=MOST_AT_ONCE, title="附件编号", description="Ids of files that the same client has uploaded"
    ),
]


@dataclass(frozen=True, slots=True)
class Claimed:
    """Files that are a case's from now on; what is still to be said of it in the case's stream."""

    files: tuple[dict[str, Any], ...]
    case_id: UUID
    step_id: UUID | None
    part: AttachmentPart


async def attach(
    session: TenantSession,
    principal: Principal,
    ids: Sequence[UUID],
    case_id: UUID,
    step_id: UUID | None,
    *,
    disclosed: bool = False,
    field: str = "/attachments",
) -> None:
    """Attaches files to a case, and to the step that brought them, on record. Raises what :func:`claim_files` raises."""
    claimed = await claim_files(session, principal, ids, case_id, step_id, disclosed=disclosed, field=field)
    record_attached(session, claimed)


async def claim_files(
    session: TenantSession,
    principal: Principal,
    ids: Sequence[UUID],
    case_id: UUID,
    step_id: UUID | None,
    *,
    disclosed: bool = False,
    field: str = "/attachments",
) -> Claimed:
    """Makes files those of a case, and of the step that brought them, all or none, to be told by :func:`record_attached`.

    The case and the step may be written later in the same transaction. Raises :class:`Invalid` for an id twice, and
    :class:`Refused`, naming them, for files that are not there, are another client's or person's, have expired or are
    attached already: the four look the same.
    """
    part = AttachmentPart.DISCLOSED if disclosed else AttachmentPart.ORIGINAL
    if not ids:
        return Claimed((), case_id, step_id, part)
    _check_distinct(ids, field)
    told = {
        "of_client": principal.client_id, "of_person": principal.person_id, "new_case": case_id, "new_step": step_id,
        "new_part": part.value, "now": session.recorded_at,
    }  # fmt: skip
    named = {_name(place): id_ for place, id_ in enumerate(ids)}
    found = {row["id"]: row for row in await session.all(_claim(len(ids)), told | named)}
    missing = [(place, id_) for place, id_ in enumerate(ids) if id_ not in found]
    if missing:
        names = ", ".join(str(id_) for _, id_ in missing)
        raise Refused("attachments.not-attachable", field=f"{field}/{missing[0][0]}", clause=CHECKED, ids=names)
    return Claimed(tuple(found[id_] for id_ in ids), case_id, step_id, part)


@lru_cache(maxsize=MOST_AT_ONCE)
def _claim(count: int) -> Update:
    """One statement for each number of files, so that each is compiled once."""
    return (
        update(attachment)
        .where(
            attachment.c.tenant == TENANT,
            attachment.c.id.in_([bindparam(_name(place), type_=attachment.c.id.type) for place in range(count)]),
            attachment.c.client_id == bindparam("of_client"),
            attachment.c.person_id == bindparam("of_person"),
            attachment.c.case_id.is_(None),
            attachment.c.expires_at > bindparam("now"),
        )
        .values(
            case_id=bindparam("new_case"),
            step_id=bindparam("new_step"),
            part=bindparam("new_part"),
            attached_at=bindparam("now"),
            expires_at=None,
            version=attachment.c.version + 1,
        )
        .returning(attachment.c.id, attachment.c.media_type, attachment.c.size, attachment.c.sha256)
    )


def _name(place: int) -> str:
    return f"id_{place}"


def _check_distinct(ids: Sequence[UUID], field: str) -> None:
    for place, id_ in enumerate(ids):
        if id_ in ids[:place]:
            raise Invalid("attachments.id-twice", field=f"{field}/{place}")


def record_attached(session: TenantSession, claimed: Claimed, *, new_stream: bool = False) -> None:
    """Records in the case's stream which files were attached, if any; ``new_stream`` says that it begins in this
    transaction."""
    if not claimed.files:
        return
    files = [
        {
            "id": str(row["id"]),
            "media_type": row["media_type"],
            "size": row["size"],
            "sha256": bytes(row["sha256"]).hex(),
        }
        for row in claimed.files
    ]
    case_id, part = str(claimed.case_id), claimed.part.value
    step = {"step_id": str(claimed.step_id)} if claimed.step_id else {}
    session.record(
        Change(
            action="attachment.attached",
            stream=f"case:{case_id}",
            subject=f"case:{case_id}",
            content={"attachments": files, "part": part, **step},
            event_type="attachment.attached",
            refs={"case_id": case_id, "attachments": len(files), "part": part, **step},
            new_stream=new_stream,
        )
    )
